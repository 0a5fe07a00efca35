from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.documents.search import GOOD_ENOUGH, DocumentIndex, IndexedPassage
from bot.documents.words import Wording
from bot.search.dense import DenseReranker, Encoder, EncoderUnusable, Floats, fused, vectors_of
from bot.search.evaluation import evaluate
from bot.search.index import Hit
from tests.search.town import PASSAGES, QUESTIONS


class Stand:
    """Knows the meaning of a text by the first of its topics that stands in it."""

    def __init__(self, *topics: str) -> None:
        self.digest, self.topics, self.encoded = "stand", topics, list[str]()

    def encode(self, texts: Sequence[str]) -> Floats:
        self.encoded += texts
        return np.array([[float(topic in text) for topic in (*self.topics, "")] for text in texts], np.float32)


HITS = [Hit("a", 0.9), Hit("b", 0.5), Hit("c", 0.2)]
TEXTS = {"a": "养犬登记", "b": "居住证签注", "c": "居住证补领"}


def test_a_passage_that_means_the_same_rises_and_the_scores_stay_with_the_places() -> None:
    reranked = DenseReranker.over(Stand("补领"), TEXTS).reranked("居住证补领", HITS)
    assert [hit.score for hit in reranked] == [0.9, 0.5, 0.2]
    assert [hit.id for hit in reranked] == ["a", "c", "b"]


def test_an_encoder_that_sees_no_difference_changes_nothing() -> None:
    assert DenseReranker.over(Stand(), TEXTS).reranked("随便", HITS) == HITS


@pytest.mark.parametrize("hits", [[], HITS[:1]])
def test_there_is_nothing_to_reorder_in_one_hit_and_nothing_is_encoded(hits: list[Hit]) -> None:
    encoder = Stand("签注")
    reranker = DenseReranker.over(encoder, TEXTS)
    encoder.encoded.clear()
    assert reranker.reranked("签注", hits) == hits
    assert encoder.encoded == []


def test_ranks_are_fused_as_the_article_says() -> None:
    # 1/61 + 1/63 is more than 1/62 + 1/62, and than 1/63 + 1/61 it is no less.
    assert fused([np.array([0, 1, 2]), np.array([2, 1, 0])]) == [0, 2, 1]
    assert fused([np.array([2, 0, 1]), np.array([2, 1, 0])]) == [2, 0, 1]


def test_vectors_are_kept_and_only_what_is_new_is_encoded(tmp_path: Path) -> None:
    encoder = Stand("签注")
    vectors_of(encoder, {"a": "居住证签注", "b": "养犬登记"}, tmp_path)
    encoder.encoded.clear()
    again = vectors_of(encoder, {"b": "居住证签注", "c": "养犬登记", "d": "新的一段"}, tmp_path)
    assert encoder.encoded == ["新的一段"]
    assert {key: vector.tolist() for key, vector in again.items()} == {"b": [1, 1], "c": [0, 1], "d": [0, 1]}
    encoder.digest = "another"
    vectors_of(encoder, {"c": "养犬登记"}, tmp_path)
    assert encoder.encoded == ["新的一段", "养犬登记"]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["another.npz", "stand.npz"]


def test_a_file_of_vectors_that_cannot_be_read_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "stand.npz").write_text("torn")
    encoder = Stand("签注")
    for _ in range(2):
        vectors_of(encoder, {"a": "签注"}, tmp_path)
    assert encoder.encoded == ["签注"]


def test_no_passages_need_no_vectors(tmp_path: Path) -> None:
    assert DenseReranker.over(Stand(), {}, tmp_path).reranked("签注", []) == []


def passage(number: int, text: str, title: str = "云河市居住证办法") -> IndexedPassage:
    return IndexedPassage(number, f"a.md#{number}", title, "", f"第{number}条", text, True)


RESIDENCE = [passage(1, "居住证丢失的，应当及时挂失。"), passage(2, "居住证丢失的，向派出所申请补领。")]


def index(*topics: str) -> DocumentIndex:
    reranker = DenseReranker.over(Stand(*topics), {each.name: each.in_full for each in RESIDENCE})
    return DocumentIndex(RESIDENCE, Wording({}), reranker=reranker)


def test_the_encoder_decides_the_order_of_documents_but_not_whether_they_answer() -> None:
    plain = DocumentIndex(RESIDENCE, Wording({}))
    assert index("天气").search("今天天气怎么样", 2) == plain.search("今天天气怎么样", 2)
    assert max((hit.score for hit in index("天气").search("今天天气怎么样", 2)), default=0) < GOOD_ENOUGH
    asked = "居住证丢失怎么办"
    assert [hit.score for hit in index("补领").search(asked, 2)] == [hit.score for hit in plain.search(asked, 2)]


def test_an_article_that_is_named_stays_first_whatever_the_encoder_says() -> None:
    assert index("补领").search("居住证办法第1条丢失补领", 2)[0].passage_id == 1


def test_a_passage_is_encoded_with_its_title_and_the_headings_above() -> None:
    full = replace(RESIDENCE[0], place="第二章 申领").in_full
    assert full == "云河市居住证办法第1条\n第二章 申领\n居住证丢失的，应当及时挂失。"


def test_evaluation_measures_with_an_encoder() -> None:
    class Oracle(Stand):
        def encode(self, texts: Sequence[str]) -> Floats:
            return np.array([self.meaning(text) for text in texts], np.float32)

        def meaning(self, text: str) -> Floats:
            answers = {q.text: q.relevant[0] for q in QUESTIONS}
            texts = {f"{each.title}\n{each.text}": each.id for each in PASSAGES}
            wanted = answers.get(text) or texts[text]
            return np.array([each.id == wanted for each in PASSAGES], np.float32)

    with_encoder, without = (evaluate(PASSAGES, QUESTIONS, None, encoder) for encoder in (Oracle(), None))
    assert with_encoder.mrr_at_10 > without.mrr_at_10


def test_by_default_neither_package_is_imported() -> None:
    script = (
        "import sys, bot.documents.service, bot.search.commands;"
        "print([name for name in ('onnxruntime', 'tokenizers') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("there", [[], ["model.onnx"]])
def test_what_is_missing_in_the_folder_is_named(tmp_path: Path, there: list[str]) -> None:
    for name in there:
        (tmp_path / name).write_text("")
    with pytest.raises(EncoderUnusable, match="there is no tokenizer.json" if there else "there is no model.onnx"):
        Encoder.load(tmp_path)


def test_a_missing_package_is_named_with_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderUnusable, match=r"onnxruntime is not installed.*requirements/dense\.in"):
        Encoder.load(tmp_path)
