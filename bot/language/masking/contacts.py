"""Finds mail addresses, QQ numbers and WeChat names, also in disguise: “zhangsan 艾特 qq 点 com”."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.language.masking.numbers import GAP
from bot.language.masking.plain import Found, Plain

_MAIL, _QQ, _WECHAT = "[邮箱]", "[QQ号]", "[微信号]"
_AT = r"\s{0,3}(?:@|[(\[{<【]\s?(?:at|AT|@|艾特)\s?[)\]}>】]|艾特|圈a|小老鼠|#at#)\s{0,3}"
_DOT = r"\s{0,3}(?:\.|点|[(\[{]\s?(?:dot|点)\s?[)\]}])\s{0,3}"
_SPELLED_AT, _SPELLED_DOT = r"\s{1,3}(?:at|AT)\s{1,3}", r"\s{1,3}(?:dot|DOT)\s{1,3}"
_LOCAL_PART = r"(?:[A-Za-z0-9._%+-]{1,64}|[一-龥]{1,4})"
_LABEL = r"[A-Za-z0-9-]{1,63}"
_PROVIDER = r"(?i:qq|163|126|139|189|gmail|sina|sohu|foxmail|outlook|hotmail|yeah|aliyun|icloud|live|yahoo)"
_MAIL_ADDRESS = re.compile(
    rf"{_LOCAL_PART}(?:{_AT}(?:{_LABEL}(?:{_DOT}{_LABEL}){{1,4}}|{_PROVIDER}(?:邮箱)?)"
    rf"|{_SPELLED_AT}{_LABEL}(?:(?:{_SPELLED_DOT}|{_DOT}){_LABEL}){{1,4}})"
)
_FILLER = r"(?:号码?|账号|帐号|[是为叫:=\s,(\[]|同号|ID|id){0,6}"
_QQ_NUMBER = re.compile(
    rf"(?:[Qq]\s?[Qq]|扣扣|企鹅|加我[Qq]"
    rf"|(?<![A-Za-z])[Qq](?=[:号])){_FILLER}(?P<number>[1-9](?:{GAP}?\d){{4,10}})(?!\d)"
)
_WECHAT_NAME = re.compile(
    r"(?P<lead>微信|威信|薇信|维信|[VvＶ]信|(?<![A-Za-z])(?i:vx|wx|wechat)(?![A-Za-z])|抖音号|快手号|支付宝账?号?"
    r"|钉钉号?)"
    r"(?P<said>(?:号码?|账号|帐号|[是为叫:=\s,(]|ID|id|名){0,6})(?P<name>[A-Za-z][-_A-Za-z0-9]{4,29}|\d{6,12})"
)
_OWN_NAME = re.compile(r"(?<![A-Za-z0-9_])wxid_[A-Za-z0-9_-]+", re.IGNORECASE)


def find_contacts(plain: Plain) -> Iterator[Found]:
    for match in _MAIL_ADDRESS.finditer(plain.text):
        yield Found(*match.span(), _MAIL)
    for match in _QQ_NUMBER.finditer(plain.digits):
        yield Found(*match.span("number"), _QQ)
    for match in _OWN_NAME.finditer(plain.text):
        yield Found(*match.span(), _WECHAT)
    for match in _WECHAT_NAME.finditer(plain.text):
        # “微信iPhone版” is no account: an account follows a word such as “号”, or has a digit or a dash.
        if match["said"].strip() or re.search(r"[-_\d]", match["name"]):
            yield Found(*match.span("name"), _WECHAT)
