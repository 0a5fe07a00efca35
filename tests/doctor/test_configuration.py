"""Settings that do not fit each other, and certificates that end."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest

from bot.doctor import configuration
from bot.doctor.finding import Level
from bot.settings import Settings

NOW = datetime(2026, 11, 29, 4, tzinfo=UTC)
SMPP = {"SMPP_HOST": "smsc", "SMPP_SYSTEM_ID": "city", "SMPP_PASSWORD": "secret", "SMPP_SOURCE": "10612345"}
MAIL = {"SMTP_HOST": "smtp.city.gov.cn", "SMTP_FROM": "noreply@city.gov.cn"}
BEHIND_PROXY = {"PUBLIC_URL": "https://bot.city.gov.cn", "PROXY_COUNT": "1"}


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"PUBLIC_URL": "https://bot.city.gov.cn"}, "PROXY_COUNT"),
        ({"PUBLIC_URL": "http://bot.city.gov.cn"}, "https"),
        ({**BEHIND_PROXY, "WEB_HOST": "0.0.0.0"}, "WEB_HOST"),  # noqa: S104
        ({"WINDOW_ORIGINS": "https://www.city.gov.cn"}, "PUBLIC_URL"),
        ({"SECOND_FACTOR_ROLES": "none"}, "SECOND_FACTOR_ROLES"),
        ({"DUTY_STARTS": "18:00"}, "DUTY_STARTS"),
        ({**BEHIND_PROXY, **MAIL, "SMTP_TLS": "off"}, "SMTP_TLS"),
        (MAIL, "PUBLIC_URL"),
        ({"DATABASE_URL": "sqlite:///city.db"}, "DATABASE_URL"),
    ],
)
def test_settings_that_do_not_fit_are_named(environ: dict[str, str], named: str) -> None:
    (found,) = configuration.contradictions(Settings.from_environment(environ))
    assert found.level > Level.RIGHT
    assert named in found.said


@pytest.mark.parametrize("environ", [{}, BEHIND_PROXY, {"PUBLIC_URL": "http://127.0.0.1"}])
def test_settings_that_fit_are_right(environ: dict[str, str]) -> None:
    assert [each.level for each in configuration.contradictions(Settings.from_environment(environ))] == [Level.RIGHT]


def test_https_addresses_of_the_settings_are_looked_at() -> None:
    sms = {"SMS_GATEWAY_URL": "https://sms.example:8443/send", "SMS_SECRET": "a secret of 16 or more"}
    named = configuration.named_hosts(Settings.from_environment({**BEHIND_PROXY, **sms}))
    assert named == {"PUBLIC_URL": ("bot.city.gov.cn", 443), "SMS_GATEWAY_URL": ("sms.example", 8443)}


def refuse(error: OSError) -> object:
    def ask(host: str, port: int) -> datetime:
        raise error

    return ask


@pytest.mark.parametrize(
    ("asked", "level"),
    [
        (lambda host, port: NOW + timedelta(days=90), Level.RIGHT),
        (lambda host, port: NOW + timedelta(days=10), Level.DOUBTFUL),
        (refuse(ConnectionRefusedError("refused")), Level.DOUBTFUL),
        (refuse(ssl.SSLCertVerificationError("expired")), Level.WRONG),
    ],
)
def test_a_certificate_is_renewed_in_time(asked: object, level: Level) -> None:
    assert callable(asked)
    assert configuration.certificate("PUBLIC_URL", "bot.city.gov.cn", 443, NOW, asked).level is level


def test_an_smsc_is_tried_only_where_there_is_one() -> None:
    assert list(configuration.smsc(Settings.from_environment({}), refuse(OSError()))) == []  # type: ignore[arg-type]
    city = Settings.from_environment(SMPP)
    (found,) = configuration.smsc(city, refuse(OSError("no route")))  # type: ignore[arg-type]
    assert found.level is Level.WRONG
    assert [each.level for each in configuration.smsc(city, lambda host, port: None)] == [Level.RIGHT]
