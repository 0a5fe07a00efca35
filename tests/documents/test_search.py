import pytest

from bot.documents.highlights import best_sentences
from bot.documents.search import GOOD_ENOUGH, DocumentIndex, IndexedPassage
from bot.documents.words import TermReader

RESIDENCE, DOGS, OLD_DOGS = "云河市居住证管理办法", "云河市养犬管理办法", "云河市犬只管理暂行规定"
PASSAGES = [
    IndexedPassage(
        1, "residence.md#1", RESIDENCE, "第二章 申领", "第四条", "在云河市住满半年的，可以申领居住证。", True
    ),
    IndexedPassage(2, "residence.md#2", RESIDENCE, "第三章 签注", "第十一条", "居住证每年签注一次。", True),
    IndexedPassage(
        3, "residence.md#3", RESIDENCE, "第三章 签注", "第十三条", "居住证丢失的，向居住地派出所申请补领。", True
    ),
    IndexedPassage(
        4, "dogs.md#4", DOGS, "第三章 登记", "第三十三条", "养犬登记证遗失的，养犬人应当在十五日内申请补发。", True
    ),
    IndexedPassage(5, "dogs.md#5", DOGS, "第三章 登记", "第三十四条", "每户限养一只犬，依照第三十三条登记。", True),
    IndexedPassage(
        6, "old-dogs.md#6", OLD_DOGS, "", "第九条", "每户限养一只犬，由派出所登记，登记费每只五百元。", False
    ),
    IndexedPassage(
        7, "old-dogs.md#7", OLD_DOGS, "", "第十二条", "养犬登记证遗失的，养犬人应当在十五日内申请补发。", False
    ),
    IndexedPassage(8, "rental.md#8", "云河市公共租赁住房细则", "轮候", "", "公共租赁住房的轮候期不超过五年。", True),
]
WORDING = TermReader({"公共租赁住房": "公租房"})
INDEX = DocumentIndex.of(PASSAGES, WORDING)


def found(query: str, count: int = 3) -> list[int]:
    return [hit.passage_id for hit in INDEX.search(query, count)]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("居住证多久签注一次？", 2),
        ("居住证丢了怎么补领", 3),
        ("養犬登記證遺失怎麼補發", 4),
        ("ＪＵＺＨＵ居住证，住满多久可以申领", 1),
        ("养犬管理办法第33条", 4),
        ("养犬管理办法第三十三条是什么", 4),
        ("公租房轮候要几年", 8),
        ("养犬登记证在15日内补发吗", 4),
    ],
)
def test_the_passage_that_answers_comes_first(query: str, best: int) -> None:
    assert found(query)[0] == best


@pytest.mark.parametrize("query", ["今天天气怎么样", "怎么做红烧肉", "渔船捕捞许可怎么办", "世界杯谁赢了"])
def test_a_question_about_something_else_scores_too_low_to_answer(query: str) -> None:
    assert all(hit.score < GOOD_ENOUGH for hit in INDEX.search(query, 3))


@pytest.mark.parametrize("query", ["", "。。。", "怎么办", "请问可以吗", "😀"])
def test_a_question_without_matter_finds_nothing(query: str) -> None:
    assert found(query) == []


def test_what_is_in_force_comes_before_what_is_repealed() -> None:
    assert found("每户限养一只犬登记", 2) == [5, 6]


def test_passages_that_say_the_same_are_one_and_the_one_in_force_speaks() -> None:
    assert 7 not in found("暂行规定 养犬登记证遗失补发", 8)
    assert 4 in found("暂行规定 养犬登记证遗失补发", 8)


def test_a_repealed_passage_is_found_when_nothing_else_answers() -> None:
    hits = INDEX.search("犬只登记费每只多少元", 1)
    assert hits[0].passage_id == 6
    assert hits[0].score >= GOOD_ENOUGH


def test_scores_are_shares_and_fall() -> None:
    scores = [hit.score for hit in INDEX.search("居住证签注申领补领", 8)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 for score in scores)


def test_an_index_of_nothing_finds_nothing() -> None:
    assert DocumentIndex.of([], WORDING).search("居住证", 3) == []


def test_an_index_of_one_passage_finds_it() -> None:
    assert [hit.passage_id for hit in DocumentIndex.of(PASSAGES[:1], WORDING).search("居住证申领", 3)] == [1]


def test_the_sentence_that_answers_is_picked() -> None:
    text = "居住证由公安机关发放。居住证每年签注一次。丢失的，向派出所申请补领；换领要交回旧证。"
    assert best_sentences("居住证多久签注", text, WORDING) == ["居住证每年签注一次。"]
    assert best_sentences("今天天气怎么样", text, WORDING) == []
