"""Filters of a list: what fits, what would be left for each choice, and the pages of what fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.paging import ListPart
from bot.search.filters import Choice, Listing


@dataclass(frozen=True)
class One:
    name: str
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


ITEMS = [
    One("身份证", {"department": ["GA"], "applicant": ["自然人"]}),
    One("许可", {"department": ["SC"], "applicant": ["自然人", "法人"]}),
    One("登记", {"department": ["SC"], "applicant": ["法人"]}),
    One("没有写"),
]

LIST = Listing(ITEMS)


def names(**wanted: str) -> list[str]:
    return [one.name for one in LIST.fitting(wanted)]


def test_entries_fit_all_filters_and_an_empty_one_filters_nothing() -> None:
    assert names(department="SC", applicant="自然人") == ["许可"]
    assert names(department="", applicant="法人") == ["许可", "登记"]
    assert len(names()) == 4
    assert names(department="XX") == []


def test_a_choice_tells_how_many_would_be_left_under_the_other_filters() -> None:
    wanted = {"department": "SC", "applicant": "法人"}
    assert LIST.choices(wanted, "applicant") == [Choice("法人", "法人", 2), Choice("自然人", "自然人", 1)]
    titles = {"GA": "公安局", "SC": "市场局", "MZ": "民政局"}
    assert LIST.choices({}, "department", titles) == [Choice("GA", "公安局", 1), Choice("SC", "市场局", 2)]


def test_what_is_chosen_stays_a_choice_though_nothing_fits() -> None:
    assert LIST.choices({"department": "MZ"}, "department", {"MZ": "民政局"}) == [Choice("MZ", "民政局", 0)]
    assert Choice("某人", "某人", 0) in LIST.choices({"applicant": "某人"}, "applicant")


def test_an_entry_that_has_a_value_twice_is_counted_once() -> None:
    twice = Listing([One("登记", {"theme": ["住房保障", "住房保障"]})])
    assert twice.choices({}, "theme") == [Choice("住房保障", "住房保障", 1)]


def test_an_empty_list_has_no_choices_but_the_chosen_one() -> None:
    nothing: Listing[One] = Listing([])
    assert nothing.fitting({"theme": "住房保障"}) == []
    assert nothing.useful_choices({"theme": "住房保障", "kind": ""}, {}) == {
        "theme": [Choice("住房保障", "住房保障", 0)]
    }


def test_a_page_that_is_not_there_is_the_nearest_one() -> None:
    assert [one.name for one in ListPart.of(ITEMS, 2, 3).rows] == ["没有写"]
    for number, meant in ((0, 1), (-5, 1), (99, 2)):
        assert ListPart.of(ITEMS, number, 3).number == meant
    empty: ListPart[One] = ListPart.of([], 1, 3)
    assert (empty.total, empty.number, empty.last_number) == (0, 1, 1)
