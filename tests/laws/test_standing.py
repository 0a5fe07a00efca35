from collections.abc import Sequence
from datetime import date

import pytest

from bot.laws.standing import Kind, Laws, LawVersion, Repeal, Standing

MAY, AUGUST, LATER = date(2026, 5, 16), date(2026, 8, 15), date(2026, 11, 28)
OLD = LawVersion("中华人民共和国山水法", date(2014, 4, 24), date(2015, 1, 1), "有效")
CODE = LawVersion("中华人民共和国山水法典", date(2026, 3, 12), AUGUST, "尚未生效")
CLAUSE = Repeal("", AUGUST, CODE.title, "第九条")


def laws(*versions: LawVersion, repeals: Sequence[Repeal] = ()) -> Laws:
    by_name: dict[str, list[LawVersion]] = {}
    for one in versions:
        by_name.setdefault(one.title.removeprefix("中华人民共和国"), []).append(one)
    return Laws(by_name, {"山水法": repeals}, {"云河市养犬办法": Standing(Kind.REPEALED, MAY)}, "云河市")


@pytest.mark.parametrize(
    ("name", "on", "kind", "since"),
    [
        # The list of May calls the old law 有效 and the code 尚未生效; the day of the clause decides.
        ("山水法", MAY, Kind.ENDS, AUGUST),
        ("山水法", AUGUST, Kind.REPEALED, AUGUST),
        ("中华人民共和国山水法典", MAY, Kind.NOT_YET, AUGUST),
        ("山水法典", AUGUST, Kind.IN_FORCE, AUGUST),
        ("林木法", MAY, Kind.UNKNOWN, None),
        ("海江市林木条例", MAY, Kind.LOCAL, None),
        ("云河市养犬办法", LATER, Kind.REPEALED, MAY),
    ],
)
def test_the_day_decides_and_not_the_list(name: str, on: date, kind: Kind, since: date | None) -> None:
    standing = laws(OLD, CODE, repeals=[CLAUSE]).standing(name, on)
    assert (standing.kind, standing.since) == (kind, since)


def test_a_repeal_names_who_ended_it() -> None:
    standing = laws(OLD, CODE, repeals=[CLAUSE]).standing("山水法", LATER)
    assert (standing.by, standing.article) == ("中华人民共和国山水法典", "第九条")


def test_a_law_of_the_same_name_made_later_is_not_meant_by_the_clause() -> None:
    again = LawVersion("山水法", date(2027, 1, 1), date(2027, 3, 1), "有效")
    assert laws(OLD, again, repeals=[CLAUSE]).standing("山水法", date(2027, 3, 1)).kind == Kind.IN_FORCE


def test_a_newer_version_counts_from_its_day() -> None:
    new = LawVersion("山水法", date(2026, 4, 29), date(2026, 7, 1), "尚未生效")
    both = laws(OLD, new)
    written = date(2026, 1, 1)
    assert both.standing("山水法", date(2026, 6, 30), written_on=written) == Standing(
        Kind.CHANGES, date(2026, 7, 1), "山水法"
    )
    assert both.standing("山水法", date(2026, 7, 1), written_on=written).kind == Kind.AMENDED
    assert both.standing("山水法", date(2026, 7, 1), written_on=date(2026, 7, 1)).kind == Kind.IN_FORCE
    assert both.standing("山水法", date(2026, 7, 1), year=2014).kind == Kind.AMENDED
    assert both.standing("山水法", date(2026, 7, 1), year=2026).kind == Kind.IN_FORCE


def test_an_amended_text_keeps_the_day_of_its_first_version() -> None:
    amended = LawVersion("山水法", date(2020, 1, 1), date(2015, 1, 1), "有效")
    assert laws(OLD, amended).standing("山水法", date(2020, 1, 1)).since == date(2020, 1, 1)


def test_a_law_cited_before_its_first_day_is_not_amended_by_it() -> None:
    first = LawVersion("山水法", date(2023, 8, 16), date(2023, 12, 1), "有效")
    assert laws(first).standing("山水法", LATER, written_on=date(2023, 10, 1)).kind == Kind.IN_FORCE


@pytest.mark.parametrize(
    ("status", "kind"),
    [("已废止", Kind.REPEALED), ("已修改", Kind.AMENDED), ("未知", Kind.UNKNOWN), ("", Kind.UNKNOWN)],
)
def test_without_dates_the_status_of_the_list_counts(status: str, kind: Kind) -> None:
    assert laws(LawVersion("山水法", OLD.published_on, None, status)).standing("山水法", LATER).kind == kind


def test_a_clause_about_a_part_concerns_who_cites_the_part() -> None:
    part = Repeal("第三十二条第一款", AUGUST, "乙解释", "第二十一条")
    index = laws(OLD, repeals=[part])
    assert index.standing("山水法", LATER, articles="第三十二条").kind == Kind.AMENDED
    assert index.standing("山水法", LATER, articles="第三十三条").kind == Kind.IN_FORCE
