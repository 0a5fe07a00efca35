"""The law watch (法律依据): what our records cite, what has changed in it, and who has to look at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bot.catalogue.departments import all_departments, department_named
from bot.catalogue.models import Department, Item, JointService
from bot.catalogue.service import all_items, all_joint_services
from bot.db import locked
from bot.disclosures.rules import NAMES_BY_NUMBER, Rule, decision_basis
from bot.disclosures.terms import Decision, Reason
from bot.documents.naming import all_documents
from bot.documents.service import passages_of
from bot.language.masking import mask
from bot.laws.citations import Citation, find_citations, is_law, is_said_to_end, short_name
from bot.laws.models import LawCitation
from bot.laws.service import compared, laws
from bot.laws.standing import Kind, Laws, Standing
from bot.links import NO_WEB_ADDRESS, leads_elsewhere
from bot.publishing.models import Duty
from bot.publishing.service import duties
from bot.referrals.models import Route
from bot.referrals.service import all_routes
from bot.staff import audit
from bot.workdays import today_in_china

MOST_NOTE_CHARACTERS = 300
# The clock's rules are part of the program. The body in charge of disclosure is to have them mended.
CLOCK_OWNER = "政府信息公开工作主管部门"


class WatchedKind(StrEnum):
    ITEM = "item"
    JOINT_SERVICE = "joint_service"
    ROUTE = "route"
    DOCUMENT = "document"
    CLOCK = "clock"
    DUTY = "duty"


class TaskRefused(ValueError):
    """The task cannot be settled; the message is in Chinese because a clerk reads it."""


@dataclass(frozen=True)
class Record:
    """One of our records. `bases`: fields that hold nothing but laws, so that every name in 《》 counts; `texts`: other
    texts, which name forms and certificates as well. `written_on`: None if the record has no date.
    """

    subject: WatchedKind
    code: str
    title: str
    owner: str
    department_code: str | None
    written_on: date | None
    bases: Sequence[str] = ()
    texts: Sequence[str] = ()


@dataclass
class Cited:
    """A law as one record cites it, with the articles of all places."""

    record: Record
    law: str
    version: str
    year: int | None
    articles: dict[str, None] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.record.subject.value, self.record.code, short_name(self.law), self.version


@dataclass(frozen=True)
class Refreshed:
    """`raised`: tasks that are new, or open again because the standing has changed. `open`: all that are open."""

    citations: int
    raised: int
    open: int


def records(session: Session) -> Iterator[Record]:
    """Everything of ours that can rest on a law: items, joint services, routes, documents in force, duties to
    publish, the clock.
    """
    departments = all_departments(session)
    yield from map(_item, all_items(session))
    yield from map(_joint_service, all_joint_services(session))
    for route in all_routes(session):
        yield _route(route, departments)
    listed = laws(session).versions
    for document in all_documents(session):
        # A city may have loaded the statutes themselves: what these cite is not ours to mend.
        if not document.in_force or short_name(document.title) in listed:
            continue
        yield Record(
            WatchedKind.DOCUMENT,
            str(document.id),
            document.title,
            document.issuer or "没有写发布单位",
            _first_named(departments, document.issuer or ""),
            document.published_on,
            texts=[passage.text for passage in passages_of(session, document)],
        )
    yield from map(_duty, duties(session))
    yield from _clock()


def citations(record: Record, own: str = "") -> list[Cited]:
    """The laws that a record cites, each once. `own`: a title that is not to be counted, that of the record itself."""
    found: dict[tuple[str, str, str, str], Cited] = {}
    for citation in _in(record):
        cited = Cited(record, citation.law, citation.version, citation.year)
        if short_name(citation.law) != short_name(own):
            found.setdefault(cited.key, cited).articles.update(dict.fromkeys(filter(None, [citation.articles])))
    return list(found.values())


def refresh(session: Session, now: datetime) -> Refreshed:
    """Compares what our records cite with the laws as they stand, and raises what changed, once.

    A citation that is gone takes its task along. A task that somebody has settled is open again when the standing of
    the law changes. Does nothing but read if nothing changed. Without any list of laws nothing is compared: every law
    would be unknown.
    """
    today, index = today_in_china(now), laws(session)
    known = {(one.subject, one.code, one.short_title, one.version): one for one in session.scalars(select(LawCitation))}
    raised = count = open_ones = 0
    for record in records(session) if index.versions else ():
        for cited in citations(record, record.title):
            count += 1
            row = known.pop(cited.key, None)
            written_on = record.written_on or (row.written_on if row else today)
            standing = _standing(session, index, cited, written_on, today)
            if row is None:
                row = LawCitation(subject=cited.key[0], code=cited.key[1], short_title=cited.key[2], note="")
                row.version, row.kind, row.since, row.by, row.article = cited.version, "", None, "", ""
                session.add(row)
            raised += _note(row, cited, written_on, standing, now)
            open_ones += is_open(row)
    for row in known.values():
        session.delete(row)
    session.flush()
    return Refreshed(count, raised, open_ones)


def is_open(row: LawCitation) -> bool:
    return row.raised_at is not None and row.settled_at is None


def tasks(session: Session, department_code: str | None = None) -> list[LawCitation]:
    """The open tasks, by department, the oldest first; of one department, or of all."""
    wanted = select(LawCitation).where(LawCitation.raised_at.is_not(None), LawCitation.settled_at.is_(None))
    return list(session.scalars(_of(wanted, department_code).order_by(*_ORDER)))


def settled(session: Session, department_code: str | None = None, newest: int = 100) -> list[LawCitation]:
    wanted = select(LawCitation).where(LawCitation.settled_at.is_not(None))
    newest_first = (LawCitation.settled_at.desc(), LawCitation.id.desc())
    return list(session.scalars(_of(wanted, department_code).order_by(*newest_first).limit(newest)))


def cited_laws(session: Session, department_code: str | None = None) -> list[LawCitation]:
    """All that is cited, by law."""
    wanted = _of(select(LawCitation), department_code)
    return list(session.scalars(wanted.order_by(LawCitation.short_title, LawCitation.subject, LawCitation.code)))


def settle(
    session: Session, citation_id: int, *, who: str, note: str, now: datetime, department_code: str | None = None
) -> LawCitation:
    """Notes that somebody has looked at it and what they found. `department_code`: only if it is this department's.

    Raises:
        TaskRefused: there is no such task, it is settled, or the note is missing or too long.
    """
    row = locked(session, LawCitation, citation_id)
    if row is None or (department_code and row.department_code != department_code):
        raise TaskRefused("没有这一项，或者已经不用办了")
    if not is_open(row):
        raise TaskRefused("这一项已经核过了")
    note = note.strip()
    if not note:
        raise TaskRefused("请写明怎么核的，比如“已改为新法第几条”")
    if len(note) > MOST_NOTE_CHARACTERS:
        raise TaskRefused(f"说明最多 {MOST_NOTE_CHARACTERS} 个字")
    if leads_elsewhere(note):
        raise TaskRefused(f"说明里{NO_WEB_ADDRESS}")
    row.settled_at, row.settled_by, row.note = now, who, mask(note)
    subject = f"{row.title}：《{row.law}》{row.articles}"[:200]
    audit.record(session, who=who, action="settle_law_task", subject=subject, why=note, at=now)
    session.flush()
    return row


_ORDER = (LawCitation.owner, LawCitation.raised_at, LawCitation.short_title, LawCitation.subject, LawCitation.code)


def _of(wanted: Select[LawCitation], department_code: str | None) -> Select[LawCitation]:
    return wanted if department_code is None else wanted.where(LawCitation.department_code == department_code)


def _standing(session: Session, index: Laws, cited: Cited, written_on: date, today: date) -> Standing:
    articles = "、".join(cited.articles)
    standing = index.standing(cited.law, today, articles=articles, year=cited.year, written_on=written_on)
    if standing.kind in (Kind.AMENDED, Kind.CHANGES) and standing.since:
        versions = compared(session, cited.law, articles, standing.since)
        if versions and all(article.is_same for article in versions.articles):
            return Standing(Kind.IN_FORCE, standing.since)
    return standing


def _note(row: LawCitation, cited: Cited, written_on: date, standing: Standing, now: datetime) -> int:
    """Writes what is new into the row; 1 if that raises a task. Fields that stay the same are not written."""
    record = cited.record
    said = (standing.kind.value, standing.since, standing.by, standing.article)
    is_new = standing.needs_a_look and (row.raised_at is None or (row.kind, row.since, row.by, row.article) != said)
    values: dict[str, object] = {
        "title": record.title,
        "owner": record.owner,
        "department_code": record.department_code,
        "law": cited.law,
        "articles": "、".join(cited.articles),
        "written_on": written_on,
        **dict(zip(("kind", "since", "by", "article"), said, strict=True)),
    }
    if is_new:
        values |= {"raised_at": now, "settled_at": None, "settled_by": None, "note": ""}
    elif not standing.needs_a_look:
        values |= {"raised_at": None, "settled_at": None, "settled_by": None, "note": ""}
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    return int(is_new)


def _in(record: Record) -> Iterator[Citation]:
    for text in record.bases:
        yield from find_citations(text)
    for text in record.texts:
        for citation in find_citations(text):
            if is_law(citation.law) and not is_said_to_end(text, citation):
                yield citation


def _item(item: Item) -> Record:
    return Record(
        WatchedKind.ITEM,
        item.code,
        item.name,
        item.department.name,
        item.department_code,
        item.recorded_on,
        [f"《{basis.law}》{basis.article}" for basis in item.legal_bases],
        [
            *(item.summary, item.statutory_note, item.fee, item.fee_basis, item.online_note, item.result_validity),
            *(item.note, *item.conditions, *(basis.gist for basis in item.legal_bases)),
            *(f"{step.detail}{step.time}" for step in item.steps),
            *(material.note for material in item.materials),
            *("\n".join((one.note, one.fee, *one.conditions, *one.steps)) for one in item.situations),
        ],
    )


def _joint_service(joint: JointService) -> Record:
    return Record(
        WatchedKind.JOINT_SERVICE,
        joint.code,
        joint.name,
        joint.department.name,
        joint.department_code,
        joint.recorded_on,
        texts=[joint.summary, *joint.steps, *joint.material_notes],
    )


def _route(route: Route, departments: Sequence[Department]) -> Record:
    code = _first_named(departments, route.in_charge)
    return Record(
        WatchedKind.ROUTE, route.code, route.name, route.in_charge, code, None, [route.legal_basis], [route.answer]
    )


def _duty(duty: Duty) -> Record:
    bases = [duty.basis, duty.term_basis]
    owner = duty.organ
    return Record(WatchedKind.DUTY, duty.code, duty.content, owner.name, owner.department_code, None, bases)


def _first_named(departments: Sequence[Department], owners: str) -> str | None:
    """The code of the first department in a list such as 公安机关、城市管理局、生态环境局; None if it names none."""
    found = (department_named(departments, owner) for owner in owners.split("、"))
    return next((department.code for department in found if department), None)


def _clock() -> Iterator[Record]:
    bases: dict[str, dict[str, None]] = {rule.name: {rule.basis: None} for rule in Rule}
    for outcome in Decision:
        for reason in (None, *Reason):
            bases.setdefault(outcome.value, {})[decision_basis(outcome, reason)] = None
    for code, texts in bases.items():
        yield Record(WatchedKind.CLOCK, code, f"期限规则 {code}", CLOCK_OWNER, None, None, list(map(_by_name, texts)))


def _by_name(basis: str) -> str:
    for number, name in NAMES_BY_NUMBER.items():
        basis = basis.replace(number, f"《{name}》")
    return basis
