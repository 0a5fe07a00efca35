"""Reads a register (台账) that an office keeps on one sheet: a row a request, with the days of its steps in columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot import column_maps
from bot.column_maps import ColumnMap, Sheet, guess
from bot.tabular import ImportRejected, Tables, day_in, folded

# Our columns → what registers call them, best first.
NAMES: Mapping[str, Sequence[str]] = {
    "回执号": (),
    "机关编号": ("登记编号", "登记号", "受理编号", "受理号", "申请编号", "编号"),
    "查询码": (),
    "申请人类型": ("申请人类别", "申请人性质", "申请主体"),
    "申请人": ("申请人姓名", "申请人名称", "申请人姓名或名称", "姓名"),
    "申请内容": ("申请信息内容", "申请公开内容", "所需信息", "所需信息内容描述", "内容描述", "申请事项"),
    "受理机关": ("承办单位", "受理单位", "承办机关", "办理单位"),
    "收到日期": ("收件日期", "收到申请日期", "受理日期", "登记日期", "收到时间", "受理时间", "申请日期", "申请时间"),
    "提交方式": ("申请方式", "申请渠道", "收件方式"),
    "获取形式": ("信息载体", "提供形式"),
    "获取方式": ("信息获取方式",),
    "要求补正": ("补正通知日期", "告知补正日期", "补正告知日期"),
    "补正期限": ("补正截止日期",),
    "收到补正": ("补正日期", "收到补正日期", "补正收到日期"),
    "延长期限": ("延期日期", "延期告知日期", "延期通知日期"),
    "延长工作日": ("延期天数", "延长天数", "延期工作日"),
    "撤回": ("撤回日期",),
    "答复": ("答复日期", "答复时间", "办结日期", "办结时间"),
    "答复结果": ("答复类型", "办理结果", "处理结果", "公开类型", "答复意见"),
    "理由": ("不予公开理由", "答复理由", "不公开理由"),
}
NEEDED = ("申请人类型", "申请人", "申请内容", "受理机关", "收到日期", "提交方式")
# Columns that hold the day of a step, and the columns of events that belong to it.
_STEPS: Mapping[str, Sequence[str]] = {
    "要求补正": ("补正期限",),
    "收到补正": (),
    "延长期限": ("延长工作日",),
    "撤回": (),
    "答复": ("答复结果", "理由"),
}
_FIRST_STEP = "收到申请"
_EVENT_COLUMNS = ("补正期限", "延长工作日", "征求对象", "征求编号", "答复结果", "理由", "说明")
_REQUEST_COLUMNS = tuple(NAMES)[: tuple(NAMES).index("要求补正")]
_FEWEST_KNOWN = 4


def read_sheet(path: Path) -> Sheet:
    """The sheet of a workbook, or a text file of any size.

    Raises:
        ImportRejected: the file cannot be read; going through its rows raises it too.
    """
    return column_maps.open_sheet(path, NAMES)


def is_one_sheet(path: Path) -> bool:
    """Whether the file is a register on one sheet, and not one with a sheet of events. A broken file is neither."""
    if not path.is_file():
        return False
    try:
        sheet = read_sheet(path)
    except ImportRejected:
        return False
    found = {ours for ours, theirs in proposed(sheet).columns.items() if theirs}
    # Our own table of requests has no days of steps.
    is_ours = sheet.name in ("requests", "申请", "request_events") and not found & _STEPS.keys()
    return not is_ours and len(found & set(NEEDED)) >= _FEWEST_KNOWN


def proposed(sheet: Sheet) -> ColumnMap:
    return guess(sheet.headings, NAMES, {}, keep_rest=False)


def missing_in(column_map: ColumnMap) -> list[str]:
    """Our columns that a request cannot do without and for which the map has nothing."""
    missing = column_map.without(NEEDED)
    has_number = column_map.columns.get("回执号") or column_map.columns.get("机关编号")
    return missing if has_number else [*missing, "机关编号"]


def as_tables(rows: Iterable[tuple[int, dict[str, str]]], column_map: ColumnMap) -> Tables:
    """Rows of the sheet as the two tables of a register. They keep their numbers, so that errors are found there."""
    requests: list[tuple[int, dict[str, str]]] = []
    events: list[tuple[int, dict[str, str]]] = []
    for number, cells in rows:
        row = {ours: column_map.cell(cells, ours) for ours in NAMES}
        requests.append((number, {column: row[column] for column in _REQUEST_COLUMNS}))
        own = {"回执号": row["回执号"] or row["机关编号"], "受理机关": row["受理机关"]}
        steps = [(_FIRST_STEP, row["收到日期"]), *((step, row[step]) for step in _STEPS if row[step])]
        # By day; steps of one day stay in the order of `_STEPS`. A cell that is no day is told at its event.
        steps.sort(key=lambda step: (step[0] != _FIRST_STEP, day_in(step[1]) or folded(step[1])))
        for position, (step, day) in enumerate(steps, start=1):
            also = {column: row[column] for column in _STEPS.get(step, ())}
            blank = dict.fromkeys(_EVENT_COLUMNS, "")
            events.append((number, {**own, **blank, **also, "序号": str(position), "日期": day, "环节": step}))
    return Tables({"requests": requests, "request_events": events})


def column_of_step(step: str) -> str:
    """Our column that holds the day of the step."""
    return "收到日期" if step == _FIRST_STEP else step
