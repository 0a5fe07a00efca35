"""Indexes in files: what is loaded is what was saved, mapped into memory, and a damaged file is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.search.index_folder import IndexFolder, Whole
from bot.search.mapped import FileUnreadable, Packed, load, save

NUMBERS = np.arange(1000, dtype=np.int32)


def test_what_is_loaded_is_what_was_saved_and_its_arrays_are_not_copied(tmp_path: Path) -> None:
    save(tmp_path / "a.index", {"numbers": NUMBERS, "flags": NUMBERS[::2] > 9, "texts": Packed(["一", "二"])})
    loaded = load(tmp_path / "a.index")
    assert (loaded["numbers"] == NUMBERS).all()
    assert not loaded["numbers"].flags.owndata
    assert loaded["flags"].sum() == 495
    assert list(loaded["texts"]) == ["一", "二"]


def test_a_file_that_is_cut_off_or_something_else_is_refused(tmp_path: Path) -> None:
    whole, cut, other = (tmp_path / name for name in ("whole", "cut", "other"))
    save(whole, NUMBERS)
    for size in (0, 5, 30, 200, len(whole.read_bytes()) - 1):
        cut.write_bytes(whole.read_bytes()[:size])
        with pytest.raises(FileUnreadable):
            load(cut)
    other.write_bytes(b"something else" * 20)
    for path in (other, tmp_path, tmp_path / "missing"):
        with pytest.raises(FileUnreadable):
            load(path)


def test_a_packed_sequence_is_read_like_a_list() -> None:
    packed = Packed(str(number) for number in range(5))
    assert (len(packed), packed[0], packed[-1], packed[1:3]) == (5, "0", "4", ["1", "2"])
    assert "3" in packed
    assert list(Packed(())) == []
    with pytest.raises(IndexError):
        packed[5]


def test_a_folder_names_the_newest_index_and_drops_the_one_before(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path, "sqlite:///a.db")
    for content, revision in (("first", 1), ("second", 2)):
        folder.save(content, Whole({}, content))
        folder.name_newest(content, revision)
    assert folder.newest() == folder.of_revision(2) == Whole({}, "second")
    assert folder.of_revision(1) is None
    assert folder.of_content("first") is None
    assert IndexFolder(tmp_path, "sqlite:///b.db").newest() is None


def test_databases_in_memory_share_no_newest_index(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path, "sqlite://")
    folder.save("one", Whole({}, "one"))
    folder.name_newest("one", 1)
    assert folder.of_content("one") == Whole({}, "one")
    assert folder.of_revision(1) is None
