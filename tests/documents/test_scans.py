"""Scans are read where `DOCUMENTS_OCR` is on, and everything that is quoted of them says so."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bounded import BROKEN, TOO_LARGE, TOO_LONG, Child, Limits
from bot.db import Database
from bot.documents import scans
from bot.documents.accounts import FileOutcome
from bot.documents.content import IS_SCAN, UnreadableDocument
from bot.documents.editing import mark_repealed, read_upload
from bot.documents.guarded import READING, read_guarded
from bot.documents.importer import import_documents, store_document
from bot.documents.models import Document
from bot.documents.ofd import page_pictures
from bot.documents.service import FoundPassage, passages_of
from bot.places import OCR_PYTHON
from bot.replies.policies import policy_answer
from tests.documents import office_files
from tests.documents.made_papers import FORMATS, MadePaper, made_paper, set_on_pages

PAPER = made_paper(1)
WARNING = "由扫描件识别，文字可能有误，以原件为准"
# Stands in for the package of the environment `ocr`: it says what lies beside it.
RAPIDOCR = """
import json, pathlib, types
import numpy as np

class RapidOCR:
    def __init__(self, params):
        pass

    def __call__(self, picture):
        {does}
        lines = json.loads(pathlib.Path(__file__).with_name("lines.json").read_text())
        boxes = np.array([[(l, t), (r, t), (r, b), (l, b)] for _, _, l, t, r, b in lines])
        return types.SimpleNamespace(boxes=boxes, txts=[each[0] for each in lines], scores=[each[1] for each in lines])
"""

StandIn = Callable[..., None]


def lines_of(paper: MadePaper, confidence: float) -> list[tuple[str, float, float, float, float, float]]:
    """Text, confidence and box of each line of the first page."""
    lines = []
    for line in set_on_pages(paper.lines)[0]:
        size = line.points * 0.3528
        right = line.left + size * sum(0.5 if character.isascii() else 1.0 for character in line.text)
        lines.append((line.text, confidence, line.left, line.top, right, line.top + size / 0.8))
    return lines


@pytest.fixture
def stand_in(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Switches the setting on, with an environment that recognises the lines of `PAPER` in every picture."""
    folder = tmp_path_factory.mktemp("ocr")
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}" exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)

    def made(confidence: float = 0.97, does: str = "pass") -> None:
        (folder / "rapidocr.py").write_text(RAPIDOCR.format(does=does))
        (folder / "lines.json").write_text(json.dumps(lines_of(PAPER, confidence)))
        monkeypatch.setenv("DOCUMENTS_OCR", "on")
        monkeypatch.setattr(scans, "OCR_PYTHON", python)

    return made


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(READING) as child:
        yield child


def refusal(child: Child, data: bytes | None = None) -> str:
    """Why the scan, of one page if no other is given, is not read."""
    with scans.recogniser() as ocr, pytest.raises(UnreadableDocument) as error:
        read_guarded(child, Path("nowhere/scan.pdf"), data or office_files.pdf([]), ocr)
    return error.value.reason


def blank_pages(count: int) -> bytes:
    import pypdfium2

    document, written = pypdfium2.PdfDocument.new(), BytesIO()
    for _ in range(count):
        document.new_page(595, 842)
    document.save(written)
    return written.getvalue()


def the_scan(session: Session) -> Document:
    return session.scalars(select(Document).where(Document.key == "scan.pdf")).one()


def quoted(session: Session, document: Document) -> str:
    first = passages_of(session, document)[0]
    return policy_answer([FoundPassage(document, first, 1.0, [])]).text


def test_a_scan_is_found_by_its_particulars_and_says_what_it_is_wherever_it_is_quoted(
    database: Database, tmp_path: Path, stand_in: StandIn
) -> None:
    stand_in()
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "scan.pdf").write_bytes(office_files.pdf([]))
    with database.transaction() as session:
        (account,) = import_documents(session, tmp_path / "papers").accounts
    assert (account.outcome, account.reason) == (FileOutcome.LOADED, "扫描件，已识别文字（平均把握 97%）")
    with database.transaction() as session:
        found = the_scan(session)
        assert (found.title, found.number, found.issuer, found.published_on) == (
            PAPER.title,
            PAPER.number,
            PAPER.issuer,
            PAPER.day,
        )
        assert f"注意：{WARNING}。" in quoted(session, found)
        mark_repealed(session, found, on=PAPER.day, by="新办法")
        assert WARNING in quoted(session, found)
        # The same paper with its text takes the scan's place.
        store_document(session, found.key, read_upload("a.md", "# 通知\n\n第一条 登记免费。\n".encode()), "text")
        assert not the_scan(session).is_recognised
        assert WARNING not in quoted(session, found)


