"""Answers about approval items: the facet that was asked for, word for word from the record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.catalogue.models import AbsentMatter, Item, Material
from bot.catalogue.service import Offer
from bot.catalogue.situations import ALL, CASE_FACETS, Question, Variant
from bot.catalogue.time_limits import TimeLimit, TimeUnit
from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ApprovalChoices, ApprovalItem, Fallback, NotOffered
from bot.language.facets import FACET_TITLES
from bot.replies.lists import numbered
from bot.replies.paging import first_page
from bot.replies.places import at_office, office_for, place_buttons, place_lines, place_record
from bot.replies.reply import PERSON, TAKE_DOWN, Button, Reply

OFFERED_FACETS = ("materials", "process", "place", "time_limit", "fee", "conditions")


ALL_BUTTON = "都给我看看"


def item_answer(
    item: Item,
    facet: str,
    offer: bool = True,
    *,
    case: Variant | None = None,
    question: Question | None = None,
    related: Sequence[Offer] = (),
) -> Reply:
    """`facet` is a key of `FACET_TITLES`. With `offer`, buttons lead to three other facets.

    With an open `question` the text gives the facts that are the same in all cases, then asks the question; `about`
    still has the whole record.
    """
    case = case or Variant(item)
    if question:
        lines, always = _common(case, facet, question), [*_question_lines(question), source_line(item)]
        buttons = question_buttons(question)
    elif case.is_elsewhere and facet in CASE_FACETS:
        lines = [f"{_named(case)}不按这一项办。", *(_sentence(note) for note in case.notes), _related_line(related)]
        always = [source_line(item)]
        buttons = (PERSON, *map(_related_button, related))
    else:
        lines = [*_FACETS[facet](case), *_reminders(case, facet), _related_line(related)]
        always = [source_line(item)]
        buttons = tuple(
            Button.to(FACET_TITLES[other], f"ask_{other}", item=item.code) for other in OFFERED_FACETS if other != facet
        )[:3]
        buttons = (*buttons, *map(_related_button, related))
        if facet == "place":
            buttons = place_buttons(item, case.places) or buttons
    text, rest = first_page(lines, always)
    return Reply(
        text=text,
        outcome=Outcome.ANSWERED_BY_RECORD,
        about=_about(case, facet, question),
        buttons=buttons if offer else (),
        rest=rest,
    )


def more_of(item: Item, facet: str, chosen: Sequence[str], lines: Sequence[str]) -> Reply:
    """The lines of an answer that did not fit before."""
    text, rest = first_page(lines)
    about = _about(Variant(item, tuple(chosen)), facet, None)
    return Reply(text=text, outcome=Outcome.ANSWERED_BY_RECORD, about=about, rest=rest)


def nothing_more() -> Reply:
    return Reply(
        text="已经都说完了。还想知道什么，直接告诉我就行。",
        outcome=Outcome.ASKED_BACK,
        about=Fallback(),
        buttons=(PERSON,),
    )


def question_buttons(question: Question) -> tuple[Button, ...]:
    titles = [*((option.title, option.title) for option in question.options), (ALL_BUTTON, ALL)]
    return tuple(Button.to(title, "choose_situation", situation=value) for title, value in titles)


def _question_lines(question: Question) -> list[str]:
    titles = [*(option.title for option in question.options), ALL_BUTTON]
    return [f"{question.text}回复序号就行：", *numbered(titles)]


def _about(case: Variant, facet: str, question: Question | None) -> ApprovalItem:
    return ApprovalItem(case.item.code, case.item.name, facet, item_record(case.item, case, question))


def _common(case: Variant, facet: str, question: Question) -> list[str]:
    """The lines that are true for every answer to the open question."""
    item = case.item
    if not question.matters_for(item, facet) or facet == "overview":
        return _FACETS[facet](case) if facet != "overview" else _summary(case)
    if facet == "materials":
        common = [_named_material(material) for material in case.common_materials]
        return [f"办理“{item.name}”都要带：", *numbered(common)] if common else [f"“{item.name}”的材料要看情形。"]
    if facet == "fee":
        return [f"“{item.name}”{_fee_words(case)}。"]
    if facet == "process":
        return [f"“{item.name}”都要走这几步：" + " → ".join(step.name for step in item.steps) + "。"]
    return [f"“{item.name}”的条件，不论哪种情形都有：", *numbered(item.conditions)]


def _reminders(case: Variant, facet: str) -> list[str]:
    """The record's notes, under the facets by which people decide whether this is their matter."""
    # `_overview` shows the notes of the case itself.
    of_case = case.notes if facet in ("conditions", "materials", "time_limit", "result") else ()
    of_item = (case.item.note,) if facet in ("overview", "conditions", "materials") else ()
    return [f"提醒：{_sentence(note)}" for note in (*of_case, *of_item) if note]


