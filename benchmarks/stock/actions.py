"""The actions of the stock project, written as Rasa's documentation shows: one session, one query, one message.

Runs in the engine's environment (SQLAlchemy 1.4), copied into the project's folder. `BENCH_DATABASE`: URL of its
tables.
"""

import os
import re

import sqlalchemy as sa
from rasa_sdk import Action
from rasa_sdk.events import SlotSet
from sqlalchemy.orm import Session

ENGINE = sa.create_engine(os.environ["BENCH_DATABASE"])
TABLES = sa.MetaData()
TABLES.reflect(ENGINE)
ITEMS, REQUESTS = TABLES.tables["items"], TABLES.tables["requests"]
PASSAGES = sa.text("SELECT title, text FROM passages WHERE passages MATCH :words ORDER BY rank LIMIT 1")
LEAST_CHARACTERS = 3  # of SQLite's trigram index


class AnswerItem(Action):
    def name(self):
        return "action_item"

    def run(self, dispatcher, tracker, domain):
        message = tracker.latest_message
        code = message["intent"]["name"]
        if code == "item":
            code = message["response_selector"]["item"]["response"]["intent_response_key"].partition("/")[2]
        with Session(ENGINE) as session:
            row = session.execute(sa.select(ITEMS).where(ITEMS.c.code == code.replace("_", "-"))).first()
        if row is None:  # a matter that this city does not offer
            dispatcher.utter_message(text="没有这个事项。")
            return []
        dispatcher.utter_message(text=row.guide, custom={"item": row.code})
        return [SlotSet("item", row.code)]


class AnswerPolicy(Action):
    def name(self):
        return "action_policy"

    def run(self, dispatcher, tracker, domain):
        text = re.sub(r"\W", "", tracker.latest_message["text"])
        parts = [text[place : place + LEAST_CHARACTERS] for place in range(len(text) - LEAST_CHARACTERS + 1)]
        with Session(ENGINE) as session:
            row = session.execute(PASSAGES, {"words": " OR ".join(f'"{part}"' for part in parts)}).first()
        dispatcher.utter_message(text=f"《{row.title}》：{row.text}" if row else "没有找到相关规定。")
        return []


class AnswerStatus(Action):
    def name(self):
        return "action_status"

    def run(self, dispatcher, tracker, domain):
        receipt = next(tracker.get_latest_entity_values("receipt"), None)
        with Session(ENGINE) as session:
            row = session.execute(sa.select(REQUESTS).where(REQUESTS.c.receipt == receipt)).first()
        dispatcher.utter_message(text=f"{row.receipt}：{row.status}" if row else "请告诉我回执号。")
        return []


class File(Action):
    def name(self):
        return "action_file"

    def run(self, dispatcher, tracker, domain):
        with Session(ENGINE) as session:
            session.execute(sa.insert(REQUESTS).values(receipt=tracker.sender_id, status=tracker.get_slot("wanted")))
            session.commit()
        dispatcher.utter_message(text="已经收到您的申请。")
        return [SlotSet("wanted", None), SlotSet("contact", None)]
