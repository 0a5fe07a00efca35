"""Reads .doc and .wps by a program of the machine: antiword, else LibreOffice. Without either, they are left out."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.documents.content import DocumentContent, Paragraph, UnreadableDocument
from bot.documents.published import official

_SECONDS = 60
NOT_INSTALLED = "这台机器没有装 antiword 或 LibreOffice，读不了 .doc 和 .wps，请另存为 .docx"


def program() -> str | None:
    """The path of the program that reads .doc and .wps; None if there is none."""
    return next((found for name in ("antiword", "soffice", "libreoffice") if (found := shutil.which(name))), None)


def read_old_word(path: Path, data: bytes) -> DocumentContent:
    """Runs in a child with limits, which the program inherits.

    Raises:
        UnreadableDocument: no program is there, or it cannot read the file.
    """
    reader = program()
    if reader is None:
        raise UnreadableDocument(path, NOT_INSTALLED)
    with TemporaryDirectory() as folder:
        # The name is ours: the program never sees the one of the file.
        given = Path(folder) / "document.doc"
        given.write_bytes(data)
        text = _by_antiword(reader, given) if Path(reader).name == "antiword" else _by_office(reader, given)
    if text is None:
        raise UnreadableDocument(path, f"打不开，不是完好的 {path.suffix.lower()} 文件")
    return official([Paragraph(line.strip()) for line in text.split("\n") if line.strip()])


def _by_antiword(reader: str, given: Path) -> str | None:
    """`-w 0`: paragraphs are not wrapped."""
    output = _run([reader, "-m", "UTF-8.txt", "-w", "0", str(given)], given.parent)
    return None if output is None else output.decode("utf-8", errors="replace")


def _by_office(reader: str, given: Path) -> str | None:
    profile = f"-env:UserInstallation=file://{given.parent}/profile"
    command = [reader, profile, "--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(given.parent)]
    made = given.with_suffix(".txt")
    if _run([*command, str(given)], given.parent) is None or not made.exists():
        return None
    return made.read_text(encoding="utf-8-sig", errors="replace")


def _run(command: list[str], home: Path) -> bytes | None:
    """What the program prints; None if it fails. Macros do not run: nothing is opened for editing."""
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    try:
        ran = subprocess.run(command, capture_output=True, timeout=_SECONDS, env=environment, cwd=home, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return ran.stdout if ran.returncode == 0 else None
