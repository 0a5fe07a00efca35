"""Answers questions: one search over everything that the city knows decides what is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from actions.approvals import (
    MOST_FACETS,
    NOTHING_OPEN,
    answer_item,
    answer_open_question,
    bare_answer,
    case_of,
    chosen_code,
    facets_of,
    offer_choices,
    whereabouts_of,
)
from actions.continuing import ANOTHER, asked_of_another, keeping_the_matter, what_is_named
from actions.departments import department_in_charge
from actions.joint_services import whole_asked_for
from actions.places import answer_by_place, remembering_place
from actions.talks import talks_asked_for
from actions.turn import Answer, CityAction, Turn
from bot.answering.amounts import telling_the_amount
from bot.answering.asked import is_asking, questions_in, without_circumstances
from bot.answering.evidence import Context
from bot.answering.helping import helped, language_model
from bot.answering.opposites import without_opposites
from bot.answering.ranker import OFFERED
from bot.answering.service import Answering, Certainty, Decision, answering, is_sure, offered
from bot.answering.units import NO_FEE, Sort, Unit
from bot.answering.wordings import owner_of
from bot.catalogue import service as catalogue
from bot.catalogue.departments import get_department
from bot.catalogue.districts import districts
from bot.catalogue.offices import branches_told_for, office_asked_for
from bot.conversations.outcomes import Outcome
from bot.documents import service as documents
from bot.documents.highlights import best_parts
from bot.interviews.index import answered_alike
from bot.language.delegation import asks_to_act
from bot.language.errands import asks_what_may_be_asked_for, asks_what_to_do_against_refusal
from bot.language.facets import asks_until_done
from bot.language.questions import asking_clause
from bot.language.text import normalise
from bot.language.triggers import EMERGENCY
from bot.lessons.labels import JOINT_SERVICE
from bot.letters.acts import SHORTEST as SHORTEST_LETTER
from bot.referrals import service as referrals
from bot.referrals.models import Route
from bot.replies import approvals, filing, joint_services, offers, offices, policies, routes
from bot.replies.interviews import answered_in_talk
from bot.replies.reply import Reply
from bot.replies.smalltalk import out_of_scope, smalltalk
from bot.replies.voices import asked_before
from bot.voices.index import alike as alike_letters

MOST_CHOICES = 4
# In a longer message the engine's item decides nothing, since the message may name several things.
LONGEST_SETTLED = 40
LOOKED_AT = 6
# Several items fit “提公积金”. They are offered for choice if the ranker's scores for them are no further apart.
ALIKE = 1.7
# If the engine's item scores further than this behind the best unit, it is not put first.
OUTRANKED = 1.3
NEAR_MISS = 0.5
# For a question of at most this length the engine's item is offered even if the search finds nothing.
LONGEST_TRUSTED = 25
# From this probability of the first unit the engine's item is the answer; below it the item is only offered.
AGREED = 0.6
# Where the ranker does not tell the parts of a record apart, the part that the message names is the answer if one of
# the first three helps with at least this probability.
SURE_OF_RECORD = 0.9

# Facets that an item's record answers better than a passage that says the same.
_PLAIN = ("fee", "materials", "place")
# A passage is shown beside a matter that is not in the catalogue if its score is at least the first number. It comes
# first if it is no further below the matter's score than the second.
ON_THE_MATTER, FITS_AS_WELL = 0.5, 0.3
# The nearest matters are named, though not offered, if one of the first three helps with at least this probability.
LEAST_NEAR = 0.15
MOST_NEAR = 4
# Units that only say whom to ask. What another citizen was answered on the same matter is told with them.
_DOORS = (Sort.ROUTE, Sort.ABSENT)
# A question about what was offered or answered before is seldom longer: “那多长时间能拿到手”.
LONGEST_FOLLOW_UP = 15
# A message that names a facet and has at most this length names nothing else.
LONGEST_BARE = 5

_PAYS = re.compile("要钱|收钱|收费|花钱|交钱|费用|工本费|免费")
# “不是公司，我办的是个体户”
_CORRECTS = re.compile("^不[是对]|错了|我[说要办]的是|我是说")
# “是的”, to “您看看这条说的是不是您的情况”
_AGREES = re.compile(r"(?:是的?|对的?|没错|嗯+|就是(?:这[个条样]|它)?|是这[个条样])[的了呢吧啊,，。.!！]*")
# Put before a question that is asked while a request is being filed.
_OF_FILING = "申请政府信息公开，"
# Words of a question about rules; a question without them is about the citizen's own request.
_ASKS_FOR_RULE = re.compile("[哪谁几]|怎么|如何|多久|多少|什么|为啥|是不是|能不能|可不可以|要不要|[能可要].*[吗嘛么]")
# How far the citizen's own request is: “我想查一下信息公开申请办得怎么样”.
_ASKS_HOW_FAR = re.compile(
    "(?:想|要|来|帮我|给我)查.*申请|(?:怎么|咋)样|到哪(?:一?步|了)|什么(?:状态|进度|情况)|(?:进度|进展)"
)
_ASKS_HOW = re.compile("怎么|咋|如何|怎样")
# Words that ask where, or whether it can be done there: “开发区能办网约车证吗”.
_ASKS_WHERE = re.compile(
    "哪(?![些种几一天年月])|什么地方|地址|(?:能|可以|可不可以).{0,8}[办领开交申换补][^,。]{0,8}[吗嘛么?]"
)
# Words about a request that was filed, as in “我的申请什么时候有结果”, unlike “公开申请多久答复”.
_HAS_FILED = re.compile(
    "我们?(?:的|那|这|提交|交|申请)|(?:交|申请)了?的|回执|受理号|查询码|进度|进展|到哪|办理情况|还剩|还没|了没"
)


class ActionAnswer(CityAction):
    """Answers a question, or a message that was not understood, by the search over everything that the city knows."""

    def name(self) -> str:
        return "action_answer"

    def answer(self, session: Session, turn: Turn) -> Answer:
        if turn.intent == "ask_disclosure_status" and turn.outcome_before == Outcome.IDENTITY_ASKED:
            # The wish is said once more: the form, which has not met what it waits for, asks again.
            return Answer([], {}, then="disclosure_form")
        answered = answer_by_place(session, turn) or self._answered(session, turn)
        return remembering_place(session, turn, answered)

    def _answered(self, session: Session, turn: Turn) -> Answer:
        if turn.offered and _AGREES.fullmatch(normalise(turn.text)):
            return Answer([smalltalk("agree", catalogue.get_city(session).name)])
        if _asks_of_choices(turn):
            return _of_each_choice(session, turn) or offer_choices(session, turn.candidates, facets_of(turn), turn)
        # “难产的多几天” names a situation of the item, but is a new question. “租房的要什么材料” also names a facet, so
        # it may answer the open question.
        if is_asking(turn.text) and not set(turn.facets) - {"time_limit"}:
            return answer_question(session, turn)
        asks_of_items = turn.intent.startswith("ask_") and turn.intent != "ask_policy"
        answered = answer_open_question(session, turn) if asks_of_items else bare_answer(session, turn)
        return answered or answer_question(session, turn)


class ActionChoose(CityAction):
    """The citizen chose among the candidates that were offered: by number, by button or by a part of the name."""

    def name(self) -> str:
        return "action_choose"

    def answer(self, session: Session, turn: Turn) -> Answer:
        return remembering_place(session, turn, self._chosen(session, turn))

    def _chosen(self, session: Session, turn: Turn) -> Answer:
        answered = _offered_before(session, turn) or answer_open_question(session, turn)
        if answered:
            return answered
        facets = turn.facets or turn.asked_facets or ["overview"]
        if turn.ordinal == "none":
            return Answer([approvals.no_choice_left()], {"candidates": None})
        # “我是低保户” names an item, but if none was offered it adds a fact about the previous matter.
        is_choice = turn.candidates or turn.is_pressed or not turn.shown or _CORRECTS.search(turn.text)
        chosen = chosen_code(session, turn) if is_choice else None
        if chosen:
            return answer_item(session, chosen, facets, turn)
        if turn.candidates and (turn.ordinal or turn.is_pressed):
            return offer_choices(session, turn.candidates, facets, turn)
        # “我大专毕业的” chooses nothing: it adds a fact about the previous matter.
        return answer_question(session, turn)


def _offered_before(session: Session, turn: Turn) -> Answer | None:
    """The whole answer behind “2” after “下面哪条说的是您的情况？”, or what is known of a title named as near."""
    chosen = turn.numbered(turn.offered)
    if chosen is None:
        return None
    unit = answering(session).unit(chosen)
    if unit is None:
        return answer_question(session, replace(turn, text=chosen, ordinal=None, offered=[]))
    return _sure(session, turn, Decision(Certainty.SURE, (unit,), ((unit, 0.0),), first=1.0, any=1.0))


def answer_question(session: Session, turn: Turn, route: Route | None = None) -> Answer:
    """Answers by the search. `route`: the route whose phrases were found in the message."""
    if turn.is_pressed:
        return _pressed(session, turn)
    if named := documents.numbered(session, turn.text):
        return Answer([policies.policy_answer(named)], {})
    if talks := talks_asked_for(session, turn.text):
        return Answer([talks])
    if joint := whole_asked_for(session, turn):
        return answer_item(session, joint, ["overview"], turn)
    decision = _placed(session, turn, with_witnesses(session, turn, _decided(session, turn), route))
    if route is None and not decision.is_taught and _goes_on_with_the_same(turn):
        decision = keeping_the_matter(decision, context_of(turn))
    if not decision.is_taught and (answered := _otherwise(session, turn, decision)):
        return answered
    is_sure = decision.certainty is Certainty.SURE
    if is_sure and decision.units[0].sort not in _DOORS:
        return _sure(session, turn, decision)
    public = answered_in_public(session, turn.corrected or turn.text)
    if decision.certainty is not Certainty.NONE:
        answered = _sure(session, turn, decision) if is_sure else _likely(session, turn, decision)
        return replace(answered, replies=[*answered.replies, *public])
    if public and len(turn.text) < SHORTEST_LETTER:
        return Answer(public, {})
    nothing = _nothing(session, turn, decision)
    return replace(nothing, replies=[*public, *nothing.replies])


def answer_in_context(session: Session, turn: Turn) -> Answer | None:
    """The answer to a question about what was shown before; None if nothing was, or if nothing more is known of it."""
    if not turn.shown or _decided(session, turn).certainty is Certainty.NONE:
        return None
    return answer_question(session, turn)


def answered_in_public(session: Session, text: str) -> list[Reply]:
    """What was answered on the same in public: a letter of another citizen, a question of a talk; maybe nothing."""
    letters = [asked_before(letter) for letter in alike_letters(session, text, count=1)]
    question = answered_alike(session, text)
    return [*letters, answered_in_talk(question)] if question else letters


def rule_asked_for(session: Session, turn: Turn) -> Answer | None:
    """The passage that answers the message; None if there is none.

    The engine takes “平信寄的哪天算收到” for a wish to see one's own request; it is a question about the rules. Where
    the search alone is not sure, the engine is a second witness that the question is about disclosure.
    """
    if not _ASKS_FOR_RULE.search(turn.text) or _ASKS_HOW_FAR.search(turn.text):
        return None
    decision = answering(session).decide(turn.corrected or turn.text)
    if decision.certainty is Certainty.NONE or decision.units[0].sort != Sort.PASSAGE:
        return None
    is_agreed = "公开" in decision.units[0].work and not _HAS_FILED.search(turn.text)
    return _sure(session, turn, decision) if decision.certainty is Certainty.SURE or is_agreed else None


def with_witnesses(session: Session, turn: Turn, decision: Decision, route: Route | None = None) -> Decision:
    """The decision, corrected by engine, language model and the route's phrases, unless staff taught it."""
    if decision.is_taught:
        return decision
    before = "".join(turn.typed_before[-1:])
    decision = helped(agreed(session, decision, turn), turn.text, before, language_model())
    decision = telling_the_amount(decision, turn.text)
    decision = without_opposites(
        decision,
        normalise(turn.text),
        lambda: catalogue.get_city(session).name,
        lambda text: answering(session).decide(text),
    )
    return _with_door(session, turn, decision, route) if route else decision


