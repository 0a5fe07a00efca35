"""Recording disclosure requests and looking them up with receipt and query code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot import guessing
from bot.disclosures import clock, numbering, reasons
from bot.disclosures.clock import Assessment
from bot.disclosures.effects import why_without_effect, with_effect
from bot.disclosures.history import flaw_in
from bot.disclosures.identity import hash_query_code, is_digest, mask_applicant, query_code_fits
from bot.disclosures.models import Event, LookupAttempt, Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Party, Step
from bot.language.receipts import normalise_query_code, parse_receipt

# A client with this many failures within an hour, on any receipts, may try only once a minute: it is probably trying
# numbers one after another. Many people behind one address fail less often, and a code has 40 bits.
MOST_CLIENT_FAILURES = 30
CLIENT_WINDOW = timedelta(hours=1)
CLIENT_PAUSE = timedelta(minutes=1)
LONGEST_KEY = 64


class StepRefused(ValueError):
    """The step cannot follow what happened before; the message says why, in Chinese."""


@dataclass(frozen=True)
class LookUp:
    """The result of a look-up: `request` if the query code is right, else the tries left or the end of the pause.

    The result is the same for a wrong code and for a request that does not exist.
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
    """Stores a request and its event of receipt. Only the masked name and the hash of the code are stored.

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
    """Adds the next event, with the reason that the outcome implies.

    The request is locked, because two clerks at the same time would both add an event after the same last step. SQLite
    has no row locks; there the unique position refuses the second event.

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


def recordable(request: Request, on: date) -> dict[Kind, str | None]:
    """The kinds of event that can be recorded next on that day, with suitable details.

    Kind → why it would have no legal effect, in Chinese; None if it has. Those with effect come first.
    """
    steps = request.steps
    valid, _ = with_effect(request.received_on, steps)
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
        Step(Kind.FEE_NOTIFIED, on),
        Step(Kind.FEE_PAID, on),
        Step(Kind.POSTPONED, on, until=on),
        Step(Kind.ANSWERED, on, outcome=Decision.GRANTED),
        Step(Kind.WITHDRAWN, on),
    ]
    possible = [step for step in tries if flaw_in(steps, step) is None]
    found = {step.kind: why_without_effect(request.received_on, valid, step) for step in possible}
    return dict(sorted(found.items(), key=lambda pair: pair[1] is not None))


def assess(request: Request, today: date) -> Assessment:
    return clock.assess(request.received_on, request.steps, today)


def look_up(session: Session, receipt: str, query_code: str, client: str, now: datetime) -> LookUp:
    """Returns the request if the query code is right.

    Failures are counted by receipt and client (`bot.guessing`), so a pause of somebody who guesses does not affect the
    applicant at another client. During a pause even the right code is refused, and the try is not counted.
    """
    receipt = (parse_receipt(receipt) or receipt.strip())[:LONGEST_KEY]
    client = client[:LONGEST_KEY]
    _one_at_a_time(session, receipt, client, now)
    until = _paused_until(session, receipt, client, now)
    if until is not None and now < until:
        return LookUp(None, attempts_left=0, paused_until=until)
    request = session.get(Request, receipt)
    code = normalise_query_code(query_code) or query_code
    fits = query_code_fits(code, request.query_code_hash if request else None, receipt)
    if request is not None and fits and is_digest(request.query_code_hash):
        request.query_code_hash = hash_query_code(code)
    session.add(LookupAttempt(receipt=receipt, client=client, at=now, failed=not fits))
    session.flush()
    return LookUp(
        request if fits else None,
        attempts_left=attempts_left(session, client, now, receipt),
        paused_until=None if fits else _paused_until(session, receipt, client, now),
    )


