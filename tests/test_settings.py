"""Settings: a wrong value is named together with the allowed ones, and each setting is documented."""

from __future__ import annotations

import re

import pytest

from bot.places import ROOT
from bot.settings import Settings, SettingsError

SMS = {"SMS_GATEWAY_URL": "https://carrier.example/send", "SMS_SECRET": "a secret of 16 or more"}
SMPP = {"SMPP_HOST": "smsc", "SMPP_SYSTEM_ID": "city", "SMPP_PASSWORD": "secret", "SMPP_SOURCE": "10612345"}
MAIL = {"SMTP_HOST": "smtp.city.gov.cn", "SMTP_FROM": "云河政务助手 <noreply@city.gov.cn>"}
WECHAT = {"WECHAT_APP_ID": "wx1", "WECHAT_APP_SECRET": "s", "WECHAT_TOKEN": "t"}


def test_no_channel_of_texts_is_set_up_by_default() -> None:
    settings = Settings.from_environment({})
    assert (settings.sms, settings.wechat) == (None, None)
    assert settings.helpline.daily_ceiling == 20_000


def test_what_a_carrier_needs_is_read() -> None:
    settings = Settings.from_environment({**SMS, **WECHAT, "WECHAT_AES_KEY": "k" * 43})
    assert SMS["SMS_SECRET"] not in repr(settings)
    smpp = Settings.from_environment(SMPP).smpp
    assert smpp is not None
    assert (smpp.port, smpp.source) == (2775, "10612345")
    assert settings.sms is not None
    assert settings.sms.gateway_url == SMS["SMS_GATEWAY_URL"]
    assert settings.wechat is not None
    assert (settings.wechat.app_id, settings.wechat.api_url) == ("wx1", "https://api.weixin.qq.com")


@pytest.mark.parametrize(("tls", "port"), [("on", 465), ("starttls", 587), ("off", 25)])
def test_a_mail_server_is_reached_at_its_usual_port(tls: str, port: int) -> None:
    settings = Settings.from_environment({**MAIL, "SMTP_TLS": tls})
    assert settings.mail is not None
    assert (settings.mail.port, settings.mail.sender, settings.mail.sender_name) == (
        port,
        "noreply@city.gov.cn",
        "云河政务助手",
    )
    assert settings.sending_channels == {"mail"}


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SMS_GATEWAY_URL": SMS["SMS_GATEWAY_URL"]}, "SMS_SECRET must be set too"),
        ({"CITY_ORDERS_ALL": "on"}, "CITY_ORDERS_KEY, CITY_ORDERS_SECRET must be set too"),
        ({"ENCODER": "yes"}, "ENCODER must be on or off"),
        ({"ENCODER_WEIGHTS": "/nowhere/weights.bin"}, "ENCODER_WEIGHTS must be a file"),
        ({**SMS, "SMS_SECRET": "short"}, "SMS_SECRET must have 16 characters"),
        ({**SMS, "SMS_GATEWAY_URL": "http://carrier.example/send"}, "SMS_GATEWAY_URL must be an https"),
        ({"SMPP_HOST": "smsc"}, "SMPP_SYSTEM_ID, SMPP_PASSWORD, SMPP_SOURCE must be set too"),
        ({**SMPP, "SMPP_PASSWORD": "123456789"}, "SMPP_PASSWORD must be at most 8"),
        ({**SMPP, "SMPP_SOURCE": "city"}, "SMPP_SOURCE must be a number"),
        ({**SMPP, **SMS}, "two ways of one channel"),
        ({"WECHAT_TOKEN": "t"}, "WECHAT_APP_ID, WECHAT_APP_SECRET must be set too"),
        ({**WECHAT, "WECHAT_AES_KEY": "short"}, "WECHAT_AES_KEY must be 43"),
        (WECHAT, "WECHAT_AES_KEY must be set"),
        ({"SMTP_HOST": "smtp"}, "SMTP_FROM must be set too"),
        ({"SMTP_USER": "city"}, "SMTP_HOST, SMTP_FROM must be set too"),
        ({**MAIL, "SMTP_TLS": "yes"}, "SMTP_TLS must be on, starttls or off"),
        ({**MAIL, "SMTP_USER": "city"}, "SMTP_PASSWORD must be set too"),
        ({**MAIL, "SMTP_USER": "a", "SMTP_PASSWORD": "b", "SMTP_TLS": "off"}, "SMTP_PASSWORD would travel in clear"),
        ({**MAIL, "SMTP_FROM": "a@city.gov.cn\nBcc: b@city.gov.cn"}, "SMTP_FROM must be like"),
        ({"TEXTS_DAILY_CEILING": "0"}, "TEXTS_DAILY_CEILING must be a whole number, 1 or more"),
        ({"PUBLIC_URL": "https://a.example https://b.example"}, "PUBLIC_URL must be one origin"),
        ({"PUBLIC_URL": "javascript:alert(1)"}, "PUBLIC_URL must be origins like"),
        ({"WEB_HOST": "the moon"}, "WEB_HOST must be an address"),
        ({"QUIET_STARTS": "nine"}, "QUIET_STARTS must be a time of day"),
        ({"TEXTS_SHORT_LINK": "https://example.com/" + "x" * 40}, "TEXTS_SHORT_LINK must be short"),
    ],
)
def test_a_wrong_setting_says_what_would_do(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Settings.from_environment(environ)


@pytest.mark.parametrize(
    ("environ", "host", "url"),
    [
        ({}, None, "http://127.0.0.1:8080"),
        ({"PROXY_COUNT": "1"}, "127.0.0.1", "http://127.0.0.1:8080"),
        ({"PROXY_COUNT": "1", "WEB_HOST": "::"}, "::", "http://127.0.0.1:8080"),
        ({"WEB_HOST": "10.0.0.5", "PORT": "80"}, "10.0.0.5", "http://10.0.0.5:80"),
        ({"WEB_HOST": "::1"}, "::1", "http://[::1]:8080"),
    ],
)
def test_behind_a_proxy_web_listens_on_the_loopback_unless_told_otherwise(
    environ: dict[str, str], host: str | None, url: str
) -> None:
    settings = Settings.from_environment(environ)
    assert (settings.web_host, settings.web_url) == (host, url)


def test_every_setting_is_documented() -> None:
    code = (ROOT / "bot" / "settings.py").read_text()
    names = set(re.findall(r'"([A-Z][A-Z_]+)"', code))
    documented = (ROOT / "docs" / "operating.md").read_text()
    assert {"PORT", "SMS_SECRET", "OIDC_ISSUER"} <= names
    assert [name for name in sorted(names) if f"`{name}`" not in documented] == []
