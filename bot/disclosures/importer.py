"""Loads disclosure requests and their events from files; `docs/disclosure-files.md` describes the files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.catalogue.service import department_codes_by_any_name
from bot.disclosures import numbering, reasons
from bot.disclosures.history import flaw_in
from bot.disclosures.identity import digest_query_code, hash_query_code, mask_applicant
from bot.disclosures.models import Event, Request, columns_of_step
from bot.disclosures.reasons import with_reason
from bot.disclosures.terms import Kind, Step
from bot.disclosures.vocabulary import APPLICANT_KINDS, DECISIONS, KINDS, PARTIES, REASONS, listed
from bot.language.receipts import normalise_query_code
from bot.tabular import (
    Day,
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

T = TypeVar("T")

_ROWS_AT_ONCE = 500
# The pattern of receipts allows no year before. A day that cannot be read gets this year here, and is rejected later.
_FIRST_YEAR = 2000


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
    """How many requests the files have, how many of them have no query code yet, and how many are new or differ."""

    requests: int = 0
    without_code: int = 0
    new: int = 0
    changed: int = 0


@dataclass(frozen=True)
class Delivery:
    """Requests with their steps. `departments`: code by any name. `hashes`: of the codes of those that are stored."""

    requests: list[RequestRow]
    histories: Mapping[str, list[Step]]
    departments: Mapping[str, str]
    hashes: dict[str, str]

    @property
    def new(self) -> set[str]:
        return {row.receipt for row in self.requests} - self.hashes.keys()

    def columns_of(self, row: RequestRow) -> dict[str, Any]:
        """The columns of `Request` but the code. Those that an older file does not have are left out and stay."""
        kind = APPLICANT_KINDS[row.applicant_kind]
        return {
            **row.model_dump(exclude={"query_code", "applicant_kind", "applicant", "department"}, exclude_unset=True),
            "applicant_kind": kind.value,
            "applicant_masked": mask_applicant(row.applicant, kind),
            "department_code": self.departments[row.department],
            "outcome": next((step.outcome.value for step in self.histories[row.receipt] if step.outcome), None),
        }

    def events_of(self, receipt: str) -> list[dict[str, Any]]:
        """The columns of the `Event`s of a request."""
        return [
            {"receipt": receipt, **columns_of_step(step, position)}
            for position, step in enumerate(self.histories[receipt], start=1)
        ]


_WORDS = Path(__file__).with_name("vocabulary.csv")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# More codes than these are digested; hashing one takes a fiftieth of a second.
MOST_HASHED = 200
_REQUEST_COLUMNS = tuple(Request.__table__.columns)
_EVENT_COLUMNS = tuple(column for column in Event.__table__.columns if column.key != "id")
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


def import_tables(
    session: Session, tables: Tables, today: date | None = None, code_count: int | None = None
) -> ImportedRequests:
    """Adds or updates the requests of the tables; other requests stay, and so do those that are the same already.

    A new request without a receipt of ours gets the next one; the number that it has in the agency's own register is
    kept, and by it the request is found again. Everything is checked and hashed before the first row is written, so
    that other writers wait only a short time.

    Args:
        today: dates after it are rejected; None: any date is allowed.
        code_count: how many query codes come with the whole register, if these tables are a part of one.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    delivery = check_tables(session, tables, today)
    tables.raise_errors()
    return _store(session, delivery, code_count)


def check_tables(
    session: Session, tables: Tables, today: date | None, too_high: Mapping[str, str] | None = None
) -> Delivery:
    """The valid requests of the tables, with what is stored of them; what is wrong is added to the tables' errors.

    Args:
        too_high: new receipts that are too high, with what to say of each; None: they are found by the counters.
    """
    departments = department_codes_by_any_name(session)
    fold_words(tables, _WORDS)
    _give_receipts(session, tables, departments)
    requests = tables.checked("requests", RequestRow)
    events = tables.checked("request_events", EventRow)
    hashes = _stored_hashes(session, [request.receipt for _, request in requests])

    new = {request.receipt for _, request in requests} - hashes.keys()
    tables.require_unique("request_events", [(number, (row.receipt, row.position)) for number, row in events], "序号")
    refused = numbering.too_high(session, new) if too_high is None else too_high
    _check_requests(tables, requests, hashes.keys(), departments, refused)
    _refuse_future(tables, requests, events, today)
    return Delivery([row for _, row in requests], _histories(tables, requests, events), departments, hashes)


def _store(session: Session, delivery: Delivery, code_count: int | None) -> ImportedRequests:
    """`delivery`: without errors."""
    same = unchanged(session, delivery)
    differing = [row for row in delivery.requests if row.receipt not in same]
    hashes = delivery.hashes | _hashes(differing, code_count)
    session.flush()
    session.expire_all()
    numbering.note_taken(session, delivery.new)
    rows = [{**delivery.columns_of(row), "query_code_hash": hashes.get(row.receipt, "")} for row in differing]
    _write(session, rows, delivery)
    return ImportedRequests(
        requests=len(delivery.requests),
        without_code=sum(not hashes.get(row.receipt) for row in delivery.requests),
        new=len(delivery.new),
        changed=len(rows) - len(delivery.new),
    )


def _stored_hashes(session: Session, receipts: Sequence[str]) -> dict[str, str]:
    """Receipt → what is stored of its code, for those of the receipts that the register has."""
    query = select(Request.receipt, Request.query_code_hash)
    return {
        receipt: stored
        for some in batched(receipts, _ROWS_AT_ONCE)
        for receipt, stored in session.execute(query.where(Request.receipt.in_(some)))
    }


