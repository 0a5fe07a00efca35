"""The tables of the yearly report as the form has them, cell by cell; page and DOCX file show the same cells."""

from __future__ import annotations

from dataclasses import dataclass

from bot.disclosures.report_tables import column_groups, form, label_blocks
from bot.oversight.contests import PENDING_TITLE, RESULT_TITLES, ContestKind
from bot.oversight.typed import Figure
from bot.oversight.yearly import WholeReport

_TOTAL = "总计"


@dataclass(frozen=True)
class Cell:
    """`rows`, `columns`: how many it spans."""

    text: str
    rows: int = 1
    columns: int = 1
    is_heading: bool = False


@dataclass(frozen=True)
class Grid:
    """`lines`: the cells that begin in each line. `width`: the columns. `head`: how many lines are headings.

    `widths`: of each column, as shares of the width of the paper.
    """

    lines: tuple[tuple[Cell, ...], ...]
    width: int
    head: int
    widths: tuple[float, ...]


def own_figures(report: WholeReport) -> Grid:
    """Part two: 主动公开政府信息情况, by the items of 条例 art. 20."""

    def figure(name: Figure, columns: int = 1) -> Cell:
        return Cell(report.typed.figures[name], columns=columns)

    def item(number: str, headings: tuple[str, ...]) -> list[tuple[Cell, ...]]:
        wide = 1 if len(headings) == 3 else 3
        return [
            (Cell(f"第二十条第（{number}）项", columns=4, is_heading=True),),
            (Cell("信息内容", is_heading=True), *(Cell(text, columns=wide, is_heading=True) for text in headings)),
        ]

    def row(title: str, *cells: Cell) -> tuple[Cell, ...]:
        return (Cell(title, is_heading=True), *cells)

    decisions = ("本年处理决定数量",)
    lines = [
        *item("一", ("本年制发件数", "本年废止件数", "现行有效件数")),
        row("规章", figure(Figure.RULES_MADE), figure(Figure.RULES_REPEALED), figure(Figure.RULES_IN_FORCE)),
        row("行政规范性文件", figure(Figure.NORMS_MADE), figure(Figure.NORMS_REPEALED), figure(Figure.NORMS_IN_FORCE)),
        *item("五", decisions),
        row("行政许可", figure(Figure.LICENCES, 3)),
        *item("六", decisions),
        row("行政处罚", figure(Figure.PENALTIES, 3)),
        row("行政强制", figure(Figure.COERCION, 3)),
        *item("八", ("本年收费金额（单位：万元）",)),
        row("行政事业性收费", figure(Figure.CHARGES, 3)),
    ]
    return Grid(tuple(lines), 4, 0, (1, 1, 1, 1))


def requests(report: WholeReport) -> Grid:
    """Part three: 收到和处理政府信息公开申请情况."""
    written = form()
    depth, columns = len(written.headings), written.columns
    width = depth + len(columns)
    groups = list(column_groups())
    first = (
        Cell(f"（{written.check}）", rows=3, columns=depth, is_heading=True),
        Cell(written.applicants, columns=len(columns), is_heading=True),
    )
    second = tuple(
        Cell(group, columns=end - start, is_heading=True)
        if group
        else Cell(columns[start].label, rows=2, is_heading=True)
        for group, start, end in groups
    )
    third = tuple(
        Cell(column.label, is_heading=True) for group, start, end in groups if group for column in columns[start:end]
    )
    labels: dict[int, list[tuple[int, Cell]]] = {}
    for label, level, start, end, last in label_blocks(depth):
        cell = Cell(label, rows=end - start, columns=last - level, is_heading=True)
        labels.setdefault(start, []).append((level, cell))
    body = tuple(
        (
            *(cell for _, cell in sorted(labels.get(number, []), key=lambda pair: pair[0])),
            *(Cell(str(figure)) for figure in report.requests[row]),
        )
        for number, row in enumerate(written.rows)
    )
    return Grid((first, second, third, *body), width, 3, (1.3, 1.9, 4.2, *(1.3 for _ in columns)))


def contests(report: WholeReport) -> Grid:
    """Part four: 政府信息公开行政复议、行政诉讼情况."""
    results = (*RESULT_TITLES.values(), PENDING_TITLE, _TOTAL)
    wide = len(results)
    lines = (
        (
            Cell("行政复议", rows=2, columns=wide, is_heading=True),
            Cell("行政诉讼", columns=2 * wide, is_heading=True),
        ),
        (
            Cell("未经复议直接起诉", columns=wide, is_heading=True),
            Cell("复议后起诉", columns=wide, is_heading=True),
        ),
        tuple(Cell(result, is_heading=True) for _ in ContestKind for result in results),
        tuple(Cell(str(figure)) for kind in ContestKind for figure in report.contests[kind]),
    )
    return Grid(lines, 3 * wide, 3, (1.0,) * (3 * wide))
