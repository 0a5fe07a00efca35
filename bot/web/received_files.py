"""A file that somebody sends: read, checked by its content, pictures without metadata, sealed."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.conversations.talk_files import SealedFile
from bot.notices.file_formats import MOST_BYTES, FileRefused, Format, checked
from bot.picture_metadata import PictureBroken, without_metadata
from bot.sealing import Sealer

# For the field that chooses a file.
FORMATS = ",".join(f".{each}" for each in (*Format, "jpeg"))
# Room for the other fields of the form.
MOST_UPLOADED_BYTES = MOST_BYTES + 64 * 1024


async def received(field: object, sealer: Sealer) -> SealedFile:
    """The file in this field of a form.

    Raises:
        FileRefused: none was chosen, or it cannot be taken; the message says why, in Chinese.
    """
    if not isinstance(field, web.FileField) or not field.filename:
        raise FileRefused("请先选文件")
    return await asyncio.to_thread(_sealed, field, sealer)


def _sealed(field: web.FileField, sealer: Sealer) -> SealedFile:
    content = field.file.read()
    name, found = checked(field.filename, content)
    try:
        content = without_metadata(content)
    except PictureBroken:
        raise FileRefused(f"“{name}”打不开，可能没有传完整，请重新传") from None
    return SealedFile(name, found.value, len(content), sealer.seal_bytes(content))


def size_in_words(size: int) -> str:
    """`size` in bytes → “350 KB”, “2.1 MB”."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
