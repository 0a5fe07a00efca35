"""`make bench`: ours beside stock Rasa with the same items and answers, on one machine in one run.

Both run at the same time and are measured turn about, so that what else the machine does meets both. Writes
`bench.json`, `bench.md` and a plot to `benchmarks/results/`. Ratios can be compared with those of another day and of
another machine; milliseconds cannot.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import requests

from benchmarks.processes import memory, processor_time
from benchmarks.stock.project import Pipeline, StockProject, endpoints, write_project
from benchmarks.stock.traffic import Door, Timing, at_once, at_rate, conversations
from bot.db import Database
from bot.evaluation.asking import Asker
from bot.evaluation.cases import SETS, read_messages
from bot.evaluation.running import resumed_assistant
from bot.lessons.training_texts import training_texts
from bot.places import ROOT
from bot.running.environments import ENGINE, ONE_THREAD
from bot.running.ports import free_port
from bot.running.preparation import prepare
from bot.settings import Settings

VAR_DIR = ROOT / "var" / "bench"
RESULTS = Path(__file__).parent / "results"
TURNS: dict[str, Sequence[str]] = {
    "item": [case.text for case in read_messages(SETS / "messages.jsonl") if case.outcome == "item"],
    "policy": [case.text for case in read_messages(SETS / "messages.jsonl") if case.outcome == "policy"],
    "form": ("我要申请政府信息公开", "申请公开一份文件", "我想提交信息公开申请"),
    "status": ("XXGK-2026-000101", "查一下XXGK-2026-000101", "XXGK-2026-000102办到哪了"),
}
WARM_UP, ALONE, TOGETHER, AT_ONCE = 20, 50, 200, 8
RATES: dict[str, Sequence[int]] = {"item": (10, 20, 50), "policy": (10, 15, 20)}
RATE_SECONDS = 10
READY_WITHIN_SECONDS = 300
# One parent for several processes, by which their processor time is found.
_START_ALL = "import json, subprocess as s, sys; [p.wait() for p in [s.Popen(c) for c in json.loads(sys.argv[1])]]"


@dataclass(frozen=True)
class Contender:
    """`pid`: the process that started all others of this assistant."""

    name: str
    door: Door
    pid: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--without-stock", action="store_true", help="ours alone, for a quick look")
    parser.add_argument("--quick", action="store_true", help="a fifth of the messages, no steady rates")
    options = parser.parse_args()
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {"machine": _machine(), "start": {}, "accuracy": {}, "memory_mb": {}, "turns": {}}
    with ExitStack() as open_until_the_end:
        ours, engine = open_until_the_end.enter_context(_ours(found))
        contenders = [ours, engine]
        if not options.without_stock:
            contenders += [open_until_the_end.enter_context(_stock(one, found)) for one in Pipeline]
        found["accuracy"]["ours"] = _our_accuracy(engine.door.url)
        share = 5 if options.quick else 1
        for kind in TURNS:
            found["turns"][kind] = asyncio.run(_measure(kind, contenders, share))
            print(json.dumps({kind: found["turns"][kind]}, indent=1, ensure_ascii=False), flush=True)
        found["memory_mb"] = {one.name: {k: round(v) for k, v in memory(one.pid).items()} for one in contenders}
    if options.quick or options.without_stock:
        return
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "bench.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (RESULTS / "bench.md").write_text(_table(found), encoding="utf-8")
    subprocess.run(
        [ENGINE.python, "-m", "benchmarks.plot_bench", RESULTS / "bench.json", RESULTS / "bench.png"],
        cwd=ROOT,
        check=True,
    )


async def _measure(kind: str, contenders: Sequence[Contender], share: int) -> dict[str, Any]:
    """Contender → figures of each way of asking."""
    figures: dict[str, Any] = {one.name: {} for one in contenders}
    texts = TURNS[kind]
    for one in contenders:
        await at_once(one.door, conversations(texts, WARM_UP // share), 2)
    for one in contenders:
        figures[one.name]["alone"] = _told(await at_once(one.door, conversations(texts, ALONE // share), 1))
    for one in contenders:
        before = processor_time(one.pid)
        timing = await at_once(one.door, conversations(texts, TOGETHER // share), AT_ONCE)
        after = processor_time(one.pid)
        cost = {name: round((after[name] - before[name]) / timing.sent, 1) for name in after}
        figures[one.name][f"{AT_ONCE} at once"] = {**_told(timing), "processor_ms": cost}
    if share == 1:
        for rate in RATES.get(kind, ()):
            for one in contenders:
                timing = await at_rate(one.door, conversations(texts, rate * RATE_SECONDS), rate)
                figures[one.name][f"{rate} a second"] = _told(timing)
    return figures


def _told(timing: Timing) -> dict[str, Any]:
    return {
        "per_second": round(timing.per_second, 1),
        "p50_ms": round(timing.percentile(50), 1),
        "p95_ms": round(timing.percentile(95), 1),
        "sent": timing.sent,
        "failed": timing.failed,
    }


@contextmanager
def _ours(found: dict[str, Any]) -> Iterator[tuple[Contender, Contender]]:
    """By `/api/chat`, and by the engine's own channel. The database and the model are made first, and timed apart."""
    folder = VAR_DIR / "ours"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = {"PROXY_COUNT": "1", "LANGUAGE_MODEL_URL": ""}
    of_folder = Settings.from_environment({"VAR_DIR": str(folder)})
    prepare(of_folder)
    for model in of_folder.models_dir.glob("*.tar.gz"):
        model.unlink()
    begun = time.monotonic()
    prepare(of_folder)
    trained = time.monotonic() - begun
    begun = time.monotonic()
    with resumed_assistant(folder, **settings) as assistant:
        ready = time.monotonic() - begun
        found["start"]["ours"] = {"train_s": round(trained, 1), "ready_s": round(ready, 1)}
        pid = assistant.process.pid
        yield (
            Contender("ours", Door(assistant.portal, True), pid),
            Contender("our engine", Door(assistant.engine, False), pid),
        )


