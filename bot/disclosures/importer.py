"""Loads disclosure requests and their events from files; `docs/disclosure-files.md` describes the files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import Field
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.catalogue.service import department_codes_by_any_name
from bot.column_maps import ColumnMap
from bot.disclosures import numbering, reasons, register_list
from bot.disclosures.history import flaw_in
from bot.disclosures.identity import digest_query_code, hash_query_code, mask_applicant
from bot.disclosures.models import Event, Request, columns_of_step
from bot.disclosures.reasons import with_reason
from bot.disclosures.terms import Kind, Step
from bot.disclosures.vocabulary import APPLICANT_KINDS, DECISIONS, KINDS, PARTIES, REASONS, listed
from bot.language.receipts import normalise_query_code
from bot.tabular import (
    Day,
    ImportRejected,
    Number,
    OptionalDate,
    OptionalInt,
    OptionalText,
    Row,
    Tables,
    day_in,
    folded,
    headings_of,
    read_tables,
)
from bot.word_lists import WordRow, fold_words

_ROWS_AT_ONCE = 500


class RequestRow(Row):
    receipt: str = Field(alias="回执号", pattern=r"^XXGK-20[0-9]{2}-[0-9]{6}$")
    query_code: str = Field("", alias="查询码")
    applicant_kind: Literal["自然人", "商业企业", "科研机构", "社会公益组织", "法律服务机构", "其他组织", "法人"] = (
        Field(alias="申请人类型")
    )
    applicant: str = Field(alias="申请人", min_length=1)
    description: str = Field(alias="申请内容", min_length=1)
    department: str = Field(alias="受理机关", min_length=1)
    received_on: Day = Field(alias="收到日期")
    submitted_via: Literal["当面", "邮寄", "网上", "传真"] = Field(alias="提交方式")
    form_wanted: OptionalText = Field(None, alias="获取形式")
    delivery: OptionalText = Field(None, alias="获取方式")
    own_number: OptionalText = Field(None, alias="机关编号", max_length=60)


class EventRow(Row):
    receipt: str = Field(alias="回执号", min_length=1)
    position: Number = Field(alias="序号", ge=1)
    on: Day = Field(alias="日期")
    kind: Literal[
        "收到申请",
        "要求补正",
        "收到补正",
        "延长期限",
        "开始征求意见",
        "征求意见结束",
        "通知收费",
        "收到缴费",
        "延迟答复",
        "答复",
        "撤回",
    ] = Field(alias="环节")
    respond_by: OptionalDate = Field(alias="补正期限")
    working_days: OptionalInt = Field(alias="延长工作日")
    party: str = Field(alias="征求对象")
    consultation_id: str = Field(alias="征求编号")
    # The three columns of younger registers.
    amount: OptionalInt = Field(None, alias="收费金额")
    pay_by: OptionalDate = Field(None, alias="缴费期限")
    until: OptionalDate = Field(None, alias="延迟到")
    outcome: str = Field(alias="答复结果")
    reason: str = Field("", alias="理由")
    note: str = Field(alias="说明")

    @property
    def step(self) -> Step:
        step = Step(
            kind=KINDS[self.kind],
            on=self.on,
            respond_by=self.respond_by,
            working_days=self.working_days,
            party=PARTIES.get(self.party),
            consultation_id=self.consultation_id or None,
            amount=self.amount,
            pay_by=self.pay_by,
            until=self.until,
            outcome=DECISIONS.get(self.outcome),
            reason=REASONS.get(self.reason),
            note=self.note,
        )
        return with_reason(step)


@dataclass(frozen=True)
class ImportedRequests:
    """How many requests the files have, and how many of them have no query code yet."""

    requests: int
    without_code: int


_WORDS = Path(__file__).with_name("vocabulary.csv")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# More codes than these are digested; hashing one takes a fiftieth of a second.
MOST_HASHED = 200
CHINESE_NAMES = {
    "申请": "requests",
    "申请台账": "requests",
    "经过": "request_events",
    "词汇": "vocabulary",
    "办理经过": "request_events",
}


def read_delivery(path: Path) -> Tables:
    """The tables of a register's files."""
    return read_tables(path, headings_of(RequestRow, EventRow, WordRow), CHINESE_NAMES)


def import_requests(session: Session, path: Path, today: date | None = None) -> ImportedRequests:
    """Adds or updates the requests of a folder or workbook with the two tables; see `import_tables`."""
    return import_tables(session, read_delivery(path), today)


def import_list(session: Session, path: Path, column_map: ColumnMap, today: date) -> ImportedRequests:
    """Adds or updates the requests of a register on one sheet (`register_list`); see `import_tables`."""
    sheet = register_list.read_sheet(path)
    try:
        return import_tables(session, register_list.as_tables(sheet, column_map), today)
    except ImportRejected as rejected:
        for error in rejected.errors:
            error.table, error.column = sheet.name, column_map.columns.get(error.column) or error.column
        raise


