"""Reads scans: their pages are drawn here, their characters recognised by another process (`recognising`).

What was recognised is laid out like the lines of a PDF, so title, number, issuer and date are found as in any file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from bot.bounded import Child, Limits
from bot.documents.content import DocumentContent, ScannedDocument
from bot.documents.layout import Piece, lines_of
from bot.documents.ofd import page_pictures
from bot.documents.pdf import LEAST_CHARACTERS, LaidOutPage, blocks_of, pdfium_of
from bot.documents.published import official
from bot.documents.recognising import RecognisedLine
from bot.places import OCR_PYTHON
from bot.settings import Settings

MOST_SCANNED_PAGES = 50
# Of one page. It took 3 s of one core, the first one 3 s more to load the models, and 860 MB.
RECOGNISING = Limits(cpu_seconds=60, wall_seconds=240, memory_bytes=2 << 30)
# Below it, of all characters, what was recognised is not used. Of made papers with a confidence of .98 and more 99 %
# of the characters were right; with .90 and less, too coarse or too crooked, 91 to 93 %.
LEAST_CONFIDENCE = 0.95
# A line below it is a stamp or a blot.
_LEAST_OF_LINE = 0.5
# The recogniser makes larger pictures smaller. Of A4 these are 170 dpi.
_LONGEST_SIDE, _DPI, _POINTS_PER_INCH = 2000, 170, 72
# The box of a line is higher than its characters.
_CHARACTER_OF_BOX = 0.8
_WIDE = {"(": "（", ")": "）"}
_BESIDE_CHINESE = re.compile(r"(?<=[一-龥》〕])[()]|[()](?=[一-龥《])")


@dataclass(frozen=True)
class PagePicture:
    """A picture file of a page in base64, empty if the page has none; `page_count`: of the whole document."""

    picture: str
    page_count: int

    @property
    def content(self) -> bytes:
        return base64.b64decode(self.picture)


@contextmanager
def recogniser() -> Iterator[Child | None]:
    """A child that recognises characters; None if the setting is off or the environment is not there."""
    if not (Settings.from_environment().documents_ocr and OCR_PYTHON.exists()):
        yield None
        return
    with Child(RECOGNISING, OCR_PYTHON) as child:
        yield child


def page_picture(path: str, data: bytes, number: int) -> PagePicture:
    """A picture of the page; `number` counts from 0. Raises `ValueError` and the like if the file is broken."""
    if path.lower().endswith(".ofd"):
        pictures = page_pictures(Path(path), data)
        picture = pictures.content(number) if number < len(pictures.names) else b""
        return PagePicture(base64.b64encode(picture).decode(), len(pictures.names))
    document = pdfium_of(Path(path)).PdfDocument(data)
    try:
        page = document[number]
        longest = max(*page.get_size(), 1.0)
        scale = min(_DPI / _POINTS_PER_INCH, _LONGEST_SIDE / longest)
        written = BytesIO()
        page.render(scale=scale, grayscale=True).to_pil().save(written, "PNG")
        return PagePicture(base64.b64encode(written.getvalue()).decode(), len(document))
    finally:
        document.close()


def confidence_of(pages: Sequence[Sequence[RecognisedLine]]) -> float:
    """The mean over all characters, from 0 to 1; 0 if there are none."""
    lines = [line for page in pages for line in page]
    count = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / count if count else 0.0


def content_of(path: Path, pages: Sequence[Sequence[RecognisedLine]]) -> DocumentContent:
    """The text and the particulars of a scan, from its recognised lines.

    Raises:
        ScannedDocument: there is hardly any text, or it was recognised with too little confidence.
    """
    if sum(len(line.text) for page in pages for line in page) < LEAST_CHARACTERS * max(len(pages), 1):
        raise ScannedDocument(path, "自动识别过，几乎没有认出文字")
    confidence = confidence_of(pages)
    if confidence < LEAST_CONFIDENCE:
        raise ScannedDocument(path, f"自动识别过，平均把握只有 {confidence:.0%}，没有采用")
    return official(list(blocks_of([_laid_out(page) for page in pages])))


def _in_chinese(text: str) -> str:
    """With brackets as Chinese text has them: the recogniser often takes them for narrow ones."""
    return _BESIDE_CHINESE.sub(lambda found: _WIDE[found[0]], text.strip())


def _laid_out(page: Sequence[RecognisedLine]) -> LaidOutPage:
    sure = [line for line in page if line.confidence >= _LEAST_OF_LINE and line.text.strip()]
    lines = lines_of(
        Piece(_in_chinese(line.text), line.left, line.right, line.top, (line.bottom - line.top) * _CHARACTER_OF_BOX)
        for line in sure
    )
    return LaidOutPage([lines] if lines else [])
