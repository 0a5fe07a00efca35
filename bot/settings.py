"""Settings, all from the environment, all with defaults.

Uses the standard library only, so that both environments can read it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bot.places import ROOT

# Paths to which the OpenID Connect providers send staff and citizens back.
OIDC_BACK_PATH = "/console/oidc/back"
CITIZEN_BACK_PATH = "/me/back"
_OIDC = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_REDIRECT_URL", "OIDC_LOGIN_CLAIM")
_CITIZEN_OIDC = (
    *("CITIZEN_OIDC_ISSUER", "CITIZEN_OIDC_CLIENT_ID", "CITIZEN_OIDC_CLIENT_SECRET"),
    *("CITIZEN_OIDC_REDIRECT_URL", "CITIZEN_OIDC_LOGIN_CLAIM"),
)
# How the connection to the mail server is protected → its usual port: TLS at once (RFC 8314), STARTTLS, not at all.
MAIL_PORTS = {"on": 465, "starttls": 587, "off": 25}
WECHAT_API_URL = "https://api.weixin.qq.com"
LEAST_SECRET_CHARACTERS = 16
# The values of `bot.staff.roles.Role`, which the engine's environment cannot import.
STAFF_ROLES = ("clerk", "department", "reviewer", "supervisor", "administrator", "security", "auditor")
# Roles that can see much or grant much.
SECOND_FACTOR_ROLES = ("supervisor", "administrator", "security", "auditor")
# The values of `bot.proposed_changes.terms.Changeable`.
CHANGE_KINDS = ("items", "item_lists", "documents", "routes", "holidays", "laws")
LONGEST_SHORT_LINK = 40
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message says which and what would do."""


@dataclass(frozen=True)
class OidcSettings:
    """The OpenID Connect provider that staff, or citizens, may sign in with, and how we identify ourselves to it.

    `login_claim` is the claim whose value is the login of an account here, or the citizen's identifier. `scope`: what
    the provider is asked to tell.
    """

    issuer: str
    client_id: str
    client_secret: str
    redirect_url: str
    login_claim: str
    scope: str = "openid profile"


@dataclass(frozen=True)
class LanguageModelSettings:
    """A city's own language model with an API like OpenAI's. `url`: without `/chat/completions`."""

    url: str
    name: str
    key: str | None = field(repr=False)


@dataclass(frozen=True)
class SmsSettings:
    """The carrier with an HTTP interface: where texts to citizens are sent, and the key that signs both ways."""

    gateway_url: str
    secret: str = field(repr=False)


@dataclass(frozen=True)
class CityOrderSettings:
    """The city's own work-order system (`docs/city-orders.md`): its address, the key that tells it who we are, and the
    secret that signs both ways. `takes_all`: each work order goes there. `poll_every`: after so long without a word it
    is asked.
    """

    url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    takes_all: bool
    poll_every: timedelta


@dataclass(frozen=True)
class SmppSettings:
    """An account with the operator's SMSC. `source` is the number that texts come from and are sent to."""

    host: str
    port: int
    system_id: str
    password: str = field(repr=False)
    system_type: str
    source: str


@dataclass(frozen=True)
class MailSettings:
    """The mail server that takes mail for citizens (RFC 6409), and the sender that they see.

    `tls`: one of `MAIL_PORTS`. `sender` is an address, `sender_name` the name beside it. `user` None: it asks for none.
    """

    host: str
    port: int
    tls: str
    user: str | None
    password: str | None = field(repr=False)
    sender: str
    sender_name: str


@dataclass(frozen=True)
class WeChatSettings:
    """The official account. `aes_key` None: messages are not encrypted, and whoever sees one can forge others."""

    app_id: str
    app_secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_key: str | None = field(repr=False)
    api_url: str


@dataclass(frozen=True)
class SiteSettings:
    """What a government's site tells at its foot; what is empty is left out.

    `sponsor`: 主办单位; `operator`: 承办单位; `code`: 政府网站标识码; `icp`: ICP 备案号; `police`: 公安备案号.
    """

    sponsor: str
    operator: str
    code: str
    icp: str
    police: str
    contact: str


@dataclass(frozen=True)
class HelplineSettings:
    """Limits of all text channels. `short_link`: the only address that a text may contain."""

    per_number_hour: int
    per_second: int
    daily_ceiling: int
    quiet_starts: time
    quiet_ends: time
    short_link: str | None


