"""Approval items and joint services: answer, offer a choice, or say that it is not in the catalogue."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.replies import approvals, joint_services

MOST_FACETS = 3


class ActionAnswerItem(CityAction):
    def name(self) -> str:
        return "action_answer_item"

    def answer(self, session: Session, turn: Turn) -> Answer:
        facets = facets_of(turn)
        if turn.unknown_matter is not None:
            return not_in_catalogue(session, turn.unknown_matter, turn.text)
        codes = in_context(turn)
        if len(codes) == 1:
            return answer_item(session, codes[0], facets)
        if codes:
            return offer_choices(session, codes, facets)
        return Answer([approvals.which_item(facets[0])])


class ActionChoose(CityAction):
    """The citizen chose among the candidates that were offered: by number, by button or by a part of the name."""

    def name(self) -> str:
        return "action_choose"

    def answer(self, session: Session, turn: Turn) -> Answer:
        facets = turn.facets or turn.asked_facets or ["overview"]
        if turn.ordinal == "none":
            return Answer([approvals.no_choice_left()], {"candidates": None})
        chosen = chosen_code(session, turn)
        if chosen:
            return answer_item(session, chosen, facets)
        if turn.candidates:
            return offer_choices(session, turn.candidates, facets)
        return Answer([approvals.which_item()])


def in_context(turn: Turn) -> list[str]:
    """The items that the message means, seen from what the conversation was about.

    A name that fits several means the one just spoken of, or the one of those just offered.
    """
    if len(turn.items) == 1:
        return turn.items
    if turn.known_item and (not turn.items or turn.known_item in turn.items):
        return [turn.known_item]
    offered = [code for code in turn.items if code in turn.candidates]
    return offered or turn.items or turn.candidates


def chosen_code(session: Session, turn: Turn) -> str | None:
    among = [code for code in turn.items if code in turn.candidates]
    if len(among) == 1:
        return among[0]
    if turn.ordinal and turn.candidates:
        position = len(turn.candidates) if turn.ordinal == "last" else int(turn.ordinal)
        return turn.candidates[position - 1] if 1 <= position <= len(turn.candidates) else None
    if len(turn.items) == 1:
        return turn.items[0]
    return catalogue.pick_by_name(turn.text, catalogue.names_of(session, turn.candidates))


def facets_of(turn: Turn) -> list[str]:
    """The facets to answer: the intent's, then the others that the message names outright (“要什么材料，多少钱”)."""
    by_intent = turn.intent.removeprefix("ask_")
    asked = [by_intent] if by_intent in approvals.FACET_TITLES and by_intent != "overview" else []
    return list(dict.fromkeys([*asked, *turn.facets]))[:MOST_FACETS] or ["overview"]


def answer_item(session: Session, code: str, facets: list[str]) -> Answer:
    # The facets stay: “不对，是租房的” asks the same of another item.
    kept = {"item": code, "candidates": None, "facets": facets}
    joint = catalogue.get_joint_service(session, code)
    if joint:
        names = catalogue.names_of(session, joint.item_codes)
        return Answer([joint_services.joint_service_answer(joint, names)], kept)
    item = catalogue.get_item(session, code)
    if item is None:  # a code that somebody typed, or a catalogue newer than the model
        return Answer([approvals.which_item()])
    replies = [approvals.item_answer(item, facet, offer=facet == facets[-1]) for facet in facets]
    return Answer(replies, kept)


def offer_choices(session: Session, codes: list[str], facets: list[str]) -> Answer:
    names = catalogue.names_of(session, codes)
    return Answer([approvals.item_choices(names)], {"candidates": list(names), "facets": facets, "item": None})


def not_in_catalogue(session: Session, matter: str, text: str) -> Answer:
    absent = catalogue.absent_matter(session, matter)
    nearest = catalogue.nearest_names(session, matter or text)
    hotline = catalogue.get_city(session).hotline
    return Answer([approvals.not_in_catalogue(matter, absent, nearest, hotline)], {"item": None, "candidates": None})