def _otherwise(session: Session, turn: Turn, decision: Decision) -> Answer | None:
    """A better answer than the units of the decision, if there is one.

    It is an office's record, a choice among items that fit alike, or an answer to each question of a letter.
    """
    text = normalise(turn.text)
    is_first = context_of(turn).is_empty
    if decision.certainty is not Certainty.SURE and (
        office := office_asked_for(session, text, whereabouts_of(session, turn), is_first=is_first)
    ):
        return Answer([offices.office_answer(office, branches_told_for(session, office))])
    if choices := alike(turn, decision):
        return _of_each_named(session, turn, choices) or offer_choices(session, choices, facets_of(turn), turn)
    return _each_question(session, turn, decision, text)


def _decided(session: Session, turn: Turn) -> Decision:
    """The search's decision in the context of the previous matter; if that finds nothing, without the context.

    While a request is being filed, a question such as “这个要钱吗” is read as a question about the request; so are
    “公开申请被拒了能告吗” and “补偿方案能申请公开吗” at any time.
    """
    text, context = turn.corrected or turn.text, context_of(turn)
    if _asks_about_place(session, turn):
        text = districts(session).without_places(normalise(text))
    index = answering(session)
    before = "".join(turn.typed_before[-1:])
    has_answer = turn.outcome_before != Outcome.NOTHING_FOUND
    if has_answer and (of_another := asked_of_another(index, normalise(text), normalise(before), context)):
        return of_another
    decision = index.decide(text, context, partial(_is_settled_by_words, turn))
    may_be_filed = asks_what_may_be_asked_for(text)
    is_of_filing = (turn.filing and is_asking(text)) or asks_what_to_do_against_refusal(text) or may_be_filed
    if is_of_filing and decision.certainty is not Certainty.SURE:
        # What is wanted is not what is asked: “当时的补偿方案，能申请公开吗”.
        asked = (asking_clause(normalise(text)) if may_be_filed else None) or text
        about_filing = index.decide(f"{_OF_FILING}{asked}")
        if about_filing.certainty is not Certainty.NONE:
            return about_filing
    is_another = bool(ANOTHER.match(text))
    may_be_another = is_another or not _is_about_the_same(turn, context)
    is_settled = decision.certainty is Certainty.SURE or not (may_be_another or decision.certainty is Certainty.NONE)
    if not is_settled and context.is_empty and (again := _asked_again(turn, index)):
        return again
    if context.is_empty or is_settled:
        return decision
    alone = index.decide(ANOTHER.sub(r"\1", text))
    # “去哪办身份证” after another matter fits several items, none of which the context lets come first.
    names_another = may_be_another and bool(alike(turn, alone))
    is_surer = (is_another or decision.certainty is Certainty.NONE) and alone.certainty is Certainty.SURE
    return alone if names_another or is_surer else decision