@dataclass(frozen=True)
class Settings:
    """What a city sets by environment variables; `docs/operating.md` explains each.

    `web_host` None: web listens on all addresses. `var_dir` holds all that is written at run time: database, models,
    logs, lexicon, search index. `shared_dir`: where of that lies what several machines must have in common, as models
    and holidays; `var_dir` itself unless SHARED_DIR is set. `figures_database_url`: a copy of the database to count
    from; the database itself unless FIGURES_DATABASE_URL is set.
    """

    web_host: str | None
    port: int
    engine_port: int
    actions_port: int
    var_dir: Path
    shared_dir: Path
    database_url: str
    figures_database_url: str
    redis_url: str | None
    proxy_count: int
    portal_idle_minutes: int
    allowed_origins: frozenset[str]
    window_origins: frozenset[str]
    public_url: str
    metrics_token: str | None = field(repr=False)
    otlp_endpoint: str
    identity_key: str | None
    second_factor_roles: frozenset[str]
    separate_duties: bool
    second_pair_of_eyes: frozenset[str]
    second_pair_excused_roles: frozenset[str]
    documents_ocr: bool
    encoder: bool
    encoder_weights: Path | None
    encoder_within_ms: int
    language_model: LanguageModelSettings | None
    retention_file: Path | None
    notices_dir: Path | None
    assessment_file: Path | None
    appraisal_file: Path | None
    held_words_file: Path | None
    oidc: OidcSettings | None
    citizen_oidc: OidcSettings | None
    sms: SmsSettings | None
    smpp: SmppSettings | None
    wechat: WeChatSettings | None
    city_orders: CityOrderSettings | None
    mail: MailSettings | None
    site: SiteSettings
    helpline: HelplineSettings
    first_reply_minutes: int
    next_reply_minutes: int
    bad_rating_reply_minutes: int
    next_day_reply_at: time
    signing_working_days: int
    department_working_days: int
    closing_working_days: int
    citizen_working_days: int
    answered_days: int
    duty_starts: time
    duty_ends: time

    @classmethod
    def from_environment(cls, environ: dict[str, str] | None = None) -> Settings:
        env = dict(os.environ) if environ is None else environ
        var_dir = Path(env.get("VAR_DIR") or ROOT / "var").expanduser().resolve()
        database_url = env.get("DATABASE_URL") or f"sqlite:///{var_dir / 'assistant.db'}"
        return cls(
            web_host=_host(env),
            port=_port(env, "PORT", 8080),
            engine_port=_port(env, "ENGINE_PORT", 5005),
            actions_port=_port(env, "ACTIONS_PORT", 5055),
            var_dir=var_dir,
            shared_dir=_folder(env, "SHARED_DIR") or var_dir,
            database_url=database_url,
            figures_database_url=env.get("FIGURES_DATABASE_URL") or database_url,
            redis_url=env.get("REDIS_URL") or None,
            proxy_count=_count(env, "PROXY_COUNT", 0),
            portal_idle_minutes=_count(env, "PORTAL_IDLE_MINUTES", 30, least=1),
            allowed_origins=_origins(env, "ALLOWED_ORIGINS"),
            window_origins=_origins(env, "WINDOW_ORIGINS"),
            public_url=_origin(env, "PUBLIC_URL"),
            metrics_token=env.get("METRICS_TOKEN") or None,
            otlp_endpoint=_origin(env, "OTLP_ENDPOINT"),
            identity_key=env.get("IDENTITY_KEY") or None,
            second_factor_roles=_some_of(env, "SECOND_FACTOR_ROLES", STAFF_ROLES, ",".join(SECOND_FACTOR_ROLES)),
            separate_duties=bool(_count(env, "SEPARATE_DUTIES", 0)),
            second_pair_of_eyes=_some_of(env, "SECOND_PAIR_OF_EYES", CHANGE_KINDS, ",".join(CHANGE_KINDS)),
            second_pair_excused_roles=_some_of(env, "SECOND_PAIR_EXCUSED_ROLES", STAFF_ROLES, "none"),
            documents_ocr=_is_on(env, "DOCUMENTS_OCR", default=False),
            encoder=_is_on(env, "ENCODER", default=True),
            encoder_weights=_file(env, "ENCODER_WEIGHTS"),
            encoder_within_ms=_count(env, "ENCODER_WITHIN_MS", 300, least=1),
            language_model=_language_model(env),
            retention_file=_file(env, "RETENTION_FILE"),
            notices_dir=_folder(env, "NOTICES_DIR"),
            assessment_file=_file(env, "ASSESSMENT_FILE"),
            appraisal_file=_file(env, "APPRAISAL_FILE"),
            held_words_file=_file(env, "HELD_WORDS_FILE"),
            oidc=_oidc(env, _OIDC, OIDC_BACK_PATH),
            citizen_oidc=_oidc(env, _CITIZEN_OIDC, CITIZEN_BACK_PATH, login_claim="sub", scope="openid"),
            sms=_sms(env),
            smpp=_smpp(env),
            wechat=_wechat(env),
            city_orders=_city_orders(env),
            mail=_mail(env),
            site=SiteSettings(
                sponsor=_words(env, "SITE_SPONSOR"),
                operator=_words(env, "SITE_OPERATOR"),
                code=_words(env, "SITE_CODE"),
                icp=_words(env, "SITE_ICP"),
                police=_words(env, "SITE_POLICE"),
                contact=_words(env, "SITE_CONTACT"),
            ),
            helpline=HelplineSettings(
                per_number_hour=_count(env, "TEXTS_PER_NUMBER_HOUR", 60, least=1),
                per_second=_count(env, "TEXTS_PER_SECOND", 20, least=1),
                daily_ceiling=_count(env, "TEXTS_DAILY_CEILING", 20_000, least=1),
                quiet_starts=_time_of_day(env, "QUIET_STARTS", "21:00"),
                quiet_ends=_time_of_day(env, "QUIET_ENDS", "08:00"),
                short_link=_short_link(env),
            ),
            first_reply_minutes=_count(env, "FIRST_REPLY_MINUTES", 5, least=1),
            next_reply_minutes=_count(env, "NEXT_REPLY_MINUTES", 10, least=1),
            bad_rating_reply_minutes=_count(env, "BAD_RATING_REPLY_MINUTES", 30, least=1),
            next_day_reply_at=_time_of_day(env, "NEXT_DAY_REPLY_AT", "12:00"),
            signing_working_days=_count(env, "SIGNING_WORKING_DAYS", 1, least=1),
            department_working_days=_count(env, "DEPARTMENT_WORKING_DAYS", 3, least=1),
            closing_working_days=_count(env, "CLOSING_WORKING_DAYS", 5, least=1),
            citizen_working_days=_count(env, "CITIZEN_WORKING_DAYS", 3, least=1),
            answered_days=_count(env, "ANSWERED_DAYS", 3),
            duty_starts=_time_of_day(env, "DUTY_STARTS", "09:00"),
            duty_ends=_time_of_day(env, "DUTY_ENDS", "17:30"),
        )

    @property
    def sending_channels(self) -> frozenset[str]:
        """The channels, of `bot.conversations.channels`, by which something can go to citizens."""
        has_sms = self.sms is not None or self.smpp is not None
        ways = {"sms": has_sms, "wechat": self.wechat is not None, "mail": self.mail is not None}
        return frozenset(channel for channel, is_open in ways.items() if is_open)

    @property
    def web_url(self) -> str:
        """The web process's address on this machine."""
        host = "127.0.0.1" if self.web_host is None or ip_address(self.web_host).is_unspecified else self.web_host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def engine_url(self) -> str:
        return f"http://127.0.0.1:{self.engine_port}"

    @property
    def lexicon_path(self) -> Path:
        """The catalogue's names and aliases as the engine reads them (see `bot/running/lexicon_file.py`)."""
        return self.var_dir / "lexicon.json"

    @property
    def column_maps_path(self) -> Path:
        """Folder of the maps by which exports of other systems were read (`bot.column_maps`)."""
        return self.shared_dir / "column-maps"

    @property
    def holidays_path(self) -> Path:
        """Holidays of years that the calendar package lacks (`bot/holidays.py`)."""
        return self.shared_dir / "holidays.json"

    @property
    def taught_acts_path(self) -> Path:
        """The acts of messages that staff have taught (`bot/letters/taught.py`)."""
        return self.shared_dir / "taught_acts.json"

    @property
    def trackers_path(self) -> Path:
        """Rasa's conversations, unless `DATABASE_URL` names a PostgreSQL database, which then holds them too."""
        return self.var_dir / "trackers.db"

    @property
    def identity_key_path(self) -> Path:
        """Where the keys that seal citizens' data are kept, unless `IDENTITY_KEY` gives them (`bot/sealing.py`)."""
        return self.var_dir / "identity.key"

    @property
    def documents_index_path(self) -> Path:
        """Where processes share the index of the documents; it is made again when it is not there."""
        return self.var_dir / "documents-index"

    @property
    def letters_index_path(self) -> Path:
        """Where processes share the index of the public letters; it is made again when it is not there."""
        return self.var_dir / "letters-index"

    @property
    def interviews_index_path(self) -> Path:
        """Where processes share the index of the questions of talks; it is made again when it is not there."""
        return self.var_dir / "interviews-index"

    @property
    def answering_index_path(self) -> Path:
        """Where processes share the index of all possible answers; it is made again when it is not there."""
        return self.var_dir / "answering-index"

    @property
    def answering_ranker_path(self) -> Path:
        """The ranker that `answering-train` made from this city's messages, if it was trained here."""
        return self.shared_dir / "answering.ranker"

    @property
    def documents_ranker_path(self) -> Path:
        """The ranker of the search over this city's documents, if it was trained here."""
        return self.shared_dir / "documents.ranker"

    @property
    def vectors_dir(self) -> Path:
        """Vectors of this city's texts, one file for each model, by content (`bot/answering/encoder/store.py`)."""
        return self.var_dir / "vectors"

    @property
    def encoder_address_path(self) -> Path:
        """The file in which the encoder's process gives its address; absent while it is down."""
        return self.var_dir / "encoder.json"

    @property
    def models_dir(self) -> Path:
        return self.shared_dir / "models"

    @property
    def lessons_dir(self) -> Path:
        return self.shared_dir / "lessons"

    @property
    def logs_dir(self) -> Path:
        return self.var_dir / "logs"


