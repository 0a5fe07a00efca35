"""Finds the particulars of an official document in its text, laid out as GB/T 9704 has it.

A red head (发文机关标志), the number, the title, an addressee, the text, a note of the annexes, who signs and when, the
annexes. Files that were exported or typed leave out some of these, so each is looked for by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.documents.content import Block, DocumentContent, Heading, Paragraph, Particulars
from bot.documents.days import first_day, last_day, only_day
from bot.documents.enactment import begins_enactment, enactment_in
from bot.documents.labels import labels_above
from bot.documents.numbers import bare_number, canonical, number_on_line

_HEAD, _FOOT, _MOST_TITLE_LINES, _LONGEST_TITLE = 20, 14, 8, 240
_KIND = (
    "决议|决定|命令|令|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|函|纪要|条例|规定|办法|细则|规则|规程|方案|规划|计划"
    "|标准|目录|名录|清单|指南|要点|章程|预案|制度|措施|答复|说明|公示|启事|提示|须知|解读|制度|政策|十条|问答|声明|倡议书|准则|导则|守则"
)
_ENDS_AS_TITLE = re.compile(rf"(?:{_KIND})(?:[（(][^（）()]{{1,20}}[)）])*$")
_TITLE = rf".{{3,200}}?(?:{_KIND})(?:[（(][^（）()]{{1,20}}[)）])*"
_TITLE_AND_NUMBER = re.compile(rf"({_TITLE})\s*[（(]([^（）()]{{2,40}}号)[)）]$")
# 关于……的通知（云府发〔2026〕7号　2026年3月2日）, with the organ in place of the day or beside it, on one line or two
_NUMBER_AND_MORE = re.compile(
    rf"(?P<title>{_TITLE})?\s*[（(]\s*(?P<number>[^（）()]{{2,40}}?号)[\s，,、]*(?P<more>[^（）()]{{2,60}})[)）]$"
)
# 云河市人民政府文件, 中共云河市委办公室　文件, 云河市人民政府办公室（函）; above it copies and urgency.
_RED_HEAD = re.compile(r"(?:文\s*件|[（(]\s*函\s*[)）]|办\s*公\s*室\s*函)$")
_ORDER_HEAD = re.compile(r"(?:令|公\s*告|通\s*告)$")
_SUBJECT = re.compile(r"关于.*?(?=(?:令|公告|通告)$)")
_ORDER_NUMBER = re.compile(
    r"(?:[〔\[(（][^〕\])）]{2,10}[〕\])）])?\s*[（(]?\s*(?:\d{4}\s*年\s*)?第\s*[\d零〇一二三四五六七八九十百千]+\s*号\s*[)）]?$"
)
# 云河市人民政府令第12号, however it was written
_ORDERED_BY = re.compile(r"([一-龥]{2,28}?)令(?:\d{4}年)?第\d+号$")
_ABOVE = re.compile(r"\d{4,8}$|(?:绝密|机密|秘密|内部)(?:★.*)?$|特急$|加急$|急件$|签发人.{0,20}$")
_ORGAN_ENDS = (
    "人民政府|政府|办公室|办公厅|委员会|局|厅|部|委|署|院|办|中心|会|厂|公司|银行|总局|总队|支队|大队|学校|大学|处|所|社"
    "|公署|指挥部|领导小组|海关|分行|支行|党组|管委会|工作组|专班|总站|站|馆|队"
)
_ORGAN = re.compile(rf"[一-龥（）()]{{1,28}}(?:{_ORGAN_ENDS})(?:[（(][^（）()]{{1,10}}[)）])?$")
# 云河市交通局云河市财政局: the next name begins with the same place.
_GLUED = re.compile(rf"(?<![一-龥])([一-龥]{{2,3}}[省市区县州])[一-龥]{{2,20}}?(?:{_ORGAN_ENDS})(?=\1)")
_ORGAN_IN_TITLE = re.compile(rf"^((?:[一-龥]{{1,26}}(?:{_ORGAN_ENDS})[、\s　]*){{1,8}}?)(?:关于|印发|转发|批转)")
_VERBS = ("关于", "印发", "转发", "批转")
# A copy that was typed says where the seal is.
_SEAL = re.compile(r"[（(]\s*(?:代\s*章|盖\s*章|印\s*章|公\s*章|章|印)\s*[)）]")
# A line of its own that only says whose seal it is
_SIGNED_BY = re.compile(r"[一-龥]{0,4}(?:总理|主席|[省市区县州部局厅署行院社会]长|主任)[\s　：:]*[一-龥·\s　]{2,10}$")
_SIGNER = re.compile(r"[一-龥·（）()\s　]{2,30}")
_ADDRESSEE = re.compile(r"[^。；]{2,200}[：:]$")
_BEGINS_TEXT = re.compile(r"第[零〇一二三四五六七八九十百千\d]+[条章编节]|[一二三四五六七八九十]+、|目\s*录$|附件")
_NOTE = re.compile(r"附\s*(?:件|表|录)?\s*[一二三四五六七八九十\d]*\s*[：:]\s*\S")
_NEXT_OF_NOTE = re.compile(r"\d{1,2}\s*[.．、]\s*\S.{0,80}$")
_ANNEX = re.compile(r"附\s*(?:件|表|录)\s*[一二三四五六七八九十\d]*\s*[：:]?$")
_RELEASE = re.compile(r"[（(](?:此件|本文|信息公开|公开方式|公开属性)[^（）()]{0,30}[)）]$")
_PRINTED = re.compile(r"(?:抄\s*送|主\s*送|抄\s*报)\s*[：:].*|.{2,40}\d日\s*印\s*发$|(?:共印|印数).{1,10}$")
_ISSUES = re.compile(
    r"(?:印发|转发|批转|公布|发布|下发)\s*(?:了|给|你们)?\s*《([^《》]{2,80}(?:《[^《》]{1,60}》[^《》]{0,40})?)》"
)
# 《云河市燃气管理办法》已经市政府常务会议通过，现予公布; 现公布修订后的《云河市燃气管理办法》: the text of an order.
_WORK = r"《([^《》]{2,80}(?:《[^《》]{1,60}》[^《》]{0,40})?)》"
_ORDERED = (
    re.compile(rf"{_WORK}(?:已|业).{{0,120}}(?:公布|发布|施行)"),
    re.compile(rf"现(?:予)?(?:公布|发布)[一-龥]{{0,8}}{_WORK}"),
)
_ISSUES_PLAINLY = re.compile(r"关于(?:印发|转发|批转|公布|发布)(.{3,80})的(?:通知|公告|决定|函)")
# 云河市人民政府关于印发云河市犬只管理办法 + 和登记规定的通知
_ENDS_ISSUE = re.compile(r".{0,40}》?的(?:通知|决定|公告|函|意见)$")
_EFFECTIVE = re.compile(
    r"(?:本|该|此)[一-龥]{1,10}(?:[（(]试行[)）])?\s*自\s*(.{6,16}?日)\s*起\s*(?:正式)?(?:施行|实施|执行|生效)"
)
_EFFECTIVE_OF_ORDER = re.compile(r"现予(?:公布|发布|印发)[，,。]\s*自\s*(.{6,16}?日)\s*起\s*(?:施行|实施|执行|生效)")
_EFFECTIVE_AT_ONCE = re.compile(
    r"(?:本|该|此)[一-龥]{1,10}(?:[（(]试行[)）])?\s*自(?:公布|发布|印发|发文|下发)之日起\s*(?:正式)?(?:施行|实施|执行|生效)"
)
_SHOWN_ON = re.compile(r"[【\[（(]?(?:发布|公布|印发|成文)(?:时间|日期)[】\]）)]?\s*[：:]")
_SOURCE = re.compile(r"(?:来源|信息来源|发布机构)\s*[：:]\s*([一-龥]{2,30})")


@dataclass(frozen=True)
class _Signature:
    """`start` and `end`: its lines."""

    issuer: str | None
    day: date
    start: int
    end: int


def official(blocks: Sequence[Block], declared: Particulars | None = None) -> DocumentContent:
    """The document with the particulars found in its text; what `declared` says counts more."""
    labelled = labels_above([block.text for block in blocks[:_HEAD]])
    stated = labelled.particulars.overridden_by(declared or Particulars())
    blocks = _with_numbers_apart([*blocks[: labelled.start], *blocks[labelled.end :]])
    rest = [block for block in blocks if not _SEAL.fullmatch(block.text)]
    number, organs, title, rest = _taken_head(rest, stated.title)
    issued = _issued(rest, stated.title or title)
    signature = _signature(rest, organs, issued)
    signed_at = signature.start if signature else None
    rest = _with_annexes(rest, signed_at, signature.end if signature else None, issued)
    if signature:
        del rest[signature.start : signature.end]
    rest = [block for block in rest if not _is_formal(block.text, stated.number or number)]
    enacted = enactment_in([block.text for block in blocks[: 3 * _HEAD]])
    shown_on, source, rest = _taken_shown(rest)
    published_on = signature.day if signature else enacted.day or shown_on or labelled.shown_on
    issuers = (
        signature.issuer if signature else None,
        organs,
        enacted.issuer,
        _organ_in(stated.title or title or ""),
        source,
    )
    found = Particulars(
        title=title,
        number=number or enacted.number,
        issuer=next(filter(None, issuers), None),
        published_on=published_on,
        effective_on=enacted.effective_on or _effective_on(rest, stated.published_on or published_on),
    )
    return DocumentContent(found.overridden_by(stated), rest)


def _with_numbers_apart(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with a number in brackets behind the title, 关于……的公告（2026年第3号）, on its own line.

    So is a day that follows in the same bracket; an organ that follows is left out, since others name it.
    """
    apart: list[Block] = []
    for block in blocks[:_HEAD]:
        parts, more = _TITLE_AND_NUMBER.match(block.text), _NUMBER_AND_MORE.match(block.text)
        if parts and (number_on_line(parts[2]) or _ORDER_NUMBER.match(parts[2])):
            apart += [replace(block, text=parts[1]), Paragraph(parts[2])]
        elif more and number_on_line(more["number"]) and (_has_day(more["more"]) or _is_organ(more["more"])):
            apart += [replace(block, text=more["title"])] if more["title"] else []
            apart += [Paragraph(more["number"]), *([Paragraph(more["more"])] if _has_day(more["more"]) else [])]
        else:
            apart.append(block)
    return [*apart, *blocks[_HEAD:]]


