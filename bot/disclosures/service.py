"""Recording disclosure requests and looking them up with receipt and query code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from bot.disclosures import clock, numbering, reasons
from bot.disclosures.clock import Assessment
from bot.disclosures.history import flaw_in
from bot.disclosures.identity import hash_query_code, mask_applicant, query_code_fits
from bot.disclosures.models import Event, LookupAttempt, Request
from bot.disclosures.receipts import normalise_query_code, parse_receipt
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Step

MOST_FAILURES = 5
FAILURE_WINDOW = timedelta(minutes=15)
PAUSE = timedelta(minutes=15)
# Whoever looked something up is forgotten after a day; the pause needs half an hour.
ATTEMPTS_KEPT = timedelta(days=1)
LONGEST_KEY = 64


class StepRefused(ValueError):
    """The step cannot follow what happened before; the message says why, in Chinese."""


@dataclass(frozen=True)
class LookUp:
    """`request` if receipt and query code belong together, else how many tries are left or when the pause is over.

    Says the same of a request that does not exist as of a wrong code.
    """

    request: Request | None
    attempts_left: int
    paused_until: datetime | None = None


def record_request(
    session: Session,
    *,
    receipt: str,
    query_code: str,
    applicant_kind: ApplicantKind,
    applicant: str,
    description: str,
    department_code: str,
    received_on: date,
    submitted_via: str,
) -> Request:
    """Stores a request and its receipt; of the name only the mask, of the code only the hash.

    Raises:
        ValueError: receipt or query code is malformed.
        bot.disclosures.numbering.ReceiptRefused: the receipt lies far above all others of its year.
    """
    canonical, code = parse_receipt(receipt), normalise_query_code(query_code)
    if canonical is None or code is None:
        raise ValueError("a receipt looks like XXGK-2026-000123, a query code like K7M2-9QXD")
    numbering.note_taken(session, [canonical])
    request = Request(
        receipt=canonical,
        query_code_hash=hash_query_code(code),
        applicant_kind=applicant_kind.value,
        applicant_masked=mask_applicant(applicant, applicant_kind),
        description=description,
        department_code=department_code,
        received_on=received_on,
        submitted_via=submitted_via,
        events=[Event.of(Step(Kind.RECEIVED, received_on), position=1)],
    )
    session.add(request)
    session.flush()
    return request


def record_event(session: Session, receipt: str, step: Step) -> Event:
    """Adds what happened next, with the reason that the outcome implies.

    The request is locked meanwhile: two clerks at once would both follow the same last step, and one of an extension
    and an answer would be lost. SQLite locks the whole database; there the unique position refuses the second.

    Raises:
        StepRefused: the step cannot follow.
    """
    request = session.get_one(Request, receipt, with_for_update={"of": Request}, populate_existing=True)
    step = reasons.with_reason(step)
    flaw = flaw_in(request.steps, step) or reasons.flaw_in(step)
    if flaw:
        raise StepRefused(flaw.message)
    event = Event.of(step, position=len(request.events) + 1)
    request.events.append(event)
    request.outcome = step.outcome.value if step.outcome else None
    session.flush()
    return event


def allowed_next(request: Request, on: date) -> list[Kind]:
    """What may be recorded on that day, if its details are right."""
    steps = request.steps
    ended = {step.consultation_id for step in steps if step.kind == Kind.CONSULTATION_ENDED}
    begun = [step.consultation_id for step in steps if step.kind == Kind.CONSULTATION_STARTED]
    is_open = next((consultation for consultation in begun if consultation not in ended), None)
    new = next(str(number) for number in count(1) if str(number) not in begun)
    tries = [
        Step(Kind.SUPPLEMENT_REQUESTED, on, respond_by=on),
        Step(Kind.SUPPLEMENT_RECEIVED, on),
        Step(Kind.EXTENDED, on, working_days=1),
        Step(Kind.CONSULTATION_STARTED, on, party=Party.AGENCY, consultation_id=new),
        Step(Kind.CONSULTATION_ENDED, on, consultation_id=is_open),
        Step(Kind.ANSWERED, on, outcome=Decision.GRANTED),
        Step(Kind.WITHDRAWN, on),
    ]
    return [step.kind for step in tries if flaw_in(steps, step) is None]


def assess(request: Request, today: date) -> Assessment:
    return clock.assess(request.received_on, request.steps, today)


def look_up(session: Session, receipt: str, query_code: str, client: str, now: datetime) -> LookUp:
    """The request, if the query code is its own.

    Five failures on a receipt or from a client within 15 minutes bring a pause of 15 minutes, in which even the right
    code is refused. A refusal in the pause counts for nothing, or whoever keeps trying would shut out the applicant.
    """
    receipt = (parse_receipt(receipt) or receipt.strip())[:LONGEST_KEY]
    client = client[:LONGEST_KEY]
    _one_at_a_time(session, receipt, client, now)
    paused_until = _paused_until(session, receipt, client, now)
    if paused_until is not None:
        return LookUp(None, attempts_left=0, paused_until=paused_until)
    request = session.get(Request, receipt)
    fits = query_code_fits(normalise_query_code(query_code) or query_code, request.query_code_hash if request else None)
    session.add(LookupAttempt(receipt=receipt, client=client, at=now, failed=not fits))
    session.flush()
    return LookUp(
        request if fits else None,
        attempts_left=attempts_left(session, client, now, receipt),
        paused_until=None if fits else _paused_until(session, receipt, client, now),
    )


def attempts_left(session: Session, client: str, now: datetime, receipt: str | None = None) -> int:
    """Failures that the client, or the receipt if one is given, may still have before the pause."""
    histories = [_failures(session, LookupAttempt.client == client[:LONGEST_KEY], now)]
    if receipt is not None:
        histories.append(_failures(session, LookupAttempt.receipt == receipt[:LONGEST_KEY], now))
    if any(_end_of_pause(failures, now) for failures in histories):
        return 0
    recent = max(sum(at > now - FAILURE_WINDOW for at in failures) for failures in histories)
    return max(0, MOST_FAILURES - recent)


def _one_at_a_time(session: Session, receipt: str, client: str, now: datetime) -> None:
    """Makes look-ups of one receipt or from one client wait for each other until the transaction ends.

    At once, ten guesses would each find four failures before them. On SQLite the deletion takes the database's one
    write lock, so it comes before anything is read.
    """
    session.execute(delete(LookupAttempt).where(LookupAttempt.at < now - ATTEMPTS_KEPT))
    if session.get_bind().dialect.name == "postgresql":
        for key in sorted((f"client {client}", f"receipt {receipt}")):
            _lock(session, key)


def _lock(session: Session, key: str) -> None:
    """PostgreSQL: whoever asks for the same key waits until the transaction ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _paused_until(session: Session, receipt: str, client: str, now: datetime) -> datetime | None:
    ends = (
        _end_of_pause(_failures(session, LookupAttempt.receipt == receipt, now), now),
        _end_of_pause(_failures(session, LookupAttempt.client == client, now), now),
    )
    return max((end for end in ends if end is not None), default=None)


def _failures(session: Session, whose: ColumnElement[bool], now: datetime) -> list[datetime]:
    """Instants of the failures that may matter at `now`: those of a window that a pause still follows."""
    since = now - FAILURE_WINDOW - PAUSE
    return list(
        session.scalars(
            select(LookupAttempt.at)
            .where(whose, LookupAttempt.failed.is_(True), LookupAttempt.at > since)
            .order_by(LookupAttempt.at, LookupAttempt.id)
        )
    )


def _end_of_pause(failures: list[datetime], now: datetime) -> datetime | None:
    """`failures` in order. The fifth within the window begins the pause; none is added before it is over."""
    for first, fifth in zip(failures, failures[MOST_FAILURES - 1 :], strict=False):
        if fifth - first < FAILURE_WINDOW and now < fifth + PAUSE:
            return fifth + PAUSE
    return None