def _is_settled_by_words(turn: Turn, decision: Decision) -> bool:
    """Whether the decision by words is taken without the encoder: it is sure, or the engine heard the same item and the
    words are as sure of it as `agreed` asks for."""
    heard = turn.items if len(turn.items) == 1 and not (turn.unknown_matter or _only_tells(turn)) else []
    is_agreed = decision.certainty is Certainty.LIKELY and decision.first >= AGREED and decision.units[0].key in heard
    return is_sure(decision) or (is_agreed and len(turn.text) <= LONGEST_SETTLED)


def _asked_again(turn: Turn, index: Answering) -> Decision | None:
    """The decision on a short message after one to which nothing was found, read together with that one."""
    told = turn.typed_before[-1:]
    is_beside = turn.outcome_before == Outcome.NOTHING_FOUND and len(turn.text) <= LONGEST_FOLLOW_UP
    if not (is_beside and told and len(told[0]) <= LONGEST_SETTLED) or turn.unknown_matter:
        return None
    together = index.decide(f"{told[0]},{turn.text}")
    return together if together.certainty is not Certainty.NONE else None


def _goes_on_with_the_same(turn: Turn) -> bool:
    """Whether a short message after an answer names no matter of another kind."""
    names_another = turn.unknown_matter or not _is_about_the_same(turn, context_of(turn))
    return bool(turn.shown) and len(turn.text) <= LONGEST_FOLLOW_UP and not names_another


