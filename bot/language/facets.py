"""Finds the facets of an item that a message names, for messages such as “要什么材料，多少钱”.

A single facet is found by the intent, which is learnt from examples; these words only find the second and third.
"""

from __future__ import annotations

import re

# Facet → its title for citizens, in the order of an item's record.
FACET_TITLES = {
    "overview": "办事概要",
    "materials": "要带什么",
    "fee": "收费",
    "time_limit": "多久办好",
    "place": "去哪办",
    "process": "怎么办",
    "conditions": "谁能办",
    "legal_basis": "法律依据",
    "online": "网上能办吗",
    "result": "办完拿到什么",
}
_WORDS = {
    "materials": r"材料|资料|证件(?!照)|带什么|带啥|带哪些|带些什么|准备什么|准备啥|准备哪些|提交什么|交什么|清单|要件",
    "fee": r"(?:多少|好多|几多)钱|几块钱|费(?:用|是|要|得)?(?:多少|好多|几)|(?<!乱)收费|费用|免费|要钱|花钱|交钱|工本费"
    r"|收钱|手续费|多少费",
    "time_limit": r"多久|几天|多长时间|多少天|几个工作日|什么时候能(?:办|拿|下)|啥时候能(?:办|拿|下)|时限",
    "place": r"在哪|去哪|到哪(?!一?步|了)|哪里办|哪儿办|哪办|什么地方|哪个窗口|几点(?:上班|下班|开门)"
    r"|办公时间|(?:办[事理公]?|窗口|大厅|你们|具体|详细|哪个|什么)的?(?:地址|地点)"
    r"|(?:地址|地点)(?:$|[,。?!呢吗啊]|是?在?(?:哪|什么|多少)|发|告诉|给我|和?电话)"
    r"|(?:周[末六日天]|星期[六日天]|礼拜[六日天]?|双休日?|节假日|中午|晚上)[^,。]{0,3}(?:上班|开门|营业|办公|有人|休息|放假)",
    "process": r"流程|步骤|(?<!小)程序|怎么走|怎么操作",
    "conditions": r"条件(?!不好|很?差|困难|一般)|资格(?!证)|什么人可以|什么人能|谁能|谁可以|哪些人",
    "legal_basis": r"依据|哪条法|什么法|哪部法|根据什么规定|法律规定",
    "online": r"网上|线上|手机上|手机能|小程序|不去现场|不用去现场|全程网办|网办",
    "result": r"有效期|管几年|管多久|拿到什么|发什么证|邮寄|寄到家|寄给我",
}
# A duration that can only be that of the handling: “多久能下来”, unlike “租房多久可以办居住证”.
_UNTIL_DONE = re.compile(
    r"(?:多久|多长时间|好久|几时|么子时候|几天|多少天|几个工作日|什么时候|啥时候)(?:时间)?(?:[才就会能可以得到]|之内|内)*"
    r"(?:下来|下证|出证|拿到|拿证|到手|取证|办[好完成结下]|办理完|审[完好批]|批下|批[好完]|弄好|搞定)"
)
# The intents that ask about an item of the catalogue.
ITEM_INTENTS = frozenset((*(f"ask_{facet}" for facet in FACET_TITLES), "ask_joint_service"))

_PATTERNS = {facet: re.compile(words) for facet, words in _WORDS.items()}


def named_facets(text: str) -> list[str]:
    """The facets whose words stand in the normalised `text`, in the order in which they are named."""
    found = {facet: match.start() for facet, pattern in _PATTERNS.items() if (match := pattern.search(text))}
    return sorted(found, key=found.__getitem__)


def asks_until_done(text: str) -> bool:
    """Whether the normalised `text` asks how long it takes until the matter is done."""
    return _UNTIL_DONE.search(text) is not None