def _has_day(text: str) -> bool:
    return last_day(text) is not None


def _taken_shown(blocks: list[Block]) -> tuple[date | None, str | None, list[Block]]:
    """Day and source of a line such as 发布时间：2026-03-05　来源：云河市司法局, and the blocks without it.

    Under a title the day may stand alone.
    """
    if blocks and (day := only_day(blocks[0].text)):
        return day, None, blocks[1:]
    for place, block in enumerate(blocks[:4]):
        shown = _SHOWN_ON.match(block.text)
        if shown and len(block.text) <= 120:
            source = _SOURCE.search(block.text)
            return first_day(block.text), source[1] if source else None, blocks[:place] + blocks[place + 1 :]
    return None, None, blocks


def _taken_head(blocks: list[Block], known: str | None) -> tuple[str | None, str | None, str | None, list[Block]]:
    """Number, issuing organs and title, and the blocks without them. `known`: the title, if the format names it."""
    head = blocks[:_HEAD]
    at = next((place for place, block in enumerate(head) if number_on_line(block.text)), None)
    order = None if at is not None else _order_at(head)
    number = number_on_line(head[at].text) if at is not None else None
    if order is not None:
        at = order
        number = _order_number(head[order - 1].text, head[order].text)
    if at is None:
        place = 0
        while place < len(head) and _is_above_title(head[place].text):
            place += 1
        organs = _organs(head[:place])
        title, end = _title_at(blocks, place, known)
        if place and not known and not ("关于" in (title or "") or _ENDS_AS_TITLE.search(title or "")):
            # No official paper, but a page about the organ: its name is the title.
            return None, organs, head[0].text, blocks[1:]
        return None, organs, title, blocks[end:]
    told = next((place for place, block in enumerate(head[:at]) if begins_enactment(block.text)), at)
    before = [block for block in head[:told] if not _is_above_title(block.text)]
    ordered_by = _ORDERED_BY.match(number or "")
    organs = _organs(head[:at]) or (ordered_by[1] if ordered_by else None)
    title, end = _title_under(blocks, at + 1, known)
    if (order is not None or ordered_by) and title is None and end < len(blocks):
        # An order has no title of its own: it is known by what it issues.
        title = _ordered(blocks[end].text) or number
    above = _title_above(head[:at], before)
    if not above and title is None and at and _ENDS_AS_TITLE.search(_plain(head[at - 1].text)):
        above = _joined([head[at - 1].text])
    # The title stands above its number on many pages; a red head is all that stands above it in a paper document.
    if above and (title is None or "关于" in above or _ENDS_AS_TITLE.search(above)) and not _is_organ(above):
        return number, organs, above, blocks[at + 1 :]
    return number, organs, title, blocks[end:]


