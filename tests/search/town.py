"""A small made-up collection: two statutes and an interpretation, and questions about them."""

from __future__ import annotations

from bot.search.collection import SearchPassage
from bot.search.ranker import AnsweredQuestion

_LEASES = [
    "租赁合同是出租人将租赁物交付承租人使用、收益，承租人支付租金的合同。",
    "承租人应当按照约定的期限支付租金，迟延支付的，出租人可以请求支付违约金。",
    "出租人应当履行租赁物的维修义务，未履行的，承租人可以自行维修，费用由出租人负担。",
    "承租人未经出租人同意转租的，出租人可以解除合同。",
    "租赁期限届满，承租人应当返还租赁物，出租人应当退还押金。",
    "租赁期限不得超过二十年，超过部分无效。",
    "出租人出卖房屋的，承租人享有以同等条件优先购买的权利。",
    "承租人死亡的，共同居住的人可以按照原租赁合同租赁该房屋。",
]
_LABOUR = [
    "建立劳动关系，应当订立书面劳动合同。",
    "用人单位自用工之日起超过一个月未订立书面劳动合同的，应当每月支付二倍的工资。",
    "试用期最长不得超过六个月，同一用人单位只能约定一次试用期。",
    "用人单位应当及时足额支付劳动报酬，拖欠的，劳动者可以申请支付令。",
    "劳动者提前三十日以书面形式通知用人单位，可以解除劳动合同。",
    "女职工在孕期、产期、哺乳期的，用人单位不得解除劳动合同。",
    "用人单位安排加班的，应当支付加班费。",
    "劳动者在本单位连续工作满十年的，应当订立无固定期限劳动合同。",
]
_NUMERALS = "一二三四五六七八"

PASSAGES = [
    *(
        SearchPassage(f"lease-{place}", f"房屋租赁条例第三十{_NUMERALS[place - 1]}条", text)
        for place, text in enumerate(_LEASES, start=1)
    ),
    *(
        SearchPassage(f"labour-{place}", f"中华人民共和国劳动合同法第{_NUMERALS[place - 1]}条", text)
        for place, text in enumerate(_LABOUR, start=1)
    ),
    SearchPassage(
        "reading-1",
        "关于适用《劳动合同法》若干问题的解释第一条",
        "劳动合同法第四条所称拖欠，是指到期未付工资。",
    ),
]

QUESTIONS = [
    AnsweredQuestion("房东不退押金怎么办", ("lease-5",)),
    AnsweredQuestion("押金能要回来吗", ("lease-5",)),
    AnsweredQuestion("房子坏了该谁修", ("lease-3",)),
    AnsweredQuestion("热水器坏了房东不维修", ("lease-3",)),
    AnsweredQuestion("二房东转租合法吗", ("lease-4",)),
    AnsweredQuestion("租金交晚了要付违约金吗", ("lease-2",)),
    AnsweredQuestion("房东要卖房子，租客能优先买吗", ("lease-7",)),
    AnsweredQuestion("租房合同最长可以签多少年", ("lease-6",)),
    AnsweredQuestion("老板不签合同怎么赔", ("labour-2", "labour-1")),
    AnsweredQuestion("没有签书面劳动合同", ("labour-1",)),
    AnsweredQuestion("试用期最长几个月", ("labour-3",)),
    AnsweredQuestion("老板拖欠工资怎么办", ("labour-4",)),
    AnsweredQuestion("想辞职要提前多久", ("labour-5",)),
    AnsweredQuestion("怀孕了能被辞退吗", ("labour-6",)),
    AnsweredQuestion("加班不给加班费", ("labour-7",)),
    AnsweredQuestion("工作满十年能签无固定期限合同吗", ("labour-8",)),
]
