"""Where remedies against an agency are sought, out of the city's own table."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogue.importer import import_catalogue
from bot.catalogue.models import Department, RemedyOffice
from bot.catalogue.remedies import Way, remedy_offices
from bot.db import Database
from bot.tabular import ImportRejected
from tests.catalogue.test_importer import folder  # noqa: F401  # a fixture
from tests.databases import with_sample_catalogue


def organ(database: Database, department: Department, *own: RemedyOffice) -> str | None:
    with database.transaction() as session:
        session.add_all([department, a_row("云河市人民政府", None)])
        session.flush()
        session.add_all(own)
        session.flush()
        found = remedy_offices(session, department).get(Way.RECONSIDERATION)
        return found.organ if found else None


def a_department(name: str) -> Department:
    return Department(code="XX", name=name, short_names=[], phone="1")


def a_row(organ_: str, department_code: str | None = "XX") -> RemedyOffice:
    return RemedyOffice(
        way="reconsideration",
        department_code=department_code,
        organ=organ_,
        received_by="",
        address="",
        phone="",
        url="",
    )


@pytest.mark.parametrize(
    ("name", "own", "meant"),
    [
        ("档案局", [], "云河市人民政府"),
        ("税务局", ["省税务局"], "省税务局"),
        # What holds for the city's own departments is not said of districts and governments.
        ("清江区教育局", [], None),
        ("云河市清江区教育局", ["清江区人民政府"], "清江区人民政府"),
        ("云河市人民政府", [], None),
    ],
)
def test_the_citys_departments_share_a_row_and_one_of_its_own_comes_before_it(
    database: Database, name: str, own: list[str], meant: str | None
) -> None:
    assert organ(database, a_department(name), *map(a_row, own)) == meant


def test_the_sample_names_every_way(database: Database) -> None:
    with_sample_catalogue(database)
    with database.transaction() as session:
        department = session.get_one(Department, "ZG")
        assert set(remedy_offices(session, department)) == set(Way)


def test_a_row_for_an_unknown_department_or_twice_for_the_same_is_refused(
    database: Database,
    folder: Path,  # noqa: F811
) -> None:
    path = folder / "remedy_offices.csv"
    general = path.read_text(encoding="utf-8").splitlines()[1]
    path.write_text(path.read_text(encoding="utf-8") + f"{general}\n行政复议,火星局,省政府,,,,\n", encoding="utf-8")
    with database.transaction() as session, pytest.raises(ImportRejected) as refused:
        import_catalogue(session, folder)
    assert [error.row for error in refused.value.errors] == [5, 6]


def test_a_city_without_the_table_is_taken(database: Database, folder: Path) -> None:  # noqa: F811
    (folder / "remedy_offices.csv").unlink()
    with database.transaction() as session:
        import_catalogue(session, folder)
        department = session.get_one(Department, "ZG")
        assert remedy_offices(session, department) == {}
