"""`python -m bot import-disclosures`: loads a register of disclosure requests."""

from __future__ import annotations

from pathlib import Path

import click

from bot.db import utcnow
from bot.disclosures.importer import import_requests
from bot.importing import import_transaction
from bot.settings import Settings
from bot.staff import audit
from bot.staff.operator import operator
from bot.workdays import today_in_china


@click.command("import-disclosures")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_disclosures_command(path: Path) -> None:
    """Load disclosure requests and their events from a folder of CSV files or an Excel workbook."""
    with import_transaction(Settings.from_environment()) as session:
        now = utcnow()
        count = import_requests(session, path, today_in_china(now))
        audit.record(
            session, who=operator(), action="import_disclosures", subject=path.name, why=f"{count} 件申请", at=now
        )
    click.echo(f"已导入 {count} 件信息公开申请。")
