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
from bot.answering.examples import Example, followups, letters, policy_questions, titled
from bot.answering.facets import FacetModel
from bot.answering.ranker import Ranker
from bot.answering.service import read_wordings
from bot.answering.training import (
    Row,
    examples_of,
    questions_of,
    rows_of,
    rows_of_titled,
    rows_of_wordings,
    teach,
)
from bot.answering.units import units_of
from bot.db import Database
from bot.documents.importer import import_documents
from bot.documents.words import Wording as Naming
from bot.preparation import load_sample_city
from bot.settings import Settings
from bot.synonyms.service import synonyms

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("answering-train")
@click.option(
    "--letters", "letters_path", type=_FILE, help="Labelled messages, a line each (bot/answering/judging.py)."
)
@click.option("--followups", "followups_path", type=_FILE, help="Labelled dialogues.")
@click.option("--titled", "titled_path", type=_FILE, help='Lines of {"id","topic","text"}, without labels.')
@click.option("--policy-questions", type=_FILE, help='Lines of {"id","text","document","answer"}.')
@click.option("--policy-documents", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Their folder.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="By default this city's own file.")
@click.option("--sample", is_flag=True, help="Learn beside the sample city and not beside this database.")
def answering_train(
    letters_path: Path | None,
    followups_path: Path | None,
    titled_path: Path | None,
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
            rows, evidence = _city(session, letters_path, followups_path, encoder)
        if policy_questions and policy_documents:
            rows += _policy(Path(folder), policy_questions, policy_documents, evidence.facets, encoder)
        database.close()
    lesson = teach(rows, evidence.facets, click.echo)
    if titled_path:
        further = _titled(titled_path, [row.example for row in rows], lesson.ranker, evidence, encoder)
        click.echo(f"{len(further)} letters learn from their titles")
        lesson = teach(rows, evidence.facets, click.echo, further)
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
    session: Session, letters_path: Path | None, followups_path: Path | None, encoder: OwnEncoder | None
) -> tuple[list[Row], Evidence]:
    naming = Naming(synonyms(session))
    corpus, wordings = Corpus(units_of(session), naming), read_wordings(naming)
    evidence = Evidence(corpus, wordings, FacetModel.learnt_from(wordings))
    labelled = letters(letters_path, corpus.units) if letters_path else []
    if followups_path:
        labelled += [turn for dialogue in followups(followups_path, corpus.units) for turn in dialogue]
    _make(encoder, evidence, [*examples_of(corpus, wordings), *labelled])
    return rows_of_wordings(corpus, wordings, encoder, click.echo) + rows_of(labelled, evidence, encoder), evidence


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
    evidence = Evidence(corpus, read_wordings(naming), facets)
    labelled = policy_questions(questions, corpus.units)
    _make(encoder, evidence, labelled)
    return rows_of(labelled, evidence, encoder)


def _titled(
    path: Path, measured: Sequence[Example], ranker: Ranker, evidence: Evidence, encoder: OwnEncoder | None
) -> list[Row]:
    found = titled(path, [example for example in measured if example.source == "letter"])
    asked = [Example(text, (), (), "titled", one.id) for one in found for text in (one.title, one.text)]
    _make(encoder, evidence, asked)
    return rows_of_titled(found, ranker, evidence, encoder)


def _make(encoder: OwnEncoder | None, evidence: Evidence, examples: Sequence[Example]) -> None:
    """The vectors that are missing, of what the city knows and of what is asked."""
    if encoder:
        encoder.make(Kind.PASSAGE, evidence.passages, click.echo)
        encoder.make(Kind.QUESTION, questions_of(examples, evidence.corpus), click.echo)
