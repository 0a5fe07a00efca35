"""The sample rests on law that is in force. This fails when a law that it cites is repealed, replaced or unknown.

Then mend the records, load the national list and write the rows again: `docs/laws.md`.
"""

import csv
from datetime import UTC, date, datetime

import pytest

from bot.db import Database
from bot.laws.excerpt import excerpt
from bot.laws.standing import Kind
from bot.laws.watch import cited_laws, refresh
from bot.laws.words import said_of
from bot.places import SAMPLES
from bot.running.preparation import load_sample_city
from tests.databases import in_memory

# The day on which the sample was last compared with the law. The clock on the wall must not turn the build red.
COMPARED_ON = date(2026, 11, 28)
# Amended after the document was published, but not in the articles that it cites: both texts were compared.
SAME_ARTICLES = {("云河市食品经营许可和小餐饮管理规定", "食品安全法")}
LISTED = SAMPLES / "laws" / "status.csv"


@pytest.fixture(scope="module")
def city() -> Database:
    with in_memory(load_sample_city) as database:
        with database.transaction() as session:
            refresh(session, datetime(COMPARED_ON.year, COMPARED_ON.month, COMPARED_ON.day, 4, tzinfo=UTC))
        yield database


def test_every_law_that_the_sample_cites_is_in_force(city: Database) -> None:
    with city.transaction() as session:
        wrong = [
            f"{row.subject} {row.code} {row.title}：《{row.law}》{row.articles} {said_of(row)}"
            for row in cited_laws(session)
            if row.kind not in (Kind.IN_FORCE, Kind.LOCAL)
            and not (row.kind == Kind.AMENDED and (row.title, row.law) in SAME_ARTICLES)
        ]
    assert wrong == []


def test_the_shipped_list_has_the_rows_that_the_sample_cites_and_no_others(city: Database) -> None:
    with LISTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with city.transaction() as session:
        found = excerpt(session, COMPARED_ON, rows)
    assert (found.rows, found.unlisted) == (rows, [])
