"""The envelope of messages between WeChat's server and ours: signature, encryption, XML.

Source: 微信官方文档 · 公众号, “接入指南”, “消息加解密说明”, “被动回复用户消息”; why no library: `docs/wechat.md`.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from xml.parsers import expat

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from bot.settings import WeChatSettings

# Limited, since the signature of a plain message does not cover its body and stands in the URL, which proxies log.
SIGNATURE_HOLDS = timedelta(minutes=10)
_RANDOM_BYTES = 16
_LENGTH_BYTES = 4
_PADDED_TO_BITS = 256
# XML 1.0, 2.2: characters that no document may hold, even escaped.
_NO_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class NotFromWeChat(Exception):
    """The signature, its time or the account that it is for is wrong; the message says which, for the log."""


class BadEnvelope(ValueError):
    """The body is no message that can be read; the error says why, for the log, and quotes nothing of it."""


def check_address(settings: WeChatSettings, query: Mapping[str, str], now: datetime) -> None:
    """Checks what every plain request carries in its URL: `signature`, `timestamp`, `nonce`.

    Raises:
        NotFromWeChat
    """
    _check(settings, query, "signature", now)


def open_message(settings: WeChatSettings, query: Mapping[str, str], body: bytes, now: datetime) -> dict[str, str]:
    """The fields of a message. With `aes_key` only the encrypted part counts, in 兼容模式 too: the rest is not signed.

    Raises:
        NotFromWeChat, Unreadable
    """
    if settings.aes_key is None:
        _check(settings, query, "signature", now)
        fields = read_xml(body)
        if "MsgType" not in fields and "Encrypt" in fields:
            raise BadEnvelope("it is encrypted, and WECHAT_AES_KEY is not set")
        return fields
    encrypted = read_xml(body).get("Encrypt", "")
    if not encrypted:
        raise NotFromWeChat("it is not encrypted, and WECHAT_AES_KEY is set")
    _check(settings, query, "msg_signature", now, encrypted)
    return read_xml(decrypt(settings, encrypted))


def reply_xml(settings: WeChatSettings, message: Mapping[str, str], text: str, now: datetime) -> str:
    """`text` as the answer to `message`, encrypted if messages are."""
    seconds = str(int(now.timestamp()))
    xml = _as_xml(
        ToUserName=message.get("FromUserName", ""),
        FromUserName=message.get("ToUserName", ""),
        CreateTime=seconds,
        MsgType="text",
        Content=text,
    )
    if settings.aes_key is None:
        return xml
    encrypted, nonce = encrypt(settings, xml), secrets.token_hex(8)
    signature = sign(settings.token, seconds, nonce, encrypted)
    return _as_xml(Encrypt=encrypted, MsgSignature=signature, TimeStamp=seconds, Nonce=nonce)


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 # WeChat's choice


def encrypt(settings: WeChatSettings, text: str) -> str:
    raw = text.encode()
    # Characters, because other implementations read them as text. They alone vary: the vector is part of the key.
    random = secrets.token_urlsafe(_RANDOM_BYTES)[:_RANDOM_BYTES].encode()
    padder = PKCS7(_PADDED_TO_BITS).padder()
    padded = padder.update(random + len(raw).to_bytes(_LENGTH_BYTES, "big") + raw + settings.app_id.encode())
    encryptor = _cipher(settings).encryptor()
    sealed = encryptor.update(padded + padder.finalize()) + encryptor.finalize()
    return b64encode(sealed).decode()


def decrypt(settings: WeChatSettings, encrypted: str) -> bytes:
    """The XML in it. Check the signature first: nobody else may learn whether it can be decrypted.

    Raises:
        NotFromWeChat: it is for another account.
        Unreadable
    """
    try:
        decryptor, unpadder = _cipher(settings).decryptor(), PKCS7(_PADDED_TO_BITS).unpadder()
        padded = decryptor.update(b64decode(encrypted.strip(), validate=True)) + decryptor.finalize()
        opened = unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError):
        raise BadEnvelope("it cannot be decrypted; is WECHAT_AES_KEY the account's?") from None
    starts = _RANDOM_BYTES + _LENGTH_BYTES
    ends = starts + int.from_bytes(opened[_RANDOM_BYTES:starts], "big")
    if not hmac.compare_digest(opened[ends:], settings.app_id.encode()):
        raise NotFromWeChat("it is for another account than WECHAT_APP_ID")
    return opened[starts:ends]


def read_xml(body: bytes) -> dict[str, str]:
    """The texts right under the root, by name. Document types are refused, so no entities are expanded or fetched.

    Raises:
        Unreadable
    """
    fields: dict[str, str] = {}
    path: list[str] = []

    def refuse(*_: object) -> None:
        raise BadEnvelope("it has a document type")

    def start(name: str, _: Mapping[str, str]) -> None:
        path.append(name)
        if len(path) == 2:
            fields[name] = ""

    def end(_: str) -> None:
        path.pop()

    def add(text: str) -> None:
        if len(path) == 2:
            fields[path[1]] += text

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, add
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        raise BadEnvelope("it is no XML") from None
    return fields


def _check(settings: WeChatSettings, query: Mapping[str, str], name: str, now: datetime, *signed: str) -> None:
    timestamp = query.get("timestamp", "")
    expected = sign(settings.token, timestamp, query.get("nonce", ""), *signed)
    if not hmac.compare_digest(expected.encode(), query.get(name, "").encode()):
        raise NotFromWeChat(f"its {name} is wrong")
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > len(str(int(now.timestamp()))):
        raise NotFromWeChat("its timestamp is none")
    if abs(now.timestamp() - int(timestamp)) > SIGNATURE_HOLDS.total_seconds():
        raise NotFromWeChat("its timestamp is too far from our clock")


def _cipher(settings: WeChatSettings) -> Cipher[modes.CBC]:
    """AES-256-CBC; the vector is the first half of the key."""
    key = b64decode(f"{settings.aes_key}=")
    return Cipher(algorithms.AES(key), modes.CBC(key[: algorithms.AES.block_size // 8]))


def _as_xml(**fields: str) -> str:
    inner = "".join(f"<{name}>{_as_data(text)}</{name}>" for name, text in fields.items())
    return f"<xml>{inner}</xml>"


def _as_data(text: str) -> str:
    inner = _NO_CHARACTERS.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inner}]]>"
