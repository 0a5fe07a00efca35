"""Marks laws in answers: 【已废止】 after the name of what is repealed, and a line for what changes soon.

Done to every answer in one place, so that no record, passage or rule has to think of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from typing import Any

from bot.conversations.subjects import ItemOfJointService, PolicyAnswer, QuotedSource, Subject
from bot.laws.citations import Citation, find_citations, is_said_to_end, titled
from bot.laws.standing import Kind, Laws, Standing
from bot.replies.lists import day_in_words
from bot.replies.reply import Reply

# What takes effect within so many days is announced.
SOON_DAYS = 90
MARK = "【已废止】"
# What an answer from a document says right after its title. The documents know only of each other.
_SAYS_IN_FORCE = re.compile(r"(（[^（）\n]*)现行有效）")
_QUOTE = re.compile(r"^“.*”$", re.MULTILINE | re.DOTALL)


def with_standing(replies: Sequence[Reply], laws: Laws, today: date) -> list[Reply]:
    """The replies, with laws that are repealed or about to change marked as such."""
    return [_marked(reply, laws, today) for reply in replies]


def text_with_standing(text: str, laws: Laws, today: date) -> str:
    """The same for a text that is sent by itself, such as a reminder."""
    marked, notes = _with_marks(text, laws, today)
    return "\n".join([marked, *notes])


def standing_words(standing: Standing, today: date) -> str:
    """已废止, 2026年8月15日起按《生态环境法典》, empty if there is nothing to say; for a card's list of laws."""
    if standing.kind == Kind.REPEALED:
        return "已废止"
    if standing.since is None or not _is_soon(standing, today):
        return ""
    if standing.kind == Kind.NOT_YET:
        return f"{day_in_words(standing.since)}起施行"
    return f"{day_in_words(standing.since)}起按{'新的' if standing.kind == Kind.CHANGES else ''}{titled(standing.by)}"


def _marked(reply: Reply, laws: Laws, today: date) -> Reply:
    # A policy answer quotes its passage word for word.
    quote = _QUOTE.search(reply.text) if isinstance(reply.about, PolicyAnswer) else None
    inside = quote.span() if quote else (0, 0)
    text, notes = _with_marks(reply.text, laws, today, inside)
    lines = [text, *(note for note in notes if note not in text)]
    about = _marked_subject(reply.about, laws, today) if reply.about else None
    return replace(reply, text="\n".join(lines), about=about)


def _with_marks(text: str, laws: Laws, today: date, quote: tuple[int, int] = (0, 0)) -> tuple[str, list[str]]:
    """The text with marks, and the lines to add. Within `quote`, which stays as it is, the line holds the mark."""
    pieces: list[str] = []
    notes: dict[str, None] = {}
    end = 0
    for citation in find_citations(text):
        standing = laws.standing(citation.law, today, articles=citation.articles)
        if standing.kind not in (Kind.REPEALED, Kind.ENDS, Kind.CHANGES, Kind.NOT_YET) or _is_said(text, citation):
            continue
        is_quoted = quote[0] <= citation.start < quote[1]
        if not is_quoted:
            pieces += [text[end : citation.end], MARK if standing.kind == Kind.REPEALED else ""]
            end = citation.end
            says = _SAYS_IN_FORCE.match(text, end)
            if says and standing.kind in (Kind.REPEALED, Kind.NOT_YET):
                pieces.append(f"{says[1]}{_force_words(standing)}）")
                end = says.end()
        note = _note(citation.law, standing, today, is_quoted)
        if note:
            notes[note] = None
    return "".join([*pieces, text[end:]]), list(notes)


def _force_words(standing: Standing) -> str:
    """2026-08-15 废止, 2026-08-15 起施行; in place of 现行有效."""
    what = "废止" if standing.kind == Kind.REPEALED else "起施行"
    return f"{standing.since} {what}" if standing.since else f"已{what}"


def _is_said(text: str, citation: Citation) -> bool:
    return text[: citation.start].endswith(MARK) or is_said_to_end(text, citation)


def _note(law: str, standing: Standing, today: date, is_quoted: bool) -> str:
    name, day = f"《{law}》", standing.since
    if standing.kind == Kind.REPEALED:
        by = f"由{titled(standing.by)}" if standing.by else ""
        since = f"{day_in_words(day)}起" if day else ""
        if is_quoted:
            return f"注意：引文里的{name}{MARK}" + (f"，{since}已{by}废止。" if by or since else "。")
        return f"注意：{name}{since}已{by}废止。" if by or since else ""
    if day is None or not _is_soon(standing, today):
        return ""
    if standing.kind == Kind.NOT_YET:
        return f"注意：{name}{day_in_words(day)}起施行，在那以前按原来的规定。"
    if standing.kind == Kind.CHANGES:
        return f"注意：{day_in_words(day)}起按新的{name}。"
    by = f"按{titled(standing.by)}，" if standing.by else ""
    return f"注意：{day_in_words(day)}起{by}{name}同日废止。"


def _is_soon(standing: Standing, today: date) -> bool:
    """What is not in force yet is always said, since the record cites it as if it were."""
    if standing.kind == Kind.NOT_YET:
        return True
    is_to_come = standing.kind in (Kind.ENDS, Kind.CHANGES)
    return is_to_come and standing.since is not None and (standing.since - today).days <= SOON_DAYS


def _marked_subject(about: Subject, laws: Laws, today: date) -> Subject:
    if isinstance(about, PolicyAnswer):
        return replace(about, sources=tuple(_source(source, laws, today) for source in about.sources))
    return replace(about, **{one.name: _record(getattr(about, one.name), laws, today) for one in fields(about)})


def _source(source: QuotedSource, laws: Laws, today: date) -> QuotedSource:
    """A law that is repealed or not in force yet is not in force."""
    is_out = laws.standing(source.document, today).kind in (Kind.REPEALED, Kind.NOT_YET)
    return replace(source, in_force=False) if is_out else source


def _record(value: Any, laws: Laws, today: date) -> Any:
    """The same marks in what programs and cards get: in texts, and as `standing` beside the name of a law."""
    if isinstance(value, str):
        return _with_marks(value, laws, today)[0] if "《" in value else value
    if isinstance(value, ItemOfJointService):
        return replace(value, name=_record(value.name, laws, today))
    if isinstance(value, Mapping):
        marked = {key: _record(one, laws, today) for key, one in value.items()}
        if {"law", "article"} <= value.keys():
            standing = laws.standing(value["law"], today, articles=value["article"])
            marked["standing"] = standing_words(standing, today)
        return marked
    if isinstance(value, (list, tuple)):
        return type(value)(_record(one, laws, today) for one in value)
    return value
