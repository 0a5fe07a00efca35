"""Reads the one sheet in which systems export the implementation list (政务服务事项实施清单): a row an item.

Materials, steps and legal bases stand in one cell each and are taken apart. What the sheet does not say stays empty: it
is never guessed, and an answer leaves it out.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot import column_maps
from bot.catalogue.models import BOOKING_ADDRESS, ONLINE_ADDRESS, Department
from bot.catalogue.service import by_any_name
from bot.column_maps import ColumnMap, Sheet, guess
from bot.tabular import ImportRejected, Tables, folded, heading

NOT_SAID = "实施清单没有写"
# Our columns → what the exports of provinces call them, best first. The last ones are only read to make others of.
NAMES: Mapping[str, Sequence[str]] = {
    "事项编码": ("实施编码", "事项实施编码", "实施清单编码", "业务办理项编码", "基本编码"),
    "事项名称": ("业务办理项名称", "实施事项名称", "主项名称"),
    "事项类型": ("权力类型", "事项类别"),
    "实施部门": ("实施主体", "实施机构", "实施单位", "办理部门"),
    "部门编码": ("实施主体编码", "实施主体统一社会信用代码", "统一社会信用代码"),
    "服务对象": ("面向对象", "办理对象"),
    "简介": ("事项简介", "办理内容"),
    "受理条件": ("申请条件", "办理条件"),
    "法定时限": ("法定办结时限",),
    "法定时限单位": ("法定办结时限单位",),
    "法定时限说明": ("法定办结时限说明",),
    "承诺时限(工作日)": ("承诺办结时限", "承诺时限"),
    "承诺时限单位": ("承诺办结时限单位",),
    "办件类型": (),
    "是否收费": (),
    "收费标准": ("收费项目及标准",),
    "收费依据": (),
    "办理地点": ("办理地址", "受理地点"),
    "办公时间": ("办理时间", "受理时间"),
    "电话": ("咨询方式", "咨询电话"),
    "窗口": ("办理窗口", "窗口名称"),
    "办理形式": (),
    "是否网办": ("是否支持网上办理", "是否网上办理"),
    "网办说明": ("网上办理深度", "网办深度"),
    "到场次数": ("到办事现场次数", "到现场次数", "跑动次数"),
    "结果名称": ("审批结果名称", "办理结果名称"),
    "结果有效期": ("有效期", "审批结果有效期"),
    "送达方式": ("结果送达方式", "结果领取方式"),
    "监督电话": ("监督投诉方式", "投诉电话", "监督投诉电话"),
    "更新日期": ("更新时间", "变更日期"),
    "备注": (),
    ONLINE_ADDRESS: ("网上办理地址", "网办地址", "网上办理链接", "在线办理链接"),
    BOOKING_ADDRESS: ("网上预约地址", "预约办理地址", "预约链接"),
    "申请材料": ("材料名称", "材料清单"),
    "办理流程": ("办理程序",),
    "设定依据": ("法律依据", "实施依据"),
}
INSTEAD = dict.fromkeys(("收费依据", "网办说明", "结果有效期", "送达方式", "法定时限说明", "办公时间"), NOT_SAID)
# To be filled in by a city whose name and hotline were not loaded before.
CITY = ("城市", "热线", "热线时间", "门户")
# Kept in the record beside what they are read into, because the number or the word says more than ours.
_ALSO_KEPT = ("办件类型", "网上办理深度", "网办深度", "到办事现场次数")
_IS_ONLINE = {"是": "线上线下", "支持": "线上线下", "否": "线下", "不支持": "线下"}
# What else the national list says, kept in the record (`Item.particulars`) where a file has it.
PARTICULARS = (
    "办件类型",
    "行使层级",
    "通办范围",
    "网上办理深度",
    "网办深度",
    "到办事现场次数",
    "必须现场办理原因说明",
    "是否支持预约办理",
    "是否支持网上支付",
    "是否支持物流快递",
    "中介服务",
    "前置事项",
    "数量限制",
    "联办机构",
    "委托部门",
    "权力来源",
    "基本编码",
    "实施编码",
    "业务办理项编码",
)
# A heading that only our own table of items has, and headings by which a list of another system is known.
OURS = "地点编码"
_MARKS = frozenset(
    {
        "事项名称",
        "实施编码",
        "基本编码",
        "业务办理项编码",
        "实施主体",
        "承诺办结时限",
        "法定办结时限",
        "申请材料",
        "办理地点",
    }
)
_FEWEST_MARKS = 4
NEEDED = ("事项编码", "事项名称", "实施部门", "办理地点", "监督电话")

_LAW = re.compile(
    r"《(?P<law>[^》]+)》\s*(?:[（(][^）)]*[）)])?\s*(?P<article>第[^：:，。；\s]+)?[：:，。；\s]*(?P<gist>.*)",
    re.DOTALL,
)
_NUMBERED = re.compile(r"^\s*(?:[（(]?\d{1,2}[）).、．]|[（(][一二三四五六七八九十]+[）)])\s*")


def read_sheet(path: Path) -> Sheet:
    """Raises `ImportRejected` if the file cannot be read."""
    return column_maps.read_sheet(path, NAMES)


def is_implementation_list(path: Path) -> bool:
    """Whether the file is one sheet of items, and not a workbook with our tables. A broken file is neither."""
    try:
        sheet = read_sheet(path)
    except ImportRejected:
        return False
    return OURS not in sheet.headings and len(_MARKS & set(sheet.headings)) >= _FEWEST_MARKS


def proposed(sheet: Sheet) -> ColumnMap:
    """The map guessed by the headings; the code is a column whose cells differ in every row."""
    names = dict(NAMES)
    candidates = [name for name in ("事项编码", *NAMES["事项编码"]) if heading(name) in sheet.headings]
    distinct = [name for name in candidates if _is_key(sheet, heading(name))]
    names["事项编码"] = tuple(distinct or candidates)
    guessed = guess(sheet.headings, names, INSTEAD, keep_rest=True)
    columns = {**guessed.columns, "事项编码": next(iter(distinct or candidates), None)}
    also = [name for name in _ALSO_KEPT if heading(name) in sheet.headings]
    return ColumnMap.of(columns, INSTEAD, [*also, *guessed.kept], CITY)


def missing_in(column_map: ColumnMap) -> list[str]:
    """Our columns that an item cannot do without and for which the map has nothing."""
    return column_map.without(NEEDED)


def _is_key(sheet: Sheet, column: str) -> bool:
    cells = [cells.get(column, "") for _, cells in sheet.rows]
    return all(cells) and len(set(cells)) == len(cells)


def as_tables(sheet: Sheet, column_map: ColumnMap, departments: Iterable[Department], today: date) -> Tables:
    """The sheet as the tables of a catalogue. Row numbers are those of the sheet, so that errors are found there.

    Args:
        departments: those that are known already, with their short names.
        today: the date of what has no 更新日期.
    """
    by_code = {one.code: one for one in departments}
    codes = by_any_name((one.code, one.name, one.short_names) for one in by_code.values())
    known = {name: by_code[code] for name, code in codes.items()}
    tables: dict[str, list[tuple[int, dict[str, str]]]] = {
        name: [] for name in ("departments", "offices", "items", "materials", "steps", "legal_basis")
    }
    tables["departments"] = [(1, _department({}, one)) for one in by_code.values()]
    seen = {f"departments {name}" for name in known}
    for listed in _listed(sheet, column_map):
        number, row = listed.number, listed.row
        department = known.get(row["实施部门"])
        office = _office(row, department)
        for table, key, line in (
            ("departments", row["实施部门"], _department(row, department)),
            ("offices", office["地点编码"], office),
        ):
            if f"{table} {key}" not in seen:
                seen.add(f"{table} {key}")
                tables[table].append((number, line))
        tables["items"].append((number, _item(row, office["地点编码"], today)))
        code = row["事项编码"]
        for table, column, entries in (
            ("materials", "材料名称", listed.parts["申请材料"]),
            ("steps", "环节", listed.parts["办理流程"]),
        ):
            tables[table] += [
                (number, {"事项编码": code, "序号": str(position), column: entry})
                for position, entry in enumerate(entries, start=1)
            ]
        tables["legal_basis"] += [
            (number, {"事项编码": code, "序号": str(position), **law})
            for position, law in enumerate(map(_law, listed.parts["设定依据"]), start=1)
        ]
    if column_map.city.get("城市"):
        tables["city"] = [(1, {"样例": "否", **{name: str(column_map.city.get(name) or "") for name in CITY}})]
    return Tables(tables)


@dataclass(frozen=True)
class _Listed:
    """An item of the sheet: its first row, and the entries of those columns that may go on in the rows below."""

    number: int
    row: Mapping[str, str]
    parts: Mapping[str, list[str]]

    def goes_on(self, row: Mapping[str, str]) -> bool:
        """Whether the row is a further one of this item: it has only further parts, or the rest is repeated."""
        if not row["事项编码"] and not row["事项名称"]:
            return True
        differing = {column for column, cell in row.items() if cell != self.row[column]}
        return bool(differing) and differing <= _PARTS.keys()

    def add(self, row: Mapping[str, str]) -> None:
        for column, split in _PARTS.items():
            self.parts[column].extend(entry for entry in split(row[column]) if entry not in self.parts[column])


def _listed(sheet: Sheet, column_map: ColumnMap) -> list[_Listed]:
    found: list[_Listed] = []
    for number, cells in sheet.rows:
        row = {ours: column_map.cell(cells, ours) for ours in NAMES}
        if not found or not found[-1].goes_on(row):
            found.append(_Listed(number, row, {column: [] for column in _PARTS}))
        found[-1].add(row)
    return found


def _department(row: Mapping[str, str], known: Department | None) -> dict[str, str]:
    if known is not None:
        return {
            "部门编码": known.code,
            "部门名称": known.name,
            "简称": "\n".join(known.short_names),
            "电话": known.phone,
        }
    # A list without codes of departments gets one made of the name, the same at the next import.
    made = hashlib.sha256(row["实施部门"].encode()).hexdigest()[:18].upper()
    return {
        "部门编码": row["部门编码"] or made,
        "部门名称": row["实施部门"],
        "简称": "",
        "电话": row["电话"] or row["监督电话"],
    }


def _office(row: Mapping[str, str], department: Department | None) -> dict[str, str]:
    """The place of one item. Its code is made of what it says, so that it stays the same at the next import."""
    phone = row["电话"] or (department.phone if department else row["监督电话"])
    content = "\n".join((row["办理地点"], row["办公时间"], phone))
    return {
        "地点编码": "DD-" + hashlib.sha256(content.encode()).hexdigest()[:10].upper(),
        "地点名称": row["办理地点"],
        "地址": row["办理地点"],
        "办公时间": row["办公时间"],
        "电话": phone,
        "交通": "",
    }


def _item(row: Mapping[str, str], office: str, today: date) -> dict[str, str]:
    statutory, unit = folded(row["法定时限"]), folded(row["法定时限单位"])
    working_days = re.fullmatch(r"(\d+) *\(?个?工作日\)?", f"{statutory}{unit}")
    is_fee = folded(row["是否收费"]) in ("是", "收费", "有")
    return {
        **row,
        "地点编码": office,
        "简介": row["简介"] or f"{row['事项类型']}事项",
        "受理条件": "\n".join(_entries(row["受理条件"])) or NOT_SAID,
        "法定时限(工作日)": working_days[1] if working_days else "",
        "法定时限说明": f"{statutory} {unit}".strip() if statutory and not working_days else row["法定时限说明"],
        "承诺时限(工作日)": _promised(row),
        "收费标准": row["收费标准"] or (NOT_SAID if is_fee else "不收费"),
        "窗口": row["窗口"],
        "办理形式": row["办理形式"] or _IS_ONLINE.get(folded(row["是否网办"]), ""),
        "到场次数": row["到场次数"] or ("0" if folded(row["网办说明"]) == "全程网办" else ""),
        "更新日期": row["更新日期"] or today.isoformat(),
    }


def _promised(row: Mapping[str, str]) -> str:
    days, unit = folded(row["承诺时限(工作日)"]), folded(row["承诺时限单位"])
    if not days and folded(row["办件类型"]) == "即办件":
        return "0"
    return f"{days}{unit}" if unit and days.isdecimal() else days


def _entries(cell: str) -> list[str]:
    """The entries of a cell: a line each, or between semicolons; their numbers are left out."""
    parts = re.split(r"\n+", cell) if "\n" in cell.strip() else re.split(r"[；;]", cell)
    return [entry for part in parts if (entry := _NUMBERED.sub("", part).strip().rstrip("；;。"))]


def _steps(cell: str) -> list[str]:
    parts = re.split(r"\s*(?:—+|－+|-+>?|→|=>|\n|；|;)\s*", cell)
    return [entry for part in parts if (entry := _NUMBERED.sub("", part).strip().rstrip("。"))]


# The columns with several entries, and how a cell is taken apart.
_PARTS: Mapping[str, Callable[[str], list[str]]] = {"申请材料": _entries, "办理流程": _steps, "设定依据": _entries}


def _law(entry: str) -> dict[str, str]:
    match = _LAW.search(entry)
    if match is None:
        return {"法规名称": entry, "条款": "", "内容摘要": ""}
    return {"法规名称": match["law"], "条款": match["article"] or "", "内容摘要": match["gist"].strip()}


def particulars_of(sheet: Sheet, column_map: ColumnMap) -> dict[str, dict[str, str]]:
    """Item code → what the national list says of it and our columns do not hold (行使层级, 办件类型, 通办范围)."""
    return {folded(column_map.cell(cells, "事项编码")).upper(): column_map.kept_of(cells) for _, cells in sheet.rows}
