"""Asks one model everything: the fixed messages and conversations, labelled letters and dialogues, the newest lessons,
Rasa's conversation tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from bot.evaluation.asking import Asker
from bot.evaluation.cases import SETS, ConversationCase, MessageCase, read_conversations, read_messages
from bot.evaluation.intents import intent_figures
from bot.evaluation.labelled import Labelled, dialogues, labelled_figures, letters
from bot.evaluation.scoring import Judged, figures
from bot.language.text import bare
from bot.lessons.labels import OUT_OF_SCOPE, Label
from bot.lessons.models import Lesson
from bot.lessons.service import label_of
from bot.lessons.training_texts import is_new, training_texts
from bot.running.model_making import run_in_engine
from bot.running.services import actions_service, engine_service
from bot.settings import Settings

STORIES = SETS / "stories"
# The floors were set for this half; nobody looked at it while choosing settings.
HALF = "test"
# Sort of answer that a lesson names → the outcome of a right reply.
_GOT = {"doc": "policy", "route": "routed"}


@dataclass(frozen=True)
class Questions:
    messages: list[MessageCase]
    conversations: list[ConversationCase]
    lessons: list[Lesson]
    letters: list[Labelled] = field(default_factory=list)
    dialogues: list[list[Labelled]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many messages a model is asked."""
        turns = sum(len(one.turns) for one in self.conversations) + sum(map(len, self.dialogues))
        return len(self.messages) + len(self.lessons) + len(self.letters) + turns


@dataclass(frozen=True)
class LessonJudged:
    lesson: Lesson
    judged: Judged

    @property
    def is_done(self) -> bool:
        """Whether the answer is the one that the lesson asks for."""
        return does(label_of(self.lesson), self.judged)


@dataclass(frozen=True)
class Measured:
    """`conversations`: name of each conversation that went wrong → where. `conversation_count`: the number of all."""

    model: str
    figures: dict[str, float]
    messages: list[Judged]
    conversations: dict[str, str]
    conversation_count: int
    lessons: list[LessonJudged]


def questions(lessons: Sequence[Lesson], most_messages: int | None) -> Questions:
    """The questions for both models, without messages that are training texts or lessons.

    Args:
        most_messages: at most this many, spread evenly over the file; None for all.
    """
    known = frozenset(bare(text) for text in (*(e.text for e in training_texts()), *(one.text for one in lessons)))
    fair = [case for case in read_messages(SETS / "messages.jsonl") if case.split == HALF and is_new(case.text, known)]
    step = max(1, -(-len(fair) // most_messages)) if most_messages else 1
    conversations = read_conversations(SETS / "conversations.yml")
    return Questions(fair[::step], conversations, list(lessons), letters(), dialogues())


def measure(settings: Settings, model: Path, asked: Questions, on_answer: Callable[[int], None]) -> Measured:
    """Starts engine and actions with the model, and asks the questions.

    Args:
        on_answer: called after each message with the number of those asked until now, in another thread.

    Raises:
        bot.running.services.NeverReady
    """
    return asyncio.run(_measure(settings, model, asked, on_answer))


async def _measure(settings: Settings, model: Path, asked: Questions, on_answer: Callable[[int], None]) -> Measured:
    async with _running(settings, model) as url:
        answers = await asyncio.to_thread(_ask, Asker(url, on_answer), model.name.removesuffix(".tar.gz"), asked)
    right = await asyncio.to_thread(conversation_tests_right, settings, model)
    return replace(answers, figures={**answers.figures, "conversation_tests_right": right})


def _ask(asker: Asker, model: str, asked: Questions) -> Measured:
    judged = asker.judge_messages(asked.messages)
    flaws = asker.flaws(asked.conversations)
    cases = [_case(label_of(lesson), lesson.text) for lesson in asked.lessons]
    lessons = [
        LessonJudged(lesson, answer)
        for lesson, answer in zip(asked.lessons, asker.judge_messages(cases), strict=True)
    ]  # fmt: skip
    found = {**figures(judged), **intent_figures(asked.messages, [one.intent for one in judged])}
    found["conversations_right"] = 1 - len(flaws) / len(asked.conversations)
    found |= labelled_figures(asker.ask, asked.letters, asked.dialogues)
    if lessons:
        found["lessons_right"] = sum(one.is_done for one in lessons) / len(lessons)
    return Measured(model, found, judged, flaws, len(asked.conversations), lessons)


def conversation_tests_right(settings: Settings, model: Path) -> float:
    """The share of the stories of `bot/evaluation/sets` for which `rasa test` predicts all intents and actions."""
    out = settings.var_dir / "conversation-tests"
    finished = run_in_engine(
        settings, "rasa", "test", "core", "--no-plot", "--model", model, "--stories", STORIES, "--out", out
    )
    report = out / "failed_test_stories.yml"
    if finished.returncode != 0 or not report.exists():
        return 0.0
    failed = yaml.safe_load(report.read_text(encoding="utf-8")) or {}
    report.unlink()
    count = sum(len(yaml.safe_load(path.read_text(encoding="utf-8"))["stories"]) for path in STORIES.glob("test_*.yml"))
    return 1 - len(failed.get("stories", [])) / count


def does(label: Label, judged: Judged) -> bool:
    """Whether a message was answered as the label asks. One that needs its context is judged by intent."""
    if label.answer:
        # The running assistant takes the passage or route from the lesson itself; the model only has to lead there.
        return judged.got == _GOT[label.answer.partition(":")[0]]
    if label.absent_matter or label.intent == OUT_OF_SCOPE:
        return judged.is_right
    if label.items:
        has_facet = not label.facets or judged.got != "item" or judged.facet in label.facets
        return judged.item_is_right and not judged.is_wrong_item and has_facet
    return judged.intent == label.intent


def _case(label: Label, text: str) -> MessageCase:
    outcome = "item"
    if label.answer:
        outcome = "policy"
    elif label.absent_matter:
        outcome = "not_in_catalogue"
    elif label.intent == OUT_OF_SCOPE:
        outcome = "out_of_scope"
    elif len(label.items) > 1:
        outcome = "choices"
    return MessageCase(text, outcome, label.items, label.facets, "lesson")


@asynccontextmanager
async def _running(settings: Settings, model: Path) -> AsyncIterator[str]:
    """The engine's address, for as long as the block runs."""
    started = [engine_service(settings, model, settings.engine_port), actions_service(settings)]
    try:
        for service in started:
            await service.start()
        await asyncio.gather(*(service.wait_until_ready() for service in started))
        yield settings.engine_url
    finally:
        await asyncio.gather(*(service.stop() for service in started))
