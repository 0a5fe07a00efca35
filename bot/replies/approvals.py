"""Answers about approval items: the facet that was asked, word for word from the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from bot.catalogue.models import AbsentMatter, Item, Material
from bot.conversations.outcomes import Outcome
from bot.replies.reply import PERSON, Button, Reply

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
OFFERED_FACETS = ("materials", "process", "place", "time_limit", "fee", "conditions")


def item_answer(item: Item, facet: str, offer: bool = True) -> Reply:
    """`facet` is a key of `FACET_TITLES`. With `offer`, buttons lead to three other facets."""
    buttons = [
        Button.to(FACET_TITLES[other], f"ask_{other}", item=item.code) for other in OFFERED_FACETS if other != facet
    ]
    return Reply(
        text="\n".join(filter(None, (_FACETS[facet](item), _reminder(item, facet), source_line(item)))),
        outcome=Outcome.ANSWERED_BY_RECORD,
        custom={
            "kind": "approval_item",
            "code": item.code,
            "name": item.name,
            "facet": facet,
            "data": item_record(item),
        },
        buttons=tuple(buttons[:3]) if offer else (),
    )


def _reminder(item: Item, facet: str) -> str:
    """The record's remark, where people decide whether this is their matter."""
    return f"提醒：{_sentence(item.note)}" if item.note and facet in ("overview", "conditions", "materials") else ""


def item_choices(names: Mapping[str, str]) -> Reply:
    """`names`: code → name, best first."""
    lines = [f"{number}. {name}" for number, name in enumerate(names.values(), start=1)]
    return Reply(
        text="您说的是下面哪一项？回复序号就行。\n" + "\n".join(lines) + "\n都不是的话，请告诉我您想办什么。",
        outcome=Outcome.CHOICES_OFFERED,
        custom={"kind": "approval_choices", "codes": list(names)},
        buttons=tuple(Button.to(name, "choose", item=code) for code, name in names.items()),
    )


def which_item(facet: str | None = None) -> Reply:
    asked = f"想知道“{FACET_TITLES[facet]}”，" if facet and facet != "overview" else ""
    return Reply(
        text=f"{asked}请先告诉我您要办哪件事，比如“补办身份证”“开饭馆”“租房提取公积金”。",
        outcome=Outcome.ASKED_BACK,
        custom={"kind": "fallback", "suggestions": []},
        buttons=(PERSON,),
    )


def not_in_catalogue(matter: str, absent: AbsentMatter | None, nearest: Mapping[str, str], hotline: str) -> Reply:
    """Says that we do not offer it. `nearest` is offered by name and never given as the answer."""
    what = f"“{matter}”" if matter else "您说的这件事"
    text = f"{what}不在本市的事项目录里，没有查到它的办事规定，不敢乱说。"
    if absent and absent.in_charge:
        text += f"这件事一般由{absent.in_charge}负责。"
    if absent and absent.note:
        text += _sentence(absent.note)
    text += f"您可以转人工，或拨打 {hotline} 问清楚。"
    if nearest:
        text += "\n目录里名字相近、但不是同一件事的有：" + "、".join(nearest.values()) + "。"
    return Reply(
        text=text,
        outcome=Outcome.NOT_IN_CATALOGUE,
        custom={"kind": "fallback", "suggestions": list(nearest.values())},
        buttons=(*(Button.to(name, "ask_overview", item=code) for code, name in nearest.items()), PERSON),
    )


def no_choice_left() -> Reply:
    return Reply(
        text="好的，都不是。请换个说法告诉我您想办什么，或者转人工。",
        outcome=Outcome.ASKED_BACK,
        custom={"kind": "fallback", "suggestions": []},
        buttons=(PERSON,),
    )


def source_line(item: Item) -> str:
    basis = item.legal_bases[0]
    return f"来源：本市政务服务事项目录 {item.code}（{item.recorded_on} 更新）；《{basis.law}》{basis.article}"


def item_record(item: Item) -> dict[str, Any]:
    """The whole record as JSON. Time limits in working days; `promised_days` 0 means at once."""
    return {
        "kind": item.kind,
        "department": item.department.name,
        "applicant": item.applicant,
        "summary": item.summary,
        "conditions": item.conditions,
        "materials": [
            {
                "name": material.name,
                "form": material.form,
                "copies": material.copies,
                "issuer": material.issuer,
                "waiver": material.waiver,
                "required": material.is_required,
                "note": material.note,
            }
            for material in item.materials
        ],
        "steps": [{"name": step.name, "detail": step.detail, "time": step.time} for step in item.steps],
        "statutory_days": item.statutory_days,
        "statutory_note": item.statutory_note,
        "promised_days": item.promised_days,
        "has_fee": item.has_fee,
        "fee": item.fee,
        "fee_basis": item.fee_basis,
        "place": {
            "office": item.office.name,
            "window": item.window,
            "address": item.office.address,
            "hours": item.office.hours,
            "phone": item.office.phone,
            "directions": item.office.directions,
        },
        "channel": item.channel,
        "online_note": item.online_note,
        "visit_count": item.visit_count,
        "result": item.result,
        "result_validity": item.result_validity,
        "delivery": item.delivery,
        "legal_basis": [{"law": basis.law, "article": basis.article, "gist": basis.gist} for basis in item.legal_bases],
        "complaints_phone": item.complaints_phone,
        "recorded_on": item.recorded_on.isoformat(),
        "note": item.note,
    }