def _title_under(blocks: Sequence[Block], start: int, known: str | None) -> tuple[str | None, int]:
    """The title under a number. Of several organs that issue together each may stand on a line of its own above it."""
    place = start
    while place < len(blocks) and _is_organ(blocks[place].text):
        place += 1
    title, end = _title_at(blocks, place, known)
    if place - start > 1 and title and title.startswith(_VERBS):
        organs = [organ for block in blocks[start:place] for organ in _split_organs(block.text)]
        return "、".join(organs) + title, end
    return _title_at(blocks, start, known)


def _title_above(head: Sequence[Block], left: Sequence[Block]) -> str:
    """The title above a number. `left`: the lines of the head that are neither organs nor marks."""
    title = _joined(_title_lines([block.text for block in left]))
    if not title.startswith("关于"):
        return title
    # 云河市人民政府 + 关于……的通知 are one title; a red head has the number next to it.
    end = start = head.index(left[0])
    while start > 0 and _is_organ(head[start - 1].text):
        start -= 1
    return _joined([*(block.text for block in head[start:end]), title])


def _title_lines(lines: Sequence[str]) -> Sequence[str]:
    """Of the lines above a number those of the title: what stands above 关于 is a mark of the register or a label.

    The names of several organs may go over the end of a line.
    """
    first = next((place for place, line in enumerate(lines) if "关于" in line), None)
    if first is not None:
        whole = lines[first]
        while first > 0 and _is_organ((lines[first - 1] + whole).partition("关于")[0]):
            first -= 1
            whole = lines[first] + whole
        return lines[first:]
    return [line for line in lines if not re.match(r".{2,8}[：:]", line)]


