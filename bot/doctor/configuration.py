"""Settings that contradict each other, and the addresses that they name."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from smtplib import SMTP, SMTP_SSL, SMTPAuthenticationError, SMTPException
from urllib.parse import urlsplit

from bot.doctor.finding import Finding, doubtful, right, wrong
from bot.figures.appraisal_rules import SAMPLE_RULES, RulesRefused, rules_in
from bot.settings import MailSettings, Settings

_RENEW_BEFORE = timedelta(days=30)
_WITHIN_SECONDS = 5
_HTTPS = 443


def contradictions(settings: Settings) -> Iterator[Finding]:
    """One finding for each pair that does not fit, or one that says that all fit."""
    found = list(_contradictions(settings))
    yield from found or [right("设置", "互相没有矛盾")]


def _contradictions(settings: Settings) -> Iterator[Finding]:
    part, public = "设置", urlsplit(settings.public_url)
    if public.scheme == "https" and not settings.proxy_count:
        yield doubtful(
            part, "PUBLIC_URL 是 https，PROXY_COUNT 却是 0，所有人会被当成一个人限速", "按前面代理的层数设 PROXY_COUNT"
        )
    if public.scheme == "http" and not _is_here(public.hostname):
        yield doubtful(part, "PUBLIC_URL 不是 https", "在代理上配证书，改用 https")
    if settings.proxy_count and (settings.web_host is None or not ip_address(settings.web_host).is_loopback):
        yield doubtful(
            part,
            "前面有代理，WEB_HOST 却不是本机，绕过代理的人可以冒充别的地址",
            "只让代理连得到这个端口，或者去掉 WEB_HOST",
        )
    if settings.window_origins and not settings.public_url:
        yield doubtful(
            part, "设了 WINDOW_ORIGINS，没有设 PUBLIC_URL", "设上 PUBLIC_URL，别的网站嵌入的窗口才有固定地址"
        )
    if settings.oidc and public.hostname not in (None, urlsplit(settings.oidc.redirect_url).hostname):
        yield doubtful(part, "OIDC_REDIRECT_URL 和 PUBLIC_URL 不是一个主机", "确认工作台和对外的网站确实分开")
    if not settings.second_factor_roles and settings.oidc is None:
        yield doubtful(part, "SECOND_FACTOR_ROLES=none，也没有统一身份登录，谁都只凭密码", "去掉这个设置")
    if settings.wechat and settings.wechat.aes_key is None:
        yield doubtful(part, "微信消息没有加密", "设 WECHAT_AES_KEY，去掉 WECHAT_ACCEPT_PLAIN")
    if settings.mail and settings.mail.tls == "off" and not _is_here(settings.mail.host):
        yield doubtful(part, "SMTP_TLS=off，邮箱和答复会明文经过网络", "设成 on 或者 starttls")
    if settings.sending_channels & {"sms", "mail"} and not settings.public_url:
        yield doubtful(part, "没有设 PUBLIC_URL，群众不能把对话的链接发给自己", "设上 PUBLIC_URL")
    if settings.duty_starts >= settings.duty_ends:
        yield wrong(
            part,
            f"DUTY_STARTS {settings.duty_starts:%H:%M} 不早于 DUTY_ENDS {settings.duty_ends:%H:%M}",
            "改成白天的上下班时间",
        )
    if settings.appraisal_file:
        try:
            rules_in(settings.appraisal_file)
        except RulesRefused as refused:
            yield wrong(part, f"APPRAISAL_FILE 不能用，不会有考评：{refused}", f"照 {SAMPLE_RULES.name} 改")
    if settings.database_url.startswith("sqlite:///") and not settings.database_url.startswith("sqlite:////"):
        yield wrong(part, "DATABASE_URL 是相对路径，从别的文件夹启动就成了另一个数据库", "写成 sqlite:////完整/路径")


def _is_here(host: str | None) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


def texts(settings: Settings) -> Finding:
    ways = {
        "短信（HTTP）": settings.sms,
        "短信（SMPP）": settings.smpp,
        "微信": settings.wechat,
        "邮件": settings.mail,
    }
    used = [name for name, way in ways.items() if way is not None]
    return right("短信、微信和邮件", f"接了{'、'.join(used)}" if used else "都没有接，只有网页")


def named_hosts(settings: Settings) -> dict[str, tuple[str, int]]:
    """Setting → host and port, of the https addresses that the settings name."""
    addresses = {
        "PUBLIC_URL": settings.public_url,
        "OIDC_ISSUER": settings.oidc.issuer if settings.oidc else "",
        "OIDC_REDIRECT_URL": settings.oidc.redirect_url if settings.oidc else "",
        "SMS_GATEWAY_URL": settings.sms.gateway_url if settings.sms else "",
        "CITY_ORDERS_URL": settings.city_orders.url if settings.city_orders else "",
        "WECHAT_API_URL": settings.wechat.api_url if settings.wechat else "",
        "LANGUAGE_MODEL_URL": settings.language_model.url if settings.language_model else "",
    }
    parts = {name: urlsplit(address) for name, address in addresses.items()}
    return {
        name: (each.hostname, each.port or _HTTPS)
        for name, each in parts.items()
        if each.scheme == "https" and each.hostname
    }


def certificate(name: str, host: str, port: int, now: datetime, expires_at: Callable[[str, int], datetime]) -> Finding:
    """`expires_at`: when the certificate ends; raises OSError if there is none that this machine trusts."""
    part = f"证书 {name}"
    try:
        ends = expires_at(host, port)
    except ssl.SSLCertVerificationError as error:
        return wrong(part, f"{host} 的证书不被信任（{error}）", "换有效的证书，或者给系统装上签发它的根证书")
    except OSError as error:
        return doubtful(part, f"{host}:{port} 连不上（{error}）", "检查地址、域名解析和防火墙")
    left = ends - now
    said = f"{host} 的到 {ends:%Y-%m-%d}"
    if left < _RENEW_BEFORE:
        return doubtful(part, f"{said}，还有 {left.days} 天", "现在就续")
    return right(part, said)


def expires_at(host: str, port: int) -> datetime:
    """Asks the host. Raises OSError."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), timeout=_WITHIN_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        ends = (secured.getpeercert() or {}).get("notAfter")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC)


