from datetime import date

from bot.conversations.outcomes import Outcome
from bot.conversations.subjects import ApprovalItem, PolicyAnswer, QuotedSource, Subject
from bot.laws.standing import Kind, Laws, LawVersion, Repeal, Standing
from bot.replies.laws import text_with_standing, with_standing
from bot.replies.reply import Reply

AUGUST = date(2026, 8, 15)
LAWS = Laws(
    {
        "山水法": [LawVersion("中华人民共和国山水法", date(2014, 4, 24), None, "有效")],
        "山水法典": [LawVersion("中华人民共和国山水法典", date(2026, 3, 12), AUGUST, "尚未生效")],
        "林木条例": [
            LawVersion("林木条例", date(2010, 1, 1), None, "有效"),
            LawVersion("林木条例", date(2026, 6, 1), date(2026, 9, 1), "尚未生效"),
        ],
    },
    {"山水法": [Repeal("", AUGUST, "中华人民共和国山水法典", "第九条")]},
    {"云河市养犬办法": Standing(Kind.REPEALED, date(2025, 4, 1))},
)


def said(text: str, on: date, about: Subject | None = None) -> Reply:
    return with_standing([Reply(text, Outcome.ANSWERED_BY_RECORD, about)], LAWS, on)[0]


def quoting(document: str, passage: str) -> PolicyAnswer:
    return PolicyAnswer((QuotedSource(document, None, None, passage, None, None, in_force=True),))


def test_a_repealed_law_is_marked_after_its_name_and_told_since_when() -> None:
    assert said("依据：《中华人民共和国山水法》第三条、《山水法》第五条", AUGUST).text == (
        "依据：《中华人民共和国山水法》【已废止】第三条、《山水法》【已废止】第五条\n"
        "注意：《中华人民共和国山水法》2026年8月15日起已由《山水法典》废止。\n"
        "注意：《山水法》2026年8月15日起已由《山水法典》废止。"
    )


def test_what_takes_effect_within_ninety_days_is_announced_with_its_day() -> None:
    notice = "注意：2026年8月15日起按《山水法典》，《山水法》同日废止。"
    assert said("《山水法》第三条", date(2026, 6, 1)).text == f"《山水法》第三条\n{notice}"
    assert said("《山水法》第三条", date(2026, 5, 1)).text == "《山水法》第三条"
    assert "2026年9月1日起按新的《林木条例》" in said("《林木条例》第三条", date(2026, 8, 1)).text
    assert "《山水法典》2026年8月15日起施行" in said("《山水法典》第三条", date(2026, 4, 1)).text


def test_what_says_so_itself_and_what_is_in_force_stay_as_they_are() -> None:
    for text in ("《山水法典》第三条", "《山水法》同时废止", "【已废止】《云河市养犬办法》", "《养犬登记表》", "您好"):
        assert said(text, date(2026, 11, 28)).text == text


def test_a_quotation_stays_word_for_word_and_the_line_below_marks_it() -> None:
    text = "《云河市绿地办法》第二条：\n“按《山水法》第三条办理。\n不收费。”\n相关的还有：《云河市养犬办法》。"
    quoted = quoting("云河市绿地办法", "按《山水法》第三条办理。\n不收费。")
    reply = said(text, AUGUST, quoted)
    assert "“按《山水法》第三条办理。\n不收费。”" in reply.text
    assert "相关的还有：《云河市养犬办法》【已废止】。" in reply.text
    assert "注意：引文里的《山水法》【已废止】，2026年8月15日起已由《山水法典》废止。" in reply.text
    assert reply.about == quoted


def test_programs_and_cards_get_the_standing_beside_the_law() -> None:
    data = {"legal_basis": [{"law": "山水法", "article": "第三条", "gist": "…"}], "note": "见《山水法》"}
    custom = said("好", AUGUST, ApprovalItem("GA-003", "证", "fee", data)).custom
    assert custom is not None
    assert custom["data"]["legal_basis"][0]["standing"] == "已废止"
    assert custom["data"]["note"] == "见《山水法》【已废止】"


def test_a_law_that_is_among_the_documents_is_not_called_in_force_after_its_repeal() -> None:
    text = "《中华人民共和国山水法》（主席令第9号，2014-04-24 公布，现行有效）第三条：\n“不得倾倒。”"
    quoted = quoting("中华人民共和国山水法", "不得倾倒。")
    reply = said(text, AUGUST, quoted)
    title, rest = reply.text.split("\n", 1)
    assert title == "《中华人民共和国山水法》【已废止】（主席令第9号，2014-04-24 公布，2026-08-15 废止）第三条："
    assert rest.startswith("“不得倾倒。”\n注意：")
    assert reply.custom is not None
    assert reply.custom["sources"][0]["in_force"] is False
    assert "现行有效" in said(text, date(2026, 1, 1), quoted).text


def test_a_text_that_is_sent_by_itself_is_marked_too() -> None:
    text = text_with_standing("请在期限内补正（《山水法》第三条）。", LAWS, AUGUST)
    assert text.startswith("请在期限内补正（《山水法》【已废止】第三条）。\n注意：")
