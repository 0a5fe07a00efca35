"""The directory of services for programs: `GET /api/items`, `/api/items/CODE`, and everything as `/items.csv`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from bot.catalogue import service as catalogue
from bot.catalogue.directory import FILTERS, ListedItem, item_directory
from bot.catalogue.districts import Whereabouts, places_of
from bot.catalogue.models import Item
from bot.catalogue.situations import Variant
from bot.catalogue.time_limits import TimeLimit
from bot.figures.export import as_csv
from bot.figures.tables import Table
from bot.replies.approvals import item_record, limit_record
from bot.switches.scopes import Scope
from bot.switches.service import active, notice_on
from bot.web.console.fields import page_number
from bot.web.console.pages import attachment
from bot.web.items import PAGE_ITEMS, read_list
from bot.web.public_pages import lasting, may_search, searched, site_address, transact

routes = web.RouteTableDef()

_COLUMNS = (
    "事项编码", "事项名称", "事项类型", "实施部门", "服务对象", "简介", "受理条件", "情形", "申请材料", "办理流程",
    "法定时限(工作日)", "法定时限说明", "承诺时限(工作日)", "是否收费", "收费标准", "收费依据", "办理形式", "网办说明",
    "到场次数", "办理地点", "窗口", "地址", "办公时间", "电话", "其他办理点", "结果名称", "结果有效期", "送达方式",
    "法律依据", "监督电话", "更新日期", "备注", "在线办理地址", "预约地址", "网址",
)  # fmt: skip


@routes.get("/api/items")
async def items(request: web.Request) -> web.Response:
    asked = {name: searched(request, name) for name in ("q", *FILTERS)}
    if not await may_search(request):
        return web.json_response({"error": "查得太快了，请过一分钟再试"}, status=429, headers={"Retry-After": "60"})
    shown = await transact(request, read_list, asked, page_number(request))
    part, site = shown.part, site_address(request)
    body = {
        "total": part.total,
        "page": part.number,
        "pages": part.last_number,
        "page_size": PAGE_ITEMS,
        "near_only": shown.found.is_near_only,
        "items": [_short(item, site) for item in part.rows],
    }
    return lasting(request, web.json_response(body, dumps=_dumps))


@routes.get("/api/items/{code}")
async def item(request: web.Request) -> web.Response:
    record = await transact(request, _record, request.match_info["code"], site_address(request))
    if record is None:
        return web.json_response({"error": "没有这个编码的事项"}, status=404)
    return lasting(request, web.json_response(record, dumps=_dumps))


@routes.get("/items.csv")
async def items_file(request: web.Request) -> web.Response:
    """Every item with all that is recorded of it, but for those that are switched off."""
    if not await may_search(request):
        raise web.HTTPTooManyRequests(reason="查得太快了，请过一分钟再试")
    text = await transact(request, _csv, site_address(request))
    return lasting(request, attachment(text.encode(), "text/csv", "政务服务事项目录.csv"))


def _short(item: ListedItem, site: str) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "summary": item.summary,
        "kind": item.kind,
        "department": item.department,
        "applicant": list(item.values["applicant"]),
        "promised_days": item.promised.working_days,
        "promised": limit_record(item.promised),
        "has_fee": item.has_fee,
        "channel": item.channel,
        "url": f"{site}/items/{item.code}",
    }


def _record(session: Session, code: str, site: str) -> Mapping[str, Any] | None:
    """The whole record; of an item that is switched off only the notice that stands for it."""
    item = catalogue.get_item(session, code)
    if item is None:
        return None
    known = {"code": item.code, "name": item.name, "url": f"{site}/items/{item.code}"}
    notice = notice_on(session, Scope.ITEM, code)
    return (
        {**known, "notice": notice}
        if notice
        else {**known, **item_record(item, Variant(item, places=places_of(session, item, Whereabouts())))}
    )


def _csv(session: Session, site: str) -> str:
    off = {switch.key for switch in active(session) if switch.scope == Scope.ITEM}
    names = {office.code: office.name for office in catalogue.all_offices(session)}
    others = {
        item.code: "\n".join(names[code] for code in item.values["office"] if code != item.office_code)
        for item in item_directory(session).items.entries
    }
    rows = [_cells(item, others[item.code], site) for item in catalogue.all_items(session) if item.code not in off]
    return as_csv(Table("items", "办事目录", _COLUMNS, rows))


def _cells(item: Item, others: str, site: str) -> tuple[str | int, ...]:
    office = item.office
    return (
        item.code, item.name, item.kind, item.department.name, item.applicant, item.summary, "\n".join(item.conditions),
        "\n".join(f"{option.question}{option.title}" for option in item.situations),
        "\n".join(material.name for material in item.materials),
        "\n".join(f"{step.name}：{step.detail}" if step.detail else step.name for step in item.steps),
        "" if item.statutory_days is None else item.statutory_days, item.statutory_note, _written(item.promised),
        "是" if item.has_fee else "否", item.fee, item.fee_basis, item.channel, item.online_note, item.visit_count,
        office.name, item.window, office.address, office.hours, office.phone, others, item.result, item.result_validity,
        item.delivery, "\n".join(f"《{basis.law}》{basis.article}" for basis in item.legal_bases),
        item.complaints_phone, str(item.recorded_on), item.note, item.online_address, item.booking_address,
        f"{site}/items/{item.code}",
    )  # fmt: skip


def _written(limit: TimeLimit) -> str | int:
    """As the catalogue's files have it: a number is of working days."""
    days = limit.working_days
    return str(limit) if days is None else days


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