def _order_at(head: Sequence[Block]) -> int | None:
    """Where 第12号 stands alone, under 云河市人民政府令."""
    for place in range(1, min(len(head), 8)):
        if _ORDER_NUMBER.match(head[place].text) and _ORDER_HEAD.search(head[place - 1].text):
            return place
    return None


def _order_number(organ: str, text: str) -> str | None:
    """云河市人民政府令第12号, 云河市人民代表大会常务委员会公告〔十五届〕第7号.

    Above the number may stand a whole title: of 云河市民政局关于……的公告 the number is 云河市民政局公告2026年第3号.
    """
    organ = _SUBJECT.sub("", _plain(organ))
    return canonical(f"{organ}{_plain(text)}") if _ORDER_NUMBER.match(text) else None


def _is_above_title(text: str) -> bool:
    plain = re.sub(r"\s+", "", text)
    return (
        bool(_ABOVE.match(plain))
        or (len(plain) <= 60 and "关于" not in plain and bool(_RED_HEAD.search(plain) or _ORDER_HEAD.search(plain)))
        or _is_organ(text)
    )


def _is_organ(text: str) -> bool:
    parts = re.split(r"[\s　、]+", text.strip())
    return "关于" not in text and (
        all(_ORGAN.match(part) for part in parts) or bool(_ORGAN.match(re.sub(r"\s+", "", text)))
    )


