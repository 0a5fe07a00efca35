"""Which notices can be written for a request; looking at a draft, sending it out, correcting, delivering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.catalogue.remedies import Way, remedy_offices
from bot.catalogue.service import NoCity, get_city
from bot.db import locked
from bot.disclosures.answers import PORTAL
from bot.disclosures.desk import NoSuchRequest, open_applicant, require_account
from bot.disclosures.effects import why_without_effect, with_effect
from bot.disclosures.errands import BY_APPLICANT
from bot.disclosures.history import flaw_in
from bot.disclosures.identity import mask_applicant
from bot.disclosures.models import Applicant, Request
from bot.disclosures.reasons import flaw_in as flaw_in_reason
from bot.disclosures.reasons import with_reason
from bot.disclosures.service import record_event, recordable
from bot.disclosures.terms import CLOSING, ApplicantKind, Decision, Kind, Party, Step
from bot.notices import agencies, details, numbering, templates
from bot.notices.answer_files import chosen_files
from bot.notices.details import Details, NoticeRefused
from bot.notices.kinds import CONSULTED, NoticeKind
from bot.notices.letter import NO_NUMBER, Letter
from bot.notices.models import Notice, NoticeFile
from bot.notices.writing import Corrected, Facts, Remedies, write
from bot.replies.remedies import court_level
from bot.sealing import Sealer
from bot.staff import audit
from bot.workdays import today_in_china


class NoSuchNotice(LookupError):
    """There is no such notice, or it does not belong to that request."""


class RequestMoved(ValueError):
    """Something was recorded for the request since the clerk saw the draft."""


@dataclass(frozen=True)
class NoticeDraft:
    """A notice that has not gone out. `step`: what will be recorded with it; None: nothing, or it is recorded already.

    `letter` has no number, and the applicant's name is masked.
    """

    letter: Letter
    step: Step | None


@dataclass(frozen=True)
class _Prepared:
    request: Request
    details: Details
    told: Step | None
    is_recorded: bool
    corrected: Corrected | None
    file_names: list[str]


@dataclass(frozen=True)
class _Letterhead:
    """What the files of the city say: the templates, and name and mark of the agency."""

    templates: templates.Templates
    agency: agencies.Agency


def notices_of(session: Session, receipt: str) -> Sequence[Notice]:
    """All notices of a request, oldest first."""
    return session.scalars(select(Notice).where(Notice.receipt == receipt).order_by(Notice.id)).all()


def get_notice(session: Session, receipt: str, notice_id: int) -> Notice:
    """Raises NoSuchNotice."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.receipt != receipt:
        raise NoSuchNotice(notice_id)
    return notice


def possible(session: Session, request: Request, on: date, corrects: Notice | None = None) -> list[NoticeKind]:
    """The kinds that fit the state of the request on that day, in the order of `NoticeKind`.

    Args:
        corrects: the notice that the new one replaces. While the step that it told stands, only its own kind fits.
    """
    if corrects is not None and (corrects.what.step is None or told_by(request, corrects) is not None):
        return [corrects.what]
    written = notices_of(session, request.receipt)
    others = [notice for notice in written if notice is not corrects]
    allowed = [kind for kind, void in recordable(request, on).items() if void is None]
    is_closed = any(step.kind in CLOSING for step in request.steps)
    found = []
    for kind in NoticeKind:
        if kind is NoticeKind.RECEIPT:
            fits = not is_closed and all(notice.what is not kind for notice in written)
        elif kind in CONSULTED:
            fits = Kind.CONSULTATION_STARTED in allowed
        elif kind is NoticeKind.THIRD_PARTY_DECISION:
            fits = _is_disclosed_after_consultation(request)
        else:
            fits = kind.step in allowed or _untold(request, kind, others) is not None
        if fits:
            found.append(kind)
    return found


def _is_disclosed_after_consultation(request: Request) -> bool:
    """Whether a third party was asked and something is disclosed: it is told in writing what and why (条例 art. 32)."""
    was_asked = any(step.party == Party.THIRD_PARTY for step in request.steps)
    return was_asked and any(step.outcome in (Decision.GRANTED, Decision.PARTLY_GRANTED) for step in request.steps)


