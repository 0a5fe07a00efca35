"""An index in segments says what an index built anew would say, whatever happened before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.search import choosing, growth, vectors
from bot.search.collection import WORDS, Collection, SearchPassage, analysed
from bot.search.growth import Growing, grown
from bot.search.index import PassageIndex
from bot.search.index_folder import IndexFolder, Whole
from bot.search.segments import Group, Places, Segment, Segments
from bot.search.vectors import LatentSpace
from tests.search.town import PASSAGES

QUESTIONS = ("房东不退押金怎么办", "依照《劳动合同法》拖欠工资", "租赁合同解除", "试用期几个月", "加班费")
Groups = dict[str, Group[SearchPassage]]


class Memory:
    """Parts that lie nowhere."""

    def part(self, name: str, make: Callable[[], Any]) -> Any:
        return make()


def document(number: int, version: int) -> Group[SearchPassage]:
    """A few passages of the town, under a title of their own; another version has others."""
    chosen = [PASSAGES[(number * 5 + version * 3 + step) % len(PASSAGES)] for step in range(1 + number % 4)]
    return Group(
        f"{number}.{version}",
        [
            SearchPassage(f"{number}#{place}", f"办法{number % 3}第{place}条", passage.text)
            for place, passage in enumerate(chosen, start=1)
        ],
    )


def made(groups: Sequence[Group[SearchPassage]]) -> Segment[SearchPassage]:
    return analysed(groups, lambda passage: passage)


def content(groups: Groups) -> Growing[SearchPassage]:
    return Growing(tuple(groups), lambda wanted: (groups[each] for each in wanted), made)


def after(before: Sequence[Segment[SearchPassage]], groups: Groups) -> Segments[SearchPassage]:
    return grown(Memory(), before, content(groups))


def index_of(passages: Segments[SearchPassage], space: LatentSpace | None = None) -> PassageIndex:
    space = space or LatentSpace.fit(passages.postings(WORDS))
    return PassageIndex(
        Collection.of(passages, space, [space.vectors(each.terms[WORDS]) for each in passages.segments])
    )


@pytest.fixture(autouse=True)
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that few passages make several segments, and segments that are merged no more."""
    monkeypatch.setattr(growth, "_AT_ONCE", 6)
    monkeypatch.setattr(growth, "_LARGEST", 20)
    monkeypatch.setattr(growth, "_SMALL", 3)


# A change: the number of a document, and its version; 0 takes it away.
@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3)), min_size=1, max_size=8), max_size=6))
def test_any_changes_lead_to_what_a_full_build_gives(steps: list[list[tuple[int, int]]]) -> None:
    versions: dict[int, int] = {}
    segments: Sequence[Segment[SearchPassage]] = ()
    for changes in [[(0, 1), (1, 1), (2, 1)], *steps]:
        versions |= dict(changes)
        groups = {
            group.fingerprint: group
            for group in (document(number, version) for number, version in sorted(versions.items()) if version)
        }
        passages = after(segments, groups)
        segments = passages.segments
    anew = after((), groups)
    assert list(passages) == list(anew) == [passage for group in groups.values() for passage in group.elements]
    ours, theirs = index_of(passages), index_of(anew)
    for question in QUESTIONS:
        assert ours.search(question, 50) == theirs.search(question, 50)
    with pytest.MonkeyPatch.context() as patched:
        # As in a large collection: the passages are chosen by their rarest terms, and looked up in each segment.
        patched.setattr(choosing, "_ALL", 0)
        for question in QUESTIONS:
            assert ours.search(question, 3) == theirs.search(question, 3)
    assert np.array_equal(ours.collection.works.citations, theirs.collection.works.citations)
    assert {name: ours.positions[name] for name in ours.positions} == {p.id: n for n, p in enumerate(anew)}


def test_a_large_collection_keeps_its_space_and_finds_what_a_full_build_in_it_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vectors, "_SMALL", 10)
    groups = {group.fingerprint: group for group in (document(number, 1) for number in range(12))}
    before = after((), groups)
    space = LatentSpace.fit(before.postings(WORDS))
    groups["3.2"] = document(3, 2)
    del groups["3.1"]
    passages = after(before.segments, groups)
    assert space.serves(len(passages))
    assert not space.serves(2 * len(passages))
    for question in QUESTIONS:
        anew = index_of(after((), groups), space)
        assert index_of(passages, space).search(question, 50) == anew.search(question, 50)


def test_one_more_document_is_all_that_is_analysed() -> None:
    groups = {group.fingerprint: group for group in (document(number, 1) for number in range(40))}
    before, analysed_groups = after((), groups), []

    def counted(some: Sequence[Group[SearchPassage]]) -> Segment[SearchPassage]:
        analysed_groups.append([group.fingerprint for group in some])
        return made(some)

    groups["50.1"] = document(50, 1)
    passages = grown(Memory(), before.segments, Growing(tuple(groups), content(groups).read, counted))
    assert analysed_groups == [["50.1"]]
    assert len(passages.segments) < 10


def test_a_build_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    folder, groups = IndexFolder(tmp_path, "sqlite:///a.db"), {}
    groups = {group.fingerprint: group for group in (document(number, 1) for number in range(12))}
    analysed_groups: list[str] = []

    def until(most: int) -> Callable[[Sequence[Group[SearchPassage]]], Segment[SearchPassage]]:
        def analyse(some: Sequence[Group[SearchPassage]]) -> Segment[SearchPassage]:
            if len(analysed_groups) >= most:
                raise KeyboardInterrupt
            analysed_groups.extend(group.fingerprint for group in some)
            return made(some)

        return analyse

    with pytest.raises(KeyboardInterrupt):
        grown(folder, (), Growing(tuple(groups), content(groups).read, until(5)))
    told: list[tuple[int, int]] = []
    passages = grown(
        folder,
        (),
        Growing(tuple(groups), content(groups).read, until(100)),
        lambda done, total: told.append((done, total)),
    )
    assert sorted(analysed_groups) == sorted(groups)
    assert list(passages) == list(after((), groups))
    assert told[-1] == (12, 12)


def test_parts_that_no_index_needs_are_deleted_when_the_next_one_is_whole(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path, "sqlite:///a.db")
    for number, parts in enumerate((["one", "two"], ["two", "three"])):
        made_parts = {name: folder.part(name, lambda: [1]) for name in parts}
        folder.save(str(number), Whole(made_parts, number))
        if number:
            assert folder.newest() == Whole({"one": [1], "two": [1]}, 0)
        folder.name_newest(str(number), number)
    assert sorted(path.name for path in tmp_path.glob("*.part")) == ["three.part", "two.part"]
    assert folder.newest() == Whole({"two": [1], "three": [1]}, 1)


def test_an_index_of_which_a_part_is_lost_is_none(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path, "sqlite:///a.db")
    folder.save("0", Whole({"one": folder.part("one", lambda: [1])}, 0))
    folder.name_newest("0", 0)
    (tmp_path / "one.part").write_bytes(b"cut off")
    assert folder.newest() is None
    assert folder.part("one", lambda: [2]) == [2]


def test_places_are_told_in_the_order_asked_for_however_the_groups_are_divided() -> None:
    groups = {each.fingerprint: each for each in (document(1, 1), document(2, 1))}
    first, second = (made([group]) for group in groups.values())
    for segments in ([first, second], [second, first]):
        names = Places(Segments(segments, tuple(groups)), lambda passage: passage.id)
        assert list(names.of(["2#1", "none", "1#1"])) == ["2#1", "1#1"]
