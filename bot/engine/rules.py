"""Finds the rule for the next action by the action before and the intent, with the same result as Rasa.

Rasa compares a conversation with every rule, and does so three times a message: before the action by the words of the
message, then by its intent, and once more after the action. No rule of this project is about words.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import DefaultDict, Dict, List, Optional, Set, Text, Tuple

from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.shared.core.constants import ACTION_LISTEN_NAME, PREVIOUS_ACTION, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT


class RuleIndex:
    """The rules of a lookup by the action before and the intent that their newest state asks for."""

    def __init__(self, rules: Dict[Text, Text]) -> None:
        """`rules`: a rule's states as JSON, oldest first → its next action."""
        # Held as long as this index, so that Python gives no other lookup the same `id` (see `index_of`).
        self._all = rules
        self._rules: DefaultDict[Tuple[Optional[Text], Optional[Text]], List[Text]] = defaultdict(list)
        for rule in rules:
            self._rules[_action_and_intent(json.loads(rule)[-1])].append(rule)

    def may_apply(self, state: State) -> List[Text]:
        """All rules but those that ask for another action before or another intent."""
        action, intent = _action_and_intent(state)
        return [
            rule
            for begin in dict.fromkeys(((action, intent), (action, None), (None, None)))
            for rule in self._rules.get(begin, ())
        ]

    @property
    def reads_words(self) -> bool:
        """Whether a rule could apply to a message whatever its intent is, so perhaps because of its words."""
        return any(intent is None and action in (ACTION_LISTEN_NAME, None) for action, intent in self._rules)


def _action_and_intent(state: State) -> Tuple[Optional[Text], Optional[Text]]:
    """For Rasa all beginnings of conversations are alike, so a state without an action before has no intent."""
    action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    return action, state.get(USER, {}).get(INTENT) if action else None  # type: ignore[return-value]  # texts, both


def look_rules_up() -> None:
    """Makes Rasa's `RulePolicy` ask a `RuleIndex` first. For models that are trained: their rules never change."""
    all_possible, find_in_all = RulePolicy._get_possible_keys, RulePolicy._find_action_from_rules

    def index_of(policy: RulePolicy, rules: Dict[Text, Text]) -> RuleIndex:
        kept: Dict[int, RuleIndex] = vars(policy).setdefault("_rule_indexes", {})
        if id(rules) not in kept:
            kept[id(rules)] = RuleIndex(rules)
        return kept[id(rules)]

    def _get_possible_keys(self: RulePolicy, lookup: Dict[Text, Text], states: List[State]) -> Set[Text]:
        rules = dict.fromkeys(index_of(self, lookup).may_apply(states[-1]), "") if states else lookup
        return all_possible(self, rules, states)

    def _find_action_from_rules(
        self: RulePolicy, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[Text], Optional[Text], bool]:
        # Within a form Rasa learns from the rules for words whether the form was left meanwhile.
        is_in_vain = not tracker.active_loop_name and not index_of(self, self.lookup[RULES]).reads_words
        if use_text_for_last_user_input and is_in_vain:
            return None, None, False
        found: Tuple[Optional[Text], Optional[Text], bool] = find_in_all(
            self, tracker, domain, use_text_for_last_user_input
        )
        return found

    RulePolicy._get_possible_keys = _get_possible_keys
    RulePolicy._find_action_from_rules = _find_action_from_rules
