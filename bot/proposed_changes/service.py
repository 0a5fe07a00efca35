"""Proposing, approving, refusing, withdrawing and undoing changes, and making those live whose time has come.

Each act takes the row's lock first, so that two people or two processes cannot decide the same change.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.db import Database, locked
from bot.language.masking import mask
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.paging import ListPart
from bot.proposed_changes.difference import ChangeRefused, Difference, Wanted
from bot.proposed_changes.kinds import DOINGS
from bot.proposed_changes.models import ProposedChange
from bot.proposed_changes.terms import Changeable, ChangeState
from bot.settings import Settings
from bot.staff import accounts, audit
from bot.staff.models import Person
from bot.staff.roles import Permission

MOST_WHY = 300
FARTHEST = timedelta(days=366)
PAGE_ROWS = 50
CHANGED_MEANWHILE = "提出以后，这项内容又被改过，所以没有生效；请看过现在的内容再提"
_OPEN = frozenset({ChangeState.PROPOSED, ChangeState.APPROVED})
# What the proposer still has to see.
_BACK = frozenset({ChangeState.REFUSED, ChangeState.RETURNED})


class NoSuchChange(LookupError):
    """No change has this number."""


@dataclass(frozen=True)
class Target:
    """What is to be changed. `title`: as staff read it in lists."""

    kind: Changeable
    subject: str
    title: str


def propose(
    session: Session,
    settings: Settings,
    target: Target,
    wanted: Wanted,
    *,
    why: str,
    who: str,
    now: datetime,
    live_from: datetime | None = None,
    undoes: ProposedChange | None = None,
) -> ProposedChange:
    """Stores the proposal with what it would change as things stand.

    Raises:
        ChangeRefused: without a reason, for a time that is past or too far, not allowed, or it would change nothing.
    """
    if live_from is not None and not now <= live_from <= now + FARTHEST:
        raise ChangeRefused("生效时间要在现在以后、一年以内")
    change = ProposedChange(
        kind=target.kind,
        subject=target.subject,
        title=target.title,
        wanted=wanted,
        why=_checked(why, "请写明为什么改"),
        state=ChangeState.PROPOSED,
        proposed_by=who,
        proposed_at=now,
        live_from=live_from,
        note="",
        undoes_id=undoes.id if undoes else None,
    )
    found = _differences(session, settings, change)
    if not found:
        raise ChangeRefused("没有改动：现在就是这样")
    change.differences, change.summary = [list(astuple(one)) for one in found], _summary(found)
    session.add(change)
    session.flush()
    _log(session, "propose_change", change, f"{change.summary}。{change.why}", who=who, now=now)
    return change


def approvers_of(session: Session) -> list[Person]:
    """The active people whose role can approve changes."""
    return [one for one in accounts.people(session) if one.is_active and accounts.may(one, Permission.APPROVE_CHANGES)]


def may_decide(settings: Settings, change: ProposedChange, person: Person) -> bool:
    """Whether this person may approve it: another than who proposed it, unless the city's settings excuse that."""
    return change.proposed_by != person.login or _is_excused(settings, change.kind, person)


def approve(session: Session, settings: Settings, change_id: int, person: Person, now: datetime) -> ProposedChange:
    """Approves it, and makes it live unless its time is yet to come; it may come back then (`ChangeState.RETURNED`).

    Raises:
        ChangeRefused: it is the person's own, or is decided already.
    """
    change = _locked(session, change_id, {ChangeState.PROPOSED})
    if not may_decide(settings, change, person):
        raise ChangeRefused("自己提的改动要请别人核准")
    _decide(change, ChangeState.APPROVED, person.login, now)
    _log(session, "approve_change", change, change.summary, who=person.login, now=now)
    if change.live_from is None or change.live_from <= now:
        _go_live(session, settings, change, now)
    return change


