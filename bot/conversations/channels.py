"""The channels by which messages arrive, with their titles for staff. New channels are added here."""

from __future__ import annotations

SMS, WECHAT, FORM, MAIL = "sms", "wechat", "form", "mail"

CHANNEL_TITLES = {
    "portal": "门户网页",
    "api": "程序接口",
    "rest": "引擎接口",
    SMS: "短信",
    WECHAT: "微信公众号",
    FORM: "网上来信",
}
# By which something goes to citizens on its own. Nothing is read that comes by mail.
SENT_TITLES = {SMS: CHANNEL_TITLES[SMS], WECHAT: CHANNEL_TITLES[WECHAT], MAIL: "邮件"}
# Where clerks enter what was told to them; no messages arrive there.
PHONE, VISIT = "phone", "visit"
DESK_TITLES = {PHONE: "来电", VISIT: "来访"}
# Where cases come from.
ORIGIN_TITLES = CHANNEL_TITLES | DESK_TITLES
# Channels that show plain text on a telephone, where other people may see it.
TEXT_CHANNELS = frozenset({SMS, WECHAT})
