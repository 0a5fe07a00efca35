from bot.engine.lexicon import Entry, Lexicon
from bot.engine.matters import CONTEXT, Example, MatterModel, Names

MARRIAGE = Entry("MZ-001", "item", "结婚登记", ["结婚登记", "领结婚证"], [])
FOOD = Entry("SC-005", "item", "食品经营许可", ["食品经营许可", "食品经营许可证"], [])
LOST = Entry("补领婚姻登记证", "absent", "补领婚姻登记证", ["补领婚姻登记证", "补领结婚证"], [])
WORKS = Entry("食品生产许可", "absent", "食品生产许可", ["食品生产许可"], [])
NAMES = Names([MARRIAGE, FOOD], [LOST, WORKS])


def test_the_longest_name_of_an_item_counts() -> None:
    assert NAMES.matched("食品经营许可证怎么办") == {"SC-005": 7}


def test_an_absent_matter_is_known_by_its_name_even_around_that_of_an_item() -> None:
    assert NAMES.absent_in("补领结婚证要带什么") == ("补领婚姻登记证", "补领结婚证")
    assert NAMES.matched("补领结婚证要带什么".replace("补领结婚证", " ")) == {}


def test_an_absent_matter_is_known_though_words_of_wishing_part_its_name() -> None:
    assert by_name_alone().judge("结婚证我想补领,能补领我的结婚证吗").absent_name == "补领婚姻登记证"


def test_a_longer_name_of_an_item_goes_before_an_absent_matter() -> None:
    assert NAMES.absent_in("食品经营许可证和食品生产许可") is None


def test_what_names_neither_is_neither() -> None:
    assert NAMES.absent_in("今天天气") is None
    assert NAMES.matched("今天天气") == {}


def by_name_alone() -> MatterModel:
    """A model of a catalogue for which there are no wordings: those that there are belong to another city's items."""
    others = [Example("身份证丢了", ("GA-003",), "1"), Example("今天天气", ("other",), "2")]
    return MatterModel().fit(others, Lexicon([MARRIAGE, FOOD, LOST, WORKS], []))


def test_wordings_of_another_citys_items_teach_nothing() -> None:
    judgement = by_name_alone().judge("身份证丢了怎么办")
    assert [candidate.code for candidate in judgement.candidates if candidate.probability] == []
    assert (judgement.kind, judgement.absent_name) == (CONTEXT, None)


def test_without_wordings_an_item_is_known_by_its_name() -> None:
    (found,) = by_name_alone().judge("食品经营许可证多少钱").candidates
    assert (found.code, found.probability) == ("SC-005", 1.0)
    assert by_name_alone().judge("补领结婚证要带什么").absent_name == "补领婚姻登记证"
