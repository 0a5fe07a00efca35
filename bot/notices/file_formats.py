"""Which files may go with an answer, known by their content and not by their name alone."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from enum import StrEnum
from pathlib import PurePath

from bot.disclosures.vocabulary import listed

MOST_BYTES = 10 * 1024 * 1024
MOST_NAME_CHARACTERS = 100
# Limit for unpacked Office files: a small file can unpack to a size that fills the memory of the reader's computer.
_MOST_UNPACKED_BYTES = 200 * 1024 * 1024
# Parts of a ZIP: each takes some memory before anything is unpacked. A long document has some hundreds.
_MOST_PARTS = 10_000
_ENTRY_OF_ZIP = b"PK\x01\x02"


class Format(StrEnum):
    PDF = "pdf"
    WORD = "docx"
    EXCEL = "xlsx"
    JPEG = "jpg"
    PNG = "png"


CONTENT_TYPES = {
    Format.PDF: "application/pdf",
    Format.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JPEG: "image/jpeg",
    Format.PNG: "image/png",
}
_SUFFIXES = {f".{each}": each for each in Format} | {".jpeg": Format.JPEG}
_MAIN_PARTS = {Format.WORD: "word/document.xml", Format.EXCEL: "xl/workbook.xml"}
# PDF names that make a reader run something, or that carry another file. The short /JS only with a script after it (a
# text or a reference): in ten megabytes of a scan its three letters stand by chance four times out of ten.
_ACTIVE_IN_PDF = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFile|XFA)(?![A-Za-z])|/JS[\0\s]*(?:[(<]|\d+[\0\s]+\d+[\0\s]+R)"
)
# Parts of an Office file that run something, or that carry or fetch another file.
_ACTIVE_IN_OFFICE = re.compile(r"vbaProject|/embeddings/|/activeX/|/externalLinks/")


class FileRefused(ValueError):
    """The file is not taken; the message says why, in Chinese."""


def checked(name: str, content: bytes) -> tuple[str, Format]:
    """The name as it is kept, and the format.

    Raises:
        FileRefused: it is empty or too large, of another kind, or not what its name says.
    """
    name = _plain(name)
    if not content:
        raise FileRefused(f"“{name}”是空的")
    if len(content) > MOST_BYTES:
        raise FileRefused(f"“{name}”太大，一个文件最多 {MOST_BYTES // 1024 // 1024} MB")
    claimed = _SUFFIXES.get(PurePath(name).suffix.lower())
    if claimed is None:
        raise FileRefused(f"“{name}”不是可以收的类型，只收 {listed(each.upper() for each in Format)}")
    found = _format_of(content)
    if found != claimed:
        raise FileRefused(f"“{name}”的内容和扩展名对不上，请用原来的软件另存一次再传")
    if found == Format.PDF and _ACTIVE_IN_PDF.search(content):
        raise FileRefused(f"“{name}”里有脚本、表单程序或者夹带的文件，请打印成普通 PDF 再传")
    if found in _MAIN_PARTS:
        _check_office(name, content)
    return name, found


def _plain(name: str) -> str:
    """The name without folders and without characters that cannot be seen, some of which turn a name around."""
    shown = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    stem, suffix = PurePath(re.split(r"[\\/]", shown)[-1]).stem.strip(), PurePath(shown).suffix
    return f"{(stem or '附件')[: MOST_NAME_CHARACTERS - len(suffix)]}{suffix}"


def _format_of(content: bytes) -> Format | None:
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return Format.PDF
    if content.startswith(b"\xff\xd8\xff") and content.rstrip(b"\0").endswith(b"\xff\xd9"):
        return Format.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in content[-16:]:
        return Format.PNG
    if content.startswith(b"PK\x03\x04"):
        names = _parts(content)
        return next((each for each, part in _MAIN_PARTS.items() if part in names), None)
    return None


def _parts(content: bytes) -> dict[str, int]:
    """Name → unpacked size of each part of a ZIP; none if it cannot be read or is no Office file."""
    if content.count(_ENTRY_OF_ZIP) > _MOST_PARTS:
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = {member.filename: member.file_size for member in packed.infolist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return {}
    return parts if "[Content_Types].xml" in parts else {}


def _check_office(name: str, content: bytes) -> None:
    parts = _parts(content)
    if sum(parts.values()) > _MOST_UNPACKED_BYTES:
        raise FileRefused(f"“{name}”展开以后太大，没有收")
    if any(_ACTIVE_IN_OFFICE.search(part) for part in parts):
        raise FileRefused(f"“{name}”里有宏、嵌入的文件或者外部链接，请去掉后再传，或者转成 PDF")
