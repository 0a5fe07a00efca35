"""The file by which the engine knows the catalogue's names; the engine never opens the database."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.orm import Session

from bot.catalogue.service import lexicon
from bot.referrals.service import triggers
from bot.whole_files import write_whole


def write(session: Session, path: Path) -> None:
    """Writes `service.lexicon` as JSON, whole or not at all, always the same for the same catalogue.

    The triggers of the routes are added under `routes`, as `bot.referrals.service.triggers` gives them.
    """
    content = {**lexicon(session), "routes": triggers(session)}
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=1))
