"""`search-train` and `search-eval`: a city trains the ranker on its own questions, and measures it on others."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import NoReturn, ParamSpec, TypeVar

import click

from bot.search.evaluation import evaluate, evaluate_baseline
from bot.search.files import FileRejected, read_passages, read_questions
from bot.search.index import PassageIndex
from bot.search.ranker import PassageRanker, PassageRankerUnreadable, TooFewQuestions, train

Given = ParamSpec("Given")
Result = TypeVar("Result")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_passages = click.option("--passages", type=_FILE, required=True, help='Lines of {"id","title","text"}.')
_questions = click.option("--questions", type=_FILE, required=True, help='Lines of {"id","text","relevant":[ids]}.')


def _reports_bad_files(command: Callable[Given, Result]) -> Callable[Given, Result]:
    @wraps(command)
    def guarded(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        try:
            return command(*args, **kwargs)
        except (FileRejected, PassageRankerUnreadable, TooFewQuestions) as error:
            _stop(str(error))

    return guarded


@click.command("search-train")
@_passages
@_questions
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The ranker's file.")
@_reports_bad_files
def search_train(passages: Path, questions: Path, out: Path) -> None:
    """Learn a ranker from questions with known answers."""
    known_passages = read_passages(passages)
    known = read_questions(questions, known_passages)
    if not out.parent.is_dir():
        _stop(f"{out}: there is no folder {out.parent}")
    index = PassageIndex.build(known_passages)
    train(index.collection, known, index.positions).save(out)
    click.echo(f"Learnt from {len(known)} questions; the ranker is {out}")


@click.command("search-eval")
@_passages
@_questions
@click.option("--ranker", type=_FILE, help="What search-train wrote; without it the untrained ranking is measured.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@_reports_bad_files
def search_eval(passages: Path, questions: Path, ranker: Path | None, as_json: bool) -> None:
    """Index the passages, ask the questions, print how many were answered and what it cost; never trains."""
    known_passages = read_passages(passages)
    asked = read_questions(questions, known_passages)
    learnt = PassageRanker.load(ranker) if ranker else None
    report = evaluate(known_passages, asked, learnt).as_dict()
    baseline = evaluate_baseline(known_passages, asked).as_dict()
    if as_json:
        click.echo(json.dumps({**report, "baseline": baseline}, indent=1))
        return
    click.echo(f"{'':18}{'ours':>10}{'baseline':>10}")
    for name, value in report.items():
        click.echo(f"{name:18}{value:10.3f}{baseline[name]:10.3f}")


def _stop(message: str) -> NoReturn:
    click.echo(f"error: {message}", err=True)
    sys.exit(2)
