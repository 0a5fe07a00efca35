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
PICTURES = (Format.JPEG, Format.PNG)
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


async def received_picture(field: object) -> tuple[str, bytes]:
    """Format and content of a picture that everybody may see.

    Raises:
        FileRefused: as `received`, and if it is no picture.
    """
    if not isinstance(field, web.FileField) or not field.filename:
        raise FileRefused("请先选图片")
    name, found, content = await asyncio.to_thread(_checked, field)
    if found not in PICTURES:
        raise FileRefused(f"“{name}”不是图片，只收 JPG 和 PNG")
    return found.value, content


def _sealed(field: web.FileField, sealer: Sealer) -> SealedFile:
    name, found, content = _checked(field)
    return SealedFile(name, found.value, len(content), sealer.seal_bytes(content))


def _checked(field: web.FileField) -> tuple[str, Format, bytes]:
    content = field.file.read()
    name, found = checked(field.filename, content)
    try:
        return name, found, without_metadata(content)
    except PictureBroken:
        raise FileRefused(f"“{name}”打不开，可能没有传完整，请重新传") from None


def size_in_words(size: int) -> str:
    """`size` in bytes → “350 KB”, “2.1 MB”."""
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{max(1, round(size / 1024))} KB"
