"""Approval items and joint services: answer, offer a choice, or say that it is not in the catalogue."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from actions.memory import UnsaidLines
from actions.turn import Answer, CityAction, Turn
from bot.catalogue import districts
from bot.catalogue import service as catalogue
from bot.catalogue.models import Item
from bot.catalogue.situations import ALL, Question, Variant, answer_to, is_bare_answer
from bot.language.facets import FACET_TITLES
from bot.replies import approvals, joint_services

MOST_FACETS = 3
# Facets after which related items are offered. A question about the fee or the address needs no more than its answer.
RELATED_AFTER = ("overview", "materials", "process", "result")
NOTHING_OPEN: dict[str, Any] = {"candidates": None, "situation": None, "open_question": None, "more": None}


class ActionChooseSituation(CityAction):
    """The citizen says which case is theirs, or that they want to see all of them."""

    def name(self) -> str:
        return "action_choose_situation"

    def answer(self, session: Session, turn: Turn) -> Answer:
        answered = answer_open_question(session, turn)
        if answered:
            return answered
        item = catalogue.get_item(session, turn.known_item) if turn.known_item else None
        if item is None:
            return Answer([approvals.which_item()])
        # A button of an earlier question was pressed again, or “都给我看看” was said without an open question.
        case = case_of(session, item, turn)
        if turn.situation is None or turn.situation in (ALL, *(option.title for option in item.situations)):
            case = case.with_choice(turn.situation or ALL)
        return answer_case(session, case, turn.asked_facets or ["overview"])


def answer_open_question(session: Session, turn: Turn) -> Answer | None:
    """The answer if the message answers the question asked last (智能导服); None if it is about something else."""
    item = catalogue.get_item(session, turn.known_item) if turn.known_item and turn.open_question else None
    if item is None:
        return None
    case = case_of(session, item, turn)
    question = next((one for one in case.questions if one.number == turn.open_question), None)
    if question is None:
        return None
    facets = turn.facets or turn.asked_facets or ["overview"]
    title = answer_to_question(question, turn)
    if title:
        return answer_case(session, case.with_choice(title), facets)
    # The question is asked again if the words fit two options, like “没结婚”.
    is_about_it = not turn.is_pressed and is_bare_answer(question, turn.text)
    return answer_case(session, case, facets) if is_about_it else None


def bare_answer(session: Session, turn: Turn) -> Answer | None:
    """`answer_open_question` for a message that says nothing else (“急诊”), whatever its recognised intent."""
    item = catalogue.get_item(session, turn.known_item) if turn.known_item and turn.open_question else None
    questions = [one for one in Variant(item).questions if one.number == turn.open_question] if item else []
    is_bare = any(is_bare_answer(question, turn.text) for question in questions)
    return answer_open_question(session, turn) if is_bare else None


def answer_to_question(question: Question, turn: Turn) -> str | None:
    """The option chosen by button, by number or in words, or `ALL`."""
    titles = [option.title for option in question.options]
    if turn.situation:
        return turn.situation if turn.situation in (*titles, ALL) else None
    if turn.ordinal:
        # “都给我看看” is numbered after the options. “都不是” is answered with all options too.
        if turn.ordinal == "none":
            return ALL
        return titles[-1] if turn.ordinal == "last" else turn.numbered([*titles, ALL])
    if turn.is_pressed:
        return None
    names_another = turn.unknown_matter is not None or (turn.items and turn.known_item not in turn.items)
    if names_another and not is_bare_answer(question, turn.text):
        return None
    return answer_to(question, turn.text)


def chosen_code(session: Session, turn: Turn) -> str | None:
    among = [code for code in turn.items if code in turn.candidates]
    if len(among) == 1:
        return among[0]
    if turn.ordinal and turn.candidates:
        return turn.numbered(turn.candidates)
    if len(turn.items) == 1:
        return turn.items[0]
    return catalogue.pick_by_name(turn.text, catalogue.names_of(session, turn.candidates))


def facets_of(turn: Turn) -> list[str]:
    """The facets to answer: the intent's, then the others that the message names outright (“要什么材料，多少钱”)."""
    by_intent = turn.intent.removeprefix("ask_")
    asked = [by_intent] if by_intent in FACET_TITLES and by_intent != "overview" else []
    return list(dict.fromkeys([*asked, *turn.facets]))[:MOST_FACETS] or ["overview"]


def whereabouts_of(session: Session, turn: Turn) -> districts.Whereabouts:
    return districts.whereabouts(session, "" if turn.is_pressed else turn.text, turn.place)


def case_of(session: Session, item: Item, turn: Turn) -> Variant:
    """The item for this citizen: with the options that they have chosen, and the offices of their district."""
    chosen = tuple(turn.chosen) if item.code == turn.known_item else ()
    return Variant(item, chosen, districts.places_of(session, item, whereabouts_of(session, turn)))


def answer_item(session: Session, code: str, facets: list[str], turn: Turn) -> Answer:
    joint = catalogue.get_joint_service(session, code)
    if joint:
        reply = joint_services.joint_service_answer(joint, catalogue.names_of(session, joint.item_codes))
        more = [UnsaidLines(code, None, reply.rest)] if reply.rest else None
        shown = [f"item:{code}:overview"]
        return Answer([reply], {**NOTHING_OPEN, "item": code, "facets": facets, "more": more, "shown": shown})
    item = catalogue.get_item(session, code)
    if item is None:  # a code that somebody typed, or a catalogue newer than the model
        return Answer([approvals.which_item()])
    case = case_of(session, item, turn)
    return answer_case(session, case if turn.is_pressed else case.with_words(turn.text), facets)


def answer_case(session: Session, case: Variant, facets: list[str]) -> Answer:
    """Answers each facet; if the answer depends on a question still open, the last reply asks it."""
    question = case.open_question(facets)
    last = facets[-1]
    related = catalogue.related_to(session, case.item.code) if last in RELATED_AFTER and not question else []
    replies = [
        *(approvals.item_answer(case.item, facet, offer=False, case=case) for facet in facets[:-1]),
        approvals.item_answer(case.item, last, case=case, question=question, related=related),
    ]
    more = [
        UnsaidLines(case.item.code, facet, reply.rest)
        for facet, reply in zip(facets, replies, strict=True)
        if reply.rest
    ]
    # The facets are kept, since “不对，是租房的” asks the same about another item.
    kept = {
        "item": case.item.code,
        "facets": facets,
        "situation": list(case.chosen) or None,
        "more": more or None,
        "shown": [f"item:{case.item.code}:{facet}" for facet in facets],
    }
    return Answer(replies, {**NOTHING_OPEN, **kept, "open_question": question.number if question else None})


def offer_choices(session: Session, codes: list[str], facets: list[str], turn: Turn) -> Answer:
    names = catalogue.names_of(session, codes)
    kept = {"candidates": list(names), "facets": facets, "item": None, "shown": None}
    items = [item for code in names if (item := catalogue.get_item(session, code))]
    is_one_place = facets == ["place"] and len(items) == len(names) and districts.is_same_place(items)
    same_place = case_of(session, items[0], turn) if is_one_place else None
    return Answer([approvals.item_choices(names, same_place)], {**NOTHING_OPEN, **kept})