def told_by(request: Request, notice: Notice) -> Step | None:
    """The step that the notice told, as it stands now; None if it was taken back, or if the notice told none."""
    return next((step for step in request.steps if _tells(notice.what, step) and step.on == notice.step_on), None)


def needs_name(session: Session, request: Request, kind: NoticeKind) -> bool:
    """Whether the clerk has to write the addressee: a third party, or an applicant whose name is only on paper."""
    return not kind.is_for_applicant or session.get(Applicant, request.receipt) is None


def recorded_step(session: Session, request: Request, kind: NoticeKind, corrects: Notice | None = None) -> Step | None:
    """The recorded step that such a notice would tell; None if it brings a step of its own, or none at all."""
    standing = told_by(request, corrects) if corrects is not None else None
    others = [notice for notice in notices_of(session, request.receipt) if notice is not corrects]
    return standing or _untold(request, kind, others)


def draft(
    session: Session,
    request: Request,
    kind: NoticeKind,
    given: Details,
    *,
    folder: Path | None,
    on: date,
    corrects: Notice | None = None,
    why: str = "",
) -> NoticeDraft:
    """The notice as it would go out on that day. Stores nothing, and does not open who the applicant is.

    Args:
        folder: the city's own templates, or None.
        corrects, why: the notice that this one replaces, and the reason, which stands in it.

    Raises:
        NoticeRefused: it does not fit the request, or something is missing; the message says what.
        bot.notices.templates.TemplateError
    """
    prepared = _prepare(session, request, kind, given, on, corrects, why)
    letterhead, name = _letterhead(session, request, folder), _masked(request, kind, prepared.details)
    letter = _written(session, prepared, kind, letterhead, NO_NUMBER, name, on)
    return NoticeDraft(letter, None if prepared.is_recorded else prepared.told)


def issue(
    session: Session,
    receipt: str,
    kind: NoticeKind,
    given: Details,
    sealer: Sealer,
    *,
    folder: Path | None,
    seen_steps: int,
    delivery: str,
    clerk: str,
    now: datetime,
    corrects_id: int | None = None,
    why: str = "",
) -> Notice:
    """Sends a notice out: gives it its number, records its step, keeps it sealed. It cannot be taken back.

    The applicant's name is opened here and nowhere before; that, and the notice itself, go into the audit log.

    Args:
        folder, why: as for `draft`.
        seen_steps: how many steps the draft showed.
        delivery: the way in which it is sent.

    Raises:
        NoSuchRequest, NoSuchNotice, NoticeRefused
        RequestMoved: there are more or fewer steps now.
        bot.disclosures.service.StepRefused
        bot.notices.templates.TemplateError
        bot.sealing.SealBroken: the applicant was sealed with another key.
    """
    request = _as_seen(session, receipt, seen_steps)
    on = today_in_china(now)
    corrects = get_notice(session, receipt, corrects_id) if corrects_id is not None else None
    prepared = _prepare(session, request, kind, given, on, corrects, why)
    letterhead = _letterhead(session, request, folder)
    template = letterhead.templates.of(kind, prepared.details.reason)
    number = _next_number(session, letterhead.agency, template.series, on.year)
    told = prepared.told
    if told is not None and not prepared.is_recorded:
        told = record_event(session, receipt, replace(told, note=f"见《{template.title}》（{number}）")).step
    name = _addressee(session, request, kind, prepared.details, sealer, clerk, number, now)
    letter = _written(session, replace(prepared, told=told), kind, letterhead, number, name, on)
    notice = Notice(
        receipt=receipt,
        department_code=request.department_code,
        kind=kind.value,
        number=number,
        step_on=told.on if told else None,
        issued_on=on,
        issued_at=now,
        issued_by=clerk,
        addressee_masked=_masked(request, kind, prepared.details),
        content=letter.as_dict(),
        corrects=corrects,
        why=why.strip() or None,
        delivery=delivery,
    )
    _keep(session, notice, prepared.details.file_ids)
    action, noted = ("correct_notice", f"更正 {corrects.number}。缘由：{why}") if corrects else ("issue_notice", "")
    audit.record(
        session, who=clerk, action=action, subject=receipt, why="，".join(filter(None, (number, noted))), at=now
    )
    return notice