def _is_about_the_matter(session: Session, turn: Turn, unit: Unit) -> bool:
    """Whether the matter of before is no item, or the unit is of it, or of a document that is named after it."""
    sort, _, code = owner_of(context_of(turn).shown[0]).partition(":")
    titles = [offer.name for offer in catalogue.related_to(session, code)] if sort == "item" else []
    return sort != "item" or _goes_on(turn, unit) or unit.work in titles


def _asks_of_choices(turn: Turn) -> bool:
    """Whether a question like “多久能拿到” follows “您说的是下面哪一项？”: it is answered once one is chosen."""
    is_of_another = turn.items or turn.unknown_matter or len(turn.text) > LONGEST_FOLLOW_UP
    return bool(turn.candidates and turn.facets and not is_of_another)


def _of_each_choice(session: Session, turn: Turn) -> Answer | None:
    """The part asked for of each record that was offered for choice, so that they can be compared; None of too many."""
    units = [unit for code in turn.candidates if (unit := _of_item(session, code, turn.facets[0]))]
    if len(units) > OFFERED or len(units) < len(turn.candidates):
        return None
    compared = _offered_together(session, turn, [(unit, offer_of(session, turn, unit)) for unit in units])
    return replace(compared, slots={**compared.slots, "item": None, "candidates": turn.candidates})


def _of_each_named(session: Session, turn: Turn, codes: Sequence[str]) -> Answer | None:
    """The record of each of the matters, if a letter calls all of them by name: it asks of both and chooses none."""
    text, units = normalise(turn.text), [_of_item(session, code, facets_of(turn)[0]) for code in codes]
    named = [unit for unit in units if unit and any(name in text for name in unit.names)]
    if len(turn.text) <= LONGEST_SETTLED or not 1 < len(named) == len(codes) <= OFFERED:
        return None
    told = [_item(session, turn, unit).replies[0] for unit in named]
    return Answer(offers.in_turn(told, likely=True), _kept(named))


def _is_about_the_same(turn: Turn, context: Context) -> bool:
    """Whether the engine found no item in the message, or the one that the conversation is about."""
    return not turn.items or any(owner_of(name) == f"item:{code}" for name in context.shown for code in turn.items)


def _asks_about_place(session: Session, turn: Turn) -> bool:
    """Whether the message names a place and asks where, or whether, something is done there."""
    where = whereabouts_of(session, replace(turn, place=None))
    return where.wants_near or (bool(where.spots or where.unknown) and bool(_ASKS_WHERE.search(turn.text)))


def _placed(session: Session, turn: Turn, decision: Decision) -> Decision:
    """For a question about a place, the part of the item's record that says where, if no other matter may be meant."""
    if decision.is_taught or not decision.considered or not _asks_about_place(session, turn):
        return decision
    best = decision.units[0] if decision.units else decision.considered[0][0]
    is_alone = all(unit.owner == best.owner for unit in decision.units)
    is_meant = turn.items == [best.key] or (decision.certainty is not Certainty.NONE and is_alone)
    place = answering(session).unit(f"{best.owner}:place")
    if best.sort is not Sort.ITEM or not is_meant or place is None:
        return decision
    return replace(decision, certainty=Certainty.SURE, units=(place,))