def promised(days: int) -> str:
    return "承诺当场办结" if days == 0 else f"承诺 {days} 个工作日办结"


def _overview(item: Item) -> str:
    return "\n".join(
        (
            f"{item.name}：{_sentence(item.summary)}",
            f"由{item.department.name}办理，{item.channel}均可。"
            if item.channel == "线上线下"
            else f"由{item.department.name}办理，{item.channel}办理。",
            f"{promised(item.promised_days)}；{_fee_words(item)}；材料 {len(item.materials)} 种。",
            f"地点：{item.office.name}{_window(item)}。",
        )
    )


def _materials(item: Item) -> str:
    required = [material for material in item.materials if material.is_required]
    depending = [material for material in item.materials if not material.is_required]
    lines = [f"办理“{item.name}”要带：", *_numbered(_material_line(material) for material in required)]
    if depending:
        lines += ["看情形还要：", *_numbered((_material_line(m) for m in depending), start=len(required) + 1)]
    return "\n".join(lines)


def _material_line(material: Material) -> str:
    parts = [f"{material.name}（{material.form} {material.copies} 份）"]
    if material.waiver == "告知承诺":
        parts.append("可以书面承诺代替")
    elif material.waiver != "不免交":
        parts.append(f"可免交：{material.waiver}")
    if material.note:
        parts.append(material.note.rstrip("。"))
    return "，".join(parts)


def _fee(item: Item) -> str:
    return f"“{item.name}”{_fee_words(item)}。\n依据：{_sentence(item.fee_basis)}"


def _fee_words(item: Item) -> str:
    return f"收费：{item.fee.rstrip('。')}" if item.has_fee else "不收费"


def _time_limit(item: Item) -> str:
    statutory = (
        f"法定时限 {item.statutory_days} 个工作日（{item.statutory_note.rstrip('。')}）。"
        if (item.statutory_days is not None)
        else f"法定时限：{_sentence(item.statutory_note)}"
    )
    counted = "，从受理算起" if item.promised_days else ""
    return f"“{item.name}”{promised(item.promised_days)}{counted}。\n{statutory}"


def _place(item: Item) -> str:
    office = item.office
    lines = [
        f"“{item.name}”在{office.name}{_window(item)}办理。",
        f"地址：{office.address}",
        f"时间：{office.hours}",
        f"电话：{office.phone}",
    ]
    return "\n".join([*lines, f"交通：{office.directions}"] if office.directions else lines)


def _process(item: Item) -> str:
    steps = _numbered(f"{step.name}：{step.detail.rstrip('。')}（{step.time}）" for step in item.steps)
    return "\n".join([f"“{item.name}”这样办：", *steps])


def _conditions(item: Item) -> str:
    return "\n".join([f"“{item.name}”面向{item.applicant.replace('/', '、')}，条件是：", *_numbered(item.conditions)])


def _legal_basis(item: Item) -> str:
    bases = _numbered(f"《{basis.law}》{basis.article}：{basis.gist.rstrip('。')}" for basis in item.legal_bases)
    return "\n".join([f"“{item.name}”的依据：", *bases])


def _online(item: Item) -> str:
    can = {"线上": "全程网上办理", "线上线下": "网上、窗口都能办", "线下": "目前要到窗口办理"}[item.channel]
    visits = "不用跑现场" if item.visit_count == 0 else f"到现场 {item.visit_count} 次"
    return f"“{item.name}”{can}，{visits}。\n{_sentence(item.online_note)}"


def _result(item: Item) -> str:
    return f"办完拿到：{item.result}。\n有效期：{_sentence(item.result_validity)}\n领取：{_sentence(item.delivery)}"


_FACETS: dict[str, Callable[[Item], str]] = {
    "overview": _overview,
    "materials": _materials,
    "fee": _fee,
    "time_limit": _time_limit,
    "place": _place,
    "process": _process,
    "conditions": _conditions,
    "legal_basis": _legal_basis,
    "online": _online,
    "result": _result,
}


def _numbered(lines: Iterable[str] | Sequence[str], start: int = 1) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, start=start)]


def _sentence(text: str) -> str:
    return text.rstrip("。") + "。"


def _window(item: Item) -> str:
    return f"（{item.window}）"
