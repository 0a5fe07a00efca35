"""`python -m bot vectors`."""

from __future__ import annotations

from pathlib import Path

import click

from bot.answering.encoder.sentence_model import Kind, SentenceModel
from bot.answering.encoder.store import VectorStore
from bot.answering.encoder.weights import WeightsUnreadable, fingerprint, weights_path
from bot.answering.service import read_wordings
from bot.answering.units import units_of
from bot.db import Database
from bot.documents.words import TermReader
from bot.settings import Settings
from bot.synonyms.service import synonyms


@click.command()
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="For developers: a folder for the vectors of this city alone, to ship them.",
)
def vectors(into: Path | None) -> None:
    """Make the encoder's vectors of all that the city knows, and drop those of what it no longer says."""
    settings = Settings.from_environment()
    weights = weights_path(settings)
    if weights is None:
        raise click.ClickException("there are no weights of the encoder, or ENCODER is off; see docs/operating.md")
    kept = VectorStore(into / f"{fingerprint(weights)}.vectors") if into else VectorStore.of(settings)
    texts = texts_of_units(settings)
    missing = kept.missing(texts)
    if missing:
        _make(kept, weights, missing)
    dropped = kept.keep_only(texts)
    click.echo(f"{len(texts)} texts have a vector: {len(missing)} were made, {dropped} old ones dropped")


def texts_of_units(settings: Settings) -> list[str]:
    """The texts that get a vector: each unit, and each wording known to ask for one."""
    database = Database(settings.database_url)
    try:
        with database.transaction() as session:
            units = units_of(session)
            wordings = read_wordings(TermReader(synonyms(session)), units)
            asked = [wording.text for wording in wordings if wording.units]
            return [*(unit.in_full for unit in units), *asked]
    finally:
        database.close()


def _make(kept: VectorStore, weights: Path, missing: list[str]) -> None:
    try:
        model = SentenceModel(weights)
    except WeightsUnreadable as error:
        raise click.ClickException(str(error)) from None
    with click.progressbar(length=len(missing), label="Vectors") as bar:
        for done in kept.make(missing, lambda text: model.vector(Kind.PASSAGE, text)):
            bar.update(done - bar.pos)
