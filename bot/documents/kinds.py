"""Tells by the first bytes what a file is, whatever its name says."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from io import BytesIO
from pathlib import Path

from bot.documents.content import UnreadableDocument


class Kind(StrEnum):
    """What a file is, in the words that a clerk reads."""

    TEXT = "文本"
    PDF = "PDF"
    WORD = "Word 文件（.docx）"
    OLD_WORD = "老式 Word 或 WPS 文件（.doc、.wps）"
    OFD = "OFD 文件"
    OPEN_DOCUMENT = "OpenDocument 文件（.odt）"
    RICH_TEXT = "RTF 文件"
    SHEET = "表格（.xlsx、.xls、.ods）"
    SLIDES = "演示文稿"
    ARCHIVE = "压缩包"
    PICTURE = "图片"
    WEB_ARCHIVE = "网页归档（.mht）"
    PROGRAM = "程序"
    OTHER_OLE = "老式 Office 文件"


# The suffixes of the formats that are read, with what such a file must be.
KINDS = {
    ".md": Kind.TEXT,
    ".markdown": Kind.TEXT,
    ".txt": Kind.TEXT,
    ".html": Kind.TEXT,
    ".htm": Kind.TEXT,
    ".docx": Kind.WORD,
    ".pdf": Kind.PDF,
    ".ofd": Kind.OFD,
    ".rtf": Kind.RICH_TEXT,
    ".odt": Kind.OPEN_DOCUMENT,
    ".doc": Kind.OLD_WORD,
    ".wps": Kind.OLD_WORD,
}
SUFFIXES = frozenset(KINDS)

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS = (
    (b"{\\rtf", Kind.RICH_TEXT),
    (b"Rar!", Kind.ARCHIVE),
    (b"7z\xbc\xaf", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"\x89PNG", Kind.PICTURE),
    (b"\xff\xd8\xff", Kind.PICTURE),
    (b"GIF8", Kind.PICTURE),
    (b"II*\0", Kind.PICTURE),
    (b"MM\0*", Kind.PICTURE),
    (b"MIME-Version:", Kind.WEB_ARCHIVE),
    (b"From: <Saved by", Kind.WEB_ARCHIVE),
    (b"MZ\x90", Kind.PROGRAM),
    (b"\x7fELF", Kind.PROGRAM),
)
# A PDF may begin with some bytes of a mail program.
_PDF_WITHIN = 1024


def checked_kind(path: Path, data: bytes) -> Kind:
    """The kind of the file, which is the one that its name says.

    Raises:
        UnreadableDocument: the format is not read, the name is false, or the file has a password.
    """
    suffix = path.suffix.lower()
    if suffix not in KINDS:
        raise UnreadableDocument(path, f"只能读 {'、'.join(KINDS)}")
    kind = kind_of(data)
    if kind is None:
        raise UnreadableDocument(path, "加了密码，请去掉密码再存")
    if kind is not KINDS[suffix]:
        what = f"名字是 {suffix}，内容却是{kind}"
        right = next((name for name, other in KINDS.items() if other is kind), None)
        readable = right is not None and kind is not Kind.TEXT
        raise UnreadableDocument(path, f"{what}，请{f'改名为 {right}' if readable else '核对'}后再导入")
    return kind


def kind_of(data: bytes) -> Kind | None:
    """None if the file is an Office file with a password, which hides what it is."""
    head = data[:_PDF_WITHIN]
    if b"%PDF-" in head:
        return Kind.PDF
    if data.startswith(_ZIP):
        return _kind_of_package(data)
    if data.startswith(_OLE):
        return _kind_of_ole(data)
    return next((kind for sign, kind in _SIGNS if head.lstrip(b"\xef\xbb\xbf\r\n \t").startswith(sign)), Kind.TEXT)


def _kind_of_package(data: bytes) -> Kind:
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = {member.filename for member in package.infolist()[:10_000]}
            has_mimetype = "mimetype" in names and package.getinfo("mimetype").file_size < 200
            mimetype = package.read("mimetype").decode("ascii", "replace").strip() if has_mimetype else ""
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
        return Kind.ARCHIVE
    if "word/document.xml" in names or any(name.startswith("word/") for name in names):
        return Kind.WORD
    if "OFD.xml" in names:
        return Kind.OFD
    if mimetype.startswith("application/vnd.oasis.opendocument.text"):
        return Kind.OPEN_DOCUMENT
    if any(name.startswith("xl/") for name in names) or "spreadsheet" in mimetype:
        return Kind.SHEET
    return Kind.SLIDES if any(name.startswith("ppt/") for name in names) else Kind.ARCHIVE


def _kind_of_ole(data: bytes) -> Kind | None:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return None
    if "WordDocument".encode("utf-16-le") in data:
        return Kind.OLD_WORD
    return Kind.SHEET if "Workbook".encode("utf-16-le") in data else Kind.OTHER_OLE
