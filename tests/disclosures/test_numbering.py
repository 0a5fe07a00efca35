from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from bot import migrations
from bot.db import Database
from bot.disclosures import numbering
from bot.disclosures.models import ReceiptCounter, Request
from bot.disclosures.numbering import ReceiptRefused, next_receipt
from tests.disclosures.test_importer import RECEIVED, REQUEST, add_departments, errors_of, load, write


def register(folder: Path, *receipts: str) -> Path:
    requests = [REQUEST.replace("XXGK-2026-000001", receipt) for receipt in receipts]
    return write(folder, requests, [RECEIVED.replace("XXGK-2026-000001", receipt) for receipt in receipts])


def given_out(database: Database, year: int = 2026) -> str:
    with database.transaction() as session:
        return next_receipt(session, year)


@pytest.mark.parametrize("serial", ["999999", "500000", "100000", "010002"])
def test_a_number_far_above_its_year_is_refused_and_filing_goes_on(
    database: Database, tmp_path: Path, serial: str
) -> None:
    add_departments(database)
    (error,) = errors_of(database, register(tmp_path, f"XXGK-2026-{serial}"))
    assert "高出太多" in error
    assert "回执号" in error
    assert given_out(database) == "XXGK-2026-000001"


def test_a_register_with_gaps_is_taken_and_numbers_go_on_after_it(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    load(database, register(tmp_path, "XXGK-2026-000101", "XXGK-2026-000123", "XXGK-2026-010002"))
    assert given_out(database) == "XXGK-2026-010003"
    assert given_out(database, 2027) == "XXGK-2027-000001"


def test_a_file_cannot_climb_by_leaving_gap_upon_gap(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    steps = [f"XXGK-2026-{serial:06d}" for serial in range(10_000, 120_000, 10_000)]
    errors = errors_of(database, register(tmp_path, *steps))
    assert len(errors) == len(steps) - 1


def test_a_large_register_without_gaps_is_no_number_too_high(database: Database) -> None:
    with database.transaction() as session:
        assert numbering.too_high(session, [f"XXGK-2026-{serial:06d}" for serial in range(1, 30_000)]) == {}


def test_after_an_outlier_numbers_go_on_and_pass_over_what_is_taken(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    with database.transaction() as session:
        numbering.start_at(session, 2026, 999_999)
    load(database, register(tmp_path, "XXGK-2026-999999"))
    with pytest.raises(ReceiptRefused, match="最后一个"):
        given_out(database)
    load(database, register(tmp_path, "XXGK-2026-000002"))
    with database.transaction() as session:
        numbering.start_at(session, 2026, 1)
    assert [given_out(database), given_out(database)] == ["XXGK-2026-000001", "XXGK-2026-000003"]


def test_a_receipt_of_another_year_than_its_request_is_refused(database: Database, tmp_path: Path) -> None:
    add_departments(database)
    (error,) = errors_of(database, register(tmp_path, "XXGK-2099-000001"))
    assert "差得太远" in error


def test_what_is_on_the_register_already_is_brought_up_to_date_whatever_its_number(
    database: Database, tmp_path: Path
) -> None:
    add_departments(database)
    path = register(tmp_path, "XXGK-2026-999999")
    with database.transaction() as session:
        numbering.start_at(session, 2026, 999_999)
    load(database, path)
    with database.transaction() as session:
        numbering.start_at(session, 2026, 5)
    assert load(database, path) == 1
    assert given_out(database) == "XXGK-2026-000005"


def test_an_old_database_that_an_outlier_had_stopped_files_again(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0012")
        connection.execute(
            sa.text("INSERT INTO departments (code, name, short_names, phone) VALUES ('SL', '水利局', '[]', '1')")
        )
        # Only the columns of that day.
        for serial in (101, 102, 123, 999_999):
            connection.execute(
                sa.insert(Request.__table__).values(
                    receipt=f"XXGK-2026-{serial:06d}",
                    query_code_hash="x",
                    applicant_kind="company",
                    applicant_masked="云河**",
                    description="规划图则",
                    department_code="SL",
                    received_on=date(2026, 3, 2),
                    submitted_via="当面",
                )
            )
    migrations.upgrade(database.engine)
    assert given_out(database) == "XXGK-2026-000124"
    with database.transaction() as session:
        assert session.get_one(ReceiptCounter, 2026).next_serial == 125
    database.close()
