"""Writes the stock project: pipeline, domain, rules, training data and the tables that its actions read."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml
from sqlalchemy.orm import Session

from bot.catalogue.models import Item
from bot.disclosures.models import Request
from bot.documents.models import Document, Passage
from bot.lessons.training_texts import TrainingText

RECEIPTS = r"XXGK-\d{4}-\d{6}"
# Intents of ours that the stock project knows too, by their names there. All others are its `out_of_scope`.
INTENTS = {
    "ask_policy": "policy",
    "ask_disclosure_status": "status",
    "file_disclosure": "file",
    "greet": "greet",
    "thank": "greet",
    "goodbye": "greet",
}
ACTIONS = {"policy": "action_policy", "status": "action_status", "greet": "utter_greet", "out_of_scope": "utter_refuse"}
FORM, FORM_SLOTS = "filing_form", ("wanted", "contact")


class Pipeline(StrEnum):
    """`DIET`: with a ResponseSelector that chooses the item. `LOGISTIC`: each item is an intent of its own."""

    DIET = "diet"
    LOGISTIC = "logistic"


@dataclass(frozen=True)
class StockProject:
    folder: Path
    pipeline: Pipeline

    @property
    def model(self) -> Path:
        return self.folder / "models" / "stock.tar.gz"

    def is_trained_on_what_it_has(self) -> bool:
        note = self.folder / "trained_on"
        return note.exists() and note.read_text() == self._digest()

    def note_what_it_was_trained_on(self) -> None:
        (self.folder / "trained_on").write_text(self._digest())

    def _digest(self) -> str:
        parts = (self.folder / name for name in ("config.yml", "domain.yml", "data/nlu.yml", "data/rules.yml"))
        return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.folder / 'city.db'}"


def write_project(project: StockProject, texts: Iterable[TrainingText], session: Session) -> None:
    """Everything but the model. `session`: of our own database, whose items, passages and requests are copied."""
    project.folder.mkdir(parents=True, exist_ok=True)
    examples = _examples(texts, project.pipeline)
    _write(project.folder / "config.yml", _config(project.pipeline))
    _write(project.folder / "data" / "nlu.yml", _nlu(examples))
    _write(project.folder / "data" / "rules.yml", _rules(sorted({name.partition("/")[0] for name in examples})))
    _write(project.folder / "domain.yml", _domain(examples))
    _write(project.folder / "credentials.yml", {"rest": None})
    shutil.copy(Path(__file__).with_name("actions.py"), project.folder / "actions.py")
    _copy_tables(project, session)


def _examples(texts: Iterable[TrainingText], pipeline: Pipeline) -> dict[str, list[str]]:
    """Intent → texts. Texts that belong to several items are left out: a stock project cannot learn them."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in texts:
        if one.item and "," in one.item:
            continue
        found[_intent(one, pipeline)].append(one.text)
    found["status"] += [f"查一下[XXGK-2026-{number:06}](receipt)" for number in range(101, 121)]
    return dict(found)


def _intent(one: TrainingText, pipeline: Pipeline) -> str:
    if one.item:
        code = one.item.replace("-", "_")
        return f"item/{code}" if pipeline is Pipeline.DIET else code
    return INTENTS.get(one.intent, "out_of_scope")


