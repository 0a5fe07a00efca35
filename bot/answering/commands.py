"""`answering-train`: trains the ranker on a city's labelled messages, and reports how it does on held-out ones."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy.orm import Session

from bot import migrations
from bot.answering.alignment import Alignment
from bot.answering.encoder.own import NoEncoder, OwnEncoder
from bot.answering.encoder.sentence_model import Kind
from bot.answering.encoder.weights import WeightsUnreadable
from bot.answering.encoding import Encoding
from bot.answering.evidence import Corpus, Evidence
from bot.answering.examples import Example, dialogues, letters, policy_questions, public_letters
from bot.answering.facets import FacetModel
from bot.answering.service import read_wordings
from bot.answering.training import (
    examples_of,
    questions_of,
    rows_of,
    rows_of_wordings,
    teach,
)
from bot.answering.units import Unit, units_of
from bot.answering.wordings import Wording
from bot.db import Database
from bot.documents.importer import import_documents
from bot.documents.words import TermReader as Naming
from bot.places import LABELLED
from bot.running.sample_city import load_sample_city
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
@click.option("--policy-questions", "questions_path", type=_FILE, help='Lines of {"id","text","document","answer"}.')
@click.option(
    "--policy-documents",
    "documents_path",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Their folder.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="By default this city's own file.")
@click.option("--sample", is_flag=True, help="Learn beside the sample city and not beside this database.")
def answering_train(
    letters_path: Path | None,
    followups_path: Path | None,
    public_path: Path | None,
    questions_path: Path | None,
    documents_path: Path | None,
    out: Path | None,
    sample: bool,
) -> None:
    """Learn to rank what the city knows for a message; prints shares of held-out messages by verdict."""
    settings = Settings.from_environment()
    if (questions_path is None) != (documents_path is None):
        click.echo("error: --policy-questions and --policy-documents go together", err=True)
        sys.exit(2)
    encoder = _encoder(settings)
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/city.db" if sample else settings.database_url)
        migrations.upgrade(database.engine)
        load_sample_city(database)
        with database.transaction() as session:
            corpus, wordings = _read(session)
        database.close()
        city = Evidence.of(corpus, wordings, FacetModel.learnt_from(wordings))
        labelled = [(city, _labelled(corpus.units, letters_path, followups_path, public_path))]
        if questions_path and documents_path:
            real = _with_documents(Path(folder), documents_path, city.facets)
            labelled.append((real, policy_questions(questions_path, real.corpus.units)))
    chosen = examples_of(corpus, wordings)
    encoding = _encoding(encoder, [(city, chosen), *labelled]) if encoder else None
    rows = rows_of_wordings(chosen, corpus, wordings, encoding, click.echo)
    for evidence, examples in labelled:
        rows += rows_of(examples, evidence, encoding)
    lesson = teach(rows, city.facets, encoding.whole if encoding else Alignment.unlearnt(), click.echo)
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


def _read(session: Session) -> tuple[Corpus, list[Wording]]:
    naming = Naming(synonyms(session))
    corpus = Corpus.of(units_of(session), naming)
    return corpus, read_wordings(naming, corpus.units)


def _labelled(
    units: Sequence[Unit], letters_path: Path | None, followups_path: Path | None, public_path: Path | None
) -> list[Example]:
    """The labelled messages that ship, and those in the given files."""
    talks = dialogues(DIALOGUES, units, "own turn")
    found = letters(LETTERS, units, "own letter")
    if letters_path:
        found += letters(letters_path, units)
    if public_path:
        found += public_letters(public_path, units)
    if followups_path:
        talks += dialogues(followups_path, units)
    return [*found, *(turn for talk in talks for turn in talk)]


def _with_documents(folder: Path, documents: Path, facets: FacetModel) -> Evidence:
    """The evidence of the sample city with these documents added. No known wording asks for one of them."""
    database = Database(f"sqlite:///{folder}/policy.db")
    migrations.upgrade(database.engine)
    load_sample_city(database)
    with database.transaction() as session:
        import_documents(session, documents)
        corpus, wordings = _read(session)
    database.close()
    return Evidence.of(corpus, wordings, facets)


def _encoding(encoder: OwnEncoder, labelled: Sequence[tuple[Evidence, Sequence[Example]]]) -> Encoding:
    """Makes the missing vectors of what each city knows and of what is asked there, and learns from them."""
    for evidence, examples in labelled:
        encoder.make(Kind.PASSAGE, evidence.passages, click.echo)
        encoder.make(Kind.QUESTION, questions_of(examples, evidence.corpus), click.echo)
    return Encoding.learnt_from([(evidence.corpus, examples) for evidence, examples in labelled], encoder, click.echo)