def _as_seen(session: Session, receipt: str, seen_steps: int) -> Request:
    """The request, locked. Raises NoSuchRequest, RequestMoved."""
    request = locked(session, Request, receipt)
    if request is None:
        raise NoSuchRequest(receipt)
    if len(request.events) != seen_steps:
        raise RequestMoved(receipt)
    return request


def _next_number(session: Session, agency: agencies.Agency, series: str, year: int) -> str:
    return agency.number(series, year, numbering.next_serial(session, agency.series_of(series, year)))


def _keep(session: Session, notice: Notice, file_ids: Sequence[int]) -> None:
    session.add(notice)
    session.flush()
    session.add_all(NoticeFile(notice_id=notice.id, file_id=file_id) for file_id in file_ids)
    session.flush()
    session.refresh(notice, ["file_links"])


def note_delivery(
    session: Session, receipt: str, notice_id: int, *, delivery: str, on: date, note: str, clerk: str, now: datetime
) -> Notice:
    """Records on which day and in which way the notice reached the addressee. The time for remedies runs from that day.

    Raises:
        NoSuchNotice
        NoticeRefused: the day is before the notice, ahead, or a delivery is recorded already.
        bot.disclosures.desk.NotAccountable: the way is missing.
    """
    require_account(clerk, delivery)
    notice = locked(session, Notice, get_notice(session, receipt, notice_id).id)
    if notice is None:
        raise NoSuchNotice(notice_id)
    if notice.delivered_on is not None:
        raise NoticeRefused(f"已经记过送达：{notice.delivered_on}，{notice.delivery}")
    if not notice.issued_on <= on <= today_in_china(now):
        raise NoticeRefused(f"送达日期要在 {notice.issued_on} 到今天之间")
    notice.delivery, notice.delivered_on, notice.delivered_by = delivery, on, clerk
    notice.delivery_note = note.strip() or None
    session.flush()
    told = "，".join(filter(None, (notice.number, str(on), delivery, note.strip())))
    audit.record(session, who=clerk, action="deliver_notice", subject=receipt, why=told, at=now)
    return notice


def note_opened_by_applicant(session: Session, notice: Notice, on: date) -> None:
    """Records as delivered a notice that the applicant has opened on the portal, if no delivery is recorded yet."""
    if notice.delivered_on is None:
        notice.delivery, notice.delivered_on, notice.delivered_by = PORTAL, on, BY_APPLICANT
        session.flush()


def _prepare(
    session: Session, request: Request, kind: NoticeKind, given: Details, on: date, corrects: Notice | None, why: str
) -> _Prepared:
    """Checks everything; raises NoticeRefused."""
    if corrects is not None and corrects.corrected_by is not None:
        raise NoticeRefused(f"{corrects.number} 已经由 {corrects.corrected_by.number} 更正，请更正那一份")
    if corrects is not None and not why.strip():
        raise NoticeRefused("请写明更正的原因，它会写进文书")
    if kind not in possible(session, request, on, corrects):
        raise NoticeRefused("这件申请现在不能写这份文书，请回到申请页再看")
    told = recorded_step(session, request, kind, corrects)
    is_recorded = told is not None
    filled = given.with_step(kind, told) if told is not None else given
    details.check(kind, filled)
    if needs_name(session, request, kind) and not filled.addressee.strip():
        raise NoticeRefused("请填收件人的姓名或者名称")
    if told is None:
        told = _new_step(request, kind, filled, on)
    files = chosen_files(session, request.receipt, filled.file_ids if kind.outcome else ())
    return _Prepared(
        request,
        replace(filled, file_ids=tuple(file.id for file in files)),
        told,
        is_recorded,
        Corrected(corrects.number, corrects.letter.title, corrects.issued_on, why.strip()) if corrects else None,
        [file.name for file in files],
    )


