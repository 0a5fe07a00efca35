"""How the cost of a message grows with the length of its conversation: `python -m benchmarks.long_talk [TURNS]`.

Run in the engine's environment, after a model was trained (`make run`):

    .venv/engine/bin/python -m benchmarks.long_talk 2000

One conversation on SQLite, handled by Rasa as the engine handles it, but without the action server: each message is
understood, and the conversation is read and stored. Prints for each length the milliseconds of the processor that a
message took, the median of ten in a row, and how many times those of the first length that is.
"""

import asyncio
import logging
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

AT = (1, 10, 100, 500, 1000, 2000, 5000)
TOGETHER = 10
SAID = ("办居住证要带什么", "护照多少钱", "补办身份证去哪办", "谢谢")


async def measured(model: Path, turns: int) -> None:
    import structlog
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
    from rasa.shared.core.domain import Domain

    from bot.engine.launcher import make_messages_cheaper
    from bot.engine.tracker_store import TrackerStore

    make_messages_cheaper()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    agent = Agent.load(str(model), tracker_store=TrackerStore(Domain.load("domain.yml")))
    took: list[float] = []
    for number in range(turns + TOGETHER):
        began = time.process_time()
        said = UserMessage(SAID[number % len(SAID)], CollectingOutputChannel(), "long", message_id=str(number))
        await agent.handle_message(said)
        took.append((time.process_time() - began) * 1000)
    medians = {at: statistics.median(took[at : at + TOGETHER]) for at in AT if at <= turns}
    for at, median in medians.items():
        print(f"{at:>6} turns {median:8.1f} ms  {median / medians[AT[0]]:5.2f}")


def main(turns: int) -> None:
    from bot.places import ROOT
    from bot.running.live_model import live_model, model_path
    from bot.settings import Settings

    settings = Settings.from_environment()
    live = live_model(settings)
    if live is None:
        sys.exit("no trained model: run `make run` first")
    model = model_path(settings, live.model)
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(settings.lexicon_path, folder)
        os.environ["VAR_DIR"] = folder
        os.environ.pop("DATABASE_URL", None)
        asyncio.run(measured(model, turns))


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 2000)