@contextmanager
def _stock(pipeline: Pipeline, found: dict[str, Any]) -> Iterator[Contender]:
    project = StockProject(VAR_DIR / f"stock-{pipeline}", pipeline)
    name = f"stock, {pipeline}"
    database = Database(Settings.from_environment({"VAR_DIR": str(VAR_DIR / "ours")}).database_url)
    with database.transaction() as session:
        write_project(project, training_texts(), session)
    database.close()
    environment = {
        **os.environ,
        **ONE_THREAD,
        "BENCH_DATABASE": project.database_url,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "SANIC_HOST": "127.0.0.1",
    }
    rasa = [str(ENGINE.python), "-W", "ignore", "-m", "rasa"]
    # Trained once: the training data of both is the same, and DIET takes minutes.
    trained = project.folder / "train_seconds"
    if not (project.model.exists() and trained.exists() and project.is_trained_on_what_it_has()):
        begun = time.monotonic()
        _run([*rasa, "train", "--fixed-model-name", "stock", "--out", "models"], project.folder, environment)
        trained.write_text(f"{time.monotonic() - begun:.1f}")
        project.note_what_it_was_trained_on()
    port, actions_port = free_port(), free_port()
    serving = [
        [*rasa, "run", "actions", "--port", str(actions_port)],
        [
            *rasa, "run", "--model", str(project.model), "--interface", "127.0.0.1", "--port", str(port),
            "--endpoints", str(endpoints(project, actions_port)),
        ],
    ]  # fmt: skip
    (project.folder / "trackers.db").unlink(missing_ok=True)
    begun = time.monotonic()
    with (project.folder / "log").open("w") as log:
        parent = subprocess.Popen(
            [str(ENGINE.python), "-c", _START_ALL, json.dumps(serving)],
            cwd=project.folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        door = Door(f"http://127.0.0.1:{port}", False)
        _wait_for(f"{door.url}/", begun)
        found["start"][name] = {"train_s": float(trained.read_text()), "ready_s": round(time.monotonic() - begun, 1)}
        found["accuracy"][name] = asyncio.run(_stock_accuracy(door))
        yield Contender(name, door, parent.pid)
    finally:
        os.killpg(parent.pid, 15)
        parent.wait()


def _run(command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if finished.returncode:
        raise SystemExit(finished.stdout[-2000:] + finished.stderr[-4000:])


def _wait_for(url: str, begun: float) -> None:
    while time.monotonic() - begun < READY_WITHIN_SECONDS:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise SystemExit(f"{url} did not answer within {READY_WITHIN_SECONDS} s")


def _our_accuracy(engine: str) -> float:
    """The share of item questions of the test half, which nobody trained on, that are answered by the right item."""
    cases = [case for case in read_messages(SETS / "messages.jsonl") if case.outcome == "item" and case.split == "test"]
    return round(sum(one.item_is_right for one in Asker(engine).judge_messages(cases)) / len(cases), 3)


async def _stock_accuracy(door: Door) -> float:
    cases = [case for case in read_messages(SETS / "messages.jsonl") if case.outcome == "item" and case.split == "test"]
    right = 0
    async with aiohttp.ClientSession() as session:
        for case in cases:
            messages = await door.send(session, str(uuid.uuid4()), case.text)
            codes = [one["custom"]["item"] for one in messages if "custom" in one]
            right += bool(codes) and codes[0] in case.items
    return round(right / len(cases), 3)


def _machine() -> dict[str, str | int]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = {line.partition(": ")[2] for line in lines if line.startswith("model name")}
    versions = subprocess.run(
        [ENGINE.python, "-c", "import rasa, sys; print(rasa.__version__, sys.version.split()[0])"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return {
        "day": time.strftime("%Y-%m-%d"),
        "cores": os.cpu_count() or 0,
        "processor": ", ".join(sorted(models)),
        "load_at_start": os.getloadavg()[0],
        "python": platform.python_version(),
        "rasa": versions[0],
        "engine_python": versions[1],
    }


def _table(found: dict[str, Any]) -> str:
    """Markdown: a row for each way of asking, a column for each contender."""
    names = list(found["turns"]["item"])
    lines = [
        "# Ours beside stock Rasa",
        "",
        "Made by `make bench`; all of one run. " + ", ".join(f"{k} {v}" for k, v in found["machine"].items()) + ".",
        "",
        "| | " + " | ".join(names) + " |",
        "|---" * (len(names) + 1) + "|",
    ]

    def row(title: str, cells: Sequence[object]) -> None:
        lines.append(f"| {title} | " + " | ".join(map(str, cells)) + " |")

    for kind, by_name in found["turns"].items():
        for way in by_name[names[0]]:
            of = [by_name[name][way] for name in names]
            if "at once" in way:
                row(f"{kind}, {way}: messages a second", [one["per_second"] for one in of])
                row(
                    "… of ours by `/api/chat`, times", [round(of[0]["per_second"] / one["per_second"], 2) for one in of]
                )
                row("… processor ms a message", [round(sum(one["processor_ms"].values()), 1) for one in of])
            row(
                f"{kind}, {way}: ms at 50 %, 95 %, failed",
                [f"{one['p50_ms']}, {one['p95_ms']}, {one['failed']}" for one in of],
            )
    row("training, s", [found["start"].get(name, {}).get("train_s", "") for name in names])
    row("item right, test half", [found["accuracy"].get(name, "") for name in names])
    row("ready with a trained model, s", [found["start"].get(name, {}).get("ready_s", "") for name in names])
    row("memory, MB", [round(sum(found["memory_mb"][name].values())) for name in names])
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