def refuse(session: Session, change_id: int, *, why: str, who: str, now: datetime) -> ProposedChange:
    """Sends it back, also after it was approved, until it is live."""
    change = _locked(session, change_id, _OPEN)
    change.note = _checked(why, "请写明为什么退回")
    _decide(change, ChangeState.REFUSED, who, now)
    _log(session, "refuse_change", change, change.note, who=who, now=now)
    return change


def withdraw(session: Session, change_id: int, *, who: str, now: datetime) -> ProposedChange:
    """Who proposed it takes it back, or has seen that it came back."""
    change = _locked(session, change_id, _OPEN | _BACK)
    if change.proposed_by != who:
        raise ChangeRefused("只有提出的人能撤回")
    change.state = ChangeState.WITHDRAWN
    _log(session, "withdraw_change", change, change.summary, who=who, now=now)
    return change


def undo(
    session: Session, settings: Settings, change_id: int, person: Person, *, why: str, at_once: bool, now: datetime
) -> ProposedChange:
    """Proposes the reverse of a live change. `at_once`: the person may approve changes, so it is live now.

    Undoing an undoing is a change like any other: somebody else approves it.

    Raises:
        ChangeRefused: nothing undoes it, or the record was changed since.
    """
    undone = _locked(session, change_id, {ChangeState.LIVE})
    if undone.reverse is None:
        raise ChangeRefused("这种改动不能撤销，请按原来的内容再导入一次")
    if _differences(session, settings, undone):
        raise ChangeRefused("生效以后，这项内容又被改过，撤销会连后来的改动一起丢掉；请按现在的内容另提")
    target = Target(Changeable(undone.kind), undone.subject, undone.title)
    change = propose(session, settings, target, undone.reverse, why=why, who=person.login, now=now, undoes=undone)
    if at_once and undone.undoes_id is None:
        _decide(change, ChangeState.APPROVED, person.login, now)
        _go_live(session, settings, change, now)
    return change


def make_due_live(database: Database, settings: Settings, now: datetime) -> int:
    """Makes the approved changes live whose time has come, each in a transaction of its own. Returns their number."""
    due = select(ProposedChange.id).where(ProposedChange.state == ChangeState.APPROVED, ProposedChange.live_from <= now)
    with database.transaction() as session:
        waiting = list(session.scalars(due.order_by(ProposedChange.live_from, ProposedChange.id)))
    return sum(database.run(_make_live, settings, change_id, now) for change_id in waiting)


def get_change(session: Session, change_id: int) -> ProposedChange:
    """With all its columns. Raises NoSuchChange."""
    change = session.get(ProposedChange, change_id)
    if change is None:
        raise NoSuchChange(change_id)
    return change


def differences_of(change: ProposedChange) -> list[Difference]:
    """As they were when it was proposed."""
    return [Difference(*texts) for texts in change.differences]


def history(session: Session, kind: Changeable, subject: str, newest: int = 20) -> list[ProposedChange]:
    """The changes of this record, newest first."""
    found = select(ProposedChange).where(ProposedChange.kind == kind, ProposedChange.subject == subject)
    return list(session.scalars(found.order_by(ProposedChange.id.desc()).limit(newest)))


def open_changes(session: Session, kind: Changeable, subject: str) -> list[ProposedChange]:
    """Those of this record that wait for a decision or for their time."""
    return [change for change in history(session, kind, subject) if change.state in _OPEN]


def find_changes(
    session: Session, states: Collection[ChangeState], proposed_by: str = "", number: int = 1
) -> ListPart[ProposedChange]:
    """A page of the changes in these states, newest first."""
    own = ProposedChange.proposed_by == proposed_by if proposed_by else true()
    wanted = and_(ProposedChange.state.in_(states), own)
    total = session.scalar(select(func.count()).select_from(ProposedChange).where(wanted)) or 0
    rows = select(ProposedChange).where(wanted).order_by(ProposedChange.id.desc()).limit(PAGE_ROWS)
    return ListPart.read(total, number, PAGE_ROWS, lambda first: list(session.scalars(rows.offset(first))))


