"""The real processes, started once by the usual command, on free ports and a database of their own."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.evaluation.running import RunningAssistant, running_assistant
from bot.running.ports import free_port
from bot.sms_simulator.server import TEXTS_PATH
from tests.e2e.channels import SMS_SECRET, WECHAT
from tests.patience import WITHIN_SECONDS


class City:
    """A running assistant, and a way to talk to it.

    `carrier_port`, `wechat_port`: ports to which it sends SMS and WeChat messages; a test may listen there.
    """

    def __init__(self, assistant: RunningAssistant, carrier_port: int = 0, wechat_port: int = 0) -> None:
        self.carrier_port, self.wechat_port = carrier_port, wechat_port
        self.portal, self.engine, self.var_dir = assistant.portal, assistant.engine, assistant.var_dir
        self.process, self.wait_for = assistant.process, assistant.wait_for

    def say(self, text: str, conversation: str | None = None) -> list[dict[str, Any]]:
        """Over the API; every call without a conversation begins a new one."""
        return self._post({"text": text, "conversation": conversation})

    def press(self, button: str, conversation: str) -> list[dict[str, Any]]:
        """Presses a button, given by its id."""
        return self._post({"button": button, "conversation": conversation})

    def _post(self, said: dict[str, str | None]) -> list[dict[str, Any]]:
        response = requests.post(f"{self.portal}/api/chat", json=said, timeout=WITHIN_SECONDS)
        response.raise_for_status()
        return list(response.json()["messages"])


@pytest.fixture(scope="session")
def city(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """In a folder of its own, since each process that shares the tests starts its own city."""
    var_dir = tmp_path_factory.mktemp("city")
    (var_dir / "models").symlink_to(model.parent)
    carrier_port, wechat_port = free_port(), free_port()
    with running_assistant(var_dir, **all_channels(carrier_port, wechat_port)) as started:
        yield City(started, carrier_port, wechat_port)


def all_channels(carrier_port: int, wechat_port: int) -> dict[str, str]:
    """Settings: SMS and WeChat, whose servers are looked for at these ports, and one proxy before the assistant."""
    assert WECHAT.aes_key
    return {
        "SMS_GATEWAY_URL": f"http://127.0.0.1:{carrier_port}{TEXTS_PATH}",
        "SMS_SECRET": SMS_SECRET,
        "WECHAT_APP_ID": WECHAT.app_id,
        "WECHAT_APP_SECRET": WECHAT.app_secret,
        "WECHAT_TOKEN": WECHAT.token,
        "WECHAT_AES_KEY": WECHAT.aes_key,
        "WECHAT_API_URL": f"http://127.0.0.1:{wechat_port}",
        "PROXY_COUNT": "1",
    }


@pytest.fixture
def talk(city: City) -> Callable[[str], list[dict[str, Any]]]:
    """Says one thing after another in one conversation."""
    conversation = f"test-{uuid.uuid4()}"
    return lambda text: city.say(text, conversation)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on PATH: the page is not looked at")
    return found
