"""Imports a register that a clerk uploads: an Excel workbook, or two CSV files, in a ZIP or not."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from bot.catalogue.models import Department
from bot.disclosures.importer import ImportedRequests, import_tables, read_delivery, refuse_others
from bot.sheets import WORKBOOK_SUFFIXES
from bot.tabular import ImportRejected, RowError

TABLES = ("requests", "request_events")
# Limit for unpacked files: a small ZIP can unpack to a size that fills the disk.
_MOST_UNPACKED_BYTES = 50 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes


def import_upload(
    session: Session, uploads: Sequence[Upload], today: date, department: Department | None = None
) -> ImportedRequests:
    """Imports the files. `department`: the only one allowed in them.

    Raises:
        ImportRejected: a file or row is wrong; nothing was loaded.
    """
    with TemporaryDirectory() as folder:
        path = _laid_out(uploads, Path(folder))
        tables = read_delivery(path)
        if department is not None:
            refuse_others(session, tables, department)
            tables.raise_errors()
        return import_tables(session, tables, today)


def _laid_out(uploads: Sequence[Upload], folder: Path) -> Path:
    """Writes the files into `folder` in the form that `read_tables` reads; returns the path to read."""
    suffixes = [PurePath(upload.name).suffix.lower() for upload in uploads]
    if len(suffixes) == 1 and suffixes[0] in WORKBOOK_SUFFIXES:
        path = folder / f"register{suffixes[0]}"
        path.write_bytes(uploads[0].content)
        return path
    files = _unpacked(uploads[0]) if suffixes == [".zip"] else list(uploads)
    if not files or any(PurePath(file.name).suffix.lower() != ".csv" for file in files):
        raise _rejected(
            "上传的文件",
            "要一个工作簿（.xlsx、.xls、.ods），或者 requests.csv 和 request_events.csv 两个文件（可以打成一个 .zip）",
        )
    for file in files:
        table = PurePath(file.name).stem
        if table not in TABLES:
            raise _rejected(file.name, f"文件名只能是 {TABLES[0]}.csv 和 {TABLES[1]}.csv")
        (folder / f"{table}.csv").write_bytes(file.content)
    return folder


def _unpacked(upload: Upload) -> list[Upload]:
    """The CSV files in the ZIP, from any folder. Hidden files, which some systems add, are left out."""
    _refuse_bombs(upload)
    with zipfile.ZipFile(io.BytesIO(upload.content)) as packed:
        members = [
            member
            for member in packed.infolist()
            if not member.is_dir()
            and PurePath(member.filename).suffix.lower() == ".csv"
            and not PurePath(member.filename).name.startswith(".")
        ]
        try:
            return [Upload(PurePath(member.filename).name, packed.read(member)) for member in members]
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError):
            raise _rejected(upload.name, "解不开，可能加了密码或者没有传完整") from None


def _refuse_bombs(upload: Upload) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.content)) as packed:
            size = sum(member.file_size for member in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _rejected(upload.name, "打不开，文件不完好") from None
    if size > _MOST_UNPACKED_BYTES:
        raise _rejected(upload.name, "展开以后太大，请分几次导入")


def _rejected(name: str, message: str) -> ImportRejected:
    return ImportRejected([RowError(name, 1, "—", message)])