def _organs(above: Sequence[Block]) -> str | None:
    """The organs of a red head: 云河市民政局　云河市财政局, each on a line or all on one, then 文件."""
    names: dict[str, None] = {}
    for block in above:
        text = _ABOVE.sub("", block.text.strip())
        if not _is_above_title(text):
            continue
        text = _ORDER_HEAD.sub("", _RED_HEAD.sub("", text)).strip()
        names.update(dict.fromkeys(_split_organs(text)))
    return "、".join(names) or None


def _split_organs(text: str) -> list[str]:
    parts = [part for part in re.split(r"[\s　、]+", _SEAL.sub("", text)) if part]
    if len(parts) > 1 and all(_ORGAN.match(part) for part in parts):
        return parts
    whole = re.sub(r"[\s　]+", "", _SEAL.sub("", text))
    return _GLUED.sub(r"\g<0>、", whole).split("、") if _ORGAN.match(whole) else []


def _title_at(blocks: Sequence[Block], start: int, known: str | None) -> tuple[str | None, int]:
    """The title that begins there and where it ends; a title of several lines is joined."""
    lines: list[str] = []
    place = start
    while place < len(blocks) and len(lines) < _MOST_TITLE_LINES:
        text = blocks[place].text.strip()
        if not text or _is_text(text) or len(_joined([*lines, text])) > _LONGEST_TITLE:
            break
        if lines and (_is_finished(_joined(lines), text) or isinstance(blocks[place], Heading)):
            break
        lines.append(text)
        place += 1
    title = _joined(lines)
    if not title:
        return None, start
    if known and _plain(known) not in _plain(title) and _plain(title) not in _plain(known):
        return None, start
    return title, place


def _is_text(text: str) -> bool:
    if text.endswith(("。", "；", "！", "？")) or _BEGINS_TEXT.match(text) or begins_enactment(text):
        return True
    if _SHOWN_ON.match(text) or bare_number(text):
        return True
    return bool(_ADDRESSEE.match(text)) or only_day(text) is not None


def _is_finished(title: str, following: str) -> bool:
    """Whether the title ends before the next line: it ends as titles do, and the line does not go on with it."""
    if not _ENDS_AS_TITLE.search(title):
        # 云河市关于 + 加强防火的若干措施: a line goes on unless the title is a sentence of its own.
        goes_on = _ENDS_AS_TITLE.search(following) is not None or "关于" in title + following
        return not (goes_on or following.startswith("的"))
    is_open = title.count("《") > title.count("》") or title.count("（") > title.count("）")
    goes_on = following.startswith(("的", "（", "(", "》")) or _ENDS_ISSUE.match(following) is not None
    return not (is_open or goes_on)


def _joined(lines: Sequence[str]) -> str:
    title = ""
    for line in lines:
        text = " ".join(line.split())
        is_latin = bool(title) and title[-1].isascii() and text[:1].isascii()
        title += f" {text}" if is_latin else text
    return re.sub(r"(?<=[一-龥《》（）]) +(?=[一-龥《》（）])", "", title)


def _plain(text: str) -> str:
    return re.sub(r"[\s《》〈〉“”\"]+", "", text)


def _signature(blocks: Sequence[Block], organs: str | None, issued: str | None) -> _Signature | None:
    """The first date under the name of an organ, wherever it stands: annexes follow it. Else a date at the end.

    A notice whose seal is the signature has a date alone, before what it issues.
    """
    last: _Signature | None = None
    for place, block in enumerate(blocks):
        if not isinstance(block, Paragraph) or len(block.text) > 80:
            continue
        day, on_line = only_day(block.text), last_day(block.text)
        if day is None and on_line and _is_organ(on_line[0]):
            return _Signature("、".join(_split_organs(on_line[0])), on_line[1], place, place + 1)
        if day is None:
            continue
        start, names = place, list[str]()
        while start > 0 and isinstance(blocks[start - 1], Paragraph) and _is_organ(blocks[start - 1].text):
            start -= 1
            names = [*_split_organs(blocks[start].text), *names]
        if names:
            return _Signature("、".join(dict.fromkeys(names)), day, start, place + 1)
        signer = blocks[place - 1] if place else None
        if signer and _SIGNED_BY.match(signer.text):
            return _Signature(None, day, place - 1, place + 1)
        if signer and signer.text.endswith("。") and _begins_annex(blocks[place + 1 : place + 2], issued):
            return _Signature(None, day, place, place + 1)
        if isinstance(signer, Paragraph) and place >= len(blocks) - _FOOT and _SIGNER.fullmatch(signer.text):
            last = _Signature(None if organs else signer.text, day, place - 1, place + 1)
        elif place >= len(blocks) - _FOOT:
            last = _Signature(None, day, place, place + 1)
    return last


