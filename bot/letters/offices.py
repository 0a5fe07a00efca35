"""Tells which department a letter concerns. Learnt from the offices that answered real letters, and from our own data.

The model knows duties that every city has (公安, 教育, …); a city's own departments are found by their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from bot.letters.features import features
from bot.letters.linear import LinearModel, load

WEIGHTS = Path(__file__).parent / "offices.npz"

# Duty → pattern in the name of its department, or of an office that answers for it.
DUTIES: dict[str, str] = {
    "公安": "公安|交警|派出所|刑侦|治安|出入境|车管所|交通警察|警察",
    "教育": "教育|教体",
    "住建": "住建|城乡建设|住房保障|房产局|房管局|物管中心|建设局|房屋交易",
    "自然资源": "自然资源|规划|国土|不动产登记",
    "城管": "城管|城市管理|行政执法|市政|市容|环卫|综合执法",
    "交通": "交通运输|交通局|运管|公路局|公交公司|道路运输|运输管理",
    "环境": "环保|环境保护|生态环境",
    "卫健": "卫生|卫计|卫健|疾控|计划生育|计生",
    "人社": "人社|人力资源|社会保障局|劳动监察|社保局|就业局",
    "医保": "医保|医疗保障|农合办",
    "市场监管": "市场监督|市场监管|工商局|工商分局|食药|质监局|质量技术监督|物价局|食品药品",
    "民政": "(?<!人)民政(?!府)",
    "公积金": "公积金",
    "消防": "消防",
    "文旅": "文旅|文化|旅游|文体|文广",
    "水利": "水利|水务局",
    "司法": "司法|法律援助中心",
    "残联": "残联|残疾人联合",
    "烟草": "烟草",
}
# The class of letters that others answer: the tax office, utilities, street offices. Then no department is named.
OTHERS = "others"

# Words of anger and of courtesy that name no matter. The model has read whole letters and would take “垃圾政府” for one
# about rubbish.
_NAMES_NO_MATTER = re.compile(
    "垃圾(?=政府|部门|单位|领导)|官官相护|踢皮球|不作为|乱作为|老百姓|百姓|人民|群众|死活|政府|部门|单位|领导|公务员|工作人员|窗口|服务|态度|效率|办事|"
    "投诉|举报|反映|反应|反馈|意见|建议|处理|解决|答复|回复|说法|结果|问题|事情|有人|没人|人管|不管|管不管|到底|"
    "是不是|有没有|能不能|你们|他们|我们|什么|怎么|这么|这样|那么|就是|知道|推诿|太|差|黑|烂|慢|拖|气死|恶劣|"
    "[我你他您这那是的了吗吧啊呢不没有要就都只会一个些也还很好请给]"
)
_LEAST_NAMED = 3
_CHINESE = re.compile("[一-龥]")

# Probability from which a department is named; the citizen may correct it.
NAMED_FROM = 0.6


def duty_of(text: str) -> str | None:
    """The duty that the letter most likely concerns; None where that is not clear, or where no matter is named."""
    if len(_CHINESE.findall(_NAMES_NO_MATTER.sub("", text))) < _LEAST_NAMED:
        return None
    shares = _model().probabilities(features(text))
    best = max(shares, key=lambda duty: shares[duty])
    return best if best != OTHERS and shares[best] >= NAMED_FROM else None


def department_for(duty: str, departments: Iterable[tuple[str, str]]) -> str | None:
    """The code of the department whose name shows the duty; None if none or several do.

    `departments`: pairs of code and name.
    """
    shown = re.compile(DUTIES[duty])
    codes = [code for code, name in departments if shown.search(name)]
    return codes[0] if len(codes) == 1 else None


@lru_cache(maxsize=1)
def _model() -> LinearModel:
    return load(WEIGHTS)["duty"]
