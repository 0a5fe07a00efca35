"""The sample rests on law that is in force. This fails when a law that it cites is repealed, replaced or unknown.

Then mend the records, load the national list and write the rows again: `docs/laws.md`.
"""

import csv
from datetime import UTC, date, datetime

import pytest

from bot.db import Database
from bot.laws.citations import find_citations, is_law, short_name
from bot.laws.excerpt import excerpt
from bot.laws.importer import import_laws
from bot.laws.standing import Kind
from bot.laws.watch import WatchedKind, cited_laws, refresh
from bot.laws.words import said_of
from bot.places import ROOT, SAMPLES
from bot.running.sample_city import load_sample_city
from tests.databases import in_memory

# The day on which the sample was last compared with the law. The clock on the wall must not turn the build red.
COMPARED_ON = date(2026, 11, 28)
NOON = datetime(COMPARED_ON.year, COMPARED_ON.month, COMPARED_ON.day, 4, tzinfo=UTC)
# Amended after the document was published, but not in the articles that it cites: both texts were compared.
SAME_ARTICLES = {("云河市食品经营许可和小餐饮管理规定", "食品安全法")}
NATIONAL = ROOT.parent / "shared" / "laws"
LISTED = SAMPLES / "laws" / "status.csv"


@pytest.fixture(scope="module")
def city() -> Database:
    with in_memory(load_sample_city) as database:
        with database.transaction() as session:
            refresh(session, NOON)
        yield database


def shipped() -> list[dict[str, str]]:
    with LISTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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
    rows = shipped()
    with city.transaction() as session:
        found = excerpt(session, COMPARED_ON, rows)
    assert (found.rows, found.unlisted) == (rows, [])


@pytest.mark.skipif(not NATIONAL.exists(), reason="the national list is not here")
def test_the_shipped_rows_agree_with_the_national_list_and_the_newest_texts(city: Database) -> None:
    """With the newest texts, whose repeal clauses the list does not know."""
    texts = next(path for path in NATIONAL.iterdir() if path.name.startswith("2025"))
    with city.transaction() as session:
        import_laws(session, NATIONAL / "status.csv", texts, NOON)
        refresh(session, NOON)
        found = excerpt(session, COMPARED_ON, shipped())
        session.rollback()
    told = [(row["title"], row["published_on"], row["status"]) for row in found.rows]
    assert told == [(row["title"], row["published_on"], row["status"]) for row in shipped()]


def test_the_wording_of_answers_cites_only_laws_that_the_clock_s_table_cites(city: Database) -> None:
    """These are watched with the table. A sentence that names another law needs a record that names it too."""
    with city.transaction() as session:
        watched = {row.short_title for row in cited_laws(session) if row.subject == WatchedKind.CLOCK}
    wording = [path for path in (ROOT / "bot" / "replies").glob("*.py") if path.name != "laws.py"]
    named = {
        (path.name, short_name(one.law))
        for path in wording
        for one in find_citations(path.read_text(encoding="utf-8"))
        if is_law(one.law) and one.articles
    }
    assert [(file, law) for file, law in sorted(named) if law not in watched] == []
