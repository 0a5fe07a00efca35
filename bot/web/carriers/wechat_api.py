"""Sends texts to WeChat: customer-service messages, and the token that they need.

Source: 微信官方文档 · 公众号, “客服消息 / 发送消息”, “获取稳定版接口调用凭据”, “全局返回码说明”.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp

from bot.helpline.texts import Leaving
from bot.settings import WeChatSettings
from bot.web.carriers.carrier import Refused, TryLater

# For all calls that one text may need.
SEND_WITHIN_SECONDS = 30
_CALL_WITHIN = aiohttp.ClientTimeout(total=10)
_IS_JSON = {"Content-Type": "application/json"}
# WeChat makes the next token five minutes before the old one expires, and takes both meanwhile.
_RENEW_BEFORE_SECONDS = 300
_TOKEN_IS_BAD = frozenset({40001, 40014, 42001})
_REFUSED = {
    40003: "微信不认识这位用户",
    43004: "用户没有关注公众号",
    43019: "用户在公众号的黑名单里",
    45002: "内容太长，微信不收",
    45015: "用户太久没有发消息，已不能给他发客服消息，或已取消关注",
    48001: "公众号没有客服消息的权限",
    48004: "微信封了公众号的客服消息接口",
    50002: "微信限制了这个用户或公众号",
}
_LATER = {
    -1: "微信系统繁忙",
    40125: "WECHAT_APP_SECRET 不对",
    40164: "本机的地址不在公众号的 IP 白名单里",
    45009: "今天调用微信接口的次数用完了",
    45011: "调用微信接口太频繁",
    45047: "用户下次发消息之前，客服消息的条数已用完",
    61004: "本机的地址不在公众号的 IP 白名单里",
}


class WeChatCarrier:
    """WeChat takes no key of ours and gives no id: if its answer to a text is lost, the text goes out twice."""

    def __init__(self, session: aiohttp.ClientSession, settings: WeChatSettings) -> None:
        self._session = session
        self._settings = settings
        self._token = ""
        self._renew_at = 0.0
        self._renewing = asyncio.Lock()

    async def send(self, leaving: Leaving) -> str:
        """Returns the text's own key, since WeChat gives no id.

        Raises:
            TryLater, Refused
        """
        try:
            async with asyncio.timeout(SEND_WITHIN_SECONDS):
                await self._send(leaving)
        except TimeoutError:
            raise TryLater("微信没有及时回应") from None
        return leaving.key

    async def _send(self, leaving: Leaving) -> None:
        message = {"touser": leaving.user, "msgtype": "text", "text": {"content": leaving.text}}
        token = await self._valid_token()
        answer = await self._call("/cgi-bin/message/custom/send", message, token)
        if answer.get("errcode") in _TOKEN_IS_BAD:
            token = await self._valid_token(but=token)
            answer = await self._call("/cgi-bin/message/custom/send", message, token)
        _check(answer)

    async def _valid_token(self, but: str = "") -> str:
        """The token. One task at a time asks for a new one; others wait and use it. `but`: a token that was refused.

        It is of the stable kind: all processes get the same token, and none makes another's invalid.
        """
        async with self._renewing:
            if self._token in ("", but) or time.monotonic() >= self._renew_at:
                self._token = ""
                asked_at = time.monotonic()
                account = {"appid": self._settings.app_id, "secret": self._settings.app_secret}
                answer = await self._call("/cgi-bin/stable_token", {"grant_type": "client_credential", **account})
                _check(answer)
                token, lasts = answer.get("access_token"), answer.get("expires_in")
                if not isinstance(token, str) or not token or not isinstance(lasts, int):
                    raise TryLater("微信的回答读不懂")
                self._token, self._renew_at = token, asked_at + lasts - _RENEW_BEFORE_SECONDS
            return self._token

    async def _call(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        """Sends no \\u escapes, since WeChat shows them as they are. Errors name only their type: URLs hold tokens.

        Raises:
            TryLater
        """
        raw = json.dumps(body, ensure_ascii=False).encode()
        params = {"access_token": token} if token else {}
        url = self._settings.api_url + path
        try:
            async with self._session.post(
                url, params=params, data=raw, headers=_IS_JSON, timeout=_CALL_WITHIN, allow_redirects=False
            ) as response:
                answered = await response.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(f"微信接口不通（{type(error).__name__}）") from None
        try:
            answer = json.loads(answered)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or response.status >= 500:
            raise TryLater(f"微信的回答读不懂（{response.status}）")
        return answer


def _check(answer: dict[str, Any]) -> None:
    """Raises TryLater, Refused."""
    code = answer.get("errcode", 0)
    if code == 0:
        return
    if code in _REFUSED:
        raise Refused(f"{_REFUSED[code]}（微信返回码 {code}）")
    raise TryLater(f"{_LATER.get(code, '微信没有收下')}（微信返回码 {code}）")