def test_without_the_setting_or_the_environment_a_scan_is_named_as_one(
    child: Child, tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in()
    monkeypatch.setattr(scans, "OCR_PYTHON", tmp_path / "nowhere")
    assert refusal(child) == IS_SCAN
    stand_in()
    monkeypatch.setenv("DOCUMENTS_OCR", "off")
    assert refusal(child) == IS_SCAN


def test_what_is_recognised_with_little_confidence_is_left_out(child: Child, stand_in: StandIn) -> None:
    stand_in(confidence=0.7)
    assert refusal(child) == f"{IS_SCAN}（自动识别过，平均把握只有 70%，没有采用）"


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("while True: pass", TOO_LONG),
        ("bytearray(1 << 40)", TOO_LARGE),
        ("raise OSError", BROKEN),
        ("__import__('os')._exit(3)", BROKEN),
    ],
)
def test_a_recogniser_that_fails_or_takes_too_much_is_told(
    child: Child, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, does: str, why: str
) -> None:
    monkeypatch.setattr(scans, "RECOGNISING", Limits(cpu_seconds=1))
    stand_in(does=does)
    assert refusal(child) == f"{IS_SCAN}（自动识别没有成功，第 1 页：{why}）"


def test_a_scan_of_many_pages_is_not_recognised(child: Child, stand_in: StandIn) -> None:
    stand_in()
    found = refusal(child, blank_pages(scans.MOST_SCANNED_PAGES + 1))
    assert found == f"{IS_SCAN}（超过 50 页的不自动识别）"


def test_the_picture_of_a_scanned_page_is_found_in_ofd() -> None:
    data = office_files.ofd_of_pictures([b"first", b"second"])
    found = page_pictures(Path("a.ofd"), data)
    assert [found.content(number) for number in range(len(found.names))] == [b"first", b"second"]


def test_a_drawn_page_is_never_larger_than_the_recogniser_reads() -> None:
    import pypdfium2
    from PIL import Image

    document, written = pypdfium2.PdfDocument.new(), BytesIO()
    document.new_page(14_400, 3)
    document.save(written)
    drawn = scans.page_picture("a.pdf", written.getvalue(), 0)
    assert max(Image.open(BytesIO(drawn.content)).size) == 2000


def scanned(pages: Sequence[object]) -> bytes:
    """PDF of pictures only, a little crooked."""
    from PIL import Image

    pictures = [page.rotate(0.4, fillcolor=255, resample=Image.Resampling.BICUBIC) for page in pages]  # type: ignore[attr-defined]
    written = BytesIO()
    pictures[0].save(written, "PDF", save_all=True, append_images=pictures[1:], resolution=150)
    return written.getvalue()


@pytest.mark.slow
@pytest.mark.skipif(not OCR_PYTHON.exists(), reason="python3 -m bot.running.environments ocr was not run")
@pytest.mark.skipif(office_files.chinese_font() is None, reason="no Chinese font is here")
def test_a_scanned_paper_is_read_by_the_recogniser_itself() -> None:
    import pypdfium2

    drawn = [
        page.render(scale=150 / 72).to_pil().convert("L") for page in pypdfium2.PdfDocument(FORMATS[".pdf"](PAPER))
    ]
    with Child(READING) as child, Child(scans.RECOGNISING, OCR_PYTHON) as ocr:
        read = read_guarded(child, Path("nowhere/scan.pdf"), scanned(drawn), ocr)
    stated = read.particulars
    assert (read.title, stated.number, stated.issuer, stated.published_on) == (
        PAPER.title,
        PAPER.number,
        PAPER.issuer,
        PAPER.day,
    )
    assert read.is_recognised
    assert read.confidence > scans.LEAST_CONFIDENCE
