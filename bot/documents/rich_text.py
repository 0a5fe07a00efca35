"""Reads RTF files: their text and tables, without styles, pictures and embedded objects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.documents.content import Block, DocumentContent, Paragraph, UnreadableDocument, table_paragraphs
from bot.documents.published import official

_TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)")
# Groups that hold no text of the document.
_SKIPPED = frozenset(
    [
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "object",
        "themedata",
        "datastore",
        "latentstyles",
        "listtable",
        "listoverridetable",
        "generator",
        "header",
        "headerl",
        "headerr",
        "headerf",
        "footer",
        "footerl",
        "footerr",
        "footerf",
        "footnote",
        "annotation",
        "fldinst",
        "xmlnstbl",
        "rsidtbl",
        "filetbl",
        "revtbl",
        "bkmkstart",
        "bkmkend",
        "nonshppict",
        "shpinst",
    ]
)
_CODE_PAGES = {936: "gb18030", 950: "big5", 1252: "cp1252", 65001: "utf-8", 54936: "gb18030"}
_CHARACTERS = {"tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“"}
_CHARACTERS |= {"rdblquote": "”", "bullet": "·", "line": "\n", "emspace": "　", "enspace": " "}
_MOST_DEPTH = 1000


@dataclass(frozen=True)
class _State:
    """What a group inherits. `unicode_skip`: characters that follow a `\\u` for readers that do not know it."""

    is_skipped: bool = False
    unicode_skip: int = 1


@dataclass
class _Text:
    """The text read so far. `bytes`: characters of the code page, of which one may take several."""

    encoding: str = "gb18030"
    blocks: list[Block] = field(default_factory=list)
    line: str = ""
    bytes: bytearray = field(default_factory=bytearray)
    row: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)

    def add(self, text: str) -> None:
        self.line += self._decoded() + text

    def end_paragraph(self, *, in_table: bool) -> None:
        self.add("\n" if in_table else "")
        if in_table:
            return
        self._end_table()
        self.blocks += [Paragraph(text) for line in self.line.split("\n") if (text := line.strip(" \t\u3000"))]
        self.line = ""

    def end_cell(self) -> None:
        self.add("")
        self.row.append(" ".join(self.line.split()))
        self.line = ""

    def end_row(self) -> None:
        if any(self.row):
            self.rows.append(self.row)
        self.row = []

    def _end_table(self) -> None:
        if self.rows:
            self.blocks += table_paragraphs(self.rows)
            self.rows = []

    def _decoded(self) -> str:
        text = self.bytes.decode(self.encoding, errors="replace")
        self.bytes.clear()
        return text


def read_rich_text(path: Path, data: bytes) -> DocumentContent:
    text, state, above = _Text(), _State(), list[_State]()
    to_skip, in_table = 0, False
    for token in _TOKEN.finditer(data):
        word, number, code, sign, brace, plain = token.groups()
        if brace == b"{":
            if len(above) >= _MOST_DEPTH:
                raise UnreadableDocument(path, "嵌套太深，没有读")
            above.append(state)
        elif brace == b"}":
            state, to_skip = above.pop() if above else state, 0
        elif sign == b"*" or (word and word.decode() in _SKIPPED):
            state = replace(state, is_skipped=True)
        elif state.is_skipped:
            continue
        elif word == b"u" and number:
            text.add(_character(int(number)))
            to_skip = state.unicode_skip
        elif word == b"uc" and number:
            state = replace(state, unicode_skip=max(int(number), 0))
        elif word == b"ansicpg" and number:
            text.encoding = _CODE_PAGES.get(int(number), "gb18030")
        elif word in (b"intbl", b"pard"):
            in_table = word == b"intbl"
        elif word == b"par":
            text.end_paragraph(in_table=in_table)
        elif word in (b"sect", b"page"):
            text.end_paragraph(in_table=False)
        elif word == b"cell":
            text.end_cell()
        elif word == b"row":
            text.end_row()
        elif word and word.decode() in _CHARACTERS:
            text.add(_CHARACTERS[word.decode()])
        elif code or plain:
            given = bytes.fromhex(code.decode()) if code else plain
            text.bytes += given[to_skip:]
            to_skip = max(to_skip - len(given), 0)
        elif sign in (b"~", b"_", b"\\", b"{", b"}"):
            text.add({b"~": " ", b"_": "-"}.get(sign) or sign.decode())
    text.end_paragraph(in_table=False)
    return official(text.blocks)


def _character(number: int) -> str:
    """RTF writes characters above 32767 as negative numbers; of a surrogate pair nothing is kept."""
    point = number % 65536
    return "" if 0xD800 <= point <= 0xDFFF else chr(point)
