"""Trains the search over documents on a file of questions.

The file needs at least three questions for each passage. With one question for most passages, the answer to a held-out
question answers no other training question, and the trees seemed to learn to avoid passages that answer one: such a
ranker answered 2 of 70 questions by another author (policy in `bot/evaluation/sets`). With 1,663 questions,
four for most passages, the first passage is right for 62 % of the held-out questions instead of 49 %. Of the 70 that
ranker answers 56, two of them wrongly; untrained search answers 54, four of them wrongly. The shipped ranker
(`documents.service.SHIPPED_RANKER`) has learnt from all shipped questions since; it answers 49 of the 70.
"""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.orm import Session

from bot.documents.search import teach
from bot.documents.service import current_passages
from bot.documents.words import TermReader
from bot.places import ROOT
from bot.search.files import FileRejected
from bot.search.ranker import AnsweredQuestion
from bot.synonyms.service import synonyms

SHIPPED_QUESTIONS = ROOT / "bot" / "samples" / "documents-questions.jsonl"


def read_questions(path: Path) -> list[AnsweredQuestion]:
    """Lines of {"id","text","relevant":["<document key>#<position>"]}; an empty list if no document answers.

    Raises:
        FileRejected: a line cannot be used; the message names it.
    """
    questions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            text, relevant = record["text"], record["relevant"]
        except (ValueError, KeyError, TypeError):
            raise FileRejected(f'{path}:{number}: {{"text","relevant"}} is expected') from None
        if not isinstance(text, str) or not isinstance(relevant, list) or not all(isinstance(x, str) for x in relevant):
            raise FileRejected(f"{path}:{number}: relevant must be a list of names of passages")
        questions.append(AnsweredQuestion(text, tuple(relevant)))
    if not questions:
        raise FileRejected(f"{path}: no questions")
    return questions


def train_ranker(session: Session, questions: Path, ranker: Path) -> int:
    """Trains a ranker on the current documents and writes it to `ranker`; returns the number of questions.

    Raises:
        FileRejected: the questions cannot be read.
        TooFewQuestions: the documents answer too few of them.
    """
    asked = read_questions(questions)
    learnt = teach(current_passages(session), TermReader(synonyms(session)), asked)
    ranker.parent.mkdir(parents=True, exist_ok=True)
    learnt.save(ranker)
    return len(asked)