@dataclass(frozen=True)
class Waiting:
    """`to_approve`: by this person. `back`: this person's own that were refused or could not be made."""

    to_approve: int = 0
    back: int = 0


def waiting_for(session: Session, settings: Settings, person: Person) -> Waiting:
    proposed = ProposedChange.state == ChangeState.PROPOSED
    own = ProposedChange.proposed_by == person.login
    rows = session.execute(
        select(ProposedChange.kind, own.label("own"), proposed.label("proposed"), func.count().label("number"))
        .where(or_(proposed, and_(ProposedChange.state.in_(_BACK), own)))
        .group_by(ProposedChange.kind, own, proposed)
    ).all()
    mine = [row.number for row in rows if row.proposed and (not row.own or _is_excused(settings, row.kind, person))]
    return Waiting(sum(mine), sum(row.number for row in rows if not row.proposed))


def _is_excused(settings: Settings, kind: str, person: Person) -> bool:
    return kind not in settings.second_pair_of_eyes or person.role in settings.second_pair_excused_roles


def _make_live(session: Session, settings: Settings, change_id: int, now: datetime) -> bool:
    try:
        change = _locked(session, change_id, {ChangeState.APPROVED})
    except ChangeRefused:
        return False  # another process was faster, or it was sent back just now
    _go_live(session, settings, change, now)
    return change.state == ChangeState.LIVE


def _go_live(session: Session, settings: Settings, change: ProposedChange, now: datetime) -> None:
    """Makes it, if it would still change what was approved; else it goes back to who proposed it."""
    try:
        with session.begin_nested():
            if [list(astuple(one)) for one in _differences(session, settings, change)] != change.differences:
                raise ChangeRefused(CHANGED_MEANWHILE)
            change.reverse = DOINGS[Changeable(change.kind)].apply(session, settings, change, now)
            change.state, change.live_at = ChangeState.LIVE, now
    except (ChangeRefused, IntegrityError) as refused:
        change.state = ChangeState.RETURNED
        change.note = str(refused) if isinstance(refused, ChangeRefused) else CHANGED_MEANWHILE
        _log(session, "return_change", change, change.note, who=audit.BY_ITSELF, now=now)
        return
    if change.undoes_id is not None:
        undone = session.get_one(ProposedChange, change.undoes_id)
        undone.state = ChangeState.UNDONE
        _log(session, "undo_change", undone, change.why, who=change.decided_by or change.proposed_by, now=now)


def _differences(session: Session, settings: Settings, change: ProposedChange) -> list[Difference]:
    return DOINGS[Changeable(change.kind)].differences(session, settings, change)


def _locked(session: Session, change_id: int, states: Collection[ChangeState]) -> ProposedChange:
    change = locked(session, ProposedChange, change_id)
    if change is None:
        raise NoSuchChange(change_id)
    if change.state not in states:
        raise ChangeRefused("这项改动刚才已经有人处理过了，请看现在的状态")
    return change


def _decide(change: ProposedChange, state: ChangeState, who: str, now: datetime) -> None:
    change.state, change.decided_by, change.decided_at = state, who, now


def _checked(why: str, missing: str) -> str:
    why = why.strip()
    if not why:
        raise ChangeRefused(missing)
    if len(why) > MOST_WHY:
        raise ChangeRefused(f"理由最多 {MOST_WHY} 个字")
    if leads_elsewhere(why):
        raise ChangeRefused(f"理由里{NO_WEB_ADDRESS}")
    return mask(why)


def _summary(found: list[Difference]) -> str:
    more = f"，等 {len(found)} 处" if len(found) > 1 else ""
    return f"{found[0].words}{more}"


def _log(session: Session, action: str, change: ProposedChange, why: str, *, who: str, now: datetime) -> None:
    audit.record(session, who=who, action=action, subject=change.subject, why=f"改动 {change.id}：{why}", at=now)
