"""Answers from published documents: the passage word for word, with its source, so that a reader can check it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.catalogue.models import Department
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import Fallback, PolicyAnswer, QuotedSource
from bot.documents.models import Document, Passage
from bot.documents.passages import work_of
from bot.documents.service import FoundPassage
from bot.links import passage_page, with_host
from bot.replies.lists import numbered
from bot.replies.reply import PERSON, TAKE_DOWN, Button, Reply

LONGEST_QUOTE = 400
LONGEST_OFFERED = 120
_SENTENCE_ENDS = "。；！？\n"
_RECOGNISED = "由扫描件识别，文字可能有误，以原件为准"
_IS_ABOUT_FILING = re.compile(r"(?:申请|依).{0,8}公开|公开.{0,6}申请|信公")


def is_about_filing(text: str) -> bool:
    """Whether the question is about applying for information, so that a button to apply is useful."""
    return bool(_IS_ABOUT_FILING.search(text))


def policy_answer(found: Sequence[FoundPassage], buttons: tuple[Button, ...] = (), *, likely: bool = False) -> Reply:
    """Quotes the first of `found`, the best, and names the others. With `likely`, the quote is shorter."""
    best = found[0]
    lines = [
        f"{_title(best)}{_standing(best.document)}{_place(best.passage)}：",
        _quote(best, LONGEST_OFFERED if likely else LONGEST_QUOTE),
    ]
    if not best.document.in_force:
        lines.append("注意：这份文件已经废止，只能用来了解过去的规定，现在办事不能以它为准。")
    if best.document.is_recognised:
        lines.append(f"注意：{_RECOGNISED}。")
    others = list(dict.fromkeys(_named(other) for other in found[1:]))
    if others:
        lines.append("相关的还有：" + "；".join(others) + "。")
    if best.document.url:
        lines.append(f"原文：{best.document.url}")
    return Reply(
        text="\n".join(lines),
        outcome=Outcome.ANSWERED_BY_PASSAGE,
        about=PolicyAnswer(tuple(map(_source, found))),
        buttons=buttons,
    )


@dataclass(frozen=True)
class Near:
    """What a message may have been about: the name of an item or matter, or the title of a document."""

    name: str
    is_document: bool = False


def nothing_found(nearest: Sequence[Near], hotline: str) -> Reply:
    """`nearest`: at most four, offered and never given as the answer. Of matters it is asked which is meant."""
    if nearest and not any(near.is_document for near in nearest):
        lines = numbered(near.name for near in nearest)
        other = f"都不是的话，请换个说法再问，或者转人工、拨打 {hotline}。"
        return _nothing(
            "\n".join(["没有完全对得上的事项。您说的是不是下面哪一项？回复序号就行：", *lines, other]), nearest
        )
    text = f"已公布的文件里，我没有找到能回答这个问题的内容，不能乱说。您可以换个说法再问，或者转人工、拨打 {hotline}。"
    return _nothing("\n".join([text, *_named_near(nearest)]), nearest)


def nothing_found_but_may_be_taken_down(nearest: Sequence[Near], hotline: str, in_charge: Department | None) -> Reply:
    """For what is long enough for a case. `in_charge`: the department that it seems to concern."""
    knows = f"这件事可能归{in_charge.name}管，电话 {in_charge.phone}。" if in_charge else ""
    whom = "他们" if in_charge else "负责的部门"
    text = (
        f"这个我没有查到，不能乱说。{knows}要我记下来转给{whom}答复，回复“记下来”；"
        f"也可以换个说法再问，或者转人工、拨打 {hotline}。"
    )
    return _nothing("\n".join([text, *_named_near(nearest)]), nearest, TAKE_DOWN)


def _named_near(nearest: Sequence[Near]) -> list[str]:
    told = [f"《{near.name}》" if near.is_document else near.name for near in nearest]
    return ["比较接近的有：", *numbered(told)] if told else []


def _nothing(text: str, nearest: Sequence[Near], *further: Button) -> Reply:
    return Reply(
        text=text,
        outcome=Outcome.NOTHING_FOUND,
        about=Fallback(tuple(near.name for near in nearest)),
        buttons=(*(Button(near.name, near.name) for near in nearest), *further, PERSON),
    )


def _source(found: FoundPassage) -> QuotedSource:
    document = found.document
    page = passage_page(document.id, found.passage.position)
    return QuotedSource(
        document=_name(found),
        number=document.number,
        article=found.passage.article or _heading(found.passage) or None,
        passage=found.passage.text,
        url=document.url or with_host(page),
        published_on=document.published_on.isoformat() if document.published_on else None,
        in_force=document.force,
        page=page,
        recognised=bool(document.is_recognised),
    )


def _title(found: FoundPassage) -> str:
    return f"{'' if found.document.in_force else '【已废止】'}《{_name(found)}》"


def _name(found: FoundPassage) -> str:
    """The title of what is quoted: of 云河市犬只管理办法, not of the notice that issues it."""
    work, _ = work_of(found.passage.heading)
    return work[1:-1] or found.document.title


def _standing(document: Document) -> str:
    """In brackets: number and date of the document, and whether it is in force if that is known; maybe empty."""
    parts = [document.number] if document.number else []
    if document.published_on:
        parts.append(f"{document.published_on} 公布")
    if document.force:
        parts.append("现行有效")
    elif document.force is False:
        parts.append(f"{document.repealed_on} 废止" if document.repealed_on else "已废止")
        if document.repealed_by:
            by = document.repealed_by
            parts.append(f"依据{by if '《' in by else f'《{by}》'}")
    return f"（{'，'.join(parts)}）" if parts else ""


def _place(passage: Passage) -> str:
    """The article of the passage, else its nearest heading."""
    if passage.article:
        return passage.article
    heading = _heading(passage)
    return f"“{heading}”" if heading else ""


def _heading(passage: Passage) -> str:
    return work_of(passage.heading)[1].split(" / ")[-1]


def _named(found: FoundPassage) -> str:
    marks = (
        f"{'' if found.document.in_force else '（已废止）'}{'（由扫描件识别）' if found.document.is_recognised else ''}"
    )
    return f"《{_name(found)}》{_place(found.passage)}{marks}"


def _quote(found: FoundPassage, longest: int = LONGEST_QUOTE) -> str:
    """The passage; of a long one, a part that holds the first answering sentence and ends with a whole sentence."""
    text = found.passage.text
    if len(text) <= longest:
        return f"“{text}”"
    start = 0
    if found.sentences:
        first = text.find(found.sentences[0])
        if first + len(found.sentences[0]) > longest:
            start = first
    part = text[start : start + longest]
    if start + longest < len(text):
        end = max(part.rfind(mark) for mark in _SENTENCE_ENDS) + 1
        part = part[: end or longest].rstrip() + "……"
    return f"“{'……' if start else ''}{part}”"
