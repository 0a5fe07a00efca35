"""Trains `acts.npz` and `offices.npz` on letters that we may not ship; the files hold only figures.

Labelled letters have an act. For other letters, the title shows the act (“投诉…” is a complaint), and the office that
the official reply names is in charge. Our own wordings (`data/nlu`, `wordings.csv`) teach short messages.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from bot.json_lines import read_lines
from bot.language.text import normalise
from bot.letters.acts import ASK, COMPLAIN, PRAISE, REQUEST, SUGGEST, TAKEN_DOWN
from bot.letters.features import features
from bot.letters.linear import LinearModel
from bot.letters.offices import DUTIES, OTHERS
from bot.places import LABELLED, ROOT

# Kind in the labelled files → act.
_ACT_OF_KIND = {
    "consult": ASK,
    "status": ASK,
    "complaint": COMPLAIN,
    "suggestion": SUGGEST,
    "request": REQUEST,
    "praise": PRAISE,
}
_ACT_OF_TITLE = (
    (ASK, re.compile("^(?:咨询|请问|询问|想问|问问|想咨询|问)|咨询$|的咨询|请教")),
    (SUGGEST, re.compile("^(?:建议|呼吁)|建议$|的建议|^希望.{0,8}(?:增|加|开|延|改|建|设|装|提高|推|出台)")),
    (COMPLAIN, re.compile("^(?:投诉|举报|反映|质疑|反对|强烈|坚决|再次)|投诉$|举报$|扰民|违规|违法|隐患$|乱象")),
    (REQUEST, re.compile("^(?:求助|请求|恳请|求|盼)")),
)
_MAY_ASK = re.compile("吗[?]?$|[?]$|政策$")
_HANDED_TO = re.compile("(?:转|交办|转交|转至|转给|批转)(?:至|给|由)?(.{2,20})")
_OTHER_OFFICES = re.compile(
    "财政局|税务|发改|发展和改革|电力|供电|自来水|水业集团|水务集团|燃气|农业|林业|纪委|信访局|法院|组织部|安监|应急管理"
    "|经信|商务|轨道|地铁|移动|电信|联通|扶贫"
)

# Weights of texts, where a labelled letter weighs 1.
WEIGHT_OF_TITLE, WEIGHT_OF_WORDING, WEIGHT_OF_EXAMPLE = 0.1, 0.5, 0.02
# `friendly.csv` has letters of all acts with words of thanks or praise. With a higher weight they teach the model to
# miss complaints and requests.
WEIGHT_OF_FRIENDLY = 0.075
# A public letter that we labelled, a letter that we wrote, and a short question.
WEIGHT_OF_READ, WEIGHT_OF_OWN, WEIGHT_OF_QUESTION = 0.4, 0.3, 0.1
# Titles that ask are rare, and questions are what must not be misjudged.
WEIGHT_OF_ASKING_TITLE = 4 * WEIGHT_OF_TITLE
WEIGHT_OF_ITEM, WEIGHT_OF_ROUTE = 0.05, 0.2


@dataclass(frozen=True)
class Taught:
    """A text to learn from. `label`: an act or a duty. `source`: texts of one source are held out together."""

    text: str
    label: str
    weight: float
    source: str = ""


def labelled_letters(path: Path) -> list[Taught]:
    """Reads lines of `{"text", "kind", "source"}`."""
    return [
        Taught(line["text"], _ACT_OF_KIND[line["kind"]], 1.0, line["source"].rpartition("#")[2])
        for line in read_lines(path)
    ]


def further_letters(path: Path) -> list[Taught]:
    """Reads lines of `{"id", "topic", "text"}`: letters that `public-letters.jsonl` labels, and others whose title
    shows the act."""
    kinds = {line["id"]: line["kind"] for line in read_lines(LABELLED / "public-letters.jsonl")}
    taught = []
    for line in read_lines(path):
        source = line["id"].rpartition("-")[2]
        if kind := kinds.get(line["id"]):
            taught.append(Taught(line["text"], _ACT_OF_KIND[kind], WEIGHT_OF_READ, source))
        elif act := _act_of_title(normalise(line["topic"])):
            weight = WEIGHT_OF_ASKING_TITLE if act == ASK else WEIGHT_OF_TITLE
            taught.append(Taught(line["text"], act, weight, source))
    return taught


def own_wordings() -> list[Taught]:
    """Our own texts: `wordings.csv`, `friendly.csv`, `data/nlu`, our letters and questions. What shows no act asks."""
    taught = []
    for name, weight in (("wordings", WEIGHT_OF_WORDING), ("friendly", WEIGHT_OF_FRIENDLY)):
        with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            taught += [Taught(row["text"], row["act"], weight) for row in csv.DictReader(file)]
    for line in read_lines(LABELLED / "letters.jsonl"):
        taught.append(Taught(line["text"], _ACT_OF_KIND[line["kind"]], WEIGHT_OF_OWN))
    taught += [Taught(line["text"], ASK, WEIGHT_OF_QUESTION) for line in read_lines(LABELLED / "questions.jsonl")]
    for intent, text in _examples():
        act = intent if intent in TAKEN_DOWN else ASK
        taught.append(Taught(text, act, WEIGHT_OF_WORDING if act != ASK else WEIGHT_OF_EXAMPLE))
    return taught


def answered_letters(path: Path) -> list[Taught]:
    """Reads lines of `{"id", "topic", "text", "reply"}`: the letters whose reply names one office."""
    taught = []
    for line in read_lines(path):
        duty = _office_in(line.get("reply") or "")
        if duty:
            taught.append(Taught(f"{line['topic']}。{line['text']}", duty, 1.0, line["id"]))
    return taught


def written_duties() -> list[Taught]:
    """Duties from our own data: the wordings of items, and the triggers of routes."""
    of_items = {
        code: duty
        for code, office in _columns("catalogue/items", "事项编码", "实施部门")
        if (duty := _duty_shown_by(office))
    }
    taught = [Taught(text, of_items[code], WEIGHT_OF_ITEM) for code, text in _item_wordings() if code in of_items]
    for office, phrases in _columns("routes/routes", "归口", "触发词"):
        duty = _duty_shown_by(office)
        if duty:
            taught += [Taught(phrase, duty, WEIGHT_OF_ROUTE) for phrase in phrases.splitlines()]
    return taught


def rows_of(taught: Sequence[Taught]) -> csr_matrix:
    return vstack([csr_matrix(features(one.text)) for one in taught], format="csr")


def fit(rows: csr_matrix, labels: Sequence[str], weights: Sequence[float], strength: float = 1.0) -> LinearModel:
    """Fits a linear model. `strength`: a lower one gives a smoother model."""
    model = LogisticRegression(C=strength, max_iter=300).fit(rows, labels, sample_weight=weights)
    weights_of, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        weights_of, bias = np.vstack([-weights_of / 2, weights_of / 2]), np.concatenate([-bias / 2, bias / 2])
    return LinearModel(tuple(model.classes_), weights_of.astype(np.float32), bias.astype(np.float32))


def fit_acts(rows: csr_matrix, taught: Sequence[Taught]) -> dict[str, LinearModel]:
    weights = [one.weight for one in taught]
    take = fit(rows, ["take" if one.label != ASK else ASK for one in taught], weights)
    kept = [number for number, one in enumerate(taught) if one.label != ASK]
    kind = fit(rows[kept], [taught[number].label for number in kept], [weights[number] for number in kept], 3.0)
    return {"take": take, "kind": kind}


def fit_duties(rows: csr_matrix, taught: Sequence[Taught]) -> LinearModel:
    return fit(rows, [one.label for one in taught], [one.weight for one in taught], 3.0)


def _act_of_title(title: str) -> str | None:
    """The act that a title shows. A title that only names a matter complains; None if it may be a question."""
    named = next((act for act, pattern in _ACT_OF_TITLE if pattern.search(title)), None)
    return named or (None if _MAY_ASK.search(title) else COMPLAIN)


def _office_in(reply: str) -> str | None:
    """The duty of the office in a reply: the one that got the letter, else one in its first lines, else any."""
    handed = _HANDED_TO.search(reply[:300])
    for part in (handed[1] if handed else "", reply[:160], reply):
        counts = {duty: len(re.findall(shown, part)) for duty, shown in DUTIES.items()}
        counts[OTHERS] = len(_OTHER_OFFICES.findall(part))
        first, second = sorted(counts.values(), reverse=True)[:2]
        if first and first >= 2 * second:
            return max(counts, key=lambda duty: counts[duty])
    return None


def _duty_shown_by(office: str) -> str | None:
    shown = [duty for duty, pattern in DUTIES.items() if re.search(pattern, office)]
    return shown[0] if len(shown) == 1 else None


def _examples() -> Iterator[tuple[str, str]]:
    """Pairs of intent and text from the training data."""
    for file in sorted((ROOT / "data" / "nlu").rglob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            for line in str(block.get("examples", "")).splitlines() if "intent" in block else ():
                yield block["intent"], line.removeprefix("- ")


def _item_wordings() -> Iterator[tuple[str, str]]:
    """Pairs of item code and text from the training data."""
    for file in sorted((ROOT / "data" / "nlu" / "items").glob("*.yml")):
        for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
            code = str((block.get("metadata") or {}).get("item", ""))
            for line in str(block.get("examples", "")).splitlines():
                yield code, line.removeprefix("- ")


def _columns(table: str, *names: str) -> Iterator[tuple[str, ...]]:
    """The columns `names` of a table of the sample city, row by row."""
    with (ROOT / "bot" / "samples" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield tuple(row[name] or "" for name in names)
