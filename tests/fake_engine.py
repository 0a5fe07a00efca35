"""An engine that only says its name: `python fake_engine.py PORT NAME HEARD_FILE`.

It writes each message that it hears into a file. An engine with the name mute listens, and never gives a right answer.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from aiohttp import web

ANSWERS_AFTER_SECONDS = 0.05


def main() -> None:
    port, name, heard = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])

    async def health(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def receive(request: web.Request) -> web.Response:
        body = await request.json()
        with heard.open("a", encoding="utf-8") as log:
            log.write(f"{body['message']}\n")
        if name == "mute":
            return web.json_response({"error": "no model"}, status=500)
        await asyncio.sleep(ANSWERS_AFTER_SECONDS)
        return web.json_response([{"text": f"{name} {body['message']}"}])

    app = web.Application()
    app.add_routes([web.get("/", health), web.post("/webhooks/rest/webhook", receive)])
    web.run_app(app, host="127.0.0.1", port=port, print=None, keepalive_timeout=1)


if __name__ == "__main__":
    main()
