"""Inbox and outbox under any course of events.

Texts arrive twice, late and in parts, processes die at any point, carriers refuse, forget to answer and report in any
order. Each text is answered once, and what is sent keeps its order and its words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import delete, select

from bot.conversations.channels import SMS
from bot.db import Database
from bot.helpline import inbox, leases, outbox
from bot.helpline.inbox import InboundState
from bot.helpline.models import Inbound, Outgoing, Subscriber
from bot.helpline.outbox import OutgoingState
from bot.helpline.texts import DeliveryReport, TextPart
from tests.databases import set_up
from tests.effort import effort
from tests.helpline.town import SEALER, arrive
from tests.reviews.town import NOON

CITIZENS = ("13800138000", "13900139000")
_PARTS = 2


class Texts(RuleBasedStateMachine):
    """Two citizens, and processes that take leases, work, and may die in between."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        with self.database.transaction() as session:
            for table in (Outgoing, Inbound, Subscriber):
                session.execute(delete(table))
        self.now = NOON
        # Carrier's id → what it brought: who, the words, the part.
        self.brought: dict[str, tuple[str, str, datetime, TextPart | None]] = {}
        # Processes that answer or send now: the lease and its end, and the row that they work on.
        self.answering: list[tuple[int, datetime, int]] = []
        self.sending: list[tuple[int, datetime, int, str, str]] = []
        # By key what the carrier was given, and for each citizen the keys as it took them first.
        self.given: dict[str, str] = {}
        self.taken: defaultdict[int, list[str]] = defaultdict(list)

    @rule(who=st.sampled_from(CITIZENS), seconds=st.integers(0, 5), is_late=st.booleans())
    def text_arrives(self, who: str, seconds: int, is_late: bool) -> None:
        self.now += timedelta(seconds=seconds)
        name = f"g{len(self.brought)}"
        sent_at = self.now - timedelta(seconds=40 if is_late else 0)
        self.brought[name] = (who, f"第{len(self.brought)}条", sent_at, None)
        self._bring(name)

    @rule(who=st.sampled_from(CITIZENS), order=st.permutations(range(1, _PARTS + 1)), lost=st.booleans())
    def parts_arrive(self, who: str, order: list[int], lost: bool) -> None:
        reference = len(self.brought) % 256
        for number in order[: -1 if lost else None]:
            name = f"g{len(self.brought)}"
            part = TextPart(reference, _PARTS, number)
            self.brought[name] = (who, f"{name}的第{number}段", self.now, part)
            self._bring(name)

    @precondition(lambda self: self.brought)
    @rule(place=st.integers(0, 50))
    def comes_again(self, place: int) -> None:
        self._bring(list(self.brought)[place % len(self.brought)])

    def _bring(self, name: str) -> None:
        who, text, sent_at, part = self.brought[name]
        with self.database.transaction() as session:
            arrive(session, text, self.now, user=who, gateway_id=name, sent_at=sent_at, part=part)

    @rule(seconds=st.sampled_from([1, 5, 20, 150]))
    def time_passes(self, seconds: int) -> None:
        """Processes that hold a lease renew it, if they live."""
        self.now += timedelta(seconds=seconds)

    @rule()
    def lost_parts_are_given_up(self) -> None:
        with self.database.transaction() as session:
            inbox.join_late(session, SEALER, self.now)

    @rule()
    def a_process_takes_up_a_text(self) -> None:
        with self.database.transaction() as session:
            for subscriber_id in inbox.subscribers_to_answer(session, self.now, []):
                until = leases.take(session, Subscriber.answering_until, subscriber_id, self.now)
                waiting = inbox.oldest_waiting(session, subscriber_id)
                assert until is not None
                assert waiting is not None
                self.answering.append((subscriber_id, until, waiting.id))
                return

    @precondition(lambda self: self.answering)
    @rule(place=st.integers(0, 5), end=st.sampled_from(["answers", "answers", "fails", "dies"]))
    def a_process_that_answers_ends(self, place: int, end: str) -> None:
        subscriber_id, until, inbound_id = self.answering.pop(place % len(self.answering))
        if end == "dies":
            return
        with self.database.transaction() as session:
            # Who lost the lease meanwhile has no say.
            if not leases.give_back(session, Subscriber.answering_until, subscriber_id, until):
                return
            inbound = session.get_one(Inbound, inbound_id)
            if end == "fails":
                inbox.put_off(inbound, self.now)
            else:
                outbox.put(session, inbound.subscriber, f"答{inbound_id}", self.now, inbound_id=inbound_id)
                inbox.mark_answered(inbound, self.now)

    @rule()
    def a_process_gives_a_text_to_the_carrier(self) -> None:
        with self.database.transaction() as session:
            for subscriber_id in outbox.subscribers_to_send_to(session, {SMS}, self.now, []):
                until = leases.take(session, Subscriber.sending_until, subscriber_id, self.now)
                leaving = outbox.next_to(session, subscriber_id, self.now)
                assert until is not None
                assert leaving is not None
                outbox.begin_attempt(leaving)
                self.sending.append((subscriber_id, until, leaving.id, leaving.key, leaving.text))
                return

    @precondition(lambda self: self.sending)
    @rule(
        place=st.integers(0, 5),
        carrier=st.sampled_from(["takes", "takes", "takes and says nothing", "is busy", "refuses"]),
        dies=st.booleans(),
    )
    def the_carrier_answers(self, place: int, carrier: str, dies: bool) -> None:
        subscriber_id, until, outgoing_id, key, text = self.sending.pop(place % len(self.sending))
        if carrier.startswith("takes"):
            assert self.given.setdefault(key, text) == text
            if key not in self.taken[subscriber_id]:
                self.taken[subscriber_id].append(key)
        if dies:
            return
        with self.database.transaction() as session:
            if not leases.give_back(session, Subscriber.sending_until, subscriber_id, until):
                return
            outgoing = session.get_one(Outgoing, outgoing_id)
            if carrier == "takes":
                outbox.mark_sent(session, outgoing, f"c-{key}", self.now)
            elif carrier == "refuses":
                outbox.give_up(outgoing, "拒收", self.now)
            else:
                outbox.put_off(outgoing, "没有答复", self.now)

    @precondition(lambda self: self.given)
    @rule(place=st.integers(0, 50), is_delivered=st.booleans(), by_key=st.booleans())
    def the_carrier_reports(self, place: int, is_delivered: bool, by_key: bool) -> None:
        key = list(self.given)[place % len(self.given)]
        with self.database.transaction() as session:
            outbox.note_report(session, SMS, DeliveryReport(key if by_key else f"c-{key}", is_delivered), self.now)

    @invariant()
    def keeps_its_rules(self) -> None:
        with self.database.transaction() as session:
            kept = session.scalars(select(Inbound).order_by(Inbound.id)).all()
            out = session.scalars(select(Outgoing).order_by(Outgoing.id)).all()
            assert {one.gateway_id for one in kept} == set(self.brought)
            assert len(kept) == len(self.brought)
            answers: defaultdict[int, list[Outgoing]] = defaultdict(list)
            for one in out:
                assert one.inbound_id is not None
                answers[one.inbound_id].append(one)
            for one in kept:
                assert len(answers[one.id]) == (one.state == InboundState.ANSWERED)
                # Words are kept as long as they are needed, and no longer.
                is_open = one.state in (InboundState.WAITING, InboundState.INCOMPLETE, InboundState.FAILED)
                assert (one.text_sealed is not None) == is_open
            order = {one.key: one.id for one in out}
            for keys in self.taken.values():
                assert [order[key] for key in keys] == sorted(order[key] for key in keys)
            for one in out:
                if one.state in (OutgoingState.SENT, OutgoingState.DELIVERED, OutgoingState.UNDELIVERED):
                    assert one.key in self.given
                    assert one.sent_at is not None

    def teardown(self) -> None:
        """When the processes live and the carrier is well, all that waits is answered and sent."""
        self.answering.clear()
        self.sending.clear()
        for _ in range(20 * (len(self.brought) + 1)):
            self.now += timedelta(minutes=16)
            self.lost_parts_are_given_up()
            self.a_process_takes_up_a_text()
            if self.answering:
                self.a_process_that_answers_ends(0, "answers")
            self.a_process_gives_a_text_to_the_carrier()
            if self.sending:
                self.the_carrier_answers(0, "takes", dies=False)
            if not self._waits():
                break
        assert not self._waits()
        self.keeps_its_rules()

    def _waits(self) -> bool:
        with self.database.transaction() as session:
            waiting = select(Inbound.id).where(Inbound.state.in_((InboundState.WAITING, InboundState.INCOMPLETE)))
            leaving = select(Outgoing.id).where(Outgoing.state == OutgoingState.WAITING)
            return bool(session.scalars(waiting).all() or session.scalars(leaving).all())


TestTexts = Texts.TestCase
TestTexts.settings = effort(6, steps=30)


@pytest.fixture(autouse=True, scope="module")
def machine_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('texts') / 'test.db'}")
    set_up(database)
    Texts.database = database
    yield
    database.close()
