"""Buttons on their way out and back."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.outcomes import Outcome
from bot.replies.buttons import Buttons, NoSuchButton
from bot.replies.reply import PERSON, Button, Reply
from bot.sealing import Sealer

BUTTONS = Buttons(Sealer(Fernet.generate_key()))


def offered(conversation: str, *buttons: Button, by: Buttons = BUTTONS) -> list[str]:
    reply = Reply("…", Outcome.SMALLTALK, buttons=buttons)
    return [button["id"] for button in by.offered(conversation, [reply.as_message()])[0]["buttons"]]


@given(st.text(), st.text(), st.text())
def test_a_button_comes_back_as_it_was_offered(conversation: str, title: str, payload: str) -> None:
    title, payload = (text.encode("utf-8", "ignore").decode() for text in (title, payload))
    button = Button(title, payload)
    assert BUTTONS.pressed(conversation, offered(conversation, button)[0]) == button


def test_the_same_button_has_the_same_id_after_any_restart() -> None:
    key = Fernet.generate_key()
    first, again = Buttons(Sealer(key)), Buttons(Sealer(key))
    assert offered("c1", PERSON, by=first) == offered("c1", PERSON, by=again)


def test_what_leaves_shows_no_payload() -> None:
    (message,) = BUTTONS.offered("c1", [Reply("…", Outcome.SMALLTALK, buttons=(PERSON,)).as_message()])
    assert message["buttons"][0].keys() == {"title", "id"}
    assert BUTTONS.offered("c1", [{"text": "好"}]) == [{"text": "好"}]


@given(st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text()), st.text(alphabet="ABCabc012._-")))
def test_nobody_can_make_one_up(made_up: object) -> None:
    with pytest.raises(NoSuchButton):
        BUTTONS.pressed("c1", made_up)


@given(st.integers(min_value=0), st.characters(max_codepoint=127))
def test_a_changed_one_is_none(place: int, character: str) -> None:
    (button,) = offered("c1", Button.to("收费", "ask_fee", item="GA-003"))
    place %= len(button)
    changed = button[:place] + character + button[place + 1 :]
    if changed != button:
        with pytest.raises(NoSuchButton):
            BUTTONS.pressed("c1", changed)


def test_it_is_worth_nothing_elsewhere() -> None:
    (button,) = offered("c1", PERSON)
    for other, by in (("c2", BUTTONS), ("c1", Buttons(Sealer(Fernet.generate_key())))):
        with pytest.raises(NoSuchButton):
            by.pressed(other, button)
