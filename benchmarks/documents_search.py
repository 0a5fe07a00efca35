"""Compares the document search, trained and untrained, on unseen questions (sample city).

    python benchmarks/documents_search.py

Five folds, with the wordings of one passage in different folds. Each question, with an answer or about something else,
is asked of a ranker that was trained on the other four folds, including its threshold. `answered`: the score was high
enough; `right passage`, `right document`: also from the right one. `off-topic`: about something else, but answered.

Then the messages of another author (`bot/evaluation/sets`) are asked of a ranker trained on all questions, to count how
many of each kind are answered. Only those of the kind policy should be; read with `--show` whether they are right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bot import migrations
from bot.db import Database
from bot.documents.importer import import_documents
from bot.documents.search import GOOD_ENOUGH, DocumentIndex, IndexedPassage, teach
from bot.documents.service import current_passages
from bot.documents.training import SHIPPED_QUESTIONS, read_questions
from bot.documents.words import TermReader
from bot.evaluation.cases import SETS
from bot.places import SAMPLES
from bot.search.ranker import AnsweredQuestion
from bot.synonyms.importer import import_synonyms
from bot.synonyms.service import synonyms

FOLDS = 5
MESSAGES = SETS / "messages.jsonl"
KINDS = ("policy", "out_of_scope", "smalltalk", "handoff", "not_in_catalogue")
Search = Callable[[str], list[tuple[str, float]]]


@dataclass
class Tally:
    first: list[bool] = field(default_factory=list)
    among_three: list[bool] = field(default_factory=list)
    right_passage: list[bool] = field(default_factory=list)
    right_document: list[bool] = field(default_factory=list)
    answered: list[bool] = field(default_factory=list)
    off_topic: list[bool] = field(default_factory=list)

    def ask(self, question: AnsweredQuestion, search: Search, good_enough: float) -> None:
        found = search(question.text)
        name, score = found[0] if found else ("", 0.0)
        is_answered = score >= good_enough
        if not question.relevant:
            self.off_topic.append(is_answered)
            return
        is_right = name in question.relevant
        self.first.append(is_right)
        self.among_three.append(any(each in question.relevant for each, _ in found))
        self.answered.append(is_answered)
        self.right_passage.append(is_answered and is_right)
        self.right_document.append(is_answered and _document(name) in map(_document, question.relevant))

    def show(self, name: str) -> None:
        shares = (self.first, self.among_three, self.answered, self.right_passage, self.right_document)
        row = "".join(f"{np.mean(values):15.3f}" for values in shares)
        click.echo(f"{name:10}{row}{sum(self.off_topic):9} of {len(self.off_topic)}")


@click.command()
@click.option("--seed", default=7, show_default=True)
@click.option("--show", is_flag=True, help="Print the passages that come first for the messages of the kind policy.")
def main(seed: int, show: bool) -> None:
    """Print shares of the questions that have an answer, and how many of the others were answered."""
    passages, wording = _passages()
    questions = read_questions(SHIPPED_QUESTIONS)
    fold_of = _folds(questions, seed)
    tallies = {"untrained": Tally(), "trained": Tally()}
    untrained = _search(DocumentIndex.of(passages, wording), passages)
    for fold in range(FOLDS):
        ranker = teach(passages, wording, [each for each, of in zip(questions, fold_of, strict=True) if of != fold])
        trained = _search(DocumentIndex.of(passages, wording, ranker), passages)
        for question in (each for each, of in zip(questions, fold_of, strict=True) if of == fold):
            tallies["untrained"].ask(question, untrained, GOOD_ENOUGH)
            tallies["trained"].ask(question, trained, GOOD_ENOUGH)
    columns = ("first", "first three", "answered", "right passage", "right document", "off-topic")
    click.echo(" " * 10 + "".join(f"{column:>15}" for column in columns))
    for name, tally in tallies.items():
        tally.show(name)
    learnt = _search(DocumentIndex.of(passages, wording, teach(passages, wording, questions)), passages)
    _ask_messages({"untrained": untrained, "trained": learnt}, {each.name: each for each in passages} if show else {})


def _ask_messages(searches: Mapping[str, Search], shown: Mapping[str, IndexedPassage]) -> None:
    messages = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    for kind in KINDS:
        texts = [message["text"] for message in messages if message["outcome"] == kind]
        best = {name: [(search(text) or [("", 0.0)])[0] for text in texts] for name, search in searches.items()}
        counts = ", ".join(f"{name} {sum(score >= GOOD_ENOUGH for _, score in hits)}" for name, hits in best.items())
        click.echo(f"{kind}: of {len(texts)} answered {counts}")
        for text, *hits in zip(texts, *best.values(), strict=True) if shown and kind == "policy" else ():
            click.echo(f"\n{text}")
            for name, (passage, score) in zip(best, hits, strict=True):
                answer = shown[passage].in_full.replace("\n", " ")[:120] if passage else ""
                click.echo(f"  {name:10}{score:.2f} {'answers' if score >= GOOD_ENOUGH else '-':8}{answer}")


def _passages() -> tuple[list[IndexedPassage], TermReader]:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/assistant.db")
        migrations.upgrade(database.engine)
        try:
            with database.transaction() as session:
                import_documents(session, SAMPLES / "documents")
                import_synonyms(session, SAMPLES / "synonyms")
                return current_passages(session), TermReader(synonyms(session))
        finally:
            database.close()


def _folds(questions: Sequence[AnsweredQuestion], seed: int) -> list[int]:
    """The fold of each question: random, but the questions of one passage, and of none, are spread over the folds."""
    turn = np.random.default_rng(seed).permutation(len(questions))
    first_turn: dict[str, int] = {}
    for question, at in sorted(zip(questions, turn, strict=True), key=lambda pair: pair[1]):
        first_turn.setdefault(_asked_passage(question), int(at))
    order = sorted(range(len(questions)), key=lambda place: (first_turn[_asked_passage(questions[place])], turn[place]))
    fold_of = [0] * len(questions)
    for position, place in enumerate(order):
        fold_of[place] = position % FOLDS
    return fold_of


def _asked_passage(question: AnsweredQuestion) -> str:
    return question.relevant[0] if question.relevant else ""


def _search(index: DocumentIndex, passages: Sequence[IndexedPassage]) -> Search:
    names = {passage.passage_id: passage.name for passage in passages}
    return lambda text: [(names[hit.passage_id], hit.score) for hit in index.search(text, 3)]


def _document(name: str) -> str:
    return name.partition("#")[0]


if __name__ == "__main__":
    main()
