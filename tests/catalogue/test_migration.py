"""A catalogue that was loaded before a change of the schema is there after it, whole."""

from __future__ import annotations

from alembic import command
from sqlalchemy import select, text

from bot import migrations
from bot.catalogue.models import Item, Office
from bot.db import Database

_OLD = (
    "INSERT INTO departments (code, name, short_names, phone) VALUES ('GA', '公安局', '[]', '1')",
    "INSERT INTO offices (code, name, address, hours, phone, directions) VALUES ('BD-01', '中心', '路', '', '1', '')",
    "INSERT INTO items (code, name, kind, department_code, applicant, summary, conditions, statutory_note, "
    'promised_days, has_fee, fee, fee_basis, office_code, "window", channel, online_note, visit_count, result, '
    "result_validity, delivery, complaints_phone, recorded_on, note) VALUES ('GA-001', '申领', '', 'GA', '自然人', '', "
    "'[]', '', 1, false, '', '', 'BD-01', '', '线下', '', 1, '证', '', '', '1', '2026-01-01', '')",
    "INSERT INTO materials (item_code, position, name, form, copies, issuer, waiver, is_required, situations, note) "
    "VALUES ('GA-001', 1, '照片', '', 0, '', '', true, '[]', '')",
)


def test_a_loaded_catalogue_outlives_the_districts(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.engine.begin() as connection:
        command.upgrade(migrations._config(connection), "0038")
        for statement in _OLD:
            connection.execute(text(statement))
    migrations.upgrade(database.engine)
    with database.transaction() as session:
        item = session.scalars(select(Item)).one()
        assert (item.office.branch_of, item.districts) == (None, [])
        assert [material.name for material in item.materials] == ["照片"]
        branch = Office(code="BD-02", name="分中心", address="", hours="", phone="", directions="", branch_of="BD-01")
        session.add(branch)
    database.close()
