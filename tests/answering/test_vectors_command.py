from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.answering.encoder import commands
from bot.answering.encoder.commands import vectors
from bot.answering.encoder.sentence_model import Kind
from bot.answering.encoder.store import SHIPPED, VectorStore
from bot.answering.encoder.weights import Floats, fingerprint, weights_path
from bot.answering.units import units_of
from bot.db import Database
from bot.running.sample_city import load_sample_city
from bot.settings import Settings
from tests.answering.encoders import invented_vector, settings
from tests.databases import set_up

pytestmark = pytest.mark.skipif(
    weights_path(Settings.from_environment({})) is None, reason="nobody brought weights to this machine"
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    city = settings(tmp_path_factory.mktemp("sample"))
    database = Database(city.database_url)
    set_up(database, load_sample_city)
    database.close()
    return city


def texts_of(city: Settings) -> list[str]:
    database = Database(city.database_url)
    with database.transaction() as session:
        texts = [unit.in_full for unit in units_of(session)]
    database.close()
    return texts


def test_the_sample_citys_vectors_ship(sample: Settings) -> None:
    """If it fails after a change of the sample: `python -m bot vectors --into bot/samples/vectors`."""
    weights = weights_path(sample)
    assert weights
    assert VectorStore(None, SHIPPED / f"{fingerprint(weights)}.vectors").missing(texts_of(sample)) == []


def test_a_fresh_sample_city_needs_none_made(sample: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(sample.var_dir))
    done = CliRunner().invoke(vectors)
    assert done.exit_code == 0, done.output
    assert "0 were made" in done.output


class InventedModel:
    def __init__(self, _: Path) -> None:
        """Reads nothing."""

    def vector(self, kind: Kind, text: str) -> Floats:
        assert kind is Kind.PASSAGE
        return invented_vector(text)


def test_new_texts_are_made_once_and_old_ones_dropped(
    sample: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VAR_DIR", str(sample.var_dir))
    monkeypatch.setattr(commands, "SentenceModel", InventedModel)
    said = ["这座城市说过的话", "还在说的话"]
    for now, told in ((said, "2 were made, 0 old"), (said[1:], "0 were made, 1 old"), (said, "1 were made, 0 old")):
        monkeypatch.setattr(commands, "texts_of_units", lambda _, now=now: now)
        done = CliRunner().invoke(vectors, ["--into", str(tmp_path)])
        assert told in done.output


def test_without_an_encoder_the_command_says_so(sample: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(sample.var_dir))
    monkeypatch.setenv("ENCODER", "off")
    done = CliRunner().invoke(vectors)
    assert done.exit_code == 1
    assert "ENCODER is off" in done.output
