"""The ways by which messages come, and how staff read their names. Who adds a channel adds it here."""

from __future__ import annotations

SMS, WECHAT = "sms", "wechat"

CHANNEL_TITLES = {
    "portal": "门户网页",
    "api": "程序接口",
    "rest": "引擎接口",
    SMS: "短信",
    WECHAT: "微信公众号",
}
# What is read as mere text on somebody's telephone, and may lie there open for others to see.
TEXT_CHANNELS = frozenset({SMS, WECHAT})