def _port(env: dict[str, str], name: str, default: int) -> int:
    raw = env.get(name) or str(default)
    if not raw.isdecimal() or not 1 <= int(raw) <= 65535:
        raise SettingsError(f"{name} must be a port number from 1 to 65535, not {raw!r}")
    return int(raw)


def _some_of(env: dict[str, str], name: str, known: Sequence[str], default: str) -> frozenset[str]:
    """Some of the known words, separated by commas; `none` for none of them."""
    raw = env.get(name) or default
    found = frozenset() if raw == "none" else frozenset(part.strip() for part in raw.split(","))
    if not found <= set(known):
        raise SettingsError(f"{name} must be none, or some of {', '.join(known)} with commas, not {raw!r}")
    return found


def _host(env: dict[str, str]) -> str | None:
    """None for all addresses. Behind a proxy the default is this machine only: a client that bypasses the proxy could
    claim any address as its own.
    """
    raw = env.get("WEB_HOST") or ("127.0.0.1" if _count(env, "PROXY_COUNT", 0) else None)
    try:
        return str(ip_address(raw)) if raw is not None else None
    except ValueError:
        raise SettingsError(f"WEB_HOST must be an address of this machine, like 127.0.0.1, not {raw!r}") from None


def _origins(env: dict[str, str], name: str) -> frozenset[str]:
    """Origins separated by spaces or commas: `https://www.city.gov.cn https://m.city.gov.cn`."""
    found = frozenset(origin.lower().rstrip("/") for origin in re.split(r"[\s,]+", env.get(name) or "") if origin)
    for origin in found:
        if not re.fullmatch(r"https?://[a-z0-9.:\[\]-]+", origin):
            raise SettingsError(f"{name} must be origins like https://www.city.gov.cn, not {origin!r}")
    return found


