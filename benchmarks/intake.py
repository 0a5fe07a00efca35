"""What a larger collection of documents costs: import, indexes, memory, one more document, the time of a question.

    .venv/web/bin/python -m benchmarks.intake 1000 10000 100000

Makes so many passages, loads them beside the sample city, each size in a process of its own, and prints a table with
the ratio of each figure to that of the smallest size. What grows more than the passages do is a fault.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import migrations
from bot.answering.renewal import build_all
from bot.answering.service import answering
from bot.db import Database
from bot.documents import service as documents
from bot.documents.importer import import_in_parts
from bot.places import ROOT, SAMPLES
from bot.running.sample_city import load_sample_city
from bot.settings import Settings

_PASSAGES_OF_A_DOCUMENT = 50
_QUESTIONS = ("养犬登记怎么办", "身份证丢了怎么补", "居住证多久签注一次", "公积金能取吗", "失业金能领几个月")
_ASKED = 40
_OF_QUESTIONS = ("question, ms", "search of documents, ms")


def main(sizes: list[int]) -> None:
    rows = [_apart("build", size) for size in sizes]
    print(f"{'':<28}" + "".join(f"{size:>12,}" for size in sizes) + "   ratio to the first")
    for name in rows[0]:
        values = [row[name] for row in rows]
        ratios = " ".join(f"{value / max(values[0], 1e-9):.1f}" for value in values[1:])
        print(f"{name:<28}" + "".join(f"{value:>12.3f}" for value in values) + f"   {ratios}")


def _apart(part: str, size: int, folder: str = "") -> dict[str, float]:
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.intake", part, str(size), folder],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return figures


def build(size: int, _: str) -> dict[str, float]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write_documents(size, folder / "documents")
        database, settings = _city(folder)
        figures = {"import, s": _seconds(lambda: import_in_parts(database, folder / "documents"))}
        figures["import, peak MB"] = _peak_mb()
        figures["indexes, s"] = _seconds(lambda: build_all(database, settings))
        figures["indexes, peak MB"] = _peak_mb()
        database.close()
        before = _apart("ask", size, name)
        figures["indexes on disk, MB"] = sum(_size(path) for path in (folder / "var").glob("*-index/*")) / (1 << 20)
        figures |= _apart("add", size, name)
        after = _apart("ask", size, name)
        return {**figures, **before, **{f"{name}, after": after[name] for name in _OF_QUESTIONS}}


def add(size: int, folder: str) -> dict[str, float]:
    """One more document; what building takes beside what the process takes anyway, and with nothing to do."""
    database, settings = _city(Path(folder))
    build_all(database, settings, anew=True)
    before, nothing = _peak_mb(), _seconds(lambda: build_all(database, settings, anew=True))
    more = Path(folder) / "more"
    _write_documents(_PASSAGES_OF_A_DOCUMENT, more, first=size)
    import_in_parts(database, more)
    figures = {"one more document, s": _seconds(lambda: build_all(database, settings))}
    figures["of it with nothing to do, s"] = nothing
    figures["one more document, MB"] = _peak_mb() - before
    return figures


def ask(_: int, folder: str) -> dict[str, float]:
    """As the action server does: loads what another process has built."""
    database, _settings = _city(Path(folder))
    with database.transaction() as session:
        before = _rss_mb()
        figures = {"loading, s": _seconds(lambda: (answering(session), documents.alike(session, "养犬")))}
        figures["loaded, MB of its own"] = _rss_mb() - before
        index = answering(session)
        figures["question, ms"] = _median_ms(index.decide)
        figures["search of documents, ms"] = _median_ms(lambda text: documents.alike(session, text))
    return figures


def _city(folder: Path) -> tuple[Database, Settings]:
    os.environ |= {"VAR_DIR": str(folder / "var"), "ENCODER": "off"}
    settings = Settings.from_environment()
    database = Database(settings.database_url)
    migrations.upgrade(database.engine)
    load_sample_city(database)
    return database, settings


def _asked() -> list[str]:
    return [_QUESTIONS[number % len(_QUESTIONS)] for number in range(_ASKED)]


def _write_documents(passages: int, folder: Path, first: int = 0) -> None:
    """Rules of invented names; their sentences are those of the sample city, in another order."""
    folder.mkdir()
    chance = random.Random(7 + first)  # noqa: S311
    lines = [line for path in sorted((SAMPLES / "documents").rglob("*.md")) for line in path.read_text().splitlines()]
    sentences = [part for line in lines for part in line.split("。") if 10 < len(part) < 80 and "#" not in part]
    names = [first + second for first in "云河江山石桥林泉湖海东西南北" for second in "城乡水土林田矿渔牧工商学医路桥"]
    for number in range(first, first + passages // _PASSAGES_OF_A_DOCUMENT):
        matter = chance.choice(names) + chance.choice(names)
        text = [f"---\ntitle: 云河市{matter}管理办法\nnumber: 云府规〔{2000 + number % 26}〕{number + 1}号\n---\n"]
        for article in range(1, _PASSAGES_OF_A_DOCUMENT + 1):
            said = "。".join(chance.choice(sentences).replace("养犬", matter) for _ in range(chance.randint(2, 5)))
            text.append(f"第{article}条 {chance.choice(names)}：{said}。\n")
        (folder / f"{number:05d}.md").write_text("\n".join(text), encoding="utf-8")


def _seconds(work: Callable[[], object]) -> float:
    """The processor's time, with that of the processes that were started; other programs do not change it."""
    began = sum(os.times()[:4])
    work()
    return sum(os.times()[:4]) - began


def _median_ms(ask: Callable[[str], object]) -> float:
    took = []
    for text in _asked():
        began = time.process_time()
        ask(text)
        took.append(time.process_time() - began)
    return 1000 * statistics.median(took)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _rss_mb() -> float:
    """Memory of this process alone, without the mapped files."""
    status = Path("/proc/self/status").read_text()
    return float(status.split("RssAnon:")[1].split()[0]) / 1024


if __name__ == "__main__":
    first, *rest = sys.argv[1:] or ["1000", "10000"]
    if first in ("build", "ask", "add"):
        print(json.dumps({"build": build, "ask": ask, "add": add}[first](int(rest[0]), rest[1])))
    else:
        main([int(size) for size in (first, *rest)])
