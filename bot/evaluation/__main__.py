"""`make evaluate`: asks the fixed messages, letters and dialogues, prints the figures and those of a stock pipeline,
fails if a figure is below its floor. If `LANGUAGE_MODEL_URL` is set, asks letters and dialogues with that model too."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import quantiles

import yaml

from bot.evaluation.asking import Asker
from bot.evaluation.cases import SETS, MessageCase, read_conversations, read_messages
from bot.evaluation.intents import intent_figures
from bot.evaluation.labelled import dialogues, labelled_figures, letters
from bot.evaluation.running import running_assistant
from bot.evaluation.scoring import Judged, confusion, figures
from bot.language.text import bare
from bot.lessons.training_texts import TrainingText, is_new, training_texts
from bot.places import ROOT
from bot.running.environments import ENGINE
from bot.running.model_making import engine_environment
from bot.settings import Settings

VAR_DIR = ROOT / "var" / "evaluation"
WITHOUT_LANGUAGE_MODEL = dict.fromkeys(("LANGUAGE_MODEL_URL", "LANGUAGE_MODEL_NAME", "LANGUAGE_MODEL_KEY"), "")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make evaluate", description=__doc__)
    parser.add_argument("--no-stock", action="store_true", help="leave the stock pipeline out: it trains for minutes")
    parser.add_argument("--wrong", action="store_true", help="print each message that went wrong, of the dev half only")
    options = parser.parse_args()
    VAR_DIR.mkdir(parents=True, exist_ok=True)

    texts = list(training_texts())
    known = frozenset(bare(example.text) for example in texts)
    cases = [case for case in read_messages(SETS / "messages.jsonl") if is_new(case.text, known)]
    conversations = read_conversations(SETS / "conversations.yml")
    with running_assistant(VAR_DIR, **WITHOUT_LANGUAGE_MODEL) as assistant:
        asker = Asker(assistant.engine)
        judged = asker.judge_messages(cases)
        seconds = list(asker.seconds)
        flaws = asker.flaws(conversations)
        labelled = {"without": labelled_figures(asker.ask, letters(), dialogues())}
    if os.environ.get("LANGUAGE_MODEL_URL"):
        with running_assistant(VAR_DIR) as assistant:
            labelled["with"] = labelled_figures(Asker(assistant.engine).ask, letters(), dialogues())

    halves = {half: [one for one in judged if one.case.split == half] for half in ("dev", "test")}
    ours = {half: _figures(of_half) for half, of_half in halves.items()}
    ours["test"]["conversations_right"] = 1 - len(flaws) / len(conversations)
    print(f"{len(judged)} messages that nobody trained on, {len(conversations)} conversations")
    _print_figures({"dev": ours["dev"], "test": ours["test"]})
    print("letters and turns of dialogues, without a language model and with it")
    _print_figures(labelled)
    _print_latency("ours, with actions and database", seconds)
    table = confusion(halves["test"])
    _print_table(table)
    _draw(table, VAR_DIR / "confusion.png")
    if not options.no_stock:
        _print_stock(texts, [one.case for one in halves["test"]])
    if options.wrong:
        _print_wrong(halves["dev"], flaws)
    return _below_floor(ours["test"])


def _figures(judged: Sequence[Judged]) -> dict[str, float]:
    return {**figures(judged), **intent_figures([one.case for one in judged], [one.intent for one in judged])}


def _print_figures(columns: Mapping[str, Mapping[str, float]]) -> None:
    print(f"{'':24}" + "".join(f"{name:>10}" for name in columns))
    for figure in dict.fromkeys(name for column in columns.values() for name in column):
        cells = (f"{column[figure]:10.3f}" if figure in column else f"{'':10}" for column in columns.values())
        print(f"{figure:24}" + "".join(cells))


def _print_latency(name: str, seconds: Sequence[float]) -> None:
    twentieths = quantiles(seconds, n=20)
    print(f"{name}: {twentieths[9] * 1000:.0f} ms a message (median), {twentieths[18] * 1000:.0f} ms (95 %)")


def _print_table(table: Mapping[str, Counter[str]]) -> None:
    """What was meant, and what it was taken for, most often first."""
    print("\nmeant → taken for (test half)")
    for meant, got in table.items():
        print(f"  {meant:18}" + ", ".join(f"{name} {count}" for name, count in got.most_common()))


def _draw(table: Mapping[str, Counter[str]], path: Path) -> None:
    command = [str(ENGINE.python), "-m", "bot.evaluation.picture", str(path)]
    subprocess.run(command, input=json.dumps(table), text=True, cwd=ROOT, check=True)
    print(f"as a picture: {path}\n")


def _print_stock(texts: Sequence[TrainingText], cases: Sequence[MessageCase]) -> None:
    """Trains and asks Rasa's stock pipeline with the same texts: once for intents, and once with the items as intents,
    since it cannot learn items in another way from texts that do not name them."""
    by_intent = _ask_stock("intents", ((example.text, example.intent) for example in texts), cases)
    single = ((example.text, example.item) for example in texts if example.item and "," not in example.item)
    by_item = _ask_stock("items", single, cases)
    of_items = [(case, got) for case, (got, _) in zip(cases, by_item, strict=True) if case.outcome == "item"]
    strangers = [got for case, (got, _) in zip(cases, by_item, strict=True) if case.outcome == "not_in_catalogue"]
    no_item = ("nlu_fallback", "absent", "context")
    found = {
        **intent_figures(cases, [got for got, _ in by_intent]),
        "item_right": sum(got in case.items for case, got in of_items) / len(of_items),
        "absent_refused": sum(got in no_item for got in strangers) / len(strangers),
    }
    print("\nstock Rasa pipeline (DIET), same training texts, same messages (test half)")
    _print_figures({"stock": found})
    _print_latency("stock, understanding only", [seconds for _, seconds in by_intent])


def _ask_stock(name: str, labelled: Iterable[tuple[str, str]], cases: Sequence[MessageCase]) -> list[tuple[str, float]]:
    """Predicted label and seconds of each message."""
    blocks: dict[str, list[str]] = {}
    for text, label in labelled:
        blocks.setdefault(label, []).append(text)
    nlu = [{"intent": label, "examples": "".join(f"- {text}\n" for text in own)} for label, own in blocks.items()]
    content = yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True)
    folder = VAR_DIR / "stock"
    folder.mkdir(exist_ok=True)
    data, model = folder / f"{name}.yml", folder / f"{name}.tar.gz"
    if not data.exists() or data.read_text(encoding="utf-8") != content:
        data.write_text(content, encoding="utf-8")
        model.unlink(missing_ok=True)
    finished = subprocess.run(
        [ENGINE.python, "-W", "ignore", "-m", "bot.evaluation.stock", SETS / "stock_config.yml", data, model],
        input=json.dumps([case.text for case in cases]),
        env=engine_environment(Settings.from_environment({"VAR_DIR": str(VAR_DIR)})),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        check=True,
    )
    predictions = json.loads(finished.stdout.splitlines()[-1])
    return [(prediction["name"] or "nlu_fallback", prediction["seconds"]) for prediction in predictions]


def _print_wrong(judged: Sequence[Judged], flaws: Mapping[str, str]) -> None:
    for one in judged:
        if not one.is_right or one.is_wrong_item:
            print(f"{one.case.outcome} {one.case.items} taken for {one.got} {one.codes}: {one.case.text}")
    for name, flaw in flaws.items():
        print(f"{name}: {flaw}")


def _below_floor(found: Mapping[str, float]) -> int:
    """1 if a figure is worse than its limit in `floors.yml`, else 0."""
    limits = yaml.safe_load((SETS / "floors.yml").read_text(encoding="utf-8"))
    broken = [f"{name} {found[name]:.3f} is below {floor}" for name, floor in limits["at_least"].items()
              if found[name] < floor]  # fmt: skip
    broken += [f"{name} {found[name]:.3f} is above {ceiling}" for name, ceiling in limits["at_most"].items()
               if found[name] > ceiling]  # fmt: skip
    for line in broken:
        print(line, file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