def import_tables(session: Session, tables: Tables, today: date | None = None) -> ImportedRequests:
    """Adds or updates the requests of the tables; other requests stay.

    A new request without a receipt of ours gets the next one; the number that it has in the agency's own register is
    kept, and by it the request is found again. Everything is checked and hashed before the first row is written, so
    that other writers wait only a short time.

    Args:
        today: dates after it are rejected; None: any date is allowed.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    departments = department_codes_by_any_name(session)
    fold_words(tables, _WORDS)
    _give_receipts(session, tables, departments)
    requests = tables.checked("requests", RequestRow)
    events = tables.checked("request_events", EventRow)
    hashes = dict(session.execute(select(Request.receipt, Request.query_code_hash)).all())

    new = {request.receipt for _, request in requests} - hashes.keys()
    tables.require_unique("request_events", [(number, (row.receipt, row.position)) for number, row in events], "序号")
    _check_requests(tables, requests, hashes.keys(), departments, numbering.too_high(session, new))
    _refuse_future(tables, requests, events, today)
    histories = _histories(tables, requests, events)
    tables.raise_errors()

    hashes = defaultdict(str, hashes) | _hashes(requests)
    session.flush()
    session.expire_all()
    numbering.note_taken(session, new)
    rows = [_columns(request, hashes, departments, histories[request.receipt]) for _, request in requests]
    _write(session, rows, new, histories)
    return ImportedRequests(len(requests), sum(not hashes[request.receipt] for _, request in requests))


def _check_requests(
    tables: Tables,
    requests: Sequence[tuple[int, RequestRow]],
    stored: Set[str],
    departments: Mapping[str, str],
    too_high: Mapping[str, str],
) -> None:
    """`stored`: the receipts of the register. `too_high`: the receipts that leave a gap, and what to say of each."""
    tables.require_unique("requests", [(number, row.receipt) for number, row in requests], "回执号")
    for number, request in requests:
        if request.receipt in too_high:
            tables.reject("requests", number, "回执号", too_high[request.receipt])
        if abs(numbering.Number.of(request.receipt).year - request.received_on.year) > 1:
            tables.reject("requests", number, "回执号", f"年份与收到日期 {request.received_on} 差得太远")
        if request.department not in departments:
            tables.reject("requests", number, "受理机关", f"没有“{request.department}”")
        if not request.query_code and request.receipt not in stored and request.own_number is None:
            tables.reject("requests", number, "查询码", "新申请不能没有查询码")
        if request.query_code and normalise_query_code(request.query_code) is None:
            tables.reject("requests", number, "查询码", "要写成 K7M2-9QXD 的样子，不用 0、1、I、L、O，字母和数字都要有")


def _give_receipts(session: Session, tables: Tables, departments: Mapping[str, str]) -> None:
    """Puts a receipt of ours in place of an agency's own number, the same in both tables."""
    stored = session.execute(
        select(Request.department_code, Request.own_number, Request.receipt).where(Request.own_number.is_not(None))
    )
    given: dict[tuple[str, str | None], str] = {(department, own): receipt for department, own, receipt in stored}
    taken = set(session.scalars(select(Request.receipt)))
    taken |= {cells.get("回执号", "") for _, cells in tables.rows.get("requests", [])}
    next_serials: dict[int, int] = {}
    # Rows of events name no department, so there only a number counts that one department alone uses.
    receipts: dict[str, set[str]] = defaultdict(set)
    for _, cells in tables.rows.get("requests", []):
        receipt = cells.get("回执号", "")
        is_own = not receipt or _CHINESE.search(receipt) is not None
        own = folded(cells.get("机关编号", "")) or (folded(receipt) if is_own else "")
        if not own:
            continue
        key = (departments.get(cells.get("受理机关", ""), ""), own)
        if is_own:
            receipt = given.get(key) or _next_receipt(session, cells.get("收到日期", ""), next_serials, taken)
        given[key] = receipt
        receipts[own].add(receipt)
        cells["回执号"], cells["机关编号"] = receipt, own
    for _, cells in tables.rows.get("request_events", []) if receipts else []:
        own = folded(cells.get("回执号", ""))
        key = (departments.get(cells.get("受理机关", ""), ""), own)
        alone = next(iter(receipts[own])) if len(receipts.get(own, ())) == 1 else cells.get("回执号", "")
        cells["回执号"] = given[key] if "受理机关" in cells and key in given else alone


