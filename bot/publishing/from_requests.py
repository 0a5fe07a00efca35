"""What was given on request and may become public for everybody (转为主动公开, 条例 art. 44).

Para. 1: several applicants asked the same organ for the same information, and it may be disclosed. Para. 2: an
applicant suggests it. Both are only proposals; staff of the organ decide. Art. 44 sets no days: what is accepted
is entered with the term of art. 26, counted from the day of the decision.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.db import added, locked
from bot.disclosures.models import Applicant, Request
from bot.disclosures.terms import Decision
from bot.language.text import normalise
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.publishing.models import Information, Proposal
from bot.publishing.service import MOST_WHY, DirectoryEntry, PublishingRefused, enter, organ_of_department
from bot.publishing.terms import FROM_REQUESTS, ProposalKind
from bot.staff import audit
from bot.workdays import today_in_china

# Share of pairs of characters that two descriptions have in common, from which they count as the same information.
ALIKE = 0.6
# “多个申请人” (art. 44, para. 1).
FEWEST_APPLICANTS = 2
# Older requests are not compared, so that the work does not grow from year to year.
COMPARED_FOR = timedelta(days=2 * 365)
MOST_WORDS = 500
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class _Asked:
    """A granted request. `numbers`: the years and other numbers in its words, which must be the same."""

    receipt: str
    description: str
    applicant: str
    digest: str | None
    pairs: frozenset[str]
    numbers: frozenset[str]


def refresh(session: Session, now: datetime) -> int:
    """Looks for requests of different applicants that got the same information, and proposes each group once.

    A group that was set aside is proposed again when one more applicant asked. Returns how many proposals are open.
    """
    known = {row.key: row for row in session.scalars(select(Proposal).where(Proposal.kind == ProposalKind.ALIKE.value))}
    for department_code, asked in _granted(session, today_in_china(now) - COMPARED_FOR).items():
        for group in _groups(asked):
            applicants = _count_applicants(group)
            if applicants >= FEWEST_APPLICANTS:
                _propose(session, known, department_code, group, applicants, now)
    session.flush()
    return open_count(session)


def suggest(session: Session, request: Request, words: str, now: datetime) -> Proposal:
    """Records that the applicant of a request suggests publishing what it is about (art. 44, para. 2); once a request.

    Raises:
        PublishingRefused: no reason is given, or it was suggested before.
    """
    words = words.strip()
    if not words:
        raise PublishingRefused("请写明为什么应当让大家都知道")
    if len(words) > MOST_WORDS:
        raise PublishingRefused(f"最多 {MOST_WORDS} 个字")
    if leads_elsewhere(words):
        raise PublishingRefused(f"建议里{NO_WEB_ADDRESS}")
    key = f"{ProposalKind.SUGGESTED}:{request.receipt}"
    row = _row(key, ProposalKind.SUGGESTED, request.department_code, [request.receipt], request.description, 1, now)
    row.words = words
    if not added(session, row):
        raise PublishingRefused("这一件已经提过建议")
    return row


def proposals(session: Session, department_code: str | None = None) -> list[Proposal]:
    """The open ones, the oldest first."""
    wanted = select(Proposal).where(Proposal.settled_at.is_(None))
    if department_code is not None:
        wanted = wanted.where(Proposal.department_code == department_code)
    return list(session.scalars(wanted.order_by(Proposal.raised_at, Proposal.id)))


def settled(session: Session, department_code: str | None = None, newest: int = 50) -> list[Proposal]:
    wanted = select(Proposal).where(Proposal.settled_at.is_not(None))
    if department_code is not None:
        wanted = wanted.where(Proposal.department_code == department_code)
    return list(session.scalars(wanted.order_by(Proposal.settled_at.desc(), Proposal.id.desc()).limit(newest)))


def open_count(session: Session, department_code: str | None = None) -> int:
    wanted = select(func.count(Proposal.id)).where(Proposal.settled_at.is_(None))
    if department_code is not None:
        wanted = wanted.where(Proposal.department_code == department_code)
    return session.scalar(wanted) or 0


def accept(
    session: Session,
    proposal_id: int | None,
    *,
    title: str,
    made_on: date | None,
    who: str,
    now: datetime,
    department_code: str | None = None,
) -> Information:
    """Enters it in the list of what is to be published, due as if it was made today.

    Raises:
        PublishingRefused
    """
    row = _open(session, proposal_id, department_code)
    organ = organ_of_department(session, row.department_code)
    if organ is None:
        raise PublishingRefused("机关表里没有这个部门，请先导入（import-publishing）")
    entry = DirectoryEntry(
        organ_code=organ.code,
        subject=FROM_REQUESTS,
        title=title,
        made_on=made_on,
        changed_on=today_in_china(now),
        receipts=tuple(row.receipts),
    )
    information = enter(session, entry, who=who, now=now, department_code=department_code)
    row.settled_at, row.settled_by, row.information_id = now, who, information.id
    subject = "、".join(row.receipts)[:200]
    audit.record(session, who=who, action="accept_proposal", subject=subject, why=information.index_number, at=now)
    session.flush()
    return information


def set_aside(
    session: Session, proposal_id: int | None, *, why: str, who: str, now: datetime, department_code: str | None = None
) -> Proposal:
    """Raises PublishingRefused: no reason is given."""
    row, why = _open(session, proposal_id, department_code), why.strip()
    if not why:
        raise PublishingRefused("请写明为什么不转为主动公开")
    if len(why) > MOST_WHY:
        raise PublishingRefused(f"最多 {MOST_WHY} 个字")
    row.settled_at, row.settled_by, row.note = now, who, why
    audit.record(session, who=who, action="set_aside_proposal", subject="、".join(row.receipts)[:200], why=why, at=now)
    session.flush()
    return row


def _granted(session: Session, since: date) -> dict[str, list[_Asked]]:
    """Department → its requests since that day that were granted whole. Others hold what may not be disclosed."""
    rows = session.execute(
        select(
            Request.receipt, Request.department_code, Request.description, Request.applicant_masked, Applicant.digest
        )
        .outerjoin(Applicant, Applicant.receipt == Request.receipt)
        .where(Request.outcome == Decision.GRANTED.value, Request.received_on >= since)
        .order_by(Request.receipt)
    )
    found: dict[str, list[_Asked]] = defaultdict(list)
    for receipt, department_code, description, applicant, digest in rows:
        plain = "".join(sign for sign in normalise(description) if sign.isalnum())
        pairs = frozenset(plain[at : at + 2] for at in range(len(plain) - 1))
        numbers = frozenset(_DIGITS.findall(plain))
        found[department_code].append(_Asked(receipt, description, applicant, digest, pairs, numbers))
    return found


def _groups(asked: Sequence[_Asked]) -> list[list[_Asked]]:
    """Each request joins the first group whose first request it is alike; only groups of several are given."""
    by_numbers: dict[frozenset[str], list[list[_Asked]]] = defaultdict(list)
    for one in asked:
        groups = by_numbers[one.numbers]
        group = next((group for group in groups if _likeness(group[0], one) >= ALIKE), None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return [group for groups in by_numbers.values() for group in groups if len(group) > 1]


def _likeness(one: _Asked, other: _Asked) -> float:
    size = len(one.pairs) + len(other.pairs)
    if 2 * min(len(one.pairs), len(other.pairs)) < ALIKE * size:
        return 0.0  # they cannot have enough in common, and to compare them takes longer
    return 2 * len(one.pairs & other.pairs) / size if size else 0.0


def _count_applicants(group: Iterable[_Asked]) -> int:
    """Applicants that differ for certain: by masked name, and within a name by the digests of known identities."""
    digests: dict[str, set[str]] = defaultdict(set)
    for one in group:
        digests[one.applicant].update(filter(None, [one.digest]))
    return sum(max(1, len(found)) for found in digests.values())


def _propose(
    session: Session,
    known: dict[str, Proposal],
    department_code: str,
    group: Sequence[_Asked],
    applicants: int,
    now: datetime,
) -> None:
    receipts = [one.receipt for one in group]
    key = f"{ProposalKind.ALIKE}:{receipts[0]}"
    row = known.get(key)
    if row is None:
        row = _row(key, ProposalKind.ALIKE, department_code, receipts, group[0].description, applicants, now)
        added(session, row)  # another process may propose it at the same time
    elif row.information_id is None and applicants > row.applicants:
        row.receipts, row.applicants = receipts, applicants
        row.settled_at, row.settled_by, row.note = None, None, ""


def _row(
    key: str,
    kind: ProposalKind,
    department_code: str,
    receipts: list[str],
    asked: str,
    applicants: int,
    now: datetime,
) -> Proposal:
    return Proposal(
        key=key,
        kind=kind.value,
        department_code=department_code,
        receipts=receipts,
        asked=asked,
        words="",
        applicants=applicants,
        raised_at=now,
        note="",
    )


def _open(session: Session, proposal_id: int | None, department_code: str | None) -> Proposal:
    row = locked(session, Proposal, proposal_id)
    if row is None or (department_code is not None and row.department_code != department_code):
        raise PublishingRefused("没有这一项，或者不由您的部门办理")
    if row.settled_at is not None:
        raise PublishingRefused("这一项已经办过了")
    return row
