"""The sample city against the list of items that it offers; the list lies beside the project and is not part of it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.catalogue import service
from bot.catalogue.models import Item, JointService
from bot.catalogue.situations import Variant, answer_to, named_options
from bot.db import Database
from bot.language.facets import FACET_TITLES
from bot.places import ROOT, SAMPLES
from bot.replies.approvals import item_answer
from bot.replies.paging import LONGEST_TEXT
from tests.databases import in_memory, with_sample_catalogue

DOCUMENTS: Path = SAMPLES / "documents"
LIST = ROOT.parent / "shared" / "catalogue"
# The list names laws that have been repealed since: art. 1242 of the code, from 2026-08-15.
SUCCESSORS = {"中华人民共和国环境影响评价法": "中华人民共和国生态环境法典"}


@pytest.fixture(scope="module")
def sample() -> Iterator[Database]:
    with in_memory(with_sample_catalogue) as database:
        yield database


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
    principal = {row["code"]: SUCCESSORS.get(row["principal_law"], row["principal_law"]) for row in listed("items.csv")}
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
def test_every_facet_of_every_case_of_every_item_reads_as_clean_short_text(sample: Database, facet: str) -> None:
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            for chosen in ((), *((option.title,) for option in item.situations)):
                text = item_answer(item, facet, case=Variant(item, chosen)).text
                assert item.code in text
                assert len(text) <= LONGEST_TEXT
                assert not re.search(r"。。|，。|：。|None|\s\s|;|（）|：\n（还有", text), text


def test_more_than_twenty_items_have_questions_and_every_option_makes_a_difference(sample: Database) -> None:
    with sample.transaction() as session:
        items = [item for item in session.scalars(select(Item)) if item.situations]
        assert len(items) >= 22
        for item in items:
            for question in Variant(item).questions:
                assert any(question.matters_for(item, facet) for facet in ("materials", "fee", "process", "conditions"))


def test_every_option_is_found_by_its_own_title_and_keywords(sample: Database) -> None:
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            for question in Variant(item).questions:
                for option in question.options:
                    assert answer_to(question, option.title) == option.title, (item.code, option.title)
                    for word in option.keywords:
                        assert option in named_options(question.options, word), (item.code, option.title, word)


def test_the_name_of_an_item_settles_no_case_of_it(sample: Database) -> None:
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            assert Variant(item).with_words(item.name).chosen == (), item.name


def test_at_most_three_existing_things_are_offered_after_an_answer(sample: Database) -> None:
    titles = [re.search(r"^title: (.+)$", path.read_text(encoding="utf-8"), re.M) for path in DOCUMENTS.glob("*.md")]
    known = {title[1].strip() for title in titles if title}
    with sample.transaction() as session:
        for item in session.scalars(select(Item)):
            offers = service.related_to(session, item.code)
            assert len(offers) <= service.MOST_OFFERS
            assert all(offer.code or offer.name in known for offer in offers), item.code
            assert item.code not in [offer.code for offer in offers]


def test_the_joint_service_of_an_item_is_offered_first_unless_there_are_several(sample: Database) -> None:
    with sample.transaction() as session:
        assert service.related_to(session, "SC-005")[0].code == "YJS-001"
        assert service.related_to(session, "CG-001") == []


def test_documents_of_the_sample_city_say_what_they_are() -> None:
    heads = [path.read_text(encoding="utf-8").split("---")[1] for path in DOCUMENTS.glob("*.md")]
    assert len(heads) >= 25
    for head in heads:
        assert all(f"{field}:" in head for field in ("title", "number", "issuer", "published_on", "in_force"))
