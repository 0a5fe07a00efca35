"""Opens the zip packages that DOCX, OFD and ODT files are, within limits, and reads their XML without entities."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from bot.bounded import TOO_LARGE
from bot.documents.content import UnreadableDocument

# Of all XML parts of the file; pictures are not opened. A statute book of 1,000 pages has 5 MB.
MOST_XML_BYTES = 48 << 20
MOST_MEMBERS = 10_000
_XML = (".xml", ".rels")
_ENTITIES = re.compile(rb"<\x00?!\x00?(?:D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E|E\x00?N\x00?T\x00?I\x00?T\x00?Y)")
_PROLOGUE = 1 << 16
_MACROS = re.compile(r"(?:^|/)(?:vbaProject\.bin|vbaData\.xml)$|^Basic/|^Scripts/", re.IGNORECASE)


class Package:
    """A checked package. `part` reads one XML part of it."""

    def __init__(self, path: Path, data: bytes) -> None:
        """Raises:
        UnreadableDocument: it is broken, too large, has a password or macros, or paths that lead out of it.
        """
        self._path = path
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
            self._members = {member.filename: member for member in self._zip.infolist()}
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise self._broken() from None
        self._check()

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._members)

    def part(self, name: str) -> ElementTree.Element:
        """Raises:
        UnreadableDocument: there is no such part, or it is no XML.
        """
        content = self.content(name)
        try:
            return ElementTree.fromstring(content)  # noqa: S314 # `content` refuses entities
        except (ElementTree.ParseError, ValueError, LookupError):
            raise self._broken() from None

    def content(self, name: str) -> bytes:
        try:
            content = self._zip.read(self._members[name])
        except (KeyError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError):
            raise self._broken() from None
        if _ENTITIES.search(content[:_PROLOGUE]):
            raise UnreadableDocument(self._path, "里面定义了实体（DTD），不安全，没有读")
        return content

    def _check(self) -> None:
        if len(self._members) > MOST_MEMBERS or sum(map(self._xml_bytes, self._members)) > MOST_XML_BYTES:
            raise UnreadableDocument(self._path, TOO_LARGE)
        if any(_leads_out(name) for name in self._members):
            raise UnreadableDocument(self._path, "里面有指到外面的路径，不安全，没有读")
        if any(_MACROS.search(name) for name in self._members):
            raise UnreadableDocument(self._path, "带有宏，不安全，请另存为不带宏的文件")
        if any(member.flag_bits & 1 for member in self._members.values()):
            raise UnreadableDocument(self._path, "加了密码，请去掉密码再存")
        for name in self._members:
            if name.lower().endswith(_XML):
                self.content(name)

    def _xml_bytes(self, name: str) -> int:
        return self._members[name].file_size if name.lower().endswith(_XML) else 0

    def _broken(self) -> UnreadableDocument:
        return UnreadableDocument(self._path, f"打不开，不是完好的 {self._path.suffix.lower()} 文件")


def _leads_out(name: str) -> bool:
    plain = PurePosixPath(name.replace("\\", "/"))
    return plain.is_absolute() or ".." in plain.parts or ":" in name.split("/", 1)[0]
