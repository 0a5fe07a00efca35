import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.db import Database
from bot.documents import service
from bot.documents.commands import train_documents_search_command
from bot.documents.importer import import_documents
from bot.documents.search import GOOD_ENOUGH, DocumentIndex, IndexedPassage, knows, teach
from bot.documents.stored_index import StoredRanker, content_of, in_use
from bot.documents.training import SHIPPED_QUESTIONS, read_questions
from bot.documents.words import TermReader
from bot.search import known
from bot.search.files import FileRejected
from bot.search.growth import no_progress
from bot.search.index_folder import IndexFolder
from bot.search.ranker import AnsweredQuestion, PassageRanker
from bot.search.segments import Group

pytestmark = pytest.mark.slow

SAMPLES = SHIPPED_QUESTIONS.parent / "documents"
# The documents say 补发; people say 弄丢 and many other words.
WORDING = TermReader({})
MATTERS = "甲乙丙丁戊己庚辛壬癸子丑"


def passages_about(matters: str) -> list[IndexedPassage]:
    return [
        IndexedPassage(
            number, f"rules.md#{number}", "云河市证件办法", "", "", f"{matter}类证件遗失的，申请补发。", True
        )
        for number, matter in enumerate(matters, start=1)
    ]


@pytest.fixture(scope="module")
def lost() -> tuple[list[IndexedPassage], PassageRanker]:
    passages = passages_about(MATTERS)
    answered = [AnsweredQuestion(f"我的{each.text[0]}本本弄丢啦", (each.name,)) for each in passages]
    return passages, teach(passages, WORDING, [*answered, AnsweredQuestion("周末去哪里钓鱼，癸水边上吗", ())])


def test_a_question_that_no_document_answers_scores_too_low_after_it_was_shown(
    lost: tuple[list[IndexedPassage], PassageRanker],
) -> None:
    passages, ranker = lost
    hits = DocumentIndex.of(passages, WORDING, ranker).search("周末去哪里钓鱼，癸水边上吗", 1)
    assert all(hit.score < GOOD_ENOUGH for hit in hits)


def test_of_many_questions_about_other_things_one_in_twenty_may_score_enough() -> None:
    passages = passages_about(MATTERS)
    lost_ones = [AnsweredQuestion(f"我的{each.text[0]}本本弄丢啦", (each.name,)) for each in passages]
    odd = AnsweredQuestion("甲类证件遗失，申请补发吗", ())
    others = [
        AnsweredQuestion(f"周末去{place}边上钓鱼要不要申请", ()) for place in "东西南北上下左右前后里外山水江湖河海岸"
    ]

    def answered(asked: list[AnsweredQuestion]) -> list[str]:
        index = DocumentIndex.of(passages, WORDING, teach(passages, WORDING, [*lost_ones, *asked]))
        return [each.text for each in asked if any(hit.score >= GOOD_ENOUGH for hit in index.search(each.text, 1))]

    assert answered([odd, *others[:9]]) == []
    assert len(answered([odd, *others])) <= 1


def test_an_index_on_disk_keeps_what_its_ranker_remembers(
    lost: tuple[list[IndexedPassage], PassageRanker], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages, ranker = lost
    stored, folder = StoredRanker("its digest", lambda: ranker), IndexFolder(tmp_path, "sqlite:///city.db")
    group = Group("rules", passages)
    content = content_of(("rules",), len(passages), {}, lambda wanted: [group] if wanted else [], stored)
    with folder.alone():
        folder.save(content.digest, content.build(None, folder, no_progress))
    learnt = DocumentIndex.of(passages, WORDING, ranker)
    monkeypatch.setattr(known, "question_terms", lambda _: pytest.fail("worked out again"))
    whole = folder.of_content(content.digest)
    assert whole
    for asked in ("我的甲本本弄丢啦", "癸类证件遗失"):
        assert in_use(whole, TermReader, stored).search(asked, 3) == learnt.search(asked, 3)


def test_a_ranker_that_was_taught_other_documents_is_not_used(lost: tuple[list[IndexedPassage], PassageRanker]) -> None:
    passages, ranker = lost
    others = [
        IndexedPassage(each.passage_id, f"other.md#{each.passage_id}", each.title, "", "", each.text, True)
        for each in passages
    ]
    assert knows(ranker.questions, {each.name: each for each in passages})
    assert not knows(ranker.questions, {each.name: each for each in others})


def test_the_shipped_questions_name_passages_that_are_there(database: Database) -> None:
    with database.transaction() as session:
        import_documents(session, SAMPLES)
        names = {passage.name for passage in service.current_passages(session)}
    questions = read_questions(SHIPPED_QUESTIONS)
    assert {name for question in questions for name in question.relevant} <= names
    assert sum(bool(question.relevant) for question in questions) >= 220
    assert sum(not question.relevant for question in questions) >= 80


def test_the_shipped_ranker_has_learnt_from_the_shipped_questions() -> None:
    """If not: `train-documents-search --questions bot/samples/documents-questions.jsonl`, and copy what it writes."""
    ranker = PassageRanker.load(service.SHIPPED_RANKER)
    asked = [question.relevant for question in read_questions(SHIPPED_QUESTIONS) if question.relevant]
    assert [question.relevant for question in ranker.questions] == asked


def test_the_sample_documents_are_searched_with_the_shipped_ranker(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    with database.transaction() as session:
        import_documents(session, SAMPLES)
        found = service.search(session, "股东能拿房子或者专利出资吗")
        passages = service.current_passages(session)
    assert found[0].passage.text.startswith("股东除了出钱")
    assert not DocumentIndex.of(passages, WORDING).search("股东能拿房子或者专利出资吗", 1)[0].score >= GOOD_ENOUGH


def test_a_newly_trained_ranker_is_used_without_a_restart(
    database: Database, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    asked = "失业保险金领取期间能领几个月"
    with database.transaction() as session:
        import_documents(session, SAMPLES)
    with database.transaction() as session:
        before = service.search(session, asked)
    part = tmp_path / "questions.jsonl"
    part.write_text("\n".join(SHIPPED_QUESTIONS.read_text().splitlines()[:300]))
    trained = CliRunner().invoke(
        train_documents_search_command,
        ["--questions", str(part)],
        env={"DATABASE_URL": database_url, "VAR_DIR": str(tmp_path)},
    )
    assert trained.exit_code == 0
    with database.transaction() as session:
        learnt = service.search(session, asked)
    assert [found.score for found in learnt] != [found.score for found in before]


def test_a_ranker_that_cannot_be_read_leaves_search_untrained(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    (tmp_path / "documents.ranker").write_text("no ranker")
    with database.transaction() as session:
        import_documents(session, SAMPLES)
        assert service.search(session, "失业保险金领取期间能领几个月")


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"text": "甲", "relevant": []}) + "\n" + json.dumps({"text": "乙"}))
    with pytest.raises(FileRejected, match=r"questions.jsonl:2"):
        read_questions(file)


def test_too_few_questions_are_refused_with_a_sentence(database: Database, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"text": "甲", "relevant": ["a.md#1"]}))
    with database.transaction() as session:
        import_documents(session, SAMPLES)
    refused = CliRunner().invoke(
        train_documents_search_command,
        ["--questions", str(file)],
        env={"DATABASE_URL": database_url, "VAR_DIR": str(tmp_path)},
    )
    assert refused.exit_code == 1
    assert "are needed" in refused.output
    assert not (tmp_path / "documents.ranker").exists()
