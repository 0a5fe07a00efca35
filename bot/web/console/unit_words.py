"""Chinese words for staff about units, and about the evidence for a unit as an answer."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answering.service import EncoderSaid, Explained
from bot.answering.units import Sort, Unit
from bot.answering.witnesses import Witness
from bot.language.facets import FACET_TITLES

LONGEST_QUOTE = 120
SORT_TITLES = {
    Sort.ITEM: "事项",
    Sort.JOINT: "一件事",
    Sort.PASSAGE: "文件",
    Sort.ROUTE: "去处",
    Sort.ABSENT: "目录以外",
}
KIND_TITLES = {
    "amount": "金额",
    "duration": "多长时间",
    "date": "日期",
    "place": "地点",
    "hours": "上班时间",
    "phone": "电话",
    "person": "找谁",
    "yes_no": "能不能",
    "list": "清单",
    "procedure": "怎么办",
    "why": "原因",
    "online": "网上办",
}
ENCODER_TITLES = {
    EncoderSaid.LIKENESS: "问了编码器",
    EncoderSaid.NOTHING: "问了编码器，它没有答上来，只看字词",
    EncoderSaid.NOT_ASKED: "没有问编码器",
}


def title_of(unit: Unit) -> str:
    if unit.sort == Sort.ITEM:
        return f"{unit.names[0]} · {FACET_TITLES[unit.facet]}"
    if unit.sort == Sort.PASSAGE:
        return f"《{unit.work}》{'' if unit.in_force else '（已废止）'}{unit.facet}"
    return unit.names[0]


def source_of(unit: Unit) -> str:
    sort = SORT_TITLES[unit.sort]
    if unit.sort == Sort.PASSAGE:
        return f"{sort} {unit.name.removeprefix('doc:')}"
    return sort if unit.sort == Sort.ABSENT else f"{sort} {unit.key}"


def quote_of(unit: Unit) -> str:
    text = " ".join(unit.text.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}……"


def evidence_of(unit: Unit, witness: Witness, explained: Explained) -> list[tuple[str, str]]:
    """The evidence that a clerk can check, as title and value; the evidence closest to the wording first."""
    told = [
        ("相同的词", "、".join(witness.words) or "没有"),
        ("名称", _name(witness)),
        ("最像的已知问法", _wording(witness)),
        ("意思相近", _meaning(witness, explained.encoder)),
        ("要的答案", _kinds(witness, explained.wanted)),
        ("问的要素", _facet(unit, witness)),
        ("接着上文", _before(witness)),
        ("对不上的话", _strange(witness)),
    ]
    return [(title, value) for title, value in told if value]


def _name(witness: Witness) -> str:
    if witness.name:
        return f"话里有“{witness.name}”"
    share = witness.figures["name_share"]
    return f"有一部分（{share:.0%}）" if share >= 0.3 else "没有"


def _wording(witness: Witness) -> str:
    return f"“{witness.wording}”（{witness.wording_likeness:.0%}）" if witness.wording else "还没有"


def _meaning(witness: Witness, encoder: EncoderSaid) -> str:
    """Cosine and rank. Even unrelated texts have a cosine of about 0.80, so the rank says more."""
    cosine = witness.figures["vector"]
    if encoder is not EncoderSaid.LIKENESS or cosine != cosine:
        return "没有问编码器" if encoder is EncoderSaid.NOT_ASKED else "编码器没有答上来"
    return f"{cosine:.2f}，在全部答案里排第 {int(witness.figures['vector_rank']) + 1}"


def _kinds(witness: Witness, wanted: Sequence[str]) -> str:
    if not wanted:
        return ""
    given = [KIND_TITLES[kind] for kind in wanted if kind in witness.held]
    missing = [KIND_TITLES[kind] for kind in wanted if kind not in witness.held]
    parts = ("有" + "、".join(given) if given else "", "没有" + "、".join(missing) if missing else "")
    return "；".join(part for part in parts if part)


def _facet(unit: Unit, witness: Witness) -> str:
    chance = witness.figures["facet_probability"]
    return f"{chance:.0%} 是问{FACET_TITLES[unit.facet]}" if unit.facet in FACET_TITLES and chance == chance else ""


def _before(witness: Witness) -> str:
    same = witness.figures["same_owner"]
    if same != same:
        return ""
    if witness.figures["was_first"]:
        return "刚才给的就是它"
    return "和刚才说的是一件事" if same else "换了一件事"


def _strange(witness: Witness) -> str:
    share = witness.figures["strange_share"]
    return f"{share:.0%}" if share == share else ""
