"""Settings, all from the environment, all with defaults.

Uses the standard library only, so that both environments can read it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
# Where the provider sends a member of staff back to.
OIDC_BACK_PATH = "/console/oidc/back"


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message says which and what would do."""


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID Connect provider that staff may sign in with, and what it knows this console by.

    `login_claim` is the claim whose value is the login of an account here.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_url: str
    login_claim: str


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
    oidc: OidcSettings | None
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
            oidc=_oidc(env),
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
    def documents_index_path(self) -> Path:
        """Where processes share the index of the documents; it is made again when it is not there."""
        return self.var_dir / "documents-index"

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


def _oidc(env: dict[str, str]) -> OidcSettings | None:
    names = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_REDIRECT_URL")
    missing = [name for name in names if not env.get(name)]
    if missing:
        if len(missing) < len(names) or env.get("OIDC_LOGIN_CLAIM"):
            raise SettingsError(f"{', '.join(missing)} must be set too, or none of OIDC_*")
        return None
    redirect_url = _safe_address(env, "OIDC_REDIRECT_URL")
    if urlsplit(redirect_url).path != OIDC_BACK_PATH:
        raise SettingsError(f"OIDC_REDIRECT_URL must end in {OIDC_BACK_PATH}, not be {redirect_url!r}")
    return OidcSettings(
        issuer=_safe_address(env, "OIDC_ISSUER"),
        client_id=env["OIDC_CLIENT_ID"],
        client_secret=env["OIDC_CLIENT_SECRET"],
        redirect_url=redirect_url,
        login_claim=env.get("OIDC_LOGIN_CLAIM") or "preferred_username",
    )


def _safe_address(env: dict[str, str], name: str) -> str:
    raw = env[name]
    try:
        host, scheme = urlsplit(raw).hostname, urlsplit(raw).scheme
    except ValueError:
        host, scheme = None, ""
    on_this_machine = scheme == "http" and host in ("localhost", "127.0.0.1", "::1")
    if not host or not (scheme == "https" or on_this_machine) or urlsplit(raw).query or urlsplit(raw).fragment:
        raise SettingsError(f"{name} must be an https:// address without ? and #, not {raw!r}")
    return raw


def _time_of_day(env: dict[str, str], name: str, default: str) -> time:
    raw = env.get(name) or default
    try:
        return datetime.strptime(raw, "%H:%M").time()
    except ValueError:
        raise SettingsError(f"{name} must be a time of day like 09:00, not {raw!r}") from None
