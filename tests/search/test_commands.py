from __future__ import annotations

import gzip
import json
from dataclasses import asdict

import pytest
from click.testing import CliRunner

from bot.cli import cli
from tests.search.town import PASSAGES, QUESTIONS

FIGURES = {
    "r_at_1",
    "hit_at_5",
    "hit_at_10",
    "mrr_at_10",
    "index_seconds",
    "ms_per_query_p50",
    "ms_per_query_p95",
    "peak_mb",
}


@pytest.fixture
def files(tmp_path):
    passages, questions = tmp_path / "passages.jsonl.gz", tmp_path / "questions.jsonl"
    with gzip.open(passages, "wt") as lines:
        lines.writelines(json.dumps(asdict(passage), ensure_ascii=False) + "\n" for passage in PASSAGES)
    questions.write_text(
        "\n".join(
            json.dumps({"id": str(number), "text": question.text, "relevant": question.relevant})
            for number, question in enumerate(QUESTIONS)
        )
    )
    return passages, questions


def run(*arguments: object):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def evaluate(passages, questions, *more):
    result = run("search-eval", "--passages", passages, "--questions", questions, "--json", *more)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_evaluation_prints_every_figure_and_the_baseline(files):
    report = evaluate(*files)
    assert set(report) == FIGURES | {"baseline"}
    assert set(report["baseline"]) == FIGURES
    assert report["hit_at_10"] >= report["hit_at_5"] >= report["mrr_at_10"] >= report["r_at_1"] > 0.3


def test_a_trained_ranker_can_be_evaluated(files, tmp_path):
    passages, questions = files
    trained = run("search-train", "--passages", passages, "--questions", questions, "--out", tmp_path / "ranker")
    assert trained.exit_code == 0, trained.output
    assert evaluate(passages, questions, "--ranker", tmp_path / "ranker")["r_at_1"] > 0.5


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "questions.jsonl:2: not JSON"),
        ("[]", "questions.jsonl:2: a JSON object"),
        ('{"text": "押金", "relevant": "lease-5"}', "questions.jsonl:2: relevant"),
        ('{"text": "押金", "relevant": ["gone"]}', "questions.jsonl:2: there is no passage gone"),
        ('{"relevant": ["lease-5"]}', "questions.jsonl:2: text is missing"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_run(files, line, complaint):
    passages, questions = files
    questions.write_text('{"text": "押金", "relevant": ["lease-5"]}\n' + line)
    result = run("search-eval", "--passages", passages, "--questions", questions)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_passage_that_is_there_twice_is_refused(files, tmp_path):
    twice = tmp_path / "twice.jsonl"
    twice.write_text((json.dumps(asdict(PASSAGES[0])) + "\n") * 2)
    result = run("search-eval", "--passages", twice, "--questions", files[1])
    assert result.exit_code == 2
    assert "twice.jsonl:2" in result.stderr


def test_a_truncated_archive_is_refused(files):
    passages, questions = files
    passages.write_bytes(passages.read_bytes()[:-40])
    result = run("search-eval", "--passages", passages, "--questions", questions)
    assert result.exit_code == 2
    assert "passages.jsonl.gz" in result.stderr


def test_what_is_no_ranker_is_refused(files):
    passages, questions = files
    result = run("search-eval", "--passages", passages, "--questions", questions, "--ranker", questions)
    assert result.exit_code == 2
    assert "not a ranker" in result.stderr
