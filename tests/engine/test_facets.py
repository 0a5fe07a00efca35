import pytest

from bot.language.facets import named_facets


@pytest.mark.parametrize(
    ("said", "facets"),
    [
        ("要什么材料,多少钱", ["materials", "fee"]),
        ("去哪办,几天能好,要不要钱", ["place", "time_limit", "fee"]),
        ("网上能办吗", ["online"]),
        ("身份证丢了", []),
    ],
)
def test_facets_come_in_the_order_in_which_they_are_named(said: str, facets: list[str]) -> None:
    assert named_facets(said) == facets