def _origin(env: dict[str, str], name: str) -> str:
    found = _origins(env, name)
    if len(found) > 1:
        raise SettingsError(f"{name} must be one origin like https://www.city.gov.cn, not {env[name]!r}")
    return next(iter(found), "")


def _count(env: dict[str, str], name: str, default: int, least: int = 0) -> int:
    raw = env.get(name) or str(default)
    if not raw.isdecimal() or int(raw) < least:
        raise SettingsError(f"{name} must be a whole number, {least} or more, not {raw!r}")
    return int(raw)


def _file(env: dict[str, str], name: str) -> Path | None:
    raw = env.get(name)
    if not raw:
        return None
    file = Path(raw).expanduser().resolve()
    if not file.is_file():
        raise SettingsError(f"{name} must be a file, and {raw!r} is none")
    return file


def _folder(env: dict[str, str], name: str) -> Path | None:
    raw = env.get(name)
    if not raw:
        return None
    folder = Path(raw).expanduser().resolve()
    if not folder.is_dir():
        raise SettingsError(f"{name} must be a folder, and {raw!r} is none")
    return folder


def _words(env: dict[str, str], name: str) -> str:
    return (env.get(name) or "").strip()


def _is_on(env: dict[str, str], name: str, default: bool) -> bool:
    raw = env.get(name) or ("on" if default else "off")
    if raw not in ("on", "off"):
        raise SettingsError(f"{name} must be on or off, not {raw!r}")
    return raw == "on"


