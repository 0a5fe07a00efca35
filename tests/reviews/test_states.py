"""In any order of steps, a case follows the table of states."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.conversations.models import Conversation
from bot.conversations.service import open_conversation
from bot.db import Database
from bot.places import ROOT
from bot.reviews import call_backs, chores, handling, own_case, service, takeover
from bot.reviews.models import Case
from bot.reviews.reasons import ClosedAs, Priority, Reason, Stars
from bot.reviews.states import ACTION_TITLES, STATE_TITLES, TRANSITIONS, Action, CaseActionRefused, CaseState
from bot.staff.models import Person
from bot.staff.roles import Role
from tests.databases import set_up
from tests.effort import effort
from tests.reviews.town import NOON, add_department, add_person, open_case


def test_every_state_and_action_has_a_title_and_every_action_its_row() -> None:
    assert set(STATE_TITLES) == set(CaseState)
    assert set(ACTION_TITLES) == set(Action)
    assert set(TRANSITIONS) == set(Action) - {Action.OPEN}


def test_every_state_can_be_reached_and_left() -> None:
    for state in set(CaseState) - {CaseState.NEW}:
        assert any(transition.to == state for transition in TRANSITIONS.values())
    for state in CaseState:
        assert any(state in row.from_states and row.to not in (None, state) for row in TRANSITIONS.values())


def test_nothing_that_is_somebodys_becomes_nobodys() -> None:
    to_new = {action: row.from_states for action, row in TRANSITIONS.items() if row.to == CaseState.NEW}
    # What is held back has had no owner yet.
    assert to_new.pop(Action.RELEASE) == {CaseState.HELD}
    assert list(to_new) == [Action.REOPEN_FOR_ALL]
    assert TRANSITIONS[Action.REOPEN_FOR_ALL].from_states == {CaseState.CLOSED}


def test_no_other_place_sets_the_state() -> None:
    for file in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "actions").rglob("*.py")]:
        if file != ROOT / "bot" / "reviews" / "states.py":
            assert not _sets_state_of_a_case(file), file


def _sets_state_of_a_case(file: Path) -> bool:
    targets = [
        target
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    return any(
        isinstance(one, ast.Attribute)
        and one.attr in ("state", "claimed_by_id")
        and isinstance(one.value, ast.Name)
        and one.value.id == "case"
        for one in targets
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('states') / 'test.db'}")
    set_up(database)
    with database.transaction() as session:
        bureau = add_department(session)
        add_person(session, "王芳")
        add_person(session, "李强")
        add_person(session, "孙亮", Role.DEPARTMENT, bureau)
    yield database
    database.close()


Step = Callable[[Session, Case, Case, Person, list[Person], int], object]


def _draft_step(act: Callable[..., object]) -> Step:
    def step(session: Session, case: Case, _: Case, person: Person, __: list[Person], hours: int) -> object:
        drafts = service.drafts_of(session, case)
        return act(session, case, drafts[-1], person, NOON + timedelta(hours=hours)) if drafts else None

    return step


STEPS: dict[str, Step] = {
    "claim": lambda s, c, o, p, all_, h: handling.claim(s, c, p, NOON + timedelta(hours=h)),
    "hand_on": lambda s, c, o, p, all_, h: handling.hand_on(s, c, p, NOON + timedelta(hours=h), all_[h % 3]),
    "assign": lambda s, c, o, p, all_, h: handling.assign(s, c, p, NOON + timedelta(hours=h), all_[h % 3]),
    "pass": lambda s, c, o, p, all_, h: handling.pass_to_department(s, c, p, NOON + timedelta(hours=h), "GA"),
    "take_back": lambda s, c, o, p, all_, h: handling.take_back(s, c, p, NOON + timedelta(hours=h), "不归我们"),
    "draft": lambda s, c, o, p, all_, h: handling.draft_answer(s, c, p, NOON + timedelta(hours=h), "拟"),
    "approve": _draft_step(lambda s, c, d, p, at: handling.approve(s, d, p, at)),
    "return": _draft_step(lambda s, c, d, p, at: handling.return_draft(s, d, p, at, "改")),
    "send": _draft_step(lambda s, c, d, p, at: handling.reply(s, c, p, at, d.text, is_final=True, draft=d)),
    "ask": lambda s, c, o, p, all_, h: handling.reply(s, c, p, NOON + timedelta(hours=h), "问", is_final=False),
    "answer": lambda s, c, o, p, all_, h: handling.reply(s, c, p, NOON + timedelta(hours=h), "答", is_final=True),
    "spoke": lambda s, c, o, p, all_, h: service.citizen_spoke(s, c, NOON + timedelta(hours=h)),
    "snooze": lambda s, c, o, p, all_, h: handling.snooze(
        s, c, p, NOON + timedelta(hours=h), NOON + timedelta(hours=h + 1)
    ),
    "unsnooze": lambda s, c, o, p, all_, h: handling.unsnooze(s, c, p, NOON + timedelta(hours=h)),
    "priority": lambda s, c, o, p, all_, h: handling.set_priority(s, c, p, NOON + timedelta(hours=h), Priority.HIGH),
    "tag": lambda s, c, o, p, all_, h: handling.tag(s, c, p, NOON + timedelta(hours=h), ["户籍"]),
    "note": lambda s, c, o, p, all_, h: handling.note(s, c, p, NOON + timedelta(hours=h), "记"),
    "merge": lambda s, c, o, p, all_, h: handling.merge(s, c, p, NOON + timedelta(hours=h), o),
    "close": lambda s, c, o, p, all_, h: handling.close(s, c, p, NOON + timedelta(hours=h), ClosedAs.WITHDRAWN),
    "chores": lambda s, c, o, p, all_, h: chores.do_chores(s, NOON + timedelta(hours=h)),
    "take_over": lambda s, c, o, p, all_, h: takeover.take_over(s, c, p, NOON + timedelta(hours=h)),
    "hand_back": lambda s, c, o, p, all_, h: takeover.hand_back(s, c, NOON + timedelta(hours=h)),
    "call_back": lambda s, c, o, p, all_, h: call_backs.ask(s, c, p, NOON + timedelta(hours=h)),
    "words": lambda s, c, o, p, all_, h: own_case.add_words(s, c, "还有", NOON + timedelta(hours=h)),
    "press": lambda s, c, o, p, all_, h: own_case.press(s, c, NOON + timedelta(hours=h)),
    "withdraw": lambda s, c, o, p, all_, h: own_case.withdraw(s, c, NOON + timedelta(hours=h)),
    "bad": lambda s, c, o, p, all_, h: service.rate(s, c, Stars.DISSATISFIED, "", NOON + timedelta(hours=h)),
    "good": lambda s, c, o, p, all_, h: service.rate(s, c, Stars.SATISFIED, "", NOON + timedelta(hours=h)),
    "reason": lambda s, c, o, p, all_, h: service.open_case(
        s, c.conversation_id, "portal", Reason.ENGINE_FAILED, [], NOON + timedelta(hours=h)
    ),
}


# One person takes most steps, so that the sequences get far.
@effort(60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(STEPS)),
            st.booleans(),
            st.sampled_from([0, 0, 0, 1, 2]),
            # Hours; once in a while so many that what waits is closed by itself.
            st.integers(0, 30) | st.just(500),
        ),
        min_size=5,
        max_size=40,
    )
)
def test_whatever_is_done_a_case_keeps_its_rules(town: Database, steps: list[tuple[str, bool, int, int]]) -> None:
    with town.transaction() as session:
        people = service_people(session)
        for conversation_id in ("c1", "c2"):
            open_conversation(session, conversation_id, "portal", NOON)
        cases = [open_case(session, "c1"), open_case(session, "c2")]
        handling.claim(session, cases[0], people[0], NOON)
        hours = 0
        for name, swapped, who, more in steps:
            hours += more
            case, other = reversed(cases) if swapped else cases
            before = [seen(session, one) for one in cases]
            try:
                with session.begin_nested():
                    STEPS[name](session, case, other, people[who], people, hours)
            except CaseActionRefused:
                pass
            for one, was in zip(cases, before, strict=True):
                session.refresh(one)
                keeps_its_rules(was, seen(session, one))
                held = session.query(Conversation).filter_by(held_case_id=one.id).all()
                # Else the citizen would be left without bot and without person.
                assert not (held and one.state == CaseState.CLOSED)
        session.rollback()


def service_people(session: Session) -> list[Person]:
    return list(session.query(Person).order_by(Person.id))


Seen = dict[str, object]


def seen(session: Session, case: Case) -> Seen:
    kept = {column.key: getattr(case, column.key) for column in Case.__table__.columns}
    return {**kept, "events": [(one.action, one.from_state, one.to_state) for one in service.events_of(session, case)]}


def keeps_its_rules(was: Seen, now: Seen) -> None:
    old_events, events = was["events"], now["events"]
    assert isinstance(old_events, list)
    assert isinstance(events, list)
    assert events[: len(old_events)] == old_events
    if was != now:
        assert len(events) > len(old_events) or now["merged_into_id"] != was["merged_into_id"]
    state = was["state"]
    for action, from_state, to_state in events[len(old_events) :]:
        row = TRANSITIONS[Action(action)]
        assert from_state == state
        assert from_state in row.from_states
        assert to_state == (row.to or from_state)
        state = to_state
    assert now["state"] == state
    if was["first_reply_at"] is not None:
        assert now["first_reply_at"] == was["first_reply_at"]
    assert now["claimed_by_id"] is not None or now["state"] in (CaseState.NEW, CaseState.CLOSED)
    assert was["claimed_by_id"] is None or now["claimed_by_id"] is not None
    assert (now["due_at"] is None) == (now["state"] == CaseState.CLOSED) == (now["closed_at"] is not None)
    assert (now["outcome"] is not None) == (now["state"] == CaseState.CLOSED)
