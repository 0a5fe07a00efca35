from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bot.answering.encoder.store import VectorStore
from bot.places import ROOT
from tests.answering.encoders import invented_vector, settings

CITY = ["居住证每年签注一次。", "养犬登记每户限一只。", "失业保险金最长领二十四个月。"]


def made(vectors: VectorStore, texts: list[str]) -> list[str]:
    """Makes what is missing; returns the texts that were really encoded."""
    encoded: list[str] = []

    def encode(text: str) -> np.ndarray:
        encoded.append(text)
        return invented_vector(text)

    list(vectors.make(texts, encode))
    return encoded


def test_a_text_is_encoded_once_however_it_is_set(tmp_path: Path) -> None:
    vectors = VectorStore(tmp_path / "a.vectors")
    assert made(vectors, CITY) == CITY
    assert made(vectors, [*CITY, "居住证每年签注一次。\n", "公租房轮候。"]) == ["公租房轮候。"]
    assert made(VectorStore(tmp_path / "a.vectors"), CITY) == []


def test_a_vector_comes_back_in_its_direction_and_of_length_one(tmp_path: Path) -> None:
    vectors = VectorStore(tmp_path / "a.vectors")
    made(vectors, CITY)
    found, known = vectors.lookup([CITY[1], "没有这句话", CITY[0]])
    assert known.tolist() == [True, False, True]
    assert found.dtype == np.float32
    right = invented_vector(CITY[1])
    assert found[0] @ right / np.linalg.norm(right) > 0.9995
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0, 1], abs=1e-5)


def test_what_another_process_adds_is_seen_and_changes_the_stamp(tmp_path: Path) -> None:
    reader, writer = VectorStore(tmp_path / "a.vectors"), VectorStore(tmp_path / "a.vectors")
    before = reader.stamp
    assert reader.missing(CITY) == CITY
    made(writer, CITY)
    assert reader.stamp != before
    assert reader.missing(CITY) == []


def test_shipped_vectors_are_not_made_again(tmp_path: Path) -> None:
    made(VectorStore(tmp_path / "shipped.vectors"), CITY[:2])
    vectors = VectorStore(tmp_path / "kept.vectors", tmp_path / "shipped.vectors")
    assert made(vectors, CITY) == CITY[2:]
    assert vectors.lookup(CITY)[1].all()


def test_half_a_record_is_no_vector_and_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "a.vectors"
    made(VectorStore(file), CITY[:2])
    file.write_bytes(file.read_bytes()[:-100])
    vectors = VectorStore(file)
    assert vectors.missing(CITY) == CITY[1:]
    made(vectors, CITY)
    found, known = VectorStore(file).lookup(CITY)
    assert known.all()
    assert file.stat().st_size == 3 * 400
    assert found[2] @ invented_vector(CITY[2]) > 0


def test_a_file_of_something_else_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.vectors").write_bytes(b"\0" * 1200)
    assert VectorStore(tmp_path / "a.vectors").missing(CITY) == CITY
    (tmp_path / "b.vectors").mkdir()
    assert VectorStore(tmp_path / "b.vectors").missing(CITY) == CITY


def test_what_the_city_no_longer_says_can_be_dropped_while_others_read(tmp_path: Path) -> None:
    vectors, reader = VectorStore(tmp_path / "a.vectors"), VectorStore(tmp_path / "a.vectors")
    made(vectors, CITY)
    before, _ = reader.lookup(CITY[:1])
    assert vectors.keep_only(CITY[:1]) == 2
    assert reader.missing(CITY) == CITY[1:]
    after, _ = reader.lookup(CITY[:1])
    assert (before == after).all()


def test_without_an_encoder_nothing_is_known_and_nothing_kept(tmp_path: Path) -> None:
    vectors = VectorStore.of(settings(tmp_path, ENCODER="off"))
    assert made(vectors, CITY) == []
    assert not vectors.lookup(CITY)[1].any()
    assert vectors.keep_only([]) == 0
    assert not list(tmp_path.iterdir())


def test_two_processes_at_once_make_each_vector_once(tmp_path: Path) -> None:
    """Each says which texts it has encoded; the file holds one whole record a text."""
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.answering.encoders import invented_vector; from bot.answering.encoder.store import VectorStore\n"
        "def encode(text): print(text); return invented_vector(text)\n"
        "list(VectorStore(Path(sys.argv[1])).make([f'第{n}条' for n in range(300)], encode))"
    )
    file = tmp_path / "a.vectors"
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(file)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    encoded = [line for process in processes for line in process.communicate()[0].split()]
    texts = [f"第{number}条" for number in range(300)]
    assert sorted(encoded) == sorted(texts)
    assert file.stat().st_size == 300 * 400
    found, known = VectorStore(file).lookup(texts)
    assert known.all()
    right = np.array([invented_vector(text) for text in texts])
    assert (np.einsum("td,td->t", found, right) > 0.999 * np.linalg.norm(right, axis=1)).all()