def smsc(settings: Settings, connect: Callable[[str, int], object]) -> Iterator[Finding]:
    """`connect` raises OSError."""
    if settings.smpp is None:
        return
    part, where = "短信中心", f"{settings.smpp.host}:{settings.smpp.port}"
    try:
        connect(settings.smpp.host, settings.smpp.port)
    except OSError as error:
        yield wrong(part, f"{where} 连不上（{error}）", "检查 SMPP_HOST、SMPP_PORT 和到运营商的专线")
    else:
        yield right(part, f"{where} 连得上")


def mail_server(settings: Settings, log_in: Callable[[MailSettings], object]) -> Iterator[Finding]:
    """`log_in` raises OSError or SMTPException."""
    if settings.mail is None:
        return
    part, where = "邮件服务器", f"{settings.mail.host}:{settings.mail.port}"
    try:
        log_in(settings.mail)
    except SMTPAuthenticationError:
        yield wrong(part, f"{where} 不认用户名和密码", "检查 SMTP_USER、SMTP_PASSWORD，有的要用授权码")
    except (OSError, SMTPException) as error:
        yield wrong(part, f"{where} 用不了（{type(error).__name__}）", "检查 SMTP_HOST、SMTP_PORT、SMTP_TLS 和证书")
    else:
        yield right(part, f"{where} 连得上" + ("，能登录" if settings.mail.user else ""))


def log_in(mail: MailSettings) -> None:
    """Connects and signs in, and sends nothing. Raises OSError, SMTPException."""
    context = ssl.create_default_context()
    reach: Callable[[str, int], SMTP] = partial(SMTP, timeout=_WITHIN_SECONDS)
    if mail.tls == "on":
        reach = partial(SMTP_SSL, timeout=_WITHIN_SECONDS, context=context)
    with reach(mail.host, mail.port) as server:
        if mail.tls == "starttls":
            server.starttls(context=context)
        if mail.user is not None:
            server.login(mail.user, mail.password or "")


def connect(host: str, port: int) -> None:
    socket.create_connection((host, port), timeout=_WITHIN_SECONDS).close()
