"""Trains and asks a stock Rasa pipeline, in the engine's environment:

    .venv/engine/bin/python -m bot.evaluation.stock CONFIG NLU MODEL < texts.json > predictions.json

`texts.json` is a list of texts; predictions are `[{"name", "confidence", "seconds"}]` in the same order.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.model_training import train_nlu


async def predict(model: Path, texts: list[str]) -> list[dict[str, Any]]:
    agent = Agent.load(model)
    await agent.parse_message(texts[0])  # the first message is slower, since it loads things once
    predictions = []
    for text in texts:
        started = time.perf_counter()
        intent = (await agent.parse_message(text))["intent"]
        predictions.append({**intent, "seconds": time.perf_counter() - started})
    return predictions


def main() -> None:
    config, nlu, model = sys.argv[1:]
    if not Path(model).exists():
        train_nlu(config, nlu, str(Path(model).parent), fixed_model_name=Path(model).stem.removesuffix(".tar"))
    predictions = asyncio.run(predict(Path(model), json.load(sys.stdin)))
    print(json.dumps(predictions))


if __name__ == "__main__":
    main()
