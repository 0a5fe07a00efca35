"""The sample city against the list of items that it offers; the list lies beside the project and is not part of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import migrations
from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import Item, JointService
from bot.db import Database
from bot.environments import ROOT
from bot.preparation import SAMPLES
from bot.replies.approvals import FACET_TITLES, item_answer

LIST = ROOT.parent / "shared" / "catalogue"


@pytest.fixture(scope="module")
def sample() -> Iterator[Database]:
    database = Database("sqlite://")
    migrations.upgrade(database.engine)
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
    yield database
    database.close()


def listed(name: str) -> list[dict[str, str]]:
    path = LIST / name
    if not path.exists():
        pytest.skip("the list of items is not beside the project")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_listed_item_is_there_under_its_code_and_name(sample: Database) -> None:
    with sample.transaction() as session:
        ours = {
            (item.code, item.name, item.kind, item.department.name, item.applicant)
            for item in session.scalars(select(Item))
        }
    wanted = {
        (row["code"], row["name"], row["kind"], row["department"], row["applicant"]) for row in listed("items.csv")
    }
    assert ours == wanted


def test_every_listed_joint_service_is_there_with_its_items(sample: Database) -> None:
    with sample.transaction() as session:
        ours = {joint.code: (joint.name, joint.item_codes) for joint in session.scalars(select(JointService))}
    assert ours == {row["code"]: (row["name"], row["items"].split(";")) for row in listed("joint.csv")}


def test_the_principal_law_comes_first_and_is_cited_by_article(sample: Database) -> None:
    principal = {row["code"]: row["principal_law"] for row in listed("items.csv")}
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            first = item.legal_bases[0]
            assert first.law.removeprefix("中华人民共和国") == principal[item.code].removeprefix("中华人民共和国")
            assert re.match(r"第.+条", first.article), item.code


def test_no_promise_is_longer_than_the_law_allows(sample: Database) -> None:
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            assert item.statutory_days is None or item.promised_days <= item.statutory_days, item.code


@pytest.mark.parametrize("facet", FACET_TITLES)
def test_every_facet_of_every_item_reads_as_clean_text(sample: Database, facet: str) -> None:
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            text = item_answer(item, facet).text
            assert item.code in text
            assert not re.search(r"。。|，。|：。|None|\s\s|;|（）", text), text


def test_documents_of_the_sample_city_say_what_they_are() -> None:
    folder: Path = SAMPLES / "documents"
    heads = [path.read_text(encoding="utf-8").split("---")[1] for path in folder.glob("*.md")]
    assert len(heads) >= 25
    for head in heads:
        assert all(f"{field}:" in head for field in ("title", "number", "issuer", "published_on", "in_force"))
