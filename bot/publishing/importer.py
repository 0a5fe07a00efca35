"""Loads organs, what they have to publish, leaders, reading places, gazettes; `docs/publishing.md` describes the files.

A table that is in the delivery replaces what was there; a table that is not stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, Field
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bot.catalogue.service import department_codes
from bot.documents.naming import documents_named
from bot.publishing.due import due_on
from bot.publishing.models import CorrectionRequest, Duty, GazetteIssue, Information, Leader, Organ, ReadingPlace
from bot.publishing.terms import SUBJECTS, TERM_BASIS, WORKING_DAYS, Frequency, TermUnit
from bot.tabular import OptionalDate, PublicRow, Tables, YesNo, read_tables

TABLES = ("organs", "leaders", "duties", "places", "gazettes", "information")
IMPORTED = "导入"
R = TypeVar("R", bound=PublicRow)
_LINK = r"^(https?://\S+)?$"
_Days = Annotated[int, BeforeValidator(lambda cell: WORKING_DAYS if cell == "" else cell)]


class OrganRow(PublicRow):
    code: str = Field(alias="机关编码", pattern=r"^[A-Z]{2,6}$")
    name: str = Field(alias="机关名称", min_length=1)
    department: str = Field("", alias="部门")
    in_charge: YesNo = Field(alias="主管部门")
    duties: str = Field(alias="机构职能", min_length=1)
    address: str = Field(alias="地址", min_length=1)
    hours: str = Field(alias="办公时间", min_length=1)
    phone: str = Field(alias="电话", min_length=1)
    office: str = Field(alias="公开工作机构", min_length=1)
    office_address: str = Field(alias="工作机构地址", min_length=1)
    office_hours: str = Field(alias="工作机构办公时间", min_length=1)
    office_phone: str = Field(alias="工作机构电话", min_length=1)
    fax: str = Field(alias="传真")
    online: str = Field(alias="网络联系")


class LeaderRow(PublicRow):
    organ: str = Field(alias="机关名称", min_length=1)
    name: str = Field(alias="姓名", min_length=1)
    post: str = Field(alias="职务", min_length=1)
    duties: str = Field(alias="分工")


class DutyRow(PublicRow):
    code: str = Field(alias="编号", min_length=1)
    organ: str = Field(alias="机关名称", min_length=1)
    subject: str = Field(alias="主题", min_length=1)
    content: str = Field(alias="内容", min_length=1)
    basis: str = Field(alias="依据")
    frequency: Literal["一次", "每次变更", "每月", "每季度", "每年"] = Field(alias="频次")
    days: _Days = Field(WORKING_DAYS, alias="期限", ge=1, le=365)
    unit: Literal["工作日", "日", ""] = Field("", alias="期限单位")
    until: str = Field("", alias="每年截止", pattern=r"^((0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$")
    term_basis: str = Field("", alias="期限依据")


class PlaceRow(PublicRow):
    kind: Literal["国家档案馆", "公共图书馆", "政务服务场所", "其他"] = Field(alias="类别")
    name: str = Field(alias="名称", min_length=1)
    address: str = Field(alias="地址", min_length=1)
    hours: str = Field(alias="开放时间", min_length=1)
    phone: str = Field(alias="电话", min_length=1)
    note: str = Field("", alias="说明")


class GazetteRow(PublicRow):
    title: str = Field(alias="期号", min_length=1)
    published_on: date = Field(alias="出版日期")
    contents: str = Field("", alias="目录")
    url: str = Field("", alias="网址", pattern=_LINK)


class InformationRow(PublicRow):
    index_number: str = Field(alias="索引号", pattern=r"^[A-Z]{2,6}-[0-9]{4}-[0-9]{5}$")
    organ: str = Field(alias="机关名称", min_length=1)
    duty: str = Field("", alias="要求编号")
    subject: str = Field(alias="主题", min_length=1)
    title: str = Field(alias="名称", min_length=1)
    number: str = Field("", alias="文号")
    summary: str = Field("", alias="内容概述")
    made_on: date = Field(alias="生成日期")
    changed_on: OptionalDate = Field(None, alias="变更日期")
    published_on: OptionalDate = Field(None, alias="公布日期")
    url: str = Field("", alias="网址", pattern=_LINK)
    document: str = Field("", alias="文件")


@dataclass(frozen=True)
class _Delivery:
    """The rows that were valid, each with its number. `given`: the tables that the delivery has."""

    given: tuple[str, ...]
    organs: list[tuple[int, OrganRow]]
    leaders: list[tuple[int, LeaderRow]]
    duties: list[tuple[int, DutyRow]]
    places: list[tuple[int, PlaceRow]]
    gazettes: list[tuple[int, GazetteRow]]
    information: list[tuple[int, InformationRow]]


def import_publishing(session: Session, path: Path, now: datetime) -> dict[str, int]:
    """Loads the tables that `path` has: a folder of CSV files, one of them, or a workbook. Table → number of rows.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    tables = read_tables(path)
    given = tuple(name for name in TABLES if name in tables.rows)
    if not given:
        tables.reject(path.name, 1, "—", f"没有认得的表，应当是：{'、'.join(TABLES)}")
    delivery = _Delivery(
        given,
        organs=_rows(tables, "organs", OrganRow),
        leaders=_rows(tables, "leaders", LeaderRow),
        duties=_rows(tables, "duties", DutyRow),
        places=_rows(tables, "places", PlaceRow),
        gazettes=_rows(tables, "gazettes", GazetteRow),
        information=_rows(tables, "information", InformationRow),
    )
    codes = _check(session, tables, delivery)
    tables.raise_errors()
    _store(session, delivery, codes, now)
    return {name: len(tables.rows[name]) for name in given}