def attempts_left(session: Session, client: str, now: datetime, receipt: str | None = None) -> int:
    """The tries left to the client before a pause, on the receipt if one is given; 0 during a pause."""
    client = client[:LONGEST_KEY]
    if receipt is None:
        until = _client_paused_until(session, client, now)
        return guessing.FREE_TRIES if until is None or until <= now else 0
    receipt = receipt[:LONGEST_KEY]
    until = _paused_until(session, receipt, client, now)
    if until is not None and now < until:
        return 0
    return guessing.tries_left(_failures_of(session, receipt, client, now), _free_tries(session, receipt, now), now)


def begin_attempt(session: Session, key: str, client: str, now: datetime) -> int:
    """`attempts_left`, and a lock: other tries at the same key or from the client wait until the transaction ends."""
    _one_at_a_time(session, key[:LONGEST_KEY], client[:LONGEST_KEY], now)
    return attempts_left(session, client, now, key)


def record_attempt(session: Session, key: str, client: str, now: datetime, *, failed: bool) -> None:
    """Counts a try of the client to prove that `key`, for example the number of a case, is theirs."""
    session.add(LookupAttempt(receipt=key[:LONGEST_KEY], client=client[:LONGEST_KEY], at=now, failed=failed))
    session.flush()


def _one_at_a_time(session: Session, receipt: str, client: str, now: datetime) -> None:
    """Makes look-ups of one receipt or from one client wait for each other until the transaction ends.

    Otherwise ten guesses at the same time would each count only the failures before them. The deletion comes before
    any read, because on SQLite it takes the write lock of the database.
    """
    session.execute(delete(LookupAttempt).where(LookupAttempt.at < now - guessing.REMEMBERED))
    if session.get_bind().dialect.name == "postgresql":
        for key in sorted((f"client {client}", f"receipt {receipt}")):
            _lock(session, key)


def _lock(session: Session, key: str) -> None:
    """PostgreSQL only: other transactions that lock the same key wait until this one ends."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _paused_until(session: Session, receipt: str, client: str, now: datetime) -> datetime | None:
    """The later end of the pause on this receipt and the pause of the client; it may lie in the past.

    The pause of the client does not apply to a receipt whose code this client has given correctly before.
    """
    own = guessing.paused_until(_failures_of(session, receipt, client, now), _free_tries(session, receipt, now))
    of_client = None
    if _last_success(session, receipt, client) is None:
        of_client = _client_paused_until(session, client, now)
    return max((end for end in (own, of_client) if end is not None), default=None)


def _client_paused_until(session: Session, client: str, now: datetime) -> datetime | None:
    since = now - CLIENT_WINDOW
    count, last = session.execute(
        select(func.count(), func.max(LookupAttempt.at)).where(
            LookupAttempt.client == client, LookupAttempt.failed.is_(True), LookupAttempt.at > since
        )
    ).one()
    return last + CLIENT_PAUSE if count >= MOST_CLIENT_FAILURES else None


def _free_tries(session: Session, receipt: str, now: datetime) -> int:
    since = now - guessing.REMEMBERED
    failures = select(func.count()).where(
        LookupAttempt.receipt == receipt, LookupAttempt.failed.is_(True), LookupAttempt.at > since
    )
    return guessing.free_tries(session.scalar(failures) or 0)


def _failures_of(session: Session, receipt: str, client: str, now: datetime) -> list[datetime]:
    """The times of the client's failures on the receipt since its last right code."""
    since = now - guessing.REMEMBERED
    success = _last_success(session, receipt, client)
    failures = select(LookupAttempt.at).where(
        LookupAttempt.receipt == receipt,
        LookupAttempt.client == client,
        LookupAttempt.failed.is_(True),
        LookupAttempt.at > since,
        LookupAttempt.id > (success or 0),
    )
    return list(session.scalars(failures.order_by(LookupAttempt.at, LookupAttempt.id)))


def _last_success(session: Session, receipt: str, client: str) -> int | None:
    """The id of the last attempt of the client on the receipt that gave the right code."""
    right = (LookupAttempt.receipt == receipt, LookupAttempt.client == client, LookupAttempt.failed.is_(False))
    return session.scalar(select(func.max(LookupAttempt.id)).where(*right))