def _config(pipeline: Pipeline) -> dict[str, Any]:
    words = [
        {"name": "JiebaTokenizer"},
        {"name": "RegexFeaturizer", "use_word_boundaries": False},
        {"name": "CountVectorsFeaturizer"},
        {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    ]
    learnt: dict[Pipeline, list[dict[str, Any]]] = {
        Pipeline.DIET: [
            {"name": "LexicalSyntacticFeaturizer"},
            {"name": "DIETClassifier", "epochs": 20, "constrain_similarities": True, "entity_recognition": False},
            {"name": "ResponseSelector", "epochs": 40, "constrain_similarities": True, "retrieval_intent": "item"},
        ],
        Pipeline.LOGISTIC: [{"name": "LogisticRegressionClassifier", "solver": "liblinear"}],
    }
    return {
        "recipe": "default.v1",
        "assistant_id": "stock",
        "language": "zh",
        "pipeline": [
            *words,
            *learnt[pipeline],
            {"name": "RegexEntityExtractor", "use_word_boundaries": False, "use_lookup_tables": False},
            {"name": "FallbackClassifier", "threshold": 0.3},
        ],
        "policies": [{"name": "RulePolicy", "core_fallback_threshold": 0.3}],
    }


def _nlu(examples: dict[str, list[str]]) -> dict[str, Any]:
    blocks = [{"intent": name, "examples": "".join(f"- {text}\n" for text in own)} for name, own in examples.items()]
    return {"version": "3.1", "nlu": [*blocks, {"regex": "receipt", "examples": f"- {RECEIPTS}\n"}]}


def _rules(intents: Iterable[str]) -> dict[str, Any]:
    rules: list[dict[str, Any]] = [
        {
            "rule": intent,
            "steps": [{"intent": intent}, {"action": ACTIONS.get(intent, "action_item")}],
        }
        for intent in intents
        if intent != "file"
    ]
    form = {"active_loop": FORM}
    rules.append({"rule": "file", "steps": [{"intent": "file"}, {"action": FORM}, form]})
    ends = [{"action": FORM}, {"active_loop": None}, {"action": "action_file"}]
    rules.append({"rule": "filed", "condition": [form], "steps": ends})
    rules.append({"rule": "unsure", "steps": [{"intent": "nlu_fallback"}, {"action": "utter_refuse"}]})
    return {"version": "3.1", "rules": rules}


def _slot(**mapping: Any) -> dict[str, Any]:
    return {"type": "text", "influence_conversation": False, "mappings": [mapping]}


def _domain(examples: dict[str, list[str]]) -> dict[str, Any]:
    form = {"active_loop": FORM}
    asked = {name: _slot(type="from_text", conditions=[{**form, "requested_slot": name}]) for name in FORM_SLOTS}
    responses = {
        "utter_greet": "您好，请问您要问什么？",
        "utter_refuse": "这个问题我还不会，请拨打热线。",
        "utter_ask_wanted": "您要申请公开什么信息？",
        "utter_ask_contact": "怎么联系您？",
        # A retrieval intent wants a response for each key; what is said comes from the action.
        **{f"utter_{name}": name for name in examples if "/" in name},
    }
    return {
        "version": "3.1",
        "intents": [{name: {"use_entities": []}} for name in sorted({one.partition("/")[0] for one in examples})],
        "entities": ["receipt"],
        "slots": {"item": _slot(type="custom"), **asked},
        "forms": {FORM: {"required_slots": list(FORM_SLOTS)}},
        "responses": {name: [{"text": text}] for name, text in responses.items()},
        "actions": ["action_item", "action_policy", "action_status", "action_file"],
        "session_config": {"session_expiration_time": 60, "carry_over_slots_to_new_session": False},
    }


def _copy_tables(project: StockProject, session: Session) -> None:
    (project.folder / "city.db").unlink(missing_ok=True)
    engine = sa.create_engine(project.database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE items (code TEXT PRIMARY KEY, name TEXT, guide TEXT)"))
        connection.execute(sa.text("CREATE TABLE requests (receipt TEXT PRIMARY KEY, status TEXT)"))
        connection.execute(sa.text("CREATE VIRTUAL TABLE passages USING fts5 (title, text, tokenize = 'trigram')"))
        items = [
            {"code": item.code, "name": item.name, "guide": _guide(item)} for item in session.scalars(sa.select(Item))
        ]
        connection.execute(sa.text("INSERT INTO items VALUES (:code, :name, :guide)"), items)
        requests = session.scalars(sa.select(Request.receipt))
        rows = [{"receipt": receipt, "status": "办理中"} for receipt in requests]
        connection.execute(sa.text("INSERT INTO requests VALUES (:receipt, :status)"), rows)
        of_documents = sa.select(Document.title, Passage.text).join(Document, Document.id == Passage.document_id)
        passages = [{"title": title, "text": text} for title, text in session.execute(of_documents)]
        connection.execute(sa.text("INSERT INTO passages VALUES (:title, :text)"), passages)
    engine.dispose()


def _guide(item: Item) -> str:
    """The whole guide as text, since a stock intent of an item does not tell which part is asked."""
    materials = "；".join(material.name for material in item.materials)
    return (
        f"{item.name}\n材料：{materials}\n办理：{item.office.name}，{item.office.address}\n费用：{item.fee or '不收费'}"
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def endpoints(project: StockProject, actions_port: int) -> Path:
    """The file for `rasa run --endpoints`: a tracker in SQLite, as ours, and the stock action server."""
    path = project.folder / "endpoints.yml"
    tracker = {"type": "SQL", "dialect": "sqlite", "db": str(project.folder / "trackers.db")}
    actions = {"url": f"http://127.0.0.1:{actions_port}/webhook"}
    path.write_text(json.dumps({"tracker_store": tracker, "action_endpoint": actions}), encoding="utf-8")
    return path