def _each_question(session: Session, turn: Turn, decision: Decision, text: str) -> Answer | None:
    """Answers each question of a letter that asks several things, in order. `text` is the letter, normalised.

    A question that is not clear by itself is searched together with the text before it, in the context of the previous
    answer. None unless two questions have an answer and the letter as a whole is about one of these answers.
    """
    asked = questions_in(text)
    if not asked:
        return None
    index, context = answering(session), context_of(turn)
    found: dict[str, tuple[Unit, str]] = {}
    is_sure = True
    for told, question in asked:
        part = index.decide(question)
        if part.certainty is not Certainty.SURE:
            part = index.decide(told + question, context)
        if part.certainty is Certainty.NONE or part.first < AGREED:
            continue
        found.setdefault(part.units[0].name, (part.units[0], question))
        context = Context((part.units[0].name,))
        is_sure = is_sure and part.certainty is Certainty.SURE
    owners = {unit.owner for unit, _ in found.values()}
    if len(found) < 2 or not any(unit.owner in owners for unit, _ in decision.considered[:1]):
        return None
    answers = [
        _sure(session, replace(turn, text=question), replace(decision, units=(unit,)))
        for unit, question in found.values()
    ]
    replies = offers.in_turn([answer.replies[0] for answer in answers], likely=not is_sure)
    return Answer(replies, {**answers[0].slots, "shown": list(found)})


def context_of(turn: Turn) -> Context:
    """The units shown last, even some turns ago; without any, the overviews of the few items offered for choice, or of
    the one known from before. Many choices are no matter yet."""
    if turn.shown:
        return Context(tuple(turn.shown))
    codes = turn.candidates if len(turn.candidates) <= OFFERED else []
    codes = codes or ([turn.known_item] if turn.known_item else [])
    return Context(tuple(f"item:{code}:overview" for code in codes))


def _pressed(session: Session, turn: Turn) -> Answer:
    """Answers a pressed button, which names an item or asks about the previous one."""
    codes = turn.items or ([turn.known_item] if turn.known_item else [])
    if len(codes) == 1 and codes[0]:
        return answer_item(session, codes[0], facets_of(turn), turn)
    if codes:
        return offer_choices(session, codes, facets_of(turn), turn)
    return Answer([approvals.which_item(facets_of(turn)[0])])


def _with_door(session: Session, turn: Turn, decision: Decision, route: Route) -> Decision:
    """Adds the route. A short message with its phrases means the route, unless the decision is sure of something else.

    In a letter the phrases may be incidental, so the route is only offered beside the other likely units.
    """
    door = answering(session).unit(f"route:{route.code}")
    near = [unit.name for unit, _ in decision.considered[:OFFERED]]
    if door is None:
        return decision
    if len(turn.text) <= LONGEST_SETTLED:
        is_outweighed = decision.certainty is Certainty.SURE and door.name not in near
        return decision if is_outweighed else replace(decision, certainty=Certainty.SURE, units=(door,))
    others = tuple(unit for unit in decision.units if unit.name != door.name)[: OFFERED - 1]
    units = (*others, door) if others and door.name not in near else (door, *others)
    return replace(decision, certainty=Certainty.LIKELY, units=units)


def alike(turn: Turn, decision: Decision) -> list[str]:
    """The items that a short name fits alike: the first unit of the search, and the engine's items if the search ranks
    one of them close behind it. Empty if the first unit is not an item, or continues the previous matter."""
    if not 2 <= len(turn.items) <= MOST_CHOICES or not decision.considered:
        return []
    if turn.shown and not what_is_named(normalise(turn.text)):
        return []
    if _only_tells(turn) or (turn.intent == JOINT_SERVICE and decision.certainty is not Certainty.NONE):
        return []
    best, score = decision.considered[0]
    if best.sort not in (Sort.ITEM, Sort.JOINT) or _goes_on(turn, best):
        return []
    rivals = [other for unit, other in decision.considered if unit.key in turn.items and unit.key != best.key]
    if not rivals or score - rivals[0] > ALIKE:
        return []
    if best.key in turn.items:
        return turn.items
    # “身份证怎么办理”: the engine finds renewal and replacement; the search finds the first issue too.
    return [] if decision.certainty is Certainty.SURE else [best.key, *turn.items][:MOST_CHOICES]


def _goes_on(turn: Turn, best: Unit) -> bool:
    """Whether the best unit belongs to the previous matter."""
    return any(owner_of(name) == best.owner for name in context_of(turn).shown)


def agreed(session: Session, decision: Decision, turn: Turn) -> Decision:
    """The decision, corrected by the engine, which knows names and wordings by other means.

    The engine's item decides a short question, unless the search is sure or continues the previous matter.
    """
    best = [unit for unit, _ in decision.considered[:LOOKED_AT]]
    if len(turn.text) > LONGEST_SETTLED or not best:
        return decision
    if first := _first_of_two_parts(turn, best):
        return replace(decision, certainty=Certainty.SURE, units=(first,))
    if part := _named_part(turn, best):
        is_sure = decision.any >= SURE_OF_RECORD
        return replace(decision, certainty=Certainty.SURE, units=(part,)) if is_sure else _settled(decision, part)
    if record := _record_beside(turn, best):
        return _settled(decision, record)
    if _goes_on(turn, best[0]):
        if not _may_be_meant(turn, best[0]):
            return _doubted(decision)
        # “那要多久” names the facet that it asks for.
        return _settled(decision, best[0]) if best[0].facet in turn.facets else decision
    meant = None
    if turn.unknown_matter:
        is_absent = best[0].sort != Sort.PASSAGE
        meant = answering(session).unit(f"absent:{turn.unknown_matter}") if is_absent else None
    elif _is_near_miss(decision):
        meant = best[1]
    elif decision.certainty is not Certainty.SURE and turn.items and not _only_tells(turn):
        if apart := _asked_apart(session, turn):
            return apart
        joint = _joint_service(session, turn)
        among = turn.items if len(turn.items) == 1 else []
        meant = joint or next((unit for unit in best if unit.key in among), None)
        is_trusted = len(turn.text) <= LONGEST_TRUSTED and decision.certainty is Certainty.NONE and not turn.shown
        if meant is None and among and is_trusted:
            meant = _of_item(session, among[0], facets_of(turn)[0])
    return _settled(decision, meant) if meant else decision