def _next_receipt(session: Session, received: str, next_serials: dict[int, int], taken: set[str]) -> str:
    """The next free receipt of the year of receipt; empty if the day cannot be read, which is told elsewhere."""
    day = day_in(received)
    if day is None:
        return ""
    year = int(day[:4])
    serial = next_serials.setdefault(year, numbering.next_serial(session, year))
    while (receipt := str(numbering.Number(year, serial))) in taken:
        serial += 1
    next_serials[year] = serial + 1
    return receipt


def _hashes(requests: Sequence[tuple[int, RequestRow]]) -> dict[str, str]:
    """Receipt → what is stored of the code. Codes without number are only digested, so that an import takes seconds."""
    given = [(row.receipt, normalise_query_code(row.query_code) or "") for _, row in requests if row.query_code]
    if len(given) > MOST_HASHED:
        return {receipt: digest_query_code(receipt, code) for receipt, code in given}
    return {receipt: hash_query_code(code) for receipt, code in given}


def _columns(
    request: RequestRow, hashes: Mapping[str, str], departments: Mapping[str, str], steps: Sequence[Step]
) -> dict[str, Any]:
    """The columns of the request. Those that an older file does not have are left out, so they stay unchanged."""
    kind = APPLICANT_KINDS[request.applicant_kind]
    return {
        **request.model_dump(exclude={"query_code", "applicant_kind", "applicant", "department"}, exclude_unset=True),
        "query_code_hash": hashes[request.receipt],
        "applicant_kind": kind.value,
        "applicant_masked": mask_applicant(request.applicant, kind),
        "department_code": departments[request.department],
        "outcome": next((step.outcome.value for step in steps if step.outcome), None),
    }


def _write(
    session: Session, rows: Sequence[dict[str, Any]], new: Set[str], histories: Mapping[str, Sequence[Step]]
) -> None:
    """Writes many rows in few statements, because other writers wait meanwhile."""
    for some in _batched(rows, _ROWS_AT_ONCE):
        session.execute(delete(Event).where(Event.receipt.in_([row["receipt"] for row in some])))
    added = [row for row in rows if row["receipt"] in new]
    changed = [row for row in rows if row["receipt"] not in new]
    if added:
        session.execute(insert(Request), added)
    if changed:
        session.execute(update(Request), changed)
    events = [
        {"receipt": row["receipt"], **columns_of_step(step, position)}
        for row in rows
        for position, step in enumerate(histories[row["receipt"]], start=1)
    ]
    if events:
        session.execute(insert(Event), events)
    session.expire_all()


def _batched(rows: Sequence[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    remaining = iter(rows)
    while some := list(islice(remaining, size)):
        yield some


def _refuse_future(
    tables: Tables,
    requests: Sequence[tuple[int, RequestRow]],
    events: Sequence[tuple[int, EventRow]],
    today: date | None,
) -> None:
    """Rejects future dates, because the register does not show requests received after today."""
    if today is None:
        return
    days = [("requests", number, "收到日期", row.received_on) for number, row in requests]
    days += [("request_events", number, "日期", row.on) for number, row in events]
    for table, number, column, day in days:
        if day > today:
            tables.reject(table, number, column, f"{day} 还没有到")


def _histories(
    tables: Tables, requests: Sequence[tuple[int, RequestRow]], events: Sequence[tuple[int, EventRow]]
) -> Mapping[str, list[Step]]:
    """Receipt → its steps in order; each is checked against those before it."""
    received = {row.receipt: row.received_on for _, row in requests}
    tables.require_known(
        [("request_events", number, "回执号", row.receipt) for number, row in events],
        received,
        {"requests": "回执号"},
    )
    histories: dict[str, list[Step]] = defaultdict(list)
    for number, row in sorted(events, key=lambda event: (event[1].receipt, event[1].position)):
        if row.receipt not in received or not _terms_are_known(tables, number, row):
            continue
        step, earlier = row.step, histories[row.receipt]
        flaw = flaw_in(earlier, step) or reasons.flaw_in(step)
        if flaw:
            tables.reject("request_events", number, EventRow.model_fields[flaw.field].alias or flaw.field, flaw.message)
            continue
        if step.kind == Kind.RECEIVED and step.on != received[row.receipt]:
            tables.reject("request_events", number, "日期", f"与 requests 表的收到日期 {received[row.receipt]} 不同")
        earlier.append(step)
    for number, request in requests:
        if not histories[request.receipt] and not tables.blame("request_events", "回执号", request.receipt):
            tables.reject("requests", number, "回执号", "request_events 表里没有这件申请的“收到申请”")
    return histories


def _terms_are_known(tables: Tables, number: int, row: EventRow) -> bool:
    known = True
    for column, value, terms in (
        ("征求对象", row.party, PARTIES),
        ("答复结果", row.outcome, DECISIONS),
        ("理由", row.reason, REASONS),
    ):
        if value and value not in terms:
            tables.reject("request_events", number, column, f"只能填：{listed(terms)}")
            known = False
    return known