def _new_step(request: Request, kind: NoticeKind, filled: Details, on: date) -> Step | None:
    step = details.step_of(kind, filled, on, note="")
    if step is None:
        return None
    step = with_reason(step)
    flaw = flaw_in(request.steps, step) or flaw_in_reason(step)
    if flaw:
        raise NoticeRefused(flaw.message)
    valid, _ = with_effect(request.received_on, request.steps)
    void = why_without_effect(request.received_on, valid, step)
    if void:
        raise NoticeRefused(f"这份文书没有法律效力：{void}")
    return step


def _untold(request: Request, kind: NoticeKind, written: Sequence[Notice]) -> Step | None:
    """The last recorded step that such a notice tells, if it has no notice yet."""
    told = {notice.step_on for notice in written if notice.what is kind and notice.corrected_by is None}
    last = next((step for step in reversed(request.steps) if _tells(kind, step)), None)
    return last if last is not None and last.on not in told else None


def _tells(kind: NoticeKind, step: Step) -> bool:
    return kind.step is not None and (step.kind, step.outcome) == (kind.step, kind.outcome)


def _written(
    session: Session, prepared: _Prepared, kind: NoticeKind, letterhead: _Letterhead, number: str, name: str, on: date
) -> Letter:
    request = prepared.request
    facts = Facts(
        receipt=request.receipt,
        received_on=request.received_on,
        submitted_via=request.submitted_via,
        description=request.description,
        applicant_kind=ApplicantKind(request.applicant_kind),
        form_wanted=request.form_wanted or "",
        delivery=request.delivery or "",
        phone=request.department.phone,
        steps=tuple(request.steps),
    )
    return write(
        letterhead.templates,
        letterhead.agency,
        facts,
        kind,
        prepared.details,
        number=number,
        addressee=name,
        attachments=prepared.file_names,
        on=on,
        step=prepared.told,
        remedies=_remedies(session, request) if kind.outcome or kind is NoticeKind.THIRD_PARTY_DECISION else None,
        corrected=prepared.corrected,
    )


def _remedies(session: Session, request: Request) -> Remedies:
    """Raises NoticeRefused: the city has not said where reconsideration is sought, which every answer must tell."""
    office = remedy_offices(session, request.department).get(Way.RECONSIDERATION)
    if office is None:
        raise NoticeRefused("目录里没有登记向谁申请行政复议（remedy_offices 表），请先补上再写答复")
    phone = f"电话 {office.phone}" if office.phone else ""
    place = "，".join(filter(None, (office.address, phone)))
    papers = office.received_by or office.organ
    return Remedies(
        review_organ=office.organ,
        review_papers=f"{papers}（{place}）" if place else papers,
        review_url=office.url,
        court=f"本机关所在地的{court_level(request.department)[0]}",
    )


def _letterhead(session: Session, request: Request, folder: Path | None) -> _Letterhead:
    try:
        city = get_city(session)
    except NoCity:
        raise NoticeRefused("还没有载入事项目录，不知道是哪个城市的机关") from None
    agency = agencies.load_agency(folder, request.department.name, city.name)
    return _Letterhead(templates.load(folder), agency)


def _masked(request: Request, kind: NoticeKind, filled: Details) -> str:
    if kind.is_for_applicant:
        return request.applicant_masked
    if kind is NoticeKind.AGENCY_CONSULTATION:
        return filled.addressee.strip()
    return mask_applicant(filled.addressee.strip(), ApplicantKind.OTHER)


def _addressee(
    session: Session,
    request: Request,
    kind: NoticeKind,
    filled: Details,
    sealer: Sealer,
    clerk: str,
    number: str,
    now: datetime,
) -> str:
    if needs_name(session, request, kind):
        return filled.addressee.strip()
    opened = open_applicant(session, request.receipt, sealer, clerk=clerk, why=f"写文书 {number}", now=now)
    return opened["name"]
