"""Approved lessons as Rasa's training data, in the form of `data/nlu`."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from bot.language.masking import mask
from bot.language.text import bare
from bot.lessons.labels import FACET_INTENTS, Label
from bot.lessons.models import Lesson
from bot.lessons.service import label_of
from bot.settings import Settings
from bot.whole_files import write_whole

logger = logging.getLogger(__name__)

# The marks that masking leaves say nothing about the question.
_MARK = re.compile(r"\[[^\[\]]*\]")
# Rasa reads these as annotations of entities, and a leading slash as an intent.
_ANNOTATION = re.compile(r"[\[\]{}()|\\]")


def export(settings: Settings, lessons: Sequence[Lesson]) -> str | None:
    """Writes the lessons whole or not at all. Returns the file's name, a digest of its content; None if it has none.

    A file is never changed, since the models made from it refer to its name.
    """
    content = as_yaml(lessons)
    if content is None:
        return None
    name = hashlib.sha256(content.encode()).hexdigest()[:16] + ".yml"
    path = settings.lessons_dir / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    return name


def as_yaml(lessons: Iterable[Lesson]) -> str | None:
    """The same text for the same lessons in any order; None if nothing is left to learn."""
    blocks: dict[tuple[str, str, str], set[str]] = {}
    for lesson in lessons:
        text = training_text(lesson.text)
        if text is None:
            logger.warning("lesson %d is not exported: nothing is left of it, or it may hold personal data", lesson.id)
            continue
        blocks.setdefault(_block_of(label_of(lesson)), set()).add(text)
    if not blocks:
        return None
    nlu = [_as_rasa(*key, sorted(texts)) for key, texts in sorted(blocks.items())]
    return yaml.dump({"version": "3.1", "nlu": nlu}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)


def training_text(text: str) -> str | None:
    """One line that Rasa reads as plain words; None if no words are left, or masking would still change it."""
    plain = " ".join(_ANNOTATION.sub(" ", _MARK.sub(" ", mask(text))).split()).lstrip("/ ")
    return plain if bare(plain) and mask(plain) == plain else None


def _block_of(label: Label) -> tuple[str, str, str]:
    """Intent, `item` and `matter` as `bot.engine.recogniser.training_examples` reads them, empty where there is none.

    A facet without an item is asked about the previous item.
    """
    if label.absent_matter:
        return label.intent, "absent", label.absent_matter
    return label.intent, ",".join(label.items) or ("context" if label.intent in FACET_INTENTS else ""), ""


def _as_rasa(intent: str, item: str, matter: str, texts: Sequence[str]) -> dict[str, Any]:
    metadata = {"items" if "," in item else "item": item} | ({"matter": matter} if matter else {})
    examples = _Block("".join(f"- {text}\n" for text in texts))
    return {"intent": intent, **({"metadata": metadata} if item else {}), "examples": examples}


class _Block(str):
    """A text that YAML writes line by line (`|`)."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)
