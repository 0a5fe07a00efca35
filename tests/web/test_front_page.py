"""The first screen offers what the catalogue holds, by who one is, and what is asked most."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.catalogue.importer import import_catalogue
from bot.conversations.outcomes import Outcome
from bot.db import Database
from bot.figures.hot import LEAST_CONVERSATIONS
from bot.places import SAMPLES
from bot.replies.front_page import FIRST_QUESTIONS
from bot.web.front_page import MOST_OF_A_TOPIC, MOST_QUESTIONS, read_front_page
from tests.databases import set_up
from tests.figures.test_hot import ask

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


def test_the_sample_city_has_topics_and_ready_questions_before_anybody_asked() -> None:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        front = read_front_page(session, NOW)
    database.close()
    assert [topic.title for topic in front.topics] == ["一件事一次办", "个人办事", "企业办事", "公开和诉求"]
    assert all(0 < len(topic.asks) <= MOST_OF_A_TOPIC for topic in front.topics)
    assert front.hot == list(FIRST_QUESTIONS)


def test_what_is_asked_most_stands_first_and_an_item_that_is_gone_nowhere() -> None:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        import_catalogue(session, SAMPLES / "catalogue")
        for number in range(LEAST_CONVERSATIONS):
            ask(session, f"c{number}", "MZ-002", intent="ask_fee", at=NOW)
            ask(session, f"c{number}", "ZZ-999", outcome=Outcome.ANSWERED_BY_RECORD, at=NOW)
        front = read_front_page(session, NOW)
    database.close()
    assert front.hot[0] == "离婚登记要多少钱"
    assert len(front.hot) <= MOST_QUESTIONS
    assert front.topics[1].asks[0].title == "离婚登记"


def test_a_city_without_records_still_has_its_services() -> None:
    database = Database("sqlite://")
    set_up(database)
    with database.transaction() as session:
        front = read_front_page(session, NOW)
    database.close()
    assert [topic.title for topic in front.topics] == ["公开和诉求"]