def _related_line(related: Sequence[Offer]) -> str:
    """“接着可能用到：开办餐饮店一件事（几件事一次申请）；……”"""
    if not related:
        return ""
    named = (f"{offer.name if offer.code else f'《{offer.name}》'}（{offer.reason}）" for offer in related)
    return "接着可能用到：" + "；".join(named) + "。"


def _related_button(offer: Offer) -> Button:
    if not offer.code:
        return Button(offer.name, offer.name)
    return Button.to(offer.name, "ask_joint_service" if offer.is_joint_service else "ask_overview", item=offer.code)


def item_choices(names: Mapping[str, str], same_place: Variant | None = None) -> Reply:
    """`names`: code → name, best first. `same_place`: one of them, if all are done at the same places, asked for."""
    lines = numbered(names.values())
    text = "您说的是下面哪一项？回复序号就行。\n" + "\n".join(lines) + "\n都不是的话，请告诉我您想办什么。"
    if same_place:
        places = place_lines(same_place.item, same_place.places, "下面几项都")
        text = "\n".join([*places, "您要办的是哪一项？回复序号就行：", *lines])
    return Reply(
        text=text,
        outcome=Outcome.CHOICES_OFFERED,
        about=ApprovalChoices(tuple(names)),
        buttons=tuple(Button.to(name, "choose", item=code) for code, name in names.items()),
    )


def which_item(facet: str | None = None) -> Reply:
    asked = f"想知道“{FACET_TITLES[facet]}”，" if facet and facet != "overview" else ""
    return Reply(
        text=f"{asked}请先告诉我您要办哪件事，比如“补办身份证”“开饭馆”“租房提取公积金”。",
        outcome=Outcome.ASKED_BACK,
        about=Fallback(),
        buttons=(PERSON,),
    )


def not_in_catalogue(
    absent: AbsentMatter, hotline: str, *, is_ruled: bool = False, may_be_taken_down: bool = False
) -> Reply:
    """Says that the matter is not in the catalogue, and who is in charge.

    `is_ruled`: a passage on the matter stands beside it. `may_be_taken_down`: what was told may become a case.
    """
    text = f"“{absent.name}”不在本市的事项目录里，" + (
        "没有它的办事指南；有关的规定列在这里。" if is_ruled else "没有查到它的办事规定，不敢乱说。"
    )
    if absent.in_charge:
        text += f"这件事一般由{absent.in_charge}负责。"
    if absent.note:
        text += _sentence(absent.note)
    text += (
        f"要我记下来转给他们答复，回复“记下来”；也可以转人工，或拨打 {hotline} 问清楚。"
        if may_be_taken_down
        else f"您可以转人工，或拨打 {hotline} 问清楚。"
    )
    return Reply(
        text=text,
        outcome=Outcome.NOT_IN_CATALOGUE,
        about=NotOffered(absent.name, absent.in_charge),
        buttons=(TAKE_DOWN, PERSON) if may_be_taken_down else (PERSON,),
    )


def no_choice_left() -> Reply:
    return Reply(
        text="好的，都不是。请换个说法告诉我您想办什么，或者转人工。",
        outcome=Outcome.ASKED_BACK,
        about=Fallback(),
        buttons=(PERSON,),
    )


def source_line(item: Item) -> str:
    source = f"来源：本市政务服务事项目录 {item.code}（{item.recorded_on} 更新）"
    return f"{source}；《{item.legal_bases[0].law}》{item.legal_bases[0].article}" if item.legal_bases else source


