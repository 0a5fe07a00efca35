import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.laws.citations import article_keys, find_citations, is_law, is_local, is_said_to_end, short_name

NUMERALS = ("一", "五", "十", "二十三", "一百零二", "一千二百四十二")
ARTICLES = st.builds(
    lambda number, sub, part: f"第{number}条{sub}{part}",
    st.sampled_from(NUMERALS),
    st.sampled_from(("", "之一")),
    st.sampled_from(("", "第二款", "第一款第三项")),
)
NAMES = st.builds(
    lambda state, name, kind: state + name + kind,
    st.sampled_from(("", "中华人民共和国")),
    st.text("城镇燃气管理档案", min_size=1, max_size=8),
    st.sampled_from(("法", "条例", "规定", "办法", "实施细则", "办法（试行）")),
)
CITATIONS = st.tuples(
    NAMES,
    st.sampled_from(("", "2025修订", "2018年修正")),
    st.lists(ARTICLES, max_size=4),
    st.sampled_from(("、", "和")),
)


@given(st.lists(CITATIONS, max_size=5), st.sampled_from(("；", "，", "和", "以及", "。")))
def test_what_is_cited_is_found_as_it_was_written(cited: list[tuple[str, str, list[str], str]], between: str) -> None:
    text = between.join(
        f"《{law}》{f'（{version}）' if version else ''}{joint.join(articles)}"
        for law, version, articles, joint in cited
    )
    found = list(find_citations(text))
    assert [(one.law, one.version, one.articles) for one in found] == [
        (law, version, joint.join(articles)) for law, version, articles, joint in cited
    ]
    assert all(text[one.start : one.end].startswith(f"《{one.law}") for one in found)


@given(st.text("《》〈〉（）第条之款项、和至一二十百千零0123年法", max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    for one in find_citations(text):
        assert all(key.replace("-", "").isdecimal() for key in article_keys(one.articles))


@pytest.mark.parametrize(
    ("text", "law", "version", "articles"),
    [
        ("《公司法（2023年修订）》第三条", "公司法", "2023年修订", "第三条"),
        ("《关于审理案件的规定》（法释〔2017〕12号）", "关于审理案件的规定", "", ""),
        ("《国务院关于实施〈公司法〉的规定》第二条", "国务院关于实施〈公司法〉的规定", "", "第二条"),
        ("依《行政复议法》第二十三条第一款第三项、第四项", "行政复议法", "", "第二十三条第一款第三项、第四项"),
    ],
)
def test_brackets_and_inner_titles(text: str, law: str, version: str, articles: str) -> None:
    (found,) = find_citations(text)
    assert (found.law, found.version, found.articles) == (law, version, articles)


@pytest.mark.parametrize(
    ("articles", "keys"),
    [
        ("第三十一条、第三十条第二款", ("30", "31")),
        ("第四条至第六条", ("4", "5", "6")),
        ("第一百三十三条之一", ("133-1",)),
        ("", ()),
    ],
)
def test_articles_are_compared_by_number(articles: str, keys: tuple[str, ...]) -> None:
    assert article_keys(articles) == keys


def test_names_are_the_same_with_and_without_the_state() -> None:
    assert short_name("中华人民共和国消防法") == short_name("消防法")
    assert short_name("中华人民共和国宪法（2018年修正文本）") == short_name("宪法")
    assert short_name("国务院关于实施《中华人民共和国公司法》的规定") == short_name("国务院关于实施〈公司法〉的规定")


def test_forms_and_local_rules_are_told_from_national_laws() -> None:
    assert [is_law(name) for name in ("居住证暂行条例", "收养登记办法（试行）", "食品经营许可证", "使用方法")] == [
        True,
        True,
        False,
        False,
    ]
    names = ("海江市供水条例", "江东省信访条例", "城市供水条例", "全国城市管理条例", "云河供水办法")
    assert [is_local(name, "云河") for name in names] == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("text", "says_so"),
    [
        ("《收养法》同时废止。", True),
        ("《收养法》、《担保法》（1995年）同时废止。", True),
        ("《收养法》【已废止】第三条", True),
        ("《收养法》（2021年1月1日废止）", True),
        ("《收养法》第三条规定的收养", False),
        ("违反《担保法》的，废止其登记", False),
    ],
)
def test_a_text_may_say_itself_that_a_law_has_ended(text: str, says_so: bool) -> None:
    assert is_said_to_end(text, next(find_citations(text))) == says_so
