import pytest

from bot.language.facets import asks_until_done, named_facets


@pytest.mark.parametrize(
    ("said", "facets"),
    [
        ("要什么材料,多少钱", ["materials", "fee"]),
        ("去哪办,几天能好,要不要钱", ["place", "time_limit", "fee"]),
        ("网上能办吗", ["online"]),
        ("身份证丢了", []),
        ("地址填我家里行吗", []),
        ("你们地址在哪", ["place"]),
        ("周六上班吗", ["place"]),
        ("登记费多少", ["fee"]),
        ("小程序能办吗", ["online"]),
        ("家里条件不好", []),
    ],
)
def test_facets_come_in_the_order_in_which_they_are_named(said: str, facets: list[str]) -> None:
    assert named_facets(said) == facets


@pytest.mark.parametrize(
    ("said", "until_done"), [("多久能下来", True), ("几天办好", True), ("租房多久可以办居住证", False), ("多久", False)]
)
def test_how_long_until_it_is_done_is_told_from_other_durations(said: str, *, until_done: bool) -> None:
    assert asks_until_done(said) is until_done
