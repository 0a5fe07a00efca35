"""Makes papers as GB/T 9704 lays them out, of every kind of head, seeded, and sets them on pages for PDF and OFD."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from fpdf import FPDF

from tests.documents import office_files

_PLACES = ("云河市", "清江区", "云河省", "南岭县")
_OFFICES = ("人民政府", "人民政府办公室", "民政局", "财政局", "住房和城乡建设局", "市场监督管理局")
_MATTERS = ("提高城乡低保标准", "加强燃气安全管理", "优化营商环境", "做好防汛抗旱工作", "规范养犬登记和收费行为")
_WORKS = ("城镇燃气管理办法", "犬只管理办法（试行）", "突发事件总体应急预案", "行政处罚裁量基准")
_BODY = (
    "为深入贯彻落实上级有关决策部署，切实解决群众最关心最直接最现实的利益问题，结合我市实际，现将有关事项通知如下。",
    "一、提高思想认识",
    "各单位要充分认识做好这项工作的重要意义，加强组织领导，细化工作措施，层层压实责任，确保各项任务落到实处、取得实效。",
    "二、严格工作程序",
    "（一）规范受理。办事窗口应当一次告知所需材料，不得要求重复提供，符合条件的当场受理并出具凭证，逾期不办的说明理由。",
)
_NUMERALS = "〇一二三四五六七八九十"
_WIDTH, _LEFT, _TOP, _BOTTOM = 156.0, 28.0, 37.0, 262.0
_MM_OF_POINT = 0.3528


@dataclass(frozen=True)
class Line:
    """`place`: l(eft), c(entre), r(ight), p(aragraph)."""

    text: str
    place: str
    points: int = 16


@dataclass(frozen=True)
class MadePaper:
    title: str
    number: str
    issuer: str
    day: date
    lines: list[Line]

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]


@dataclass(frozen=True)
class Placed:
    """`left` and `top` in mm; `top` of the line's box."""

    text: str
    left: float
    top: float
    points: int


def made_paper(seed: int) -> MadePaper:
    chosen = random.Random(seed)  # not for secrets
    place = chosen.choice(_PLACES)
    organs = [place + office for office in chosen.sample(_OFFICES, chosen.choice((1, 1, 1, 2)))]
    issuer = "、".join(organs)
    day = date(2015, 1, 1) + timedelta(days=chosen.randrange(4000))
    number = (
        f"{place[0]}{chosen.choice(('府发', '民函', '财规', '建〔规〕字'))}〔{day.year}〕{chosen.randrange(1, 300)}号"
    )
    work = chosen.choice((None, *_WORKS))
    subject = f"关于印发《{place}{work}》的通知" if work else f"关于{chosen.choice(_MATTERS)}的通知"
    title = f"{issuer}{subject}" if chosen.random() < 0.7 else subject
    lines = [*chosen.choice((_red_head, _plain_head))(chosen, organs, number, title)]
    lines.append(Line(chosen.choice(("各区人民政府，市政府各部门：", "各有关单位：")), "l"))
    lines += [Line(text, "p") for text in chosen.sample(_BODY, 4)]
    lines += [Line(organ, "r") for organ in organs]
    lines.append(Line(_day(day, in_numerals=chosen.random() < 0.3), "r"))
    if chosen.random() < 0.5:
        lines.append(Line("（此件公开发布）", "p"))
    if work:
        lines += [Line(f"{place}{work}", "c", 22), Line("第一条　为了规范管理，制定本规定。", "p")]
        lines.append(Line("第二条　本规定由主管部门负责解释。", "p"))
    return MadePaper(title, number, issuer, day, lines)


def _red_head(chosen: random.Random, organs: Sequence[str], number: str, title: str) -> Iterator[Line]:
    yield from (Line(organ, "c", 36) for organ in organs[:-1])
    yield Line(f"{organs[-1]}文件", "c", 30)
    yield Line(number, "c")
    yield from _title(title)


def _plain_head(chosen: random.Random, organs: Sequence[str], number: str, title: str) -> Iterator[Line]:
    yield from _title(title)
    yield Line(number if chosen.random() < 0.5 else f"（{number}）", "c")


def _title(title: str) -> Iterator[Line]:
    """Lines of at most 19 characters, which is the width of a page in the size of titles."""
    count = -(-len(title) // 19)
    size = -(-len(title) // count)
    yield from (Line(title[start : start + size], "c", 22) for start in range(0, len(title), size))


def _day(day: date, *, in_numerals: bool) -> str:
    if not in_numerals:
        return f"{day.year}年{day.month}月{day.day}日"
    year = "".join(_NUMERALS[int(digit)] for digit in str(day.year))
    return f"{year}年{_numeral(day.month)}月{_numeral(day.day)}日"


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (_NUMERALS[tens] if tens > 1 else "") + ("十" if tens else "") + (_NUMERALS[ones] if ones else "")


def set_on_pages(lines: Sequence[Line], running_head: str = "") -> list[list[Placed]]:
    """28 characters a line, 22 lines a page, with the number of the page at its foot."""
    pages: list[list[Placed]] = [[]]
    top = _TOP
    for line in lines:
        size = line.points * _MM_OF_POINT
        fitting = int(_WIDTH / size)
        text = f"　　{line.text}" if line.place == "p" else line.text
        for start in range(0, len(text), fitting):
            if top > _BOTTOM - 10:
                pages.append([])
                top = _TOP
            part = text[start : start + fitting]
            free = _WIDTH - len(part) * size
            left = _LEFT + {"c": free / 2, "r": free - size, "l": 0.0, "p": 0.0}[line.place]
            indent = len(part) - len(part.lstrip("　"))
            pages[-1].append(Placed(part.lstrip("　"), left + indent * size, top, line.points))
            top += max(10.0, size * 1.5)
    for number, page in enumerate(pages, start=1):
        page.append(Placed(f"— {number} —", 165.0, _BOTTOM + 10, 14))
        if running_head:
            page.insert(0, Placed(running_head, 80.0, 20.0, 12))
    return pages


def as_pdf(pages: Sequence[Sequence[Placed]]) -> bytes:
    made = FPDF()
    made.set_auto_page_break(False)
    made.add_font("han", fname=str(office_files.chinese_font()))
    for page in pages:
        made.add_page()
        for line in page:
            made.set_font("han", size=line.points)
            made.text(line.left, line.top + line.points * _MM_OF_POINT, line.text)
    return bytes(made.output())


def as_ofd(pages: Sequence[Sequence[Placed]]) -> bytes:
    return office_files.ofd_of_pages(
        [[(line.text, line.left, line.top, line.points * _MM_OF_POINT) for line in page] for page in pages]
    )


FORMATS: dict[str, Callable[[MadePaper], bytes]] = {
    ".docx": lambda paper: office_files.word(paper.texts),
    ".rtf": lambda paper: office_files.rich_text(paper.texts),
    ".odt": lambda paper: office_files.open_document(paper.texts),
    ".txt": lambda paper: "\r\n".join(paper.texts).encode("gb18030"),
    ".html": lambda paper: f"<main>{''.join(f'<p>{text}</p>' for text in paper.texts)}</main>".encode(),
    ".htm": lambda paper: f"<body>{'<br>'.join(paper.texts)}</body>".encode("gbk"),
    ".ofd": lambda paper: as_ofd(set_on_pages(paper.lines)),
    ".pdf": lambda paper: as_pdf(set_on_pages(paper.lines)),
}
