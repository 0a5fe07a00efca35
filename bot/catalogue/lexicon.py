"""The file by which the engine knows the catalogue's names; the engine never opens the database."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.orm import Session

from bot.catalogue.service import lexicon
from bot.routes.service import triggers


def write(session: Session, path: Path) -> None:
    """Writes `service.lexicon` as JSON, whole or not at all, always the same for the same catalogue.

    With it go the routes' triggers, under `routes`, as `bot.routes.service.triggers` gives them.
    """
    content = {**lexicon(session), "routes": triggers(session)}
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    unfinished.replace(path)
