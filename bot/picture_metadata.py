"""Takes out of a picture what the camera wrote beside it: place, time, device, a smaller picture, comments.

The picture itself stays as it is, byte for byte. A JPEG keeps which way up it is, since telephones store it sideways.
Formats: JPEG (ITU-T T.81, annex B), Exif 2.32 (TIFF 6.0), PNG (RFC 2083 and its extensions).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_RESTARTS = range(0xD0, 0xD8)
_APP1, _COMMENT = 0xE1, 0xFE
# JFIF, colour profiles and Adobe's kind of colours: without them the colours are wrong.
_KEPT_APPLICATION = ((0xE0, b"JFIF\0"), (0xE2, b"ICC_PROFILE\0"), (0xEE, b"Adobe"))
_EXIF = b"Exif\0\0"
_ORIENTATION, _SHORT = 0x0112, 3

_PNG = b"\x89PNG\r\n\x1a\n"
# What it takes to draw the picture in its colours, animated or not.
_KEPT_CHUNKS = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP"),
        *(b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"),
    }
)


class PictureBroken(ValueError):
    """The picture does not have the form of its format."""


def without_metadata(content: bytes) -> bytes:
    """The same picture without metadata, and without what follows its end. Other formats come back as they are.

    Raises:
        PictureBroken
    """
    try:
        if content.startswith(bytes((0xFF, _SOI))):
            return b"".join(_jpeg(content))
        if content.startswith(_PNG):
            return b"".join(_png(content))
    except (IndexError, struct.error):
        raise PictureBroken("the picture ends too early") from None
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    position, turned = 2, False
    while True:
        position, marker = _next_marker(content, position)
        if marker == _EOI:
            yield bytes((0xFF, _EOI))
            return
        end = position + 2 + struct.unpack_from(">H", content, position + 2)[0]
        if end < position + 4 or end > len(content):
            raise PictureBroken("a part of the picture is longer than the picture")
        body = content[position + 4 : end]
        if marker == _APP1 and body.startswith(_EXIF) and not turned:
            turned = True
            yield _only_orientation(body[len(_EXIF) :])
        if marker == _SOS:
            end = _end_of_scan(content, end)
        if _is_picture(marker, body):
            yield content[position:end]
        position = end


def _next_marker(content: bytes, position: int) -> tuple[int, int]:
    """Where the next marker begins, and which it is. 0xFF may fill the space before it."""
    if content[position] != 0xFF:
        raise PictureBroken("no marker where one has to be")
    while content[position + 1] == 0xFF:
        position += 1
    marker = content[position + 1]
    if marker in (0, _TEM, _SOI) or marker in _RESTARTS:
        raise PictureBroken("a marker where none can be")
    return position, marker


def _end_of_scan(content: bytes, position: int) -> int:
    """Where the compressed picture ends: at a marker that is neither a stuffed byte nor a restart."""
    while True:
        position = content.find(b"\xff", position)
        if position < 0:
            raise PictureBroken("the picture has no end")
        following = content[position + 1]
        if following == 0xFF:
            position += 1
        elif following == 0 or following in _RESTARTS:
            position += 2
        else:
            return position


def _is_picture(marker: int, body: bytes) -> bool:
    if marker == _COMMENT:
        return False
    if 0xE0 <= marker <= 0xEF:
        return any(marker == kept and body.startswith(begins) for kept, begins in _KEPT_APPLICATION)
    return True


def _only_orientation(tiff: bytes) -> bytes:
    """An Exif part that says nothing but which way up the picture is; empty if it stands as it lies."""
    orientation = _orientation(tiff)
    if orientation is None or not 2 <= orientation <= 8:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, orientation, 0)
    body = _EXIF + b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return bytes((0xFF, _APP1)) + struct.pack(">H", len(body) + 2) + body


def _orientation(tiff: bytes) -> int | None:
    order = {b"MM": ">", b"II": "<"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for number in range(count):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
            if tag == _ORIENTATION and kind == _SHORT:
                return int(value)
    except struct.error:
        pass  # the Exif part is broken: the picture can do without
    return None


def _png(content: bytes) -> Iterator[bytes]:
    yield _PNG
    position = len(_PNG)
    while True:
        length, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + length
        if end > len(content):
            raise PictureBroken("a part of the picture is longer than the picture")
        if kind in _KEPT_CHUNKS:
            yield content[position:end]
        if kind == b"IEND":
            return
        position = end
