"""The search over the sample city's documents beside the one before it, on questions that neither has seen.

    python benchmarks/documents_search.py

Five folds: each question with an answer, and each about something else, is asked of a ranker that was taught from the
other four folds, its threshold included. `answered`: scored enough to be answered; `right passage`, `right document`:
answered, and from there. `off-topic`: about something else, and answered all the same.

The row `trained` flatters: with one question for most passages the trees seem to shun what has answered before,
which is right for a question held out and wrong for those that people ask (`bot/documents/training.py`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import documents_search_before as before
from bot import migrations
from bot.db import Database
from bot.documents.importer import import_documents
from bot.documents.search import GOOD_ENOUGH, DocumentIndex, IndexedPassage, teach
from bot.documents.service import current_passages
from bot.documents.training import SHIPPED_QUESTIONS, read_questions
from bot.documents.words import Wording
from bot.preparation import SAMPLES
from bot.search.ranker import AnsweredQuestion
from bot.synonyms.importer import import_synonyms
from bot.synonyms.service import synonyms

FOLDS = 5
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
def main(seed: int) -> None:
    """Print shares of the questions that have an answer, and how many of the others were answered."""
    passages, wording = _passages()
    questions = read_questions(SHIPPED_QUESTIONS)
    fold_of = _folds(questions, seed)
    tallies = {"before": Tally(), "untrained": Tally(), "trained": Tally()}
    older, untrained = _before(passages, wording), _search(DocumentIndex(passages, wording), passages)
    for fold in range(FOLDS):
        ranker = teach(passages, wording, [each for each, of in zip(questions, fold_of, strict=True) if of != fold])
        trained = _search(DocumentIndex(passages, wording, ranker), passages)
        for question in (each for each, of in zip(questions, fold_of, strict=True) if of == fold):
            tallies["before"].ask(question, older, before.GOOD_ENOUGH)
            tallies["untrained"].ask(question, untrained, GOOD_ENOUGH)
            tallies["trained"].ask(question, trained, GOOD_ENOUGH)
    columns = ("first", "first three", "answered", "right passage", "right document", "off-topic")
    click.echo(" " * 10 + "".join(f"{column:>15}" for column in columns))
    for name, tally in tallies.items():
        tally.show(name)


def _passages() -> tuple[list[IndexedPassage], Wording]:
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/assistant.db")
        migrations.upgrade(database.engine)
        try:
            with database.transaction() as session:
                import_documents(session, SAMPLES / "documents")
                import_synonyms(session, SAMPLES / "synonyms")
                return current_passages(session), Wording(synonyms(session))
        finally:
            database.close()


def _folds(questions: Sequence[AnsweredQuestion], seed: int) -> list[int]:
    """Those with an answer and those without are divided each by themselves."""
    chance = np.random.default_rng(seed)
    fold_of = np.zeros(len(questions), int)
    for answered in (True, False):
        places = [place for place, question in enumerate(questions) if bool(question.relevant) == answered]
        fold_of[places] = chance.permutation(len(places)) % FOLDS
    return [int(fold) for fold in fold_of]


def _before(passages: Sequence[IndexedPassage], wording: Wording) -> Search:
    index = before.PassageIndex(
        [
            before.IndexedPassage(each.passage_id, each.title, f"{each.place} {each.article}", each.text, each.in_force)
            for each in passages
        ],
        wording,
    )
    return _search(index, passages)


def _search(index: DocumentIndex | before.PassageIndex, passages: Sequence[IndexedPassage]) -> Search:
    names = {passage.passage_id: passage.name for passage in passages}
    return lambda text: [(names[hit.passage_id], hit.score) for hit in index.search(text, 3)]


def _document(name: str) -> str:
    return name.partition("#")[0]


if __name__ == "__main__":
    main()