def _first_of_two_parts(turn: Turn, best: Sequence[Unit]) -> Unit | None:
    """The first of the two parts of one record that a message like “要什么材料，多久能办好” names, if the search ranks
    these two first. The other part is answered with it (`_item`)."""
    if len(turn.items) != 1:
        return None
    parts = {unit.facet: unit for unit in best[:2] if unit.sort is Sort.ITEM and unit.key == turn.items[0]}
    named = [parts[facet] for facet in turn.facets if facet in parts]
    return named[0] if len(named) == 2 else None


def _record_beside(turn: Turn, best: Sequence[Unit]) -> Unit | None:
    """The part of the record that a message like “要钱吗” names, if the search ranks it close behind a passage.

    Not for “多久”, which may ask for something else than the processing time.
    """
    facet = next((facet for facet in turn.facets if facet in _PLAIN), None)
    is_bare = len(turn.text) <= LONGEST_BARE or len(turn.items) == 1
    if best[0].sort != Sort.PASSAGE or not facet or not is_bare or turn.unknown_matter:
        return None
    # “登记费多少” may name several items. After an answer about one of them, that one is meant.
    code = turn.items[0] if len(turn.items) == 1 else turn.known_item
    if turn.items and code not in turn.items:
        return None
    record = next((unit for unit in best[:OFFERED] if unit.name == f"item:{code}:{facet}"), None)
    return record if record and _may_be_meant(turn, record) else None


def _named_part(turn: Turn, best: Sequence[Unit]) -> Unit | None:
    """The part of the record that “公租房申请条件” names, if the search ranks this part and the record's overview or
    basis first. Not for “多久”, as above, but for “多久能下来”."""
    named = [facet for facet in turn.facets if facet != "time_limit" or asks_until_done(turn.text)]
    first = best[0]
    if len(named) != 1 or first.sort is not Sort.ITEM or (turn.items and first.key not in turn.items):
        return None
    # “补领结婚证要带什么” is not about the item whose name is like it.
    if turn.unknown_matter or any(unit.sort == Sort.ABSENT for unit in best[:OFFERED]):
        return None
    ranked = [unit for unit in best[:OFFERED] if unit.owner == first.owner]
    part = next((unit for unit in ranked if unit.facet == named[0]), None)
    is_beside = len(ranked) > 1 and {first.facet, ranked[1].facet} & {"overview", "legal_basis"}
    return part if part and is_beside and _may_be_meant(turn, part) else None


def _joint_service(session: Session, turn: Turn) -> Unit | None:
    """The first joint service (一件事) among the engine's items, if the intent asks for one."""
    if turn.intent != JOINT_SERVICE:
        return None
    seen = (_of_item(session, code, "overview") for code in turn.items)
    return next((unit for unit in seen if unit and unit.sort is Sort.JOINT), None)


def _only_tells(turn: Turn) -> bool:
    """Whether the message only adds a fact about the previous matter, like “我是低保户” after an answer."""
    return bool(turn.shown) and not is_asking(turn.text)


def _asked_apart(session: Session, turn: Turn) -> Decision | None:
    """The decision on the message without where somebody is registered or lives.

    None if the message does not say that, or if the decision is not sure.
    """
    asked = without_circumstances(turn.text)
    alone = answering(session).decide(asked, context_of(turn)) if asked != turn.text else None
    return alone if alone and alone.certainty is Certainty.SURE else None


def _doubted(decision: Decision) -> Decision:
    """The decision with a sure answer made an offer, beside the next best units."""
    if decision.certainty is not Certainty.SURE:
        return decision
    return replace(decision, certainty=Certainty.LIKELY, units=offered(decision.considered))


def _may_be_meant(turn: Turn, record: Unit) -> bool:
    """False for a record without a fee if the text does not speak of paying: “那多少钱” then asks how much one gets."""
    return record.facet != "fee" or not record.text.startswith(NO_FEE) or bool(_PAYS.search(turn.text))


def _of_item(session: Session, code: str, facet: str) -> Unit | None:
    index = answering(session)
    return index.unit(f"item:{code}:{facet}") or index.unit(f"item:{code}:overview")


