"""The fixed list of outcomes of a message. Standard library only, because the engine's environment imports it too."""

from __future__ import annotations

from enum import Enum


class Outcome(str, Enum):
    ANSWERED_BY_RECORD = "answered_by_record"
    ANSWERED_BY_PASSAGE = "answered_by_passage"
    CHOICES_OFFERED = "choices_offered"
    ASKED_BACK = "asked_back"
    IDENTITY_ASKED = "identity_asked"
    IDENTITY_REFUSED = "identity_refused"
    FILING = "filing"
    FILED = "filed"
    NOT_IN_CATALOGUE = "not_in_catalogue"
    OUT_OF_SCOPE = "out_of_scope"
    ROUTED = "routed"
    NOTHING_FOUND = "nothing_found"
    HANDED_OVER = "handed_over"
    PERSON_OFFERED = "person_offered"
    ABOUT_CASE = "about_case"
    TAKEN_DOWN = "taken_down"
    WITH_PERSON = "with_person"
    SMALLTALK = "smalltalk"
    SWITCHED_OFF = "switched_off"
    COMMAND = "command"  # 帮助, 更多, 返回, 退订: commands to the text channel
    FAILED_ENGINE = "failed_engine"
    FAILED_ACTIONS = "failed_actions"
