"""Each process dies while citizens ask: every question gets one right answer, and a request is filed once."""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from sqlalchemy import func, select

from bot.conversations.models import Message
from bot.db import Database
from bot.disclosures.models import Request
from bot.incidents.models import Incident
from bot.reviews.models import Case
from tests.e2e.conftest import City
from tests.e2e.test_filing import ANSWERS
from tests.e2e.test_operation import kill
from tests.patience import WITHIN_SECONDS

AT_ONCE = 5
ASKED_AGAIN = 600


class Crowd:
    """Asks as a careful program does: each message has an id, and is sent again until it is answered."""

    def __init__(self, city: City) -> None:
        self._city = city
        self.answered = threading.Semaphore(0)
        self.asked = 0

    def ask(self, conversation: str, text: str) -> list[dict[str, Any]]:
        body = {"conversation": conversation, "text": text, "id": str(uuid.uuid4())}
        self.asked += 1
        for _ in range(ASKED_AGAIN):
            try:
                response = requests.post(f"{self._city.portal}/api/chat", json=body, timeout=WITHIN_SECONDS)
            except requests.ConnectionError:
                time.sleep(0.2)
                continue
            if response.status_code == 429:
                time.sleep(float(response.headers["Retry-After"]))
            elif "pending" not in response.json():
                assert response.status_code == 200, response.text
                self.answered.release()
                return list(response.json()["messages"])
        raise AssertionError(f"never answered: {text}")

    def ask_about_an_item(self, _: int) -> None:
        conversation = f"crowd-{uuid.uuid4()}"
        for said, facet in (("办居住证要带什么", "materials"), ("那要多少钱", "fee")):
            custom = self.ask(conversation, said)[0]["custom"]
            assert (custom["code"], custom["facet"]) == ("GA-006", facet), said

    def choose(self, _: int) -> None:
        """A choice is valid once, so a message that is processed twice gives a wrong answer."""
        conversation = f"crowd-{uuid.uuid4()}"
        codes = self.ask(conversation, "提取公积金要什么材料")[0]["custom"]["codes"]
        assert self.ask(conversation, "第二个")[0]["custom"]["code"] == codes[1]

    def file(self, number: int) -> str:
        """The receipt."""
        conversation = f"crowd-{uuid.uuid4()}"
        self.ask(conversation, "我要申请信息公开")
        self.ask(conversation, f"北岸区2025年第{number}批老旧小区加装电梯的补贴发放名单")
        for answer in ANSWERS:
            self.ask(conversation, answer)
        text = self.ask(conversation, "确认提交")[0]["text"]
        assert re.search(r"查询码：\S+", text), text
        receipt = re.search(r"XXGK-\d{4}-\d{6}", text)
        assert receipt, text
        return receipt[0]


@pytest.fixture
def database(city: City) -> Iterator[Database]:
    opened = Database(f"sqlite:///{city.var_dir / 'assistant.db'}")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("process", "pattern"),
    [("engine", "bot.engine.launcher"), ("actions", "rasa_sdk"), ("web", "bot.web$")],
)
def test_a_process_that_dies_costs_nobody_the_answer_and_conversations_go_on(
    city: City, database: Database, process: str, pattern: str
) -> None:
    conversation = f"restart-{uuid.uuid4()}"
    assert city.say("办居住证要带什么", conversation)[0]["custom"]["code"] == "GA-006"
    with database.transaction() as session:
        filed_before = session.scalar(select(func.count()).select_from(Request)) or 0
        cases_before = session.scalar(select(func.count()).select_from(Case)) or 0
    crowd = Crowd(city)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        filing = [pool.submit(crowd.file, number) for number in range(2)]
        asking = [pool.submit(each, number) for number in range(6) for each in (crowd.ask_about_an_item, crowd.choose)]
        for _ in range(8):
            crowd.answered.acquire()
        kill(city, pattern)
        said = city.wait_for(f"{process} ready after")
        assert any(f"{process} stopped (killed by signal 9)" in line for line in said)
        for done in asking:
            done.result()
        receipts = {done.result() for done in filing}
    custom = city.say("那要多少钱", conversation)[0]["custom"]
    assert (custom["code"], custom["facet"]) == ("GA-006", "fee")
    with database.transaction() as session:
        mine = Message.conversation_id.startswith("crowd-")
        outcomes = list(session.scalars(select(Message.outcome).where(mine)))
        assert None not in outcomes
        assert not {"failed_engine", "failed_actions"} & set(outcomes)
        filed = session.scalar(select(func.count()).select_from(Request)) or 0
        assert filed - filed_before == len(receipts) == 2
        assert session.scalar(select(func.count()).select_from(Case)) == cases_before
        assert len(session.scalars(select(Incident).where(Incident.kind == "engine")).all()) <= 1
