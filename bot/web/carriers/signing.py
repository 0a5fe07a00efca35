"""The signature on requests between us and the SMS carrier, the same in both directions: `docs/sms-gateway.md`."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from yarl import URL

TIMESTAMP = "X-Helpline-Timestamp"
NONCE = "X-Helpline-Nonce"
SIGNATURE = "X-Helpline-Signature"

SKEW = timedelta(minutes=5)

# A line feed separates these and the first line of the request in what is signed. None of them can hold a line feed,
# so what is signed has only one meaning.
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")


class BadSignature(ValueError):
    """A request with no signature, or with a wrong one; the message, in Chinese, tells its sender's developers why."""


def target_of(method: str, url: URL) -> str:
    """The method and the path with its query, as in the first line of a request: “POST /helpline/sms/inbound”."""
    return f"{method} {url.raw_path_qs}"


def sign(secret: str, timestamp: str, nonce: str, target: str, body: bytes) -> str:
    """Hexadecimal HMAC-SHA256 (RFC 2104) over `timestamp`, `nonce`, `target` and `body`, a line feed between them."""
    signed = b"\n".join((timestamp.encode(), nonce.encode(), target.encode("utf-8", "surrogateescape"), body))
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def signed_headers(secret: str, target: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers for one attempt to send `body`; the next attempt needs its own."""
    timestamp, nonce = str(int(now.timestamp())), secrets.token_urlsafe(18)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: sign(secret, timestamp, nonce, target, body)}


def checked_nonce(secret: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """Checks signature and time of a request to `target`, and returns its nonce; the caller checks that it is new.

    Raises:
        BadSignature
    """
    missing = [name for name in (TIMESTAMP, NONCE, SIGNATURE) if not headers.get(name)]
    if missing:
        raise BadSignature(f"缺少请求头 {'、'.join(missing)}")
    timestamp, nonce = headers[TIMESTAMP], headers[NONCE]
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadSignature(f"{TIMESTAMP} 要是 Unix 时间的秒数")
    if not _NONCE.fullmatch(nonce):
        raise BadSignature(f"{NONCE} 要是 16 到 64 个字母、数字、_ 或 -")
    given = headers[SIGNATURE].lower().encode("utf-8", "surrogateescape")
    if not hmac.compare_digest(sign(secret, timestamp, nonce, target, body).encode(), given):
        raise BadSignature(
            "签名不对：请核对密钥，以及签的是不是 时间戳、换行、随机数、换行、方法和路径"
            f"（{target}）、换行、请求正文的原样字节"
        )
    if abs(int(timestamp) - now.timestamp()) > SKEW.total_seconds():
        raise BadSignature(f"{TIMESTAMP} 与本机时间相差超过 {SKEW // timedelta(minutes=1)} 分钟，请校准时钟后重新签名")
    return nonce