def item_record(item: Item, case: Variant | None = None, question: Question | None = None) -> dict[str, Any]:
    """The record as JSON; of a settled case, only the parts that apply to it.

    `statutory_days` and `promised_days` are working days, null in another unit; 0 means at once. `chosen`: the
    options that narrow the record.
    `question`: still to be asked. With `is_elsewhere` this item is the wrong one for the case, and `note` names the
    right way.
    """
    case = case or Variant(item)
    return {
        "kind": item.kind,
        "department": item.department.name,
        "applicant": item.applicant,
        "summary": item.summary,
        "conditions": list(case.conditions),
        "materials": [_material_record(case, material) for material in case.materials],
        "steps": [
            *({"name": step.name, "detail": step.detail, "time": step.time} for step in item.steps),
            *({"name": title, "detail": step, "time": ""} for title, step in case.differences),
        ],
        "statutory_days": item.statutory_days,
        "statutory_note": item.statutory_note,
        "promised_days": item.promised.working_days,
        "promised": limit_record(item.promised),
        "has_fee": case.has_fee,
        "fee": case.fee,
        "fee_basis": item.fee_basis,
        "place": place_record(item, office_for(item, case.places), case.places),
        "channel": item.channel,
        "online_note": item.online_note,
        "visit_count": item.visit_count,
        "result": item.result,
        "result_validity": item.result_validity,
        "delivery": item.delivery,
        "legal_basis": [{"law": basis.law, "article": basis.article, "gist": basis.gist} for basis in item.legal_bases],
        "complaints_phone": item.complaints_phone,
        "recorded_on": item.recorded_on.isoformat(),
        "note": "\n".join(filter(None, (*case.notes, item.note))),
        "online_address": item.online_address,
        "booking_address": item.booking_address,
        "particulars": item.other_particulars,
        "is_elsewhere": case.is_elsewhere,
        "chosen": [option.title for option in case.options],
        "question": {"text": question.text, "options": [option.title for option in question.options]}
        if question
        else None,
    }


def _material_record(case: Variant, material: Material) -> dict[str, Any]:
    return {
        "name": material.name,
        "form": material.form,
        "copies": material.copies,
        "issuer": material.issuer,
        "waiver": material.waiver,
        "required": case.is_required(material),
        "situations": list(material.situations),
        "note": material.note,
    }


def promised(limit: TimeLimit, visit_count: int = 1) -> str:
    """With several visits, “at once” is true of each visit only: a divorce has thirty days between its two."""
    if limit.count:
        return f"承诺 {limit_words(limit)}办结"
    return "承诺当场办结" if visit_count <= 1 else f"要到场 {visit_count} 次，每次当场办"


def limit_words(limit: TimeLimit) -> str:
    """“5 个工作日”. For calendar days it adds that holidays count, because people expect working days."""
    if not limit.count:
        return str(limit)
    written = f"{limit.count} {limit.unit_words}"
    return f"{written}（含节假日）" if limit.unit is TimeUnit.CALENDAR_DAYS else written


def limit_record(limit: TimeLimit) -> dict[str, Any]:
    """The time limit as JSON: `count` 0 means at once; `text` is what citizens read."""
    return {"count": limit.count, "unit": limit.unit.value, "text": limit_words(limit)}


def _summary(case: Variant) -> list[str]:
    item = case.item
    channel = f"{item.channel}均可" if item.channel == "线上线下" else f"{item.channel}办理"
    return [
        f"{item.name}：{_sentence(item.summary)}",
        f"由{item.department.name}办理，{channel}。",
        f"{promised(item.promised, item.visit_count)}；{_fee_words(case)}；{_material_count(case)}。",
        f"地点：{at_office(item, office_for(item, case.places))}。",
    ]


def _overview(case: Variant) -> list[str]:
    """With options chosen, all that is special about this case; else a summary of the item."""
    if not case.options:
        return _summary(case)
    item = case.item
    return [
        f"{_named(case)}这样办：",
        *(f"条件：{_sentence(condition)}" for option in case.options for condition in option.conditions),
        *(f"注意：{_sentence(note)}" for note in case.notes),
        "要带：",
        *numbered(_named_material(m) + ("" if case.is_required(m) else "，视情形") for m in case.materials),
        f"{_sentence(_fee_words(case))}{_sentence(promised(item.promised, item.visit_count))}",
        *_difference_lines(case),
        f"地点：{at_office(item, office_for(item, case.places))}。",
    ]


def _material_count(case: Variant) -> str:
    if not case.item.materials:
        return "材料请打电话问"
    kinds = f"材料 {len(case.materials)} 种"
    return f"{kinds}，看情形" if any(not case.is_required(material) for material in case.materials) else kinds


def _materials(case: Variant) -> list[str]:
    if not case.item.materials:
        return [_not_listed(case, "要交的材料")]
    required = [material for material in case.materials if case.is_required(material)]
    depending = [material for material in case.materials if not case.is_required(material)]
    lines = [f"办理{_named(case)}要带：", *numbered(_material_line(case, material) for material in required)]
    if depending:
        lines += ["看情形还要：", *numbered((_material_line(case, m) for m in depending), start=len(required) + 1)]
    return lines


def _material_line(case: Variant, material: Material) -> str:
    return "，".join((_named_material(material), *material_notes(case, material)))


