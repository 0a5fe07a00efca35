"""receipt counters; requests that were struck out"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# A copy of the value in `bot/disclosures/numbering.py` when this revision was written.
_MOST_UNUSED = 10_000


def upgrade() -> None:
    counters = op.create_table(
        "receipt_counters",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_receipt_counters")),
    )
    op.create_table(
        "struck_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("struck_by", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_struck_requests")),
    )
    op.create_index(op.f("ix_struck_requests_receipt"), "struck_requests", ["receipt"])
    requests = sa.table("disclosure_requests", sa.column("receipt", sa.String()))
    rows = _counters(op.get_bind().scalars(sa.select(requests.c.receipt)).all())
    if rows:
        op.bulk_insert(counters, rows)


def _counters(receipts: Sequence[str]) -> list[dict[str, int]]:
    """The counter of each year continues after its run of numbers; a number far above the run is a typing error."""
    years: dict[int, list[int]] = defaultdict(list)
    for receipt in receipts:
        _, year, serial = receipt.split("-")
        years[int(year)].append(int(serial))
    return [{"year": year, "next_serial": _end_of_run(sorted(serials)) + 1} for year, serials in years.items()]


def _end_of_run(serials: list[int]) -> int:
    last = 0
    for serial in serials:
        if serial - last - 1 > _MOST_UNUSED:
            break
        last = serial
    return last


def downgrade() -> None:
    op.drop_index(op.f("ix_struck_requests_receipt"), table_name="struck_requests")
    op.drop_table("struck_requests")
    op.drop_table("receipt_counters")