def _rows(tables: Tables, name: str, row: type[R]) -> list[tuple[int, R]]:
    return tables.checked(name, row) if name in tables.rows else []


def _check(session: Session, tables: Tables, delivery: _Delivery) -> dict[str, str]:
    """Rejects what does not fit together. Returns the names of the organs with their codes."""
    codes = dict(session.execute(select(Organ.name, Organ.code)).all())
    if "organs" in delivery.given:
        _check_organs(session, tables, delivery.organs, codes)
        codes = {row.name: row.code for _, row in delivery.organs}
    owners = dict(session.execute(select(Duty.code, Organ.name).join(Organ)).all())
    if "duties" in delivery.given:
        _check_duties(tables, delivery.duties)
        owners = {row.code: row.organ for _, row in delivery.duties}
    for name, rows in (
        ("leaders", delivery.leaders),
        ("duties", delivery.duties),
        ("information", delivery.information),
    ):
        for number, row in rows:
            if row.organ not in codes:
                tables.reject(name, number, "机关名称", f"没有“{row.organ}”，请先写进 organs")
    tables.require_unique("gazettes", [(number, row.title) for number, row in delivery.gazettes], "期号")
    _check_information(session, tables, delivery.information, owners)
    return codes


def _store(session: Session, delivery: _Delivery, codes: dict[str, str], now: datetime) -> None:
    if "organs" in delivery.given:
        _store_organs(session, [row for _, row in delivery.organs], department_codes(session))
    if "leaders" in delivery.given:
        session.execute(delete(Leader))
        session.add_all(
            Leader(organ_code=codes[row.organ], position=place, name=row.name, post=row.post, duties=row.duties)
            for place, (_, row) in enumerate(delivery.leaders)
        )
    if "duties" in delivery.given:
        _store_duties(session, [row for _, row in delivery.duties], codes)
    if "places" in delivery.given:
        session.execute(delete(ReadingPlace))
        places = enumerate(delivery.places)
        session.add_all(ReadingPlace(position=place, **row.model_dump()) for place, (_, row) in places)
    if "gazettes" in delivery.given:
        session.execute(delete(GazetteIssue))
        session.add_all(GazetteIssue(**row.model_dump()) for _, row in delivery.gazettes)
    session.flush()
    session.expire_all()
    for _, row in delivery.information:
        _store_information(session, row, codes, now)
    session.flush()


def _check_organs(session: Session, tables: Tables, organs: list[tuple[int, OrganRow]], held: dict[str, str]) -> None:
    departments = department_codes(session)
    tables.require_unique("organs", [(number, row.code) for number, row in organs], "机关编码")
    tables.require_unique("organs", [(number, row.name) for number, row in organs], "机关名称")
    tables.require_unique("organs", [(number, row.department) for number, row in organs if row.department], "部门")
    for number, row in organs:
        if row.department and row.department not in departments:
            tables.reject("organs", number, "部门", f"事项目录里没有“{row.department}”")
    if sum(row.in_charge for _, row in organs) != 1:
        tables.reject("organs", 1, "主管部门", "要有一个机关、也只能有一个填“是”（条例第三条）")
    kept = {row.code for _, row in organs}
    for name, code in held.items():
        if code not in kept and _is_used(session, code):
            tables.reject("organs", 1, "机关编码", f"“{name}”（{code}）已经有登记的信息或更正申请，不能去掉")