def _is_near_miss(decision: Decision) -> bool:
    """Whether a matter that is known to be absent fits nearly as well as the best item.

    “二类医疗器械备案” must not be answered with the item for the third class.
    """
    (first, score), *others = decision.considered
    if first.sort is not Sort.ITEM or not others or decision.certainty is Certainty.SURE:
        return False
    second, next_score = others[0]
    return second.sort is Sort.ABSENT and score - next_score <= NEAR_MISS


def _settled(decision: Decision, meant: Unit) -> Decision:
    """The decision with `meant` first; unchanged if the search found something and ranks another unit far above it."""
    if _is_outranked(decision, meant):
        return decision
    rest = [(unit, score) for unit, score in decision.considered if unit.name != meant.name]
    considered = ((meant, decision.considered[0][1]), *rest)
    is_sure = meant.sort == Sort.ABSENT or decision.first >= AGREED
    units = (meant,) if is_sure else offered(considered)
    certainty = Certainty.SURE if is_sure else Certainty.LIKELY
    return replace(decision, certainty=certainty, units=units, considered=considered)


def _is_outranked(decision: Decision, meant: Unit) -> bool:
    scores = {unit.name: score for unit, score in decision.considered}
    behind = decision.considered[0][1] - scores.get(meant.name, scores[decision.considered[-1][0].name])
    return decision.certainty is not Certainty.NONE and meant.sort != Sort.ABSENT and behind > OUTRANKED


def _sure(session: Session, turn: Turn, decision: Decision) -> Answer:
    units = decision.units
    best = units[0]
    if best.sort in (Sort.ITEM, Sort.JOINT):
        return _item(session, turn, best)
    if best.sort == Sort.ABSENT and (passage := _passage_on(decision)):
        return _absent_but_ruled(session, turn, decision, passage)
    replies = _passages(session, turn, units) if best.sort == Sort.PASSAGE else _door(session, best, is_sure=True)
    return Answer(replies, _kept(units)) if replies else _nothing(session, turn, decision)


def _passage_on(decision: Decision) -> tuple[Unit, float] | None:
    """The best passage that is likely to be on the matter, and its score."""
    passages = (one for one in decision.considered if one[0].sort == Sort.PASSAGE)
    return next((one for one in passages if one[1] >= ON_THE_MATTER), None)


def _absent_but_ruled(session: Session, turn: Turn, decision: Decision, passage: tuple[Unit, float]) -> Answer:
    """A matter that is not in the catalogue, with what a document says on it: the passage first if it fits as well."""
    absent, (unit, score) = decision.units[0], passage
    is_first = decision.considered[0][1] - score <= FITS_AS_WELL
    rules = _passages(session, turn, [unit], likely=is_first)
    told = _door(session, absent, is_ruled=bool(rules), is_sure=not is_first)
    if is_first and rules:
        return _offered_together(session, turn, [(unit, rules), (absent, told)])
    return Answer([*told, *map(offers.beside, rules)], _kept((absent, unit)))


def _item(session: Session, turn: Turn, unit: Unit) -> Answer:
    # If the result is asked for, “能领多久” does not mean the processing time, nor “一个月多少钱” the fee.
    not_meant = ("time_limit", "fee") if unit.facet == "result" else ()
    # “怎么领” after the overview wants to know more than the overview.
    is_known = unit.sort is Sort.ITEM and unit.facet == "overview" and unit.name in turn.shown
    part = "process" if is_known and _ASKS_HOW.search(turn.text) else unit.facet
    named = [facet for facet in turn.facets if facet not in (part, *not_meant)]
    facets = [part or "overview", *(named if part != "overview" else [])]
    answer = answer_item(session, unit.key, facets[:3], turn)
    return replace(answer, slots={**answer.slots, "shown": [f"{unit.owner}:{facets[0]}"]})


def _passages(session: Session, turn: Turn, units: Sequence[Unit], *, likely: bool = False) -> list[Reply]:
    found = documents.found(session, turn.text, [int(unit.key) for unit in units])
    if not found:
        return []
    offered = (filing.START,) if policies.is_about_filing(turn.text) else ()
    return [policies.policy_answer(found, offered, likely=likely)]


def _door(session: Session, unit: Unit, *, is_ruled: bool = False, is_sure: bool = False) -> list[Reply]:
    """The reply that says where a matter belongs, or that it is not offered here and whom to ask.

    `is_sure`: this is the answer and no offer, so that the question may be taken down.
    """
    if unit.sort == Sort.ROUTE:
        route = referrals.get_route(session, unit.key)
        return [routes.route_answer(route, may_be_taken_down=True)] if route and route.category != EMERGENCY else []
    absent = catalogue.absent_matter(session, unit.key)
    hotline = catalogue.get_city(session).hotline
    if absent is None:
        return []
    told = approvals.not_in_catalogue(absent, hotline, is_ruled=is_ruled, may_be_taken_down=is_sure)
    return [told]


def _likely(session: Session, turn: Turn, decision: Decision) -> Answer:
    if _asks_for_parts(turn, decision):
        return answer_item(session, decision.units[0].key, turn.facets[:MOST_FACETS], turn)
    units = _without_repeats(decision.units)
    offered = [(unit, replies) for unit in units if (replies := offer_of(session, turn, unit))]
    return _offered_together(session, turn, offered) if offered else _nothing(session, turn, decision)


