"""Terminal command that imports what the organs have to publish, and the data of the public pages."""

from __future__ import annotations

from pathlib import Path

import click

from bot.db import utcnow
from bot.importing import import_transaction
from bot.laws import watch
from bot.publishing.importer import import_publishing
from bot.publishing.tasks import refresh
from bot.settings import Settings

_TITLES = {
    "organs": "机关",
    "leaders": "领导",
    "duties": "公开要求",
    "places": "查阅场所",
    "gazettes": "公报",
    "information": "目录条目",
}


@click.command("import-publishing")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def import_publishing_command(path: Path) -> None:
    """Load what each organ has to publish, organs, leaders, reading places, gazettes: a CSV, a folder or a workbook."""
    with import_transaction(Settings.from_environment()) as session:
        counts = import_publishing(session, path, utcnow())
        open_ones = refresh(session, utcnow())
        watch.refresh(session, utcnow())
    told = "，".join(f"{_TITLES[name]} {count} 条" for name, count in counts.items())
    click.echo(f"已导入：{told}。现在有 {open_ones} 项要办（工作台“主动公开”）。")