def _is_used(session: Session, organ_code: str) -> bool:
    counts = (
        session.scalar(select(func.count()).where(model.organ_code == organ_code))
        for model in (Information, CorrectionRequest)
    )
    return any(counts)


def _check_duties(tables: Tables, duties: list[tuple[int, DutyRow]]) -> None:
    tables.require_unique("duties", [(number, row.code) for number, row in duties], "编号")
    for number, row in duties:
        if row.subject not in SUBJECTS:
            tables.reject("duties", number, "主题", f"只能填：{'、'.join(SUBJECTS)}")
        if (row.days != WORKING_DAYS or row.unit == TermUnit.DAYS.value or row.until) and not row.term_basis:
            tables.reject("duties", number, "期限依据", "不是 20 个工作日的，要写明是哪部法律、法规的哪一条")
        if row.until and row.frequency != Frequency.YEAR.value:
            tables.reject("duties", number, "每年截止", "只有“每年”的才填")
        if row.until in ("02-29", "02-30", "02-31", "04-31", "06-31", "09-31", "11-31"):
            tables.reject("duties", number, "每年截止", "不是每年都有这一天")


def _check_information(
    session: Session, tables: Tables, information: list[tuple[int, InformationRow]], owners: dict[str, str]
) -> None:
    tables.require_unique("information", [(number, row.index_number) for number, row in information], "索引号")
    for number, row in information:
        if row.subject not in SUBJECTS:
            tables.reject("information", number, "主题", f"只能填：{'、'.join(SUBJECTS)}")
        if row.duty and owners.get(row.duty) != row.organ:
            tables.reject("information", number, "要求编号", f"“{row.organ}”没有编号是“{row.duty}”的公开要求")
        counted_from = row.changed_on or row.made_on
        if counted_from < row.made_on:
            tables.reject("information", number, "变更日期", "不能早于生成日期")
        if row.published_on is not None and row.published_on < counted_from:
            tables.reject("information", number, "公布日期", "不能早于生成或变更日期")
        if row.document and not documents_named(session, row.document):
            tables.reject("information", number, "文件", f"没有载入名称或文号是“{row.document}”的文件")


def _store_organs(session: Session, organs: Iterable[OrganRow], departments: dict[str, str]) -> None:
    rows = list(organs)
    kept = {row.code for row in rows}
    for organ in session.scalars(select(Organ)):
        if organ.code not in kept:
            session.delete(organ)
    session.flush()
    for place, row in enumerate(rows):
        values = row.model_dump(exclude={"department"})
        session.merge(Organ(position=place, department_code=departments.get(row.department), **values), load=True)
    session.flush()


def _store_duties(session: Session, duties: Iterable[DutyRow], codes: dict[str, str]) -> None:
    rows = list(duties)
    kept = {row.code for row in rows}
    session.execute(delete(Duty).where(Duty.code.not_in(kept)))
    for row in rows:
        values = row.model_dump(exclude={"organ", "unit", "basis", "term_basis"})
        session.merge(
            Duty(
                organ_code=codes[row.organ],
                unit=row.unit or TermUnit.WORKING_DAYS.value,
                basis=row.basis or SUBJECTS[row.subject],
                term_basis=row.term_basis or TERM_BASIS,
                **values,
            )
        )
    session.flush()


def _store_information(session: Session, row: InformationRow, codes: dict[str, str], now: datetime) -> None:
    """Adds the row, or changes the entry of that index number. What staff published since stays published."""
    found = session.scalars(select(Information).where(Information.index_number == row.index_number)).one_or_none()
    one = found or Information(
        index_number=row.index_number, reviewed_by="", withheld_why="", receipts=[], entered_by=IMPORTED, entered_at=now
    )
    duty = session.get(Duty, row.duty) if row.duty else None
    document = next(iter(documents_named(session, row.document)), None) if row.document else None
    one.organ_code, one.duty_code, one.subject = codes[row.organ], row.duty or None, row.subject
    one.title, one.number, one.summary = row.title, row.number, row.summary
    one.made_on, one.counted_from = row.made_on, row.changed_on or row.made_on
    one.due_on, one.published_on = due_on(one.counted_from, duty), row.published_on or one.published_on
    one.url, one.document_id = row.url or one.url or "", document.id if document else one.document_id
    session.add(one)
