"""Whether a message only leaves a telephone number or mail address: “13812345678”, “我的手机号是…，有结果打给我”.

Python 3.10: the engine's environment reads this module too.
"""

from __future__ import annotations

import re

from bot.language.text import normalise

_CONTACT = re.compile(
    r"(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d(?:[\s-]?\d){8}(?!\d)|(?<!\d)0\d{2,3}[\s-]?\d{7,8}(?!\d)"
    r"|[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"
)
_AROUND = re.compile(
    r"(?:我们?|你们?|您|他|的|这|那|是|为|就|给|用|按|留|个|下|一下|打|发|到|找|回|联系|联络|方式|手机|电话|短信|微信|同号|座机|邮箱|邮件"
    r"|号码?|结果|消息|答复|回复|通知|告诉|告知|处理|办好|有了?|请|麻烦|可以|谢谢|好的?|行|嗯|哈|吧|啊|哦|呢|了|再|[,，。.:：;；!！、\s])*"
)


def only_leaves_contact(text: str) -> bool:
    """True for a contact with nothing beside it but words such as “我的电话” or “有结果打给我”."""
    plain = normalise(text).lower()
    left, found = _CONTACT.subn("", plain)
    return found > 0 and _AROUND.fullmatch(left) is not None
