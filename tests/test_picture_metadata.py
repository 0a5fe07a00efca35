"""Pictures lose what the camera wrote beside them, and nothing of what they show."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from bot.picture_metadata import PictureBroken, without_metadata

_ORIENTATION, _MAKE, _GPS = 0x0112, 0x010F, 0x8825
SECRET = "云河市清江区某某路"


def photo(orientation: int = 6, **how: object) -> bytes:
    """A JPEG as a telephone writes it: turned, with its make, a place and a comment."""
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_MAKE] = orientation, "SECRET-PHONE"
    exif.get_ifd(_GPS)[2] = (39.0, 54.0, 27.0)
    kept = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(
        kept, "JPEG", exif=exif, comment=SECRET.encode(), icc_profile=b"profile", **how
    )
    return kept.getvalue()


def drawing() -> bytes:
    told = PngImagePlugin.PngInfo()
    told.add_itxt("Comment", SECRET)
    told.add_text("Author", "SECRET-AUTHOR")
    kept = io.BytesIO()
    Image.linear_gradient("L").resize((64, 48)).convert("RGBA").save(kept, "PNG", pnginfo=told, dpi=(96, 96))
    return kept.getvalue()


def pixels(content: bytes) -> bytes:
    return Image.open(io.BytesIO(content)).tobytes()


@pytest.mark.parametrize("how", [{}, {"progressive": True}, {"restart_marker_rows": 1}])
def test_a_photo_keeps_its_picture_and_which_way_up_it_is_and_nothing_else(how: dict[str, object]) -> None:
    content = photo(**how)
    kept = without_metadata(content)
    assert pixels(kept) == pixels(content)
    shown = Image.open(io.BytesIO(kept))
    assert dict(shown.getexif()) == {_ORIENTATION: 6}
    assert shown.info["icc_profile"] == b"profile"
    assert b"SECRET" not in kept
    assert SECRET.encode() not in kept
    assert b"SECRET" in content


def test_a_photo_that_stands_upright_says_nothing_at_all() -> None:
    assert b"Exif" not in without_metadata(photo(orientation=1))


def test_what_hangs_behind_the_end_is_dropped() -> None:
    assert without_metadata(photo() + b"SECRET" + photo()) == without_metadata(photo())


def test_a_drawing_keeps_its_picture_and_loses_its_texts() -> None:
    content = drawing()
    kept = without_metadata(content + b"SECRET")
    assert pixels(kept) == pixels(content)
    assert b"SECRET" not in kept
    assert "Comment" not in Image.open(io.BytesIO(kept)).info


def test_other_files_stay_as_they_are() -> None:
    assert without_metadata(b"%PDF-1.7") == b"%PDF-1.7"


@given(st.data())
def test_a_torn_picture_is_refused_and_never_breaks_anything(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from([photo(), drawing()]))
    torn = bytearray(content[: data.draw(st.integers(2, len(content)))])
    for _ in range(data.draw(st.integers(0, 4))):
        torn[data.draw(st.integers(2, len(torn) - 1)) if len(torn) > 2 else 1] = data.draw(st.integers(0, 255))
    try:
        kept = without_metadata(bytes(torn))
    except PictureBroken:
        return
    assert len(kept) <= len(torn) + 64
    assert without_metadata(kept) == kept
