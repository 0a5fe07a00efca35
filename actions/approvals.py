"""Approval items and joint services: answer, offer a choice, or say that it is not in the catalogue."""

from __future__ import annotations

from sqlalchemy.orm import Session

from actions.turn import Answer, CityAction, Turn
from bot.catalogue import service as catalogue
from bot.replies import approvals, joint_services, policies
from bot.documents import service as documents

MOST_FACETS = 3


class ActionAnswerItem(CityAction):
    def name(self) -> str:
        return "action_answer_item"

    def answer(self, session: Session, turn: Turn) -> Answer:
        facets = facets_of(turn)
        if turn.unknown_matter and len(turn.items) != 1:
            return not_in_catalogue(session, turn)
        codes = turn.items
        if not codes and turn.known_item:
            codes = [turn.known_item]
        elif turn.known_item in codes and turn.intent != "ask_overview":
            codes = [turn.known_item]
        if len(codes) > 1:
            return offer_choices(session, codes, facets)
        if codes:
            return answer_item(session, codes[0], facets)
        if turn.candidates:
            return offer_choices(session, turn.candidates, facets)
        return answer_from_documents(session, turn) or Answer([approvals.which_item(facets[0])])


class ActionChoose(CityAction):
    """The citizen chose among the candidates that were offered: by number, by button or by a part of the name."""

    def name(self) -> str:
        return "action_choose"

    def answer(self, session: Session, turn: Turn) -> Answer:
        facets = turn.asked_facets or ["overview"]
        if turn.ordinal == "none":
            return Answer([approvals.no_choice_left()], {"candidates": None})
        chosen = chosen_code(session, turn)
        if chosen:
            return answer_item(session, chosen, facets)
        if turn.candidates:
            return offer_choices(session, turn.candidates, facets)
        return Answer([approvals.which_item()])


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
    asked = [facet for facet in turn.facets if facet in approvals.FACET_TITLES]
    by_intent = turn.intent.removeprefix("ask_")
    return (asked or ([by_intent] if by_intent in approvals.FACET_TITLES else ["overview"]))[:MOST_FACETS]


def answer_item(session: Session, code: str, facets: list[str]) -> Answer:
    kept = {"item": code, "candidates": None, "facets": None}
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


def not_in_catalogue(session: Session, turn: Turn) -> Answer:
    nearest = catalogue.nearest_names(session, turn.unknown_matter or turn.text)
    hotline = catalogue.get_city(session).hotline
    return Answer([approvals.not_in_catalogue(turn.unknown_matter, nearest, hotline)], {"item": None})
