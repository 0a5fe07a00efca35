"""Teaches the search over documents from a file of questions.

Three wordings and more a passage. With one for most, a question that is withheld has its answer where no other known
question has one, and the trees seemed to learn to shun passages that have answered: of 70 questions by another author
(policy in `bot/evaluation/sets`) such a ranker answered 2. With the 1,663 shipped, four for most passages, the first
passage is right for 62 % of the questions held out instead of 49 %, and of the 70 it answers 56, two of them wrongly;
untrained 54, four of them wrongly. That ranker ships (`documents.service.SHIPPED_RANKER`).
"""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy.orm import Session

from bot.documents.search import teach
from bot.documents.service import current_passages
from bot.documents.words import Wording
from bot.search.files import FileRejected
from bot.search.ranker import AnsweredQuestion
from bot.settings import ROOT
from bot.synonyms.service import synonyms

SHIPPED_QUESTIONS = ROOT / "bot" / "samples" / "documents-questions.jsonl"


def read_questions(path: Path) -> list[AnsweredQuestion]:
    """Lines of {"id","text","relevant":["<document key>#<position>"]}; an empty list where no document answers.

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
    """Writes the ranker for the documents as they are; returns how many questions it was shown.

    Raises:
        FileRejected: the questions cannot be read.
        TooFewQuestions: the documents answer too few of them.
    """
    asked = read_questions(questions)
    learnt = teach(current_passages(session), Wording(synonyms(session)), asked)
    ranker.parent.mkdir(parents=True, exist_ok=True)
    learnt.save(ranker)
    return len(asked)
