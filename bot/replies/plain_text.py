"""The replies of a turn as pages of short plain text: no markup, few links, numbers instead of buttons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversations.subjects import PolicyAnswer, QuotedSource, subject_of
from bot.language.masking import for_sending
from bot.replies.buttons import deed
from bot.replies.reply import PERSON

# Three parts of a long text message; each part holds 67 UCS-2 units after its header (3GPP TS 23.038, 23.040).
SMS_LONGEST = 3 * 67
WECHAT_LONGEST = 600
LONGEST_LINK = 40
MORE_LINE = "回复 更多 看后面"

_NOTHING = "这条答复没有文字。"
_LISTED = re.compile(r"(\d{1,2})[.．、](?!\d)\s*(.*)")
_MARKUP = (
    (re.compile(r"\[([^\[\]\n]+)\]\((https?://[^()\s]+)\)"), r"\1：\2"),
    (re.compile(r"</?[A-Za-z][^<>\n]*>"), ""),
    # Keeps the stars of masked names: “王**、李**”.
    (re.compile(r"(?<!\*)\*\*(?![\s*，。、；：）])([^*\n]+)(?<!\s)\*\*(?!\*)"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"^#{1,6}\s+", re.M), ""),
    (re.compile(r"[\u2600-\u27BF\u2B00-\u2BFF\U0001F000-\U0001FAFF\U000E0020-\U000E007F\uFE0F\u200D\u20E3]"), ""),
)
# Source lines that are too long for a text message, and their short form.
_SHORTER = (
    (re.compile(r"^来源：本市政务服务事项目录 (\S+?)（[^（）]*更新）；"), r"来源：事项目录 \1，"),
    (re.compile(r"^来源：本市“一件事”清单 (\S+?)（[^（）]*更新，"), r"来源：“一件事”清单 \1（"),
    (re.compile(r"^来源：政府信息公开申请登记 .*"), "来源：政府信息公开申请登记"),
)
_LINK = re.compile(r"(?:https?://|www\.)[!-~]*[A-Za-z0-9/#=&%+~_-]")
_REMOVED = "\N{OBJECT REPLACEMENT CHARACTER}"
_ABOUT_REMOVED = re.compile(
    rf"（\s*{_REMOVED}\s*）|\(\s*{_REMOVED}\s*\)|[；，、]?\s*(?:原文|网址|链接|网站|官网)?\s*[：:]\s*{_REMOVED}"
    rf"|[；，、]\s*{_REMOVED}(?=[；，、。]|$)|\s*{_REMOVED}"
)
# No page break falls inside these: links, dates, numbers and receipts, cited articles.
_UNBROKEN = re.compile(
    r"https?://[!-~]+|\d+年\d+月\d+日|[A-Za-z\d]+(?:[.,:/@—-][A-Za-z\d]+)*"
    r"|(?:第[一二三四五六七八九十百千零〇两\d]+[条款项章节](?:之[一二三四五六七八九十])?)+"
)
_SENTENCE_END = re.compile(r"[。！？；!?…]+[”’）》】]*")
_CLAUSE_END = re.compile(r"[，、：][”’）》】]*")
_NEVER_FIRST = "。！？；，、：…”’）》】"


@dataclass(frozen=True)
class Style:
    """`longest`: UTF-16 code units of a page, at least 20. `short_link`: only links that begin with it stay."""

    longest: int
    short_link: str | None = None


@dataclass(frozen=True)
class TextChoice:
    """`says`: the id of the button to press for the citizen, or a rating (`bot.helpline.rating_by_text`)."""

    title: str
    says: str


@dataclass(frozen=True)
class Screen:
    """`pages`: at least one. A number that the citizen may answer is a place in `choices`, counted from 1."""

    pages: tuple[str, ...]
    choices: tuple[TextChoice, ...]


def screen(messages: Sequence[Mapping[str, Any]], style: Style) -> Screen:
    """`messages`: as in the reply contract. The button for a person becomes 0, which is not in `choices`."""
    offers = [_offered(message) for message in messages]
    ids = {deed(button["id"]): button["id"] for message in messages for button in message.get("buttons") or ()}
    titles = {button: title for offered in offers for button, title in offered.items()}
    numbers = {button: number for number, button in enumerate(titles, start=1)}
    lines: list[str] = []
    listed: set[str] = set()
    for message, offered in zip(messages, offers, strict=True):
        shown, of_these = _with_choices(_plain_lines(message), offered, numbers)
        lines += shown
        listed |= of_these
    lines, lacks_link = _without_links(_each_source_once(lines), style.short_link)
    if lacks_link and style.short_link:
        lines.append(f"详见 {style.short_link}")
    if any(message.get("buttons") for message in messages):
        following = [f"{numbers[button]} {title}" for button, title in titles.items() if button not in listed]
        lines.append("回复 " + "，".join([*following, "0 人工"]))
    return Screen(
        pages=pages("\n".join(lines), style.longest) or (_NOTHING,),
        choices=tuple(TextChoice(title, ids[button]) for button, title in titles.items()),
    )


def pages(text: str, longest: int) -> tuple[str, ...]:
    """`text` in pages of at most `longest` (at least 20) UTF-16 code units; a blank text has no pages.

    All but the last end with `MORE_LINE`. Personal numbers are removed before the text is cut, since half an identity
    number on a page would not be recognised. The cuts lose only white space.
    """
    cut: list[str] = []
    rest = for_sending(text).strip()
    while _units(rest) > longest:
        end = _page_end(rest, longest - _units(f"\n{MORE_LINE}"))
        cut.append(f"{rest[:end].rstrip()}\n{MORE_LINE}")
        rest = rest[end:].lstrip()
    return (*cut, rest) if rest else tuple(cut)


def _offered(message: Mapping[str, Any]) -> dict[str, str]:
    """Payload → title of the buttons of `message`, without the button for a person."""
    buttons = message.get("buttons") or ()
    return {deed(button["id"]): button["title"] for button in buttons if button["title"] != PERSON.title}


def _plain_lines(message: Mapping[str, Any]) -> list[str]:
    text: str = message.get("text") or ""
    about = subject_of(message)
    if isinstance(about, PolicyAnswer):
        text = _without_particulars(text, about.sources[0])
    for pattern, plain in _MARKUP:
        text = pattern.sub(plain, text)
    return [_shorter(line.strip()) for line in text.splitlines() if line.strip()]


def _shorter(line: str) -> str:
    for pattern, short in _SHORTER:
        line = pattern.sub(short, line)
    return line.replace("《中华人民共和国", "《") if line.startswith(("来源：", "依据：")) else line


def _without_particulars(text: str, source: QuotedSource) -> str:
    """Takes number, date and “现行有效” from the brackets after the title; a note on repeal stays."""
    before, title, after = text.partition(f"《{source.document}》（")
    if not title:
        return text
    for particular in (source.number, f"{source.published_on} 公布", "现行有效"):
        if particular and after.startswith(particular):
            after = after.removeprefix(particular).removeprefix("，")
    if after.startswith("）"):
        return before + title.removesuffix("（") + after.removeprefix("）")
    return before + title + after


def _with_choices(
    lines: Sequence[str], offered: Mapping[str, str], numbers: Mapping[str, int]
) -> tuple[list[str], set[str]]:
    """The lines, with the number of a button before its title; and the buttons that have their number there.

    A numbered line that is no choice becomes “(1) 身份证”.
    """
    shown = [_not_chosen(line) for line in lines]
    start = _start_of_list(lines, list(offered.values()))
    if start is not None:
        heading = [_asking(shown[start - 1], lines)] if start else ["回复序号："]
        listed = [f"{numbers[button]}. {title}" for button, title in offered.items()]
        return [*shown[: max(start - 1, 0)], *heading, *listed, *shown[start + len(listed) :]], set(offered)
    in_line: set[str] = set()
    for position, line in enumerate(shown):
        heads, colon, enumerated = line.removesuffix("。").partition("：")
        between = "；" if "；" in enumerated else "、"
        named = {name: _button_of(name, offered) for name in enumerated.split(between)}
        if all(named.values()):
            numbered = (f"{numbers[button]} {name}" for name, button in named.items() if button)
            shown[position] = f"{_asking(heads + colon, lines)}{between.join(numbered)}。"
            in_line |= {button for button in named.values() if button}
    return shown, in_line


def _button_of(name: str, offered: Mapping[str, str]) -> str | None:
    """The button whose title is this name of an enumeration: “甲”, “甲（顺便）”, “《甲》（规定在这里）”."""
    bare = re.sub(r"^《?(.*?)》?(?:（[^（）]*）)?$", r"\1", name)
    return next((button for button, title in offered.items() if title in (name, bare)), None)


def _asking(heading: str, lines: Sequence[str]) -> str:
    """“谁来申请？” → “谁来申请？（回复序号）”, unless a line says so already."""
    if any("回复序号" in line for line in lines):
        return heading
    return heading.removesuffix("：") + "（回复序号）" + ("：" if heading.endswith("：") else "")


def _start_of_list(lines: Sequence[str], titles: Sequence[str]) -> int | None:
    """The index at which the lines list exactly these titles, numbered from 1; None if they do not."""
    wanted = [f"{number}. {title}" for number, title in enumerate(titles, start=1)]
    bare = [re.sub("[《》]", "", line) for line in lines]
    for start in range(len(lines) - len(titles) + 1 if titles else 0):
        end = start + len(titles)
        goes_on = any(line.startswith(f"{len(titles) + 1}. ") for line in lines[end : end + 1])
        if bare[start:end] == [re.sub("[《》]", "", line) for line in wanted] and not goes_on:
            return start
    return None


def _not_chosen(line: str) -> str:
    opening = "“" if line.startswith("“") else ""
    match = _LISTED.fullmatch(line.removeprefix(opening))
    return f"{opening}({match[1]}) {match[2]}" if match else line


def _without_links(lines: Sequence[str], short_link: str | None) -> tuple[list[str], bool]:
    """The lines without the links that may not be sent, and whether any link was removed."""
    marked = [_LINK.sub(lambda link: link[0] if _may_stand(link[0], short_link) else _REMOVED, line) for line in lines]
    shown = [_ABOUT_REMOVED.sub("", line).lstrip("；，、") for line in marked]
    return [line for line in shown if line], any(_REMOVED in line for line in marked)


def _may_stand(link: str, short_link: str | None) -> bool:
    if short_link is None or len(link) > LONGEST_LINK or not link.startswith(short_link):
        return False
    # Not a longer host name: `https://a.example` must not allow `https://a.example.net`.
    return short_link.endswith("/") or link[len(short_link) :][:1] in ("", "/", "?", "#")


def _each_source_once(lines: Sequence[str]) -> list[str]:
    """Drops a source line that is repeated further down: answers about one item have the same source."""
    following = [lines[number:] for number in range(1, len(lines) + 1)]
    return [line for line, after in zip(lines, following, strict=True) if not (line[:3] == "来源：" and line in after)]


def _page_end(text: str, longest: int) -> int:
    """The index at which to cut: in the last third, after a line, else a sentence, else a clause, else at the end.

    Numbers, citations and links stay whole, unless one fills the whole last third.
    """
    full = _index_at(text, longest)
    first = _index_at(text, longest * 2 // 3) + 1
    inside = {place for token in _UNBROKEN.finditer(text[: full + 100]) for place in range(*token.span())[1:]}
    whole = [place for place in range(first, full + 1) if place not in inside]
    lines = [place for place in whole if text[place] == "\n"]
    # Not after a heading: it stays with the lines below it.
    complete = [place for place in lines if text[place - 1] != "："]
    ends = ({end.end() for end in pattern.finditer(text[: full + 10])} for pattern in (_SENTENCE_END, _CLAUSE_END))
    sentences, clauses = ([place for place in whole if place in of_kind] for of_kind in ends)
    tidy = [place for place in whole if text[place] not in _NEVER_FIRST]
    return next((places[-1] for places in (complete, lines, sentences, clauses, tidy, whole) if places), full)


def _units(text: str) -> int:
    """UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _index_at(text: str, units: int) -> int:
    """How many characters fit into so many UTF-16 code units; at least one."""
    index = taken = 0
    for character in text:
        taken += _units(character)
        if taken > units:
            break
        index += 1
    return max(index, 1)