def _begins_annex(following: Sequence[Block], issued: str | None) -> bool:
    return any(
        _ANNEX.match(block.text)
        or (len(block.text) <= _LONGEST_TITLE and bool(_ENDS_AS_TITLE.search(block.text)))
        or (issued is not None and _plain(issued).startswith(_plain(block.text)))
        for block in following
    )


def _organ_in(title: str) -> str | None:
    match = _ORGAN_IN_TITLE.match(title)
    return "、".join(part for part in re.split(r"[、\s　]+", match[1]) if part) if match else None


def _issued(blocks: Sequence[Block], title: str | None) -> str | None:
    """The name of what the document issues: 关于印发《云河市犬只管理办法》的通知."""
    texts = [title or "", *(block.text for block in blocks[:8])]
    found = (match[1] if (match := _ISSUES.search(text)) else _ordered(text) for text in texts)
    plainly = _ISSUES_PLAINLY.search(title or "")
    return next(filter(None, found), None) or (plainly[1].strip("《》") if plainly else None)


def _ordered(text: str) -> str | None:
    """What an order puts into force, if it begins by naming it."""
    return next((match[1] for pattern in _ORDERED if (match := pattern.match(text))), None)


def _with_annexes(blocks: list[Block], start: int | None, end: int | None, issued: str | None) -> list[Block]:
    """The blocks, with the note of the annexes as plain text, and what is issued and the annexes under headings.

    The name of what is issued stands in 《》 as the highest heading: its articles are its own, not the notice's.
    """
    marked = list(blocks)
    is_note = False
    last_annex = max((place for place, block in enumerate(blocks) if _ANNEX.match(block.text)), default=-1)
    for place, block in enumerate(blocks):
        text = block.text
        if isinstance(block, Heading):
            is_note = False
            continue
        is_before = place < (start if start is not None else last_annex)
        if is_before and (_NOTE.match(text) or (is_note and _NEXT_OF_NOTE.match(text))):
            marked[place], is_note = replace(block, is_heading=False), True
            continue
        is_note = False
        if end is not None and place < end:
            continue
        if issued and _plain(text) == _plain(issued):
            marked[place] = Heading(0, f"《{issued}》")
            issued = None
        elif _ANNEX.match(text):
            following = blocks[place + 1] if place + 1 < len(blocks) else None
            name = following.text if following and _names_annex(following.text) else ""
            if issued and name and _plain(name) == _plain(issued):
                # The name on the next line becomes the heading.
                marked[place] = Paragraph("")
                continue
            marked[place] = Heading(1, " ".join((text.rstrip("：:"), name)).strip())
            if name and following:
                marked[place + 1] = Paragraph("")
    return marked


def _names_annex(text: str) -> bool:
    return len(text) <= 60 and not text.endswith(("。", "；", "：")) and not _BEGINS_TEXT.match(text)


def _is_formal(text: str, number: str | None) -> bool:
    """Whether a line is no part of the text: empty, the note on release, who gets a copy, the number once more."""
    return (
        not text.strip()
        or bool(_RELEASE.match(text) or _PRINTED.fullmatch(text))
        or (number is not None and number_on_line(text) == number)
    )


def _effective_on(blocks: Sequence[Block], published_on: date | None) -> date | None:
    """The day that the document itself names; None if it names several."""
    days: set[date] = set()
    for block in blocks:
        for pattern in (_EFFECTIVE, _EFFECTIVE_OF_ORDER):
            days.update(day for match in pattern.finditer(block.text) if (day := first_day(match[1])))
        if published_on and _EFFECTIVE_AT_ONCE.search(block.text):
            days.add(published_on)
    return days.pop() if len(days) == 1 else None
