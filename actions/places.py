"""Answers a message that says only where the citizen is, and remembers the place for the questions that follow."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from actions.approvals import answer_item, offer_choices, whereabouts_of
from actions.turn import Answer, Turn
from bot.catalogue.districts import districts, offices_in
from bot.catalogue.service import get_city
from bot.language.text import normalise
from bot.replies import places


def answer_by_place(session: Session, turn: Turn) -> Answer | None:
    """“我在清江区”, “那开发区呢”, “离我近的”: where the matter asked about before is done there.

    None if the message says more than that.
    """
    known = districts(session)
    says_only_where = turn.is_place_pressed or (not turn.is_pressed and known.says_only_where(normalise(turn.text)))
    if not says_only_where or turn.items:
        return None
    if turn.candidates:
        return offer_choices(session, turn.candidates, ["place"], turn)
    if turn.known_item:
        return answer_item(session, turn.known_item, ["place"], turn)
    where = whereabouts_of(session, turn)
    if where.spot and not where.unknown:
        return Answer([places.offices_of(where.spot, offices_in(session, where.spot))])
    return Answer(
        [places.which_district(where, get_city(session).name, [district.name for district in known.districts])]
    )


def remembering_place(session: Session, turn: Turn, answer: Answer) -> Answer:
    """The answer, with the place that the message names kept for later questions."""
    spot = whereabouts_of(session, replace(turn, place=turn.place if turn.is_place_pressed else None)).spot
    return replace(answer, slots={**answer.slots, "place": str(spot)}) if spot else answer