def _language_model(env: dict[str, str]) -> LanguageModelSettings | None:
    names = ("LANGUAGE_MODEL_URL", "LANGUAGE_MODEL_NAME")
    if not _all_or_none(env, *names, optional=("LANGUAGE_MODEL_KEY",), called="LANGUAGE_MODEL_*"):
        return None
    return LanguageModelSettings(
        url=_safe_address(env, "LANGUAGE_MODEL_URL").rstrip("/"),
        name=env["LANGUAGE_MODEL_NAME"],
        key=env.get("LANGUAGE_MODEL_KEY") or None,
    )


def _oidc(
    env: dict[str, str],
    names: Sequence[str],
    back_path: str,
    login_claim: str = "preferred_username",
    scope: str = "openid profile",
) -> OidcSettings | None:
    """`names`: those of issuer, client's id, its secret, address to come back to, and claim."""
    issuer, client_id, client_secret, redirect, claim = names
    if not _all_or_none(env, *names[:-1], optional=(claim,), called=f"{issuer.removesuffix('ISSUER')}*"):
        return None
    redirect_url = _safe_address(env, redirect)
    if urlsplit(redirect_url).path != back_path:
        raise SettingsError(f"{redirect} must end in {back_path}, not be {redirect_url!r}")
    return OidcSettings(
        issuer=_safe_address(env, issuer),
        client_id=env[client_id],
        client_secret=env[client_secret],
        redirect_url=redirect_url,
        login_claim=env.get(claim) or login_claim,
        scope=scope,
    )


def _sms(env: dict[str, str]) -> SmsSettings | None:
    if not _all_or_none(env, "SMS_GATEWAY_URL", "SMS_SECRET"):
        return None
    return SmsSettings(gateway_url=_safe_address(env, "SMS_GATEWAY_URL"), secret=_secret(env, "SMS_SECRET"))


def _city_orders(env: dict[str, str]) -> CityOrderSettings | None:
    names = ("CITY_ORDERS_URL", "CITY_ORDERS_KEY", "CITY_ORDERS_SECRET")
    if not _all_or_none(env, *names, optional=("CITY_ORDERS_ALL",), called="CITY_ORDERS_*"):
        return None
    return CityOrderSettings(
        url=_safe_address(env, "CITY_ORDERS_URL").rstrip("/"),
        key=env["CITY_ORDERS_KEY"],
        secret=_secret(env, "CITY_ORDERS_SECRET"),
        takes_all=_is_on(env, "CITY_ORDERS_ALL", default=False),
        poll_every=timedelta(minutes=_count(env, "CITY_ORDERS_POLL_MINUTES", 60, least=1)),
    )


def _secret(env: dict[str, str], name: str) -> str:
    if len(env[name]) < LEAST_SECRET_CHARACTERS:
        raise SettingsError(f"{name} must have {LEAST_SECRET_CHARACTERS} characters or more")
    return env[name]


def _smpp(env: dict[str, str]) -> SmppSettings | None:
    if not _all_or_none(env, "SMPP_HOST", "SMPP_SYSTEM_ID", "SMPP_PASSWORD", "SMPP_SOURCE"):
        return None
    if env.get("SMS_GATEWAY_URL"):
        raise SettingsError("SMPP_HOST and SMS_GATEWAY_URL are two ways of one channel: set one of them")
    for name, longest in (("SMPP_SYSTEM_ID", 15), ("SMPP_PASSWORD", 8), ("SMPP_SYSTEM_TYPE", 12)):
        if len(env.get(name) or "") > longest or not (env.get(name) or "").isascii():
            raise SettingsError(f"{name} must be at most {longest} ASCII characters (SMPP 3.4, 4.1.5)")
    if not re.fullmatch(r"\+?[0-9]{1,20}", env["SMPP_SOURCE"]):
        raise SettingsError(f"SMPP_SOURCE must be a number of at most 20 digits, not {env['SMPP_SOURCE']!r}")
    return SmppSettings(
        host=env["SMPP_HOST"],
        port=_port(env, "SMPP_PORT", 2775),
        system_id=env["SMPP_SYSTEM_ID"],
        password=env["SMPP_PASSWORD"],
        system_type=env.get("SMPP_SYSTEM_TYPE") or "",
        source=env["SMPP_SOURCE"],
    )