def unchanged(session: Session, delivery: Delivery) -> set[str]:
    """The receipts of which the register has all that the files say."""
    known = [row for row in delivery.requests if row.receipt in delivery.hashes and _has_code(row, delivery.hashes)]
    same: set[str] = set()
    for some in batched(known, _ROWS_AT_ONCE):
        rows = {row.receipt: row for row in some}
        events: dict[str, list[dict[str, Any]]] = defaultdict(list)
        of_events = select(*_EVENT_COLUMNS).where(Event.receipt.in_(rows)).order_by(Event.receipt, Event.position)
        for event in session.execute(of_events).mappings():
            events[event["receipt"]].append(dict(event))
        for stored in session.execute(select(*_REQUEST_COLUMNS).where(Request.receipt.in_(rows))).mappings():
            receipt = stored["receipt"]
            is_same = delivery.columns_of(rows[receipt]).items() <= dict(stored).items()
            if is_same and events[receipt] == delivery.events_of(receipt):
                same.add(receipt)
    return same


def _has_code(row: RequestRow, hashes: Mapping[str, str]) -> bool:
    """Whether the stored digest is that of this code. A slow hash counts as another: comparing it takes long."""
    code = normalise_query_code(row.query_code) if row.query_code else None
    return code is None or hashes[row.receipt] == digest_query_code(row.receipt, code)


def refuse_others(session: Session, tables: Tables, department: Department) -> None:
    """Rejects rows of other departments, and receipts that already belong to another department."""
    rows = tables.rows.get("requests", [])
    query = select(Request.receipt).where(Request.department_code != department.code)
    others = {
        receipt
        for some in batched((cells.get("回执号", "") for _, cells in rows), _ROWS_AT_ONCE)
        for receipt in session.scalars(query.where(Request.receipt.in_(some)))
    }
    for number, cells in rows:
        if cells.get("受理机关", department.name) not in {department.name, *department.short_names}:
            tables.reject("requests", number, "受理机关", f"只能导入{department.name}的申请")
        elif cells.get("回执号", "") in others:
            tables.reject("requests", number, "回执号", "这个编号是别的部门的申请")


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
    numbered = [(cells, *numbers_of(cells)) for _, cells in tables.rows.get("requests", [])]
    given = _receipts_by_own_number(session, [own for _, _, own in numbered if own])
    free = numbering.FreeReceipts(session, {receipt for _, receipt, _ in numbered})
    # Rows of events name no department, so there only a number counts that one department alone uses.
    receipts: dict[str, set[str]] = defaultdict(set)
    for cells, receipt, own in numbered:
        if not own:
            continue
        key = (departments.get(cells.get("受理机关", ""), ""), own)
        if not receipt:
            receipt = given.get(key) or _next_receipt(free, cells.get("收到日期", ""))
        given[key] = receipt
        receipts[own].add(receipt)
        cells["回执号"], cells["机关编号"] = receipt, own
    for _, cells in tables.rows.get("request_events", []) if receipts else []:
        own = folded(cells.get("回执号", ""))
        key = (departments.get(cells.get("受理机关", ""), ""), own)
        alone = next(iter(receipts[own])) if len(receipts.get(own, ())) == 1 else cells.get("回执号", "")
        cells["回执号"] = given[key] if "受理机关" in cells and key in given else alone


def numbers_of(cells: Mapping[str, str]) -> tuple[str, str]:
    """The receipt of a row, empty if it is to get one, and its number in the agency's own register."""
    receipt = cells.get("回执号", "")
    is_own = not receipt or _CHINESE.search(receipt) is not None
    return "" if is_own else receipt, folded(cells.get("机关编号", "")) or (folded(receipt) if is_own else "")


def _receipts_by_own_number(session: Session, numbers: Sequence[str]) -> dict[tuple[str, str | None], str]:
    """Department and own number → receipt, for those of the numbers that the register has."""
    query = select(Request.department_code, Request.own_number, Request.receipt)
    return {
        (department, own): receipt
        for some in batched(numbers, _ROWS_AT_ONCE)
        for department, own, receipt in session.execute(query.where(Request.own_number.in_(some)))
    }


def _next_receipt(free: numbering.FreeReceipts, received: str) -> str:
    """The next free receipt of the year of receipt. A day that cannot be read is told elsewhere."""
    day = day_in(received)
    return free.next(max(int(day[:4]), _FIRST_YEAR) if day else _FIRST_YEAR)


def _hashes(requests: Sequence[RequestRow], code_count: int | None) -> dict[str, str]:
    """Receipt → what is stored of the code. Codes without number are only digested, so that an import takes seconds."""
    given = [(row.receipt, normalise_query_code(row.query_code) or "") for row in requests if row.query_code]
    if (len(given) if code_count is None else code_count) > MOST_HASHED:
        return {receipt: digest_query_code(receipt, code) for receipt, code in given}
    return {receipt: hash_query_code(code) for receipt, code in given}


def _write(session: Session, rows: Sequence[dict[str, Any]], delivery: Delivery) -> None:
    """Writes many rows in few statements, because other writers wait meanwhile."""
    for some in batched(rows, _ROWS_AT_ONCE):
        session.execute(delete(Event).where(Event.receipt.in_([row["receipt"] for row in some])))
    new = delivery.new
    added = [row for row in rows if row["receipt"] in new]
    changed = [row for row in rows if row["receipt"] not in new]
    if added:
        session.execute(insert(Request), added)
    if changed:
        session.execute(update(Request), changed)
    events = [event for row in rows for event in delivery.events_of(row["receipt"])]
    if events:
        session.execute(insert(Event), events)
    session.expire_all()


def batched(rows: Iterable[T], size: int) -> Iterator[list[T]]:
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
