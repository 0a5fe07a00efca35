"""`answering-train`: a city teaches the ranker its own labelled messages, and reads how it does on those held out."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy.orm import Session

from bot import migrations
from bot.answering.encoder.own import NoEncoder, OwnEncoder
from bot.answering.encoder.sentence_model import Kind
from bot.answering.encoder.weights import WeightsUnreadable
from bot.answering.evidence import Corpus, Evidence
from bot.answering.examples import Example, dialogues, letters, policy_questions, public_letters
from bot.answering.facets import FacetModel
from bot.answering.service import read_wordings
from bot.answering.training import (
    Row,
    examples_of,
    questions_of,
    rows_of,
    rows_of_wordings,
    teach,
)
from bot.answering.units import Unit, units_of
from bot.db import Database
from bot.documents.importer import import_documents
from bot.documents.words import Wording as Naming
from bot.environments import LABELLED
from bot.preparation import load_sample_city
from bot.settings import Settings
from bot.synonyms.service import synonyms

LETTERS, DIALOGUES = LABELLED / "letters.jsonl", LABELLED / "dialogues.jsonl"

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("answering-train")
@click.option(
    "--letters", "letters_path", type=_FILE, help="Labelled messages, a line each (bot/answering/judging.py)."
)
@click.option("--followups", "followups_path", type=_FILE, help="Labelled dialogues.")
@click.option("--public", "public_path", type=_FILE, help='Lines of {"id","text"}, for which labels ship.')
@click.option("--policy-questions", type=_FILE, help='Lines of {"id","text","document","answer"}.')
@click.option("--policy-documents", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Their folder.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="By default this city's own file.")
@click.option("--sample", is_flag=True, help="Learn beside the sample city and not beside this database.")
def answering_train(
    letters_path: Path | None,
    followups_path: Path | None,
    public_path: Path | None,
    policy_questions: Path | None,
    policy_documents: Path | None,
    out: Path | None,
    sample: bool,
) -> None:
    """Learn to rank what the city knows for a message; prints shares of held-out messages by verdict."""
    settings = Settings.from_environment()
    if (policy_questions is None) != (policy_documents is None):
        click.echo("error: --policy-questions and --policy-documents go together", err=True)
        sys.exit(2)
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/city.db" if sample else settings.database_url)
        migrations.upgrade(database.engine)
        load_sample_city(database)
        encoder = _encoder(settings)
        with database.transaction() as session:
            rows, evidence = _city(session, letters_path, followups_path, public_path, encoder)
        if policy_questions and policy_documents:
            rows += _policy(Path(folder), policy_questions, policy_documents, evidence.facets, encoder)
        database.close()
    lesson = teach(rows, evidence.facets, click.echo)
    lesson.ranker.save(out or settings.answering_ranker_path)
    for title, report in (("by words alone", lesson.by_words), ("with the encoder where words doubt", lesson.report)):
        click.echo(title)
        for source, shares in report.items():
            click.echo(f"  {source:20}" + "".join(f"{name} {share:<8}" for name, share in shares.items()))


def _encoder(settings: Settings) -> OwnEncoder | None:
    try:
        return OwnEncoder(settings)
    except (NoEncoder, WeightsUnreadable) as error:
        click.echo(f"by words alone: {error}")
        return None


def _city(
    session: Session,
    letters_path: Path | None,
    followups_path: Path | None,
    public_path: Path | None,
    encoder: OwnEncoder | None,
) -> tuple[list[Row], Evidence]:
    naming = Naming(synonyms(session))
    corpus = Corpus(units_of(session), naming)
    wordings = read_wordings(naming, corpus.units)
    evidence = Evidence(corpus, wordings, FacetModel.learnt_from(wordings))
    labelled = _labelled(corpus.units, letters_path, followups_path, public_path)
    _make(encoder, evidence, [*examples_of(corpus, wordings), *labelled])
    return rows_of_wordings(corpus, wordings, encoder, click.echo) + rows_of(labelled, evidence, encoder), evidence


def _labelled(
    units: Sequence[Unit], letters_path: Path | None, followups_path: Path | None, public_path: Path | None
) -> list[Example]:
    """What ships, and what is given."""
    talks = dialogues(DIALOGUES, units, "own turn")
    found = letters(LETTERS, units, "own letter")
    if letters_path:
        found += letters(letters_path, units)
    if public_path:
        found += public_letters(public_path, units)
    if followups_path:
        talks += dialogues(followups_path, units)
    return [*found, *(turn for talk in talks for turn in talk)]


def _policy(
    folder: Path, questions: Path, documents: Path, facets: FacetModel, encoder: OwnEncoder | None
) -> list[Row]:
    """Questions on real documents, beside the sample city: no wording of theirs is known."""
    database = Database(f"sqlite:///{folder}/policy.db")
    migrations.upgrade(database.engine)
    load_sample_city(database)
    with database.transaction() as session:
        import_documents(session, documents)
        naming = Naming(synonyms(session))
        corpus = Corpus(units_of(session), naming)
    database.close()
    evidence = Evidence(corpus, read_wordings(naming, corpus.units), facets)
    labelled = policy_questions(questions, corpus.units)
    _make(encoder, evidence, labelled)
    return rows_of(labelled, evidence, encoder)


def _make(encoder: OwnEncoder | None, evidence: Evidence, examples: Sequence[Example]) -> None:
    """The vectors that are missing, of what the city knows and of what is asked."""
    if encoder:
        encoder.make(Kind.PASSAGE, evidence.passages, click.echo)
        encoder.make(Kind.QUESTION, questions_of(examples, evidence.corpus), click.echo)
