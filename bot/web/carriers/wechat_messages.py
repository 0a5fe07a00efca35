"""Converts what WeChat pushes to a text from a citizen.

Source: 微信官方文档 · 公众号, “接收普通消息”, “接收事件推送”.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from bot.helpline.texts import Arrived, Kind
from bot.web.carriers.wechat_envelope import BadEnvelope

_NOT_TEXT = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "shortvideo": "[视频]",
    "location": "[位置]",
    "link": "[链接]",
}
_OTHER = "[不是文字]"
# What WeChat sends in place of a citizen's own sticker.
_STICKER = "【收到不支持的消息类型，暂无法显示】"


def arrived_in(message: Mapping[str, str]) -> Arrived | None:
    """The text; None for an event that says nothing, such as a menu link that was opened.

    Raises:
        Unreadable: a field that every message has is missing.
    """
    user, created = message.get("FromUserName", ""), message.get("CreateTime", "")
    try:
        sent_at = datetime.fromtimestamp(int(created), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadEnvelope("its CreateTime is none") from None
    if not user or not message.get("MsgType"):
        raise BadEnvelope("it has no FromUserName, or no MsgType")
    said = _said_by_event(message) if message["MsgType"] == "event" else _said(message)
    if said is None:
        return None
    kind, text = said
    return Arrived(gateway_id=_gateway_id(message), user=user, text=text, sent_at=sent_at, kind=kind)


def _said(message: Mapping[str, str]) -> tuple[Kind, str]:
    if message["MsgType"] == "text" and message.get("Content") != _STICKER:
        return Kind.TEXT, message.get("Content", "")
    # Set if the account has 语音识别 on and something was understood; else there is only the voice.
    recognised = message.get("Recognition", "").strip()
    if recognised:
        return Kind.TEXT, recognised
    return Kind.NOT_TEXT, _NOT_TEXT.get(message["MsgType"], _OTHER)


def _said_by_event(message: Mapping[str, str]) -> tuple[Kind, str] | None:
    event, key = message.get("Event", "").lower(), message.get("EventKey", "").strip()
    if event == "subscribe":
        return Kind.FOLLOWED, "[关注了公众号]"
    if event == "unsubscribe":
        return Kind.LEFT, "[取消了关注]"
    return (Kind.TEXT, key) if event == "click" and key else None


def _gateway_id(message: Mapping[str, str]) -> str:
    """An id that is the same if WeChat pushes a message again: from its MsgId, or for events from their CreateTime.

    It is a digest, so that the database shows no openid. FromUserName is always part of it: some have seen one MsgId
    for several people (WxJava issue 333), and nobody may get another's answer. CreateTime counts seconds, and two keys
    of the menu may be pressed within one second, so Event and EventKey are part of it too.
    """
    names = ("MsgId",) if message.get("MsgId") else ("CreateTime", "Event", "EventKey")
    parts = [message["FromUserName"], *(message.get(name, "") for name in names)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
