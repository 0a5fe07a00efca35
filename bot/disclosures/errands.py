"""What applicants do with their own request: take it back, supplement it.

The query code proves whose request it is. In conversation the errand is then kept for a short time, until it is
confirmed; the page `/answers` records it at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.disclosures.models import Errand, Request
from bot.disclosures.register import CLOSED
from bot.disclosures.service import assess, record_event
from bot.disclosures.terms import Kind, RequestState, Step
from bot.language.errands import ErrandKind
from bot.staff import audit
from bot.workdays import today_in_china

VALID_FOR = timedelta(minutes=30)
# For so long the register shows clerks what applicants did.
SHOWN_FOR = timedelta(days=7)
SHORTEST_WORDS, LONGEST_WORDS = 4, 500
BY_APPLICANT = "申请人"
_ACTED = "applicant_acted"
# The clerk reads it; the words themselves stand with what is asked for.
_NOTE = "申请人在网上办理"
_DONE = {ErrandKind.WITHDRAW: "申请人凭查询码撤回", ErrandKind.SUPPLEMENT: "申请人凭查询码提交补正"}


@dataclass(frozen=True)
class DoneErrand:
    """`what`: in Chinese, for clerks."""

    receipt: str
    what: str
    at: datetime


class ErrandRefused(ValueError):
    """The state of the request, `state`, does not allow the errand (any more)."""

    def __init__(self, state: RequestState) -> None:
        super().__init__(state.value)
        self.state = state


def check(request: Request, kind: ErrandKind, now: datetime) -> None:
    """Raises ErrandRefused if the request is closed, or a supplement is not awaited."""
    state = assess(request, today_in_china(now)).state
    if state in CLOSED or (kind == ErrandKind.SUPPLEMENT and state != RequestState.AWAITING_SUPPLEMENT):
        raise ErrandRefused(state)


def begin(session: Session, conversation: str, request: Request, kind: ErrandKind, now: datetime) -> None:
    """Keeps the errand of an applicant who has just given the query code; a newer one takes its place.

    Raises:
        ErrandRefused
    """
    check(request, kind, now)
    session.merge(
        Errand(conversation_id=conversation, kind=kind.value, receipt=request.receipt, words="", proven_at=now)
    )
    session.flush()


def under_way(session: Session, conversation: str, now: datetime) -> Errand | None:
    """The errand of the conversation, if its query code was given not too long ago."""
    errand = session.get(Errand, conversation)
    return errand if errand is not None and errand.proven_at >= now - VALID_FOR else None


def forget_old(session: Session, now: datetime) -> None:
    """Deletes what nobody confirmed in time; called by a periodic job."""
    session.execute(delete(Errand).where(Errand.proven_at < now - VALID_FOR))


def drop(session: Session, errand: Errand) -> None:
    session.delete(errand)
    session.flush()


def do(session: Session, errand: Errand, now: datetime) -> Request:
    """Records the errand with the request and ends it. Raises ErrandRefused, as `record` does."""
    request = record(session, errand.receipt, ErrandKind(errand.kind), errand.words, now)
    drop(session, errand)
    return request


def record(session: Session, receipt: str, kind: ErrandKind, words: str, now: datetime) -> Request:
    """Records what an applicant does who has given the query code; the audit log keeps that it was the applicant.

    A supplement is added to what is asked for, with its day: from now on both together are the request (条例 art. 30).

    Raises:
        ErrandRefused: the request was answered meanwhile, or the time for the supplement is over.
    """
    today = today_in_china(now)
    request = session.get_one(Request, receipt, with_for_update={"of": Request}, populate_existing=True)
    check(request, kind, now)
    if kind == ErrandKind.WITHDRAW:
        record_event(session, receipt, Step(Kind.WITHDRAWN, today, note=_NOTE))
    else:
        record_event(session, receipt, Step(Kind.SUPPLEMENT_RECEIVED, today, note=_NOTE))
        request.description = f"{request.description}\n补正（{today}）：{words}"
    audit.record(session, who=BY_APPLICANT, action=_ACTED, subject=receipt, why=_DONE[kind], at=now)
    return request


def lately_done(session: Session, now: datetime, department_code: str | None = None) -> list[DoneErrand]:
    """What applicants did lately, newest first; with a department only its own requests."""
    entries = audit.search(session, action=_ACTED, since=now - SHOWN_FOR).rows
    of = select(Request.receipt, Request.department_code).where(Request.receipt.in_([one.subject for one in entries]))
    departments = dict(session.execute(of).all())
    return [
        DoneErrand(one.subject, one.why, one.at)
        for one in entries
        if one.subject in departments and department_code in (None, departments[one.subject])
    ]