def _wechat(env: dict[str, str]) -> WeChatSettings | None:
    if not _all_or_none(env, "WECHAT_APP_ID", "WECHAT_APP_SECRET", "WECHAT_TOKEN"):
        return None
    aes_key = env.get("WECHAT_AES_KEY") or None
    if aes_key is not None and not re.fullmatch(r"[A-Za-z0-9]{43}", aes_key):
        raise SettingsError("WECHAT_AES_KEY must be 43 letters and digits, as WeChat shows it")
    if aes_key is None and env.get("WECHAT_ACCEPT_PLAIN") != "1":
        raise SettingsError(
            "WECHAT_AES_KEY must be set (消息加解密密钥, 安全模式): messages that are not encrypted can be forged by "
            "whoever sees one. Where that is accepted, as on a test account, set WECHAT_ACCEPT_PLAIN=1"
        )
    api_url = _safe_address({"WECHAT_API_URL": env.get("WECHAT_API_URL") or WECHAT_API_URL}, "WECHAT_API_URL")
    return WeChatSettings(
        env["WECHAT_APP_ID"], env["WECHAT_APP_SECRET"], env["WECHAT_TOKEN"], aes_key, api_url.rstrip("/")
    )


def _mail(env: dict[str, str]) -> MailSettings | None:
    optional = ("SMTP_PORT", "SMTP_TLS", "SMTP_USER", "SMTP_PASSWORD")
    if not _all_or_none(env, "SMTP_HOST", "SMTP_FROM", optional=optional, called="SMTP_*"):
        return None
    tls = env.get("SMTP_TLS") or "on"
    if tls not in MAIL_PORTS:
        raise SettingsError(f"SMTP_TLS must be on, starttls or off, not {tls!r}")
    has_user = _all_or_none(env, "SMTP_USER", "SMTP_PASSWORD")
    if has_user and tls == "off" and env["SMTP_HOST"] not in _THIS_MACHINE:
        raise SettingsError("SMTP_TLS must be on or starttls: else SMTP_PASSWORD would travel in clear")
    raw = env["SMTP_FROM"]
    name, sender = parseaddr(raw)
    is_one = raw.isprintable() and raw.count("@") == 1
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", sender) or not is_one:
        raise SettingsError(f"SMTP_FROM must be like 政务助手 <noreply@city.gov.cn>, not {raw!r}")
    return MailSettings(
        host=env["SMTP_HOST"],
        port=_port(env, "SMTP_PORT", MAIL_PORTS[tls]),
        tls=tls,
        user=env.get("SMTP_USER") or None,
        password=env.get("SMTP_PASSWORD") or None,
        sender=sender,
        sender_name=name,
    )


def _all_or_none(env: dict[str, str], *names: str, optional: Sequence[str] = (), called: str = "") -> bool:
    """Whether all of `names` are set. `optional`: settings that need them. `called`: their common name in the error.

    Raises:
        SettingsError: only some are set.
    """
    missing = [name for name in names if not env.get(name)]
    if missing and any(env.get(name) for name in (*names, *optional)):
        raise SettingsError(f"{', '.join(missing)} must be set too, or none of {called or ', '.join(names)}")
    return not missing


def _short_link(env: dict[str, str]) -> str | None:
    raw = env.get("TEXTS_SHORT_LINK") or None
    if raw is not None and len(raw) > LONGEST_SHORT_LINK:
        raise SettingsError(f"TEXTS_SHORT_LINK must be short, at most {LONGEST_SHORT_LINK} characters")
    return raw


def _safe_address(env: dict[str, str], name: str) -> str:
    raw = env[name]
    try:
        host, scheme = urlsplit(raw).hostname, urlsplit(raw).scheme
    except ValueError:
        host, scheme = None, ""
    on_this_machine = scheme == "http" and host in _THIS_MACHINE
    if not host or not (scheme == "https" or on_this_machine) or urlsplit(raw).query or urlsplit(raw).fragment:
        raise SettingsError(f"{name} must be an https:// address without ? and #, not {raw!r}")
    return raw


def _time_of_day(env: dict[str, str], name: str, default: str) -> time:
    raw = env.get(name) or default
    try:
        return datetime.strptime(raw, "%H:%M").time()
    except ValueError:
        raise SettingsError(f"{name} must be a time of day like 09:00, not {raw!r}") from None
