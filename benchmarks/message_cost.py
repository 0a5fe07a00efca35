"""Processor time that one message costs, by process: `python -m benchmarks.message_cost`.

Starts an assistant, asks it questions about items and about rules, each in a new conversation, and reads from the
system how much processor time each process has used. The absolute figures depend on the machine. The ratios between
the kinds of questions, and between the processes, can be compared with those of another day.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import requests

from benchmarks.processes import processor_time
from bot.evaluation.running import RunningAssistant, running_assistant
from bot.settings import Settings

ROUNDS = 10
QUESTIONS = {
    "item": ("办居住证要带什么", "护照多少钱", "补办身份证去哪办", "提取公积金要什么材料", "失业金能领多久"),
    "policy": (
        "政府信息公开申请多久答复",
        "占道施工要符合什么规定",
        "对不予公开不服可以复议吗",
        "公开信息收不收费",
        "居住证积分怎么算",
    ),
}


def main() -> None:
    settings = Settings.from_environment(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        settings.models_dir.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "models").symlink_to(settings.models_dir.resolve())
        with running_assistant(Path(folder)) as assistant:
            for sort, questions in QUESTIONS.items():
                # The first questions also load things once, so they are not measured.
                _ask(assistant, questions)
                before = processor_time(assistant.process.pid)
                for _ in range(ROUNDS):
                    _ask(assistant, questions)
                after = processor_time(assistant.process.pid)
                count = ROUNDS * len(questions)
                cost = {name: round((after[name] - before[name]) / count, 1) for name in sorted(after)}
                without = round(sum(value for name, value in cost.items() if name != "encoder"), 1)
                print(f"{sort:<8} {cost}, without the encoder {without} ms a message")


def _ask(assistant: RunningAssistant, questions: tuple[str, ...]) -> None:
    for text in questions:
        requests.post(f"{assistant.portal}/api/chat", json={"text": text}, timeout=60).raise_for_status()


if __name__ == "__main__":
    main()
