"""Settings, all from the environment, all with defaults.

Uses the standard library only, so that both environments can read it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message says which and what would do."""


@dataclass(frozen=True)
class Settings:
    """What a city sets by environment variables; `docs/operating.md` explains each.

    `var_dir` holds all that is written at run time: database, models, logs, lexicon, search index.
    """

    port: int
    engine_port: int
    actions_port: int
    var_dir: Path
    database_url: str
    redis_url: str | None
    proxy_count: int
    identity_key: str | None
    dense_encoder: Path | None
    first_reply_minutes: int
    next_day_reply_at: time
    department_working_days: int
    closing_working_days: int
    citizen_working_days: int
    duty_starts: time
    duty_ends: time

    @classmethod
    def from_environment(cls, environ: dict[str, str] | None = None) -> Settings:
        env = dict(os.environ) if environ is None else environ
        var_dir = Path(env.get("VAR_DIR") or ROOT / "var").expanduser().resolve()
        return cls(
            port=_port(env, "PORT", 8080),
            engine_port=_port(env, "ENGINE_PORT", 5005),
            actions_port=_port(env, "ACTIONS_PORT", 5055),
            var_dir=var_dir,
            database_url=env.get("DATABASE_URL") or f"sqlite:///{var_dir / 'assistant.db'}",
            redis_url=env.get("REDIS_URL") or None,
            proxy_count=_count(env, "PROXY_COUNT", 0),
            identity_key=env.get("IDENTITY_KEY") or None,
            dense_encoder=_folder(env, "DENSE_ENCODER"),
            first_reply_minutes=_count(env, "FIRST_REPLY_MINUTES", 5, least=1),
            next_day_reply_at=_time_of_day(env, "NEXT_DAY_REPLY_AT", "12:00"),
            department_working_days=_count(env, "DEPARTMENT_WORKING_DAYS", 3, least=1),
            closing_working_days=_count(env, "CLOSING_WORKING_DAYS", 5, least=1),
            citizen_working_days=_count(env, "CITIZEN_WORKING_DAYS", 3, least=1),
            duty_starts=_time_of_day(env, "DUTY_STARTS", "09:00"),
            duty_ends=_time_of_day(env, "DUTY_ENDS", "17:30"),
        )

    @property
    def engine_url(self) -> str:
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def lexicon_path(self) -> Path:
        """The catalogue's names and aliases as the engine reads them (see `bot/catalogue/lexicon.py`)."""
        return self.var_dir / "lexicon.json"

    @property
    def identity_key_path(self) -> Path:
        """Where the key that seals applicants' identities is kept, unless `IDENTITY_KEY` gives it."""
        return self.var_dir / "identity.key"

    @property
    def documents_ranker_path(self) -> Path:
        """What the search over this city's documents has learnt, if it was trained here."""
        return self.var_dir / "documents.ranker"

    @property
    def dense_vectors_dir(self) -> Path:
        """The passages' vectors by the dense encoder, a file a model; only so that a restart need not encode again."""
        return self.var_dir / "dense"

    @property
    def models_dir(self) -> Path:
        return self.var_dir / "models"

    @property
    def logs_dir(self) -> Path:
        return self.var_dir / "logs"


def _port(env: dict[str, str], name: str, default: int) -> int:
    raw = env.get(name) or str(default)
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise SettingsError(f"{name} must be a port number from 1 to 65535, not {raw!r}")
    return int(raw)


def _count(env: dict[str, str], name: str, default: int, least: int = 0) -> int:
    raw = env.get(name) or str(default)
    if not raw.isdecimal() or int(raw) < least:
        raise SettingsError(f"{name} must be a whole number, {least} or more, not {raw!r}")
    return int(raw)


def _folder(env: dict[str, str], name: str) -> Path | None:
    raw = env.get(name)
    if not raw:
        return None
    folder = Path(raw).expanduser().resolve()
    if not folder.is_dir():
        raise SettingsError(f"{name} must be a folder, and {raw!r} is none")
    return folder


def _time_of_day(env: dict[str, str], name: str, default: str) -> time:
    raw = env.get(name) or default
    try:
        return datetime.strptime(raw, "%H:%M").time()
    except ValueError:
        raise SettingsError(f"{name} must be a time of day like 09:00, not {raw!r}") from None
