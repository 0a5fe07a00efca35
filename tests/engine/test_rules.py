"""Rules looked up are the rules that Rasa finds by trying all, tested in the engine's own environment."""

from __future__ import annotations

import pytest

from tests.engine.test_launcher import in_engine

pytestmark = pytest.mark.slow

SAME = """
import json, random
from types import SimpleNamespace
from bot.engine import rules
from rasa.core.policies.rule_policy import RULES, RulePolicy

chance = random.Random(7)
INTENTS, ACTIONS = ["greet", "ask_fee", None], ["action_listen", "action_answer", "some_form", None]

def state():
    found, intent, action = {}, chance.choice(INTENTS), chance.choice(ACTIONS)
    if intent:
        found["user"] = {"intent": intent}
    if action:
        found["prev_action"] = {"action_name": action}
    if chance.random() < 0.3:
        found["active_loop"] = {"name": chance.choice(["some_form", "should_not_be_set"])}
    return found

lookup = {json.dumps([state() for _ in range(chance.choice([1, 1, 2, 3]))]): "action_answer" for _ in range(120)}
asked = [[state() for _ in range(chance.choice([0, 1, 2, 4]))] for _ in range(300)]
policy = RulePolicy.__new__(RulePolicy)
all_tried = [sorted(policy._get_possible_keys(lookup, states)) for states in asked]
searched = []
RulePolicy._find_action_from_rules = lambda *asked: searched.append(asked) or (None, "", True)
rules.look_rules_up()
looked_up = [sorted(policy._get_possible_keys(lookup, states)) for states in asked]

def is_searched_for_words(rule, active_loop=None):
    policy.lookup = {RULES: {json.dumps([rule]): "action_answer"}}
    searched.clear()
    policy._find_action_from_rules(SimpleNamespace(active_loop_name=active_loop), None, True)
    return bool(searched)

LISTENING = {"prev_action": {"action_name": "action_listen"}}
about_intent, about_words = {**LISTENING, "user": {"intent": "greet"}}, {**LISTENING, "user": {"text": "您好"}}
words = [is_searched_for_words(about_intent), is_searched_for_words(about_intent, "some_form"),
         is_searched_for_words(about_words), is_searched_for_words(LISTENING)]
print(json.dumps([all_tried == looked_up, sum(map(len, all_tried)), words]))
"""


def test_rules_looked_up_are_those_found_by_trying_all_and_words_are_tried_only_where_a_rule_may_read_them() -> None:
    is_same, found, words = in_engine(SAME)
    assert is_same
    assert found > 300
    assert words == [False, True, True, True]
