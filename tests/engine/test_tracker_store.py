"""Rasa's copy of a conversation is sealed as a whole, and leaves out what proves or names somebody."""

from __future__ import annotations

import pytest

from tests.engine.test_launcher import in_engine

pytestmark = pytest.mark.slow

STORE = """
import asyncio, json, os, sqlite3, tempfile
os.environ["VAR_DIR"] = tempfile.mkdtemp()
os.environ.pop("DATABASE_URL", None)
from bot.engine.tracker_store import TrackerStore
from bot.sealing import own_sealer
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

code = own_sealer().seal("K7M29QXD")
said = "K7M2-9QXD \\u6211\\u7684\\u7535\\u8bdd13912345678"
entities = [{"entity": "query_code", "value": code}, {"entity": "query_code", "value": "K7M29QXD"}]
turn = {"outcome": "filed", "entities": []}
domain = Domain.load("domain.yml")
store = TrackerStore(domain)
tracker = DialogueStateTracker.from_events("c", [
    UserUttered(said, {"name": "ask_disclosure_status"}, entities, {"text": said, "entities": entities}),
    SlotSet("query_code", code),
    SlotSet("query_code", "K7M29QXD"),
    SlotSet("filing_answer", said),
    BotUttered("\\u67e5\\u8be2\\u7801\\uff1aK7M2-9QXD", metadata={"turn": turn}),
], slots=domain.slots)
asyncio.run(store.save(tracker))
with sqlite3.connect(os.environ["VAR_DIR"] + "/trackers.db") as database:
    database.execute(
        "INSERT INTO events (sender_id, type_name, data) VALUES ('old', 'slot', ?)",
        [json.dumps({"event": "slot", "name": "receipt", "value": "XXGK-2026-000123", "timestamp": 1.0})],
    )
    kept = [row[0] for row in database.execute("SELECT data FROM events WHERE sender_id = 'c'")]
loaded = asyncio.run(store.retrieve("c"))
events = [event.as_dict() for event in loaded.events]
old = asyncio.run(store.retrieve("old"))
print(json.dumps([kept, events, code, old.get_slot("receipt")]))
"""


def test_events_are_sealed_and_serve_the_next_turn_without_what_is_personal() -> None:
    kept, events, code, old_receipt = in_engine(STORE)
    assert all(data.startswith("gAAAA") for data in kept)
    user, slot, bare, answer, bot = events
    assert "13912345678" not in str(user)
    assert [entity["value"] for entity in user["parse_data"]["entities"]] == [code]
    assert (slot["value"], bare["value"], answer["value"]) == (code, None, None)
    assert "K7M2" not in str(events).replace(code, "")
    assert bot["text"].startswith("查询码：")
    assert old_receipt == "XXGK-2026-000123"


LONG = """
import asyncio, json, os, tempfile
os.environ["VAR_DIR"] = tempfile.mkdtemp()
os.environ.pop("DATABASE_URL", None)
from bot.engine.tracker_store import NEWEST_EVENTS, TrackerStore, expect
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet, UserUttered

domain = Domain.load("domain.yml")
store = TrackerStore(domain)

def turn(number):
    return [UserUttered(str(number), message_id=f"m{number}"), ActionExecuted("action_listen")]

async def talk():
    tracker = store.init_tracker("c")
    earlier = [SlotSet("item", "GA-001"), ActiveLoop("filing_form")]
    begun = [SessionStarted(), SlotSet("place", "old"), SlotSet("receipt", "first"), SlotSet("receipt", "second")]
    tracker.update_with_events([*earlier, *begun, ActiveLoop("contact_form")], domain)
    await store.save(tracker)
    seen = []
    for number in range(300):
        tracker = await store.retrieve("c")
        tracker.update_with_events(turn(number), domain)
        if number == 290:
            tracker.update(SlotSet("place", "new"), domain)
        await store.save(tracker)
        seen.append(len(tracker.events))
    tracker = store.init_tracker("cut off")
    tracker.update_with_events([SessionStarted(), *turn(0)[:1], *[ActionExecuted("action_answer")] * 10], domain)
    await store.save(tracker)
    cut_off = await store.retrieve("cut off")
    expect("m299")
    undone = await store.retrieve("c")
    whole = await store.retrieve_full_tracker("c")
    last = [event.text for event in undone.events if isinstance(event, UserUttered)]
    slots = [undone.get_slot(name) for name in ("item", "place", "receipt")]
    texts = [event.text for event in whole.events if isinstance(event, UserUttered)]
    return [max(seen) - NEWEST_EVENTS, slots, undone.active_loop_name, last[-1], texts, cut_off.latest_action_name]

print(json.dumps(asyncio.run(talk())))
"""


def test_a_long_talk_costs_no_more_forgets_no_slot_or_form_and_goes_on_after_rasa_stopped_a_turn() -> None:
    more, slots, form, last, whole, after_cut = in_engine(LONG)
    assert more <= 10
    assert slots == [None, "new", "second"]
    assert (form, last) == ("contact_form", "298")
    assert whole == [str(number) for number in range(299)]
    assert after_cut == "action_listen"


UNSTORABLE = """
import asyncio, json, os, tempfile
os.environ["VAR_DIR"] = tempfile.mkdtemp()
os.environ.pop("DATABASE_URL", None)
from bot.engine.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain

store = TrackerStore(Domain.load("domain.yml"))
try:
    asyncio.run(store.retrieve("\\ud800"))
except ValueError as error:
    print(json.dumps(type(error).__name__))
"""


def test_a_sender_that_no_database_can_keep_does_not_end_the_process() -> None:
    assert in_engine(UNSTORABLE) == "UnicodeEncodeError"