def material_notes(case: Variant, material: Material) -> list[str]:
    """What can replace the material, and what else is to be said of it or when it is needed."""
    notes = []
    if material.waiver == "告知承诺":
        notes.append("可以书面承诺代替")
    elif material.waiver not in ("不免交", ""):
        notes.append(f"可免交：{material.waiver}")
    if material.note:
        notes.append(material.note.rstrip("。"))
    elif cases := case.cases_of(material):
        notes.append(f"{'、'.join(cases)}的要")
    return notes


def _named_material(material: Material) -> str:
    """A city's list may say no more than the name."""
    return f"{material.name}（{material.form} {material.copies} 份）" if material.form else material.name


def _not_listed(case: Variant, what: str) -> str:
    return f"目录里没有写{_named(case)}{what}，请打 {case.item.office.phone} 问清楚。"


def _fee(case: Variant) -> list[str]:
    lines = [f"{_named(case)}{_fee_words(case)}。"]
    lines += [
        f"{option.title}：{_sentence(option.fee)}"
        for question in case.unsettled
        for option in question.options
        if option.fee
    ]
    return [*lines, f"依据：{_sentence(case.item.fee_basis)}"]


def _fee_words(case: Variant) -> str:
    return f"收费：{case.fee.rstrip('。')}" if case.has_fee else "不收费"


def _time_limit(case: Variant) -> list[str]:
    item = case.item
    statutory = (
        f"法定时限 {item.statutory_days} 个工作日（{item.statutory_note.rstrip('。')}）。"
        if (item.statutory_days is not None)
        else f"法定时限：{_sentence(item.statutory_note)}"
    )
    # For some items the promised days count from another day (for teachers, from the end of the application window).
    # Their `statutory_note` says so.
    counted = "，从受理算起" if item.promised.count and "承诺时限" not in item.statutory_note else ""
    return [f"“{item.name}”{promised(item.promised, item.visit_count)}{counted}。", statutory]


def _place(case: Variant) -> list[str]:
    return [*place_lines(case.item, case.places), *_booking_line(case.item)]


def _process(case: Variant) -> list[str]:
    if not case.item.steps:
        return [_not_listed(case, "怎么一步步办"), *_difference_lines(case)]
    steps = numbered(
        step.name + (f"：{step.detail.rstrip('。')}" if step.detail else "") + (f"（{step.time}）" if step.time else "")
        for step in case.item.steps
    )
    return [f"{_named(case)}这样办：", *steps, *_difference_lines(case)]


def _difference_lines(case: Variant) -> list[str]:
    return [f"{title}：{_sentence(step)}" for title, step in case.differences]


def _conditions(case: Variant) -> list[str]:
    applicant = case.item.applicant.replace("/", "、")
    return [f"{_named(case)}面向{applicant}，条件是：", *numbered(case.conditions)]


def _legal_basis(case: Variant) -> list[str]:
    if not case.item.legal_bases:
        return [_not_listed(case, "的法律依据")]
    bases = numbered(
        f"《{basis.law}》{basis.article}" + (f"：{basis.gist.rstrip('。')}" if basis.gist else "")
        for basis in case.item.legal_bases
    )
    return [f"“{case.item.name}”的依据：", *bases]


def _online(case: Variant) -> list[str]:
    item = case.item
    can = {"线上": "全程网上办理", "线上线下": "网上、窗口都能办", "线下": "目前要到窗口办理"}[item.channel]
    visits = "不用跑现场" if item.visit_count == 0 else f"到现场 {item.visit_count} 次"
    return [f"“{item.name}”{can}，{visits}。", _sentence(item.online_note), *_address_lines(item)]


def _address_lines(item: Item) -> list[str]:
    """Channels that may send no links drop these lines. The other lines stay true without them."""
    online = [f"可以在线办理，网址：{item.online_address}"] if item.online_address else []
    return [*online, *_booking_line(item)]


def _booking_line(item: Item) -> list[str]:
    return [f"可以网上预约取号，网址：{item.booking_address}"] if item.booking_address else []


def _result(case: Variant) -> list[str]:
    item = case.item
    return [
        f"办完拿到：{item.result}。",
        f"有效期：{_sentence(item.result_validity)}",
        f"领取：{_sentence(item.delivery)}",
    ]


def _named(case: Variant) -> str:
    """“普通护照签发”（到期换发，未满 16 周岁）"""
    titles = "，".join(option.title for option in case.options)
    return f"“{case.item.name}”（{titles}）" if titles else f"“{case.item.name}”"


_FACETS: dict[str, Callable[[Variant], list[str]]] = {
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


def _sentence(text: str) -> str:
    return text.rstrip("。") + "。"