def _asks_for_parts(turn: Turn, decision: Decision) -> bool:
    """Whether a letter names several parts of the one record that all likely units are of: “条件？流程？在哪里办？”"""
    is_one_record = len({unit.owner for unit in decision.units}) == 1 and decision.units[0].sort is Sort.ITEM
    return is_one_record and len(turn.facets) > 1 and decision.any >= SURE_OF_RECORD


def _offered_together(session: Session, turn: Turn, offered: Sequence[tuple[Unit, list[Reply]]]) -> Answer:
    naming = answering(session).evidence.corpus.naming

    def fitting(title: str, lines: Sequence[str]) -> list[str]:
        return best_parts(turn.text, lines, naming, known=title)

    replies = offers.together([reply for _, said in offered for reply in said], fitting)
    units = [unit for unit, _ in offered]
    if _goes_on_with_the_same(turn) and not _is_about_the_matter(session, turn, units[0]):
        units.sort(key=lambda unit: not _goes_on(turn, unit))  # what is offered beside it does not become the matter
    return Answer(replies, {**_kept(units), "offered": [unit.name for unit, said in offered for _ in said]})


def _without_repeats(units: Sequence[Unit]) -> list[Unit]:
    """The units without those that add nothing to the others.

    The overview of a record adds nothing beside a part of that record, since the part leads to it. A matter that is
    not in the catalogue adds nothing if a route comes first: both only say who deals with the matter.
    """
    parts = [unit.owner for unit in units if unit.sort is Sort.ITEM and unit.facet != "overview"]
    has_door = units[0].sort is Sort.ROUTE

    def repeats(unit: Unit) -> bool:
        is_overview = unit.sort is Sort.ITEM and unit.facet == "overview"
        return (is_overview and unit.owner in parts) or (has_door and unit.sort is Sort.ABSENT)

    return [units[0], *(unit for unit in units[1:] if not repeats(unit))]


def offer_of(session: Session, turn: Turn, unit: Unit) -> list[Reply]:
    """A short reply from one unit that may be meant."""
    if unit.sort == Sort.PASSAGE:
        return _passages(session, turn, [unit], likely=True)
    if unit.sort == Sort.ITEM and (item := catalogue.get_item(session, unit.key)):
        case = case_of(session, item, turn).with_words(turn.text)
        return [approvals.item_answer(item, unit.facet, case=case)]
    if unit.sort == Sort.JOINT and (joint := catalogue.get_joint_service(session, unit.key)):
        return [joint_services.joint_service_answer(joint, catalogue.names_of(session, joint.item_codes))]
    return _door(session, unit)


def _kept(units: Sequence[Unit]) -> dict[str, Any]:
    item = next((unit.key for unit in units[:1] if unit.sort in (Sort.ITEM, Sort.JOINT)), None)
    facet = units[0].facet if units[0].sort == Sort.ITEM else "overview"
    return {**NOTHING_OPEN, "item": item, "facets": [facet] if item else None, "shown": [unit.name for unit in units]}


def _nothing(session: Session, turn: Turn, decision: Decision) -> Answer:
    """Says that nothing was found and keeps the topic. Names what is near, unless that is hardly meant either."""
    hotline, is_letter = catalogue.get_city(session).hotline, len(turn.text) > LONGEST_SETTLED
    if asks_to_act(normalise(turn.text)):
        return Answer([smalltalk("cannot_act", catalogue.get_city(session).name)])
    # The engine says so too of a complaint for which no route is known: “被公司辞了，三个月工资没给”.
    is_out_of_scope = turn.intent == "out_of_scope" and turn.next_intent != "ask_route"
    if is_out_of_scope and len(turn.text) <= LONGEST_SETTLED:
        return Answer([out_of_scope(hotline)])
    named = what_is_named(normalise(turn.text))
    others = [unit for unit, _ in decision.considered if unit.sort != Sort.ROUTE]
    found = [_near(unit) for unit in others if is_letter or _speaks_of(unit, named)]
    near = list(dict.fromkeys(found))[:MOST_NEAR] if decision.any >= LEAST_NEAR else []
    offered = {"offered": [each.name for each in near]}
    if len(turn.text) < SHORTEST_LETTER:
        return Answer([policies.nothing_found(near, hotline)], offered)
    code = department_in_charge(session, turn.text, None)
    in_charge = get_department(session, code) if code else None
    return Answer([policies.nothing_found_but_may_be_taken_down(near, hotline, in_charge)], offered)


def _speaks_of(unit: Unit, named: str) -> bool:
    """Whether the unit has two characters on end of what a message names. “马拉松几号报名” is not near 幼儿园报名."""
    own = "\n".join((unit.title, unit.text, *unit.names))
    return any(pair in own for pair in map("".join, pairwise(named)))


def _near(unit: Unit) -> policies.Near:
    return policies.Near(unit.work, is_document=True) if unit.sort == Sort.PASSAGE else policies.Near(unit.names[0])
