"""The status of an answered request: what can be fetched at `/answers` is named, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.disclosures import status_of
from bot.db import Database
from bot.disclosures.models import Request
from bot.disclosures.service import record_event
from bot.disclosures.terms import Decision, Kind, Step
from bot.notices.kinds import NoticeKind
from bot.places import ROOT
from bot.replies.disclosure_answers import FETCH
from tests.notices.requests import NOW, RECEIPT, TODAY, add_request
from tests.notices.test_service import issue


@pytest.mark.parametrize("is_by_letter", [True, False])
def test_the_answer_says_where_its_papers_are(database: Database, is_by_letter: bool) -> None:
    add_request(database)
    issue(database, NoticeKind.RECEIPT)
    if is_by_letter:
        issue(database, NoticeKind.GRANTED)
    else:
        with database.transaction() as session:
            record_event(session, RECEIPT, Step(Kind.ANSWERED, TODAY, outcome=Decision.GRANTED))
    with database.transaction() as session:
        text = status_of(session, session.get_one(Request, RECEIPT), NOW).text
    assert (f"“{FETCH}”里，用回执号和查询码下载" in text) is is_by_letter


def test_the_page_has_the_link_that_the_answer_names() -> None:
    page = Path(ROOT / "bot/web/templates/chat.html").read_text(encoding="utf-8")
    assert f'<a href="/answers">{FETCH}</a>' in page
