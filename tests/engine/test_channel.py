"""The engine's own channel, with a fake processor, in the engine's environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.places import ROOT
from bot.running.environments import ENGINE
from bot.running.model_making import engine_environment
from bot.running.ports import free_port
from bot.settings import Settings

pytestmark = pytest.mark.slow

CHANNEL = """
import asyncio, json, sys
import aiohttp
from sanic import Sanic
from bot.engine.channel import RestChannel

port, heard, said = int(sys.argv[1]), [], []

async def hear(message):
    heard.append({"text": message.text, "metadata": message.metadata, "parse_data": message.parse_data})
    offer = [{"title": "收费", "payload": '/ask_fee{"item": "GA-003"}'}, {"title": "问一句", "payload": "问一句"}]
    await message.output_channel.send_response(message.sender_id, {"text": "好", "buttons": offer})

async def main():
    app = Sanic("test")
    app.blueprint(RestChannel().blueprint(hear), url_prefix="/webhooks/rest")
    server = await app.create_server(host="127.0.0.1", port=port, return_asyncio_server=True)
    await server.startup()
    async with aiohttp.ClientSession() as session:
        async def post(sender, message=None, **metadata):
            body = {"sender": sender, "metadata": metadata}
            if message is not None:
                body["message"] = message
            async with session.post(f"http://127.0.0.1:{port}/webhooks/rest/webhook", json=body) as response:
                said.append([response.status, await response.json()])
                return said[-1][1]
        first = await post("c1", "/handoff", client="x", pressed="/handoff", other=7)
        fee, words = (button["id"] for button in first[0]["buttons"])
        await post("c1", button=fee)
        await post("c1", button=words)
        await post("c2", button=fee)
        await post("c1", button={"title": "收费", "payload": "/handoff"})
        await post("c1")
    print(json.dumps({"heard": heard, "said": said}))

asyncio.run(main())
"""


def run_channel(var_dir: Path) -> Any:
    settings = Settings.from_environment({"VAR_DIR": str(var_dir)})
    finished = subprocess.run(
        [ENGINE.python, "-W", "ignore", "-c", CHANNEL, str(free_port())],
        cwd=ROOT, env=engine_environment(settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout.splitlines()[-1])


def test_a_button_is_understood_as_what_it_stands_for_and_words_stay_words(tmp_path: Path) -> None:
    happened = run_channel(tmp_path)
    typed, pressed, words = happened["heard"]
    # A request from outside cannot claim that a button was pressed.
    assert (typed["text"], typed["metadata"], typed["parse_data"]) == ("/handoff", {"client": "x"}, None)
    assert pressed["text"] == "收费"
    assert pressed["parse_data"]["intent"]["name"] == "ask_fee"
    assert [(each["entity"], each["value"]) for each in pressed["parse_data"]["entities"]] == [("item", "GA-003")]
    assert pressed["metadata"] == {"pressed": '/ask_fee{"item": "GA-003"}'}
    assert (words["text"], words["metadata"], words["parse_data"]) == ("问一句", {}, None)
    assert [status for status, _ in happened["said"]] == [200, 200, 200, 400, 400, 400]
