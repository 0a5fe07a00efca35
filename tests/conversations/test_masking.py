import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations.masking import for_sending, mask, mask_contact, without_query_codes


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("我的身份证是11010519491231002X", "我的身份证是[身份证号]"),
        ("11010519491231002x能办吗", "[身份证号]能办吗"),
        ("110105 19491231 002X", "[身份证号]"),
        ("电话13800138000", "电话[手机号]"),
        ("打我+86 138 0013 8000", "打我[手机号]"),
        ("卡号6222 0212 3456 7890 123", "卡号[银行卡号]"),
        ("家里座机0990-8812345", "家里座机[电话]"),
        ("发到li.si@example.cn", "发到[邮箱]"),
        ("我叫王小明，想问低保", "我叫[姓名]，想问低保"),
        ("电话１３８００１３８０００", "电话[手机号]"),
        ("Ｋ７Ｍ２－９ＱＸＤ", "[查询码]"),
        ("k7m2 — 9qxd", "[查询码]"),
        ("编号XXGK-2026-000123，查询码k7m2-9qxd", "编号XXGK-2026-000123，查询码[查询码]"),
    ],
)
def test_personal_data_is_replaced_by_what_it_was(said: str, masked: str) -> None:
    assert mask(said) == masked


def test_a_street_address_is_masked_and_the_rest_stays() -> None:
    masked = mask("我住清江区安澜路16号3栋2单元501室，去哪办居住证")
    assert masked.endswith("[地址]，去哪办居住证")
    assert "安澜路" not in masked


@pytest.mark.parametrize("harmless", ["第三十三条", "20个工作日", "XXGK-2026-000123", "GA-001", "2026-03-01", "12345"])
def test_numbers_that_are_nobodys_are_left_alone(harmless: str) -> None:
    assert mask(harmless) == harmless


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.sampled_from(["", "我的电话是", "请打", "，"]))
def test_no_mobile_phone_survives(phone: str, before: str) -> None:
    assert phone not in mask(before + phone + "谢谢")


@given(st.text(max_size=200))
def test_masking_takes_any_text_and_is_done_once(text: str) -> None:
    assert mask(mask(text)) == mask(text)


def test_a_query_code_is_cut_even_from_what_is_stored() -> None:
    assert "7H4K" not in without_query_codes("XXGK-2026-000123 7H4K9QXD")


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("证件号11010519491231002X已核对", "证件号[身份证号]已核对"),
        ("退到6222 0212 3456 7890 123", "退到[银行卡号]"),
        ("查询码：K7M2-9QXD", "查询码：[查询码]"),
        ("像 ABCD-2345 这样，您的是k7m29qxd", "像 ABCD-2345 这样，您的是[查询码]"),
        ("１１０１０５１９４９１２３１００２Ｘ", "[身份证号]"),
    ],
)
def test_what_leaves_has_no_identity_number_card_or_query_code(written: str, sent: str) -> None:
    assert for_sending(written) == sent
    assert for_sending(sent) == sent


@pytest.mark.parametrize(
    "office", ["请打 0990-8810130 或 13800138000", "云河市清江区安澜路16号", "回执号：XXGK-2026-000123", "AJ-000001"]
)
def test_what_people_ask_offices_for_leaves_as_it_is(office: str) -> None:
    assert for_sending(office) == office


@given(st.text(max_size=100), st.from_regex(r"[1-9]\d{16}[\dX]", fullmatch=True), st.text("办事，。 ", max_size=9))
def test_no_identity_number_leaves(before: str, number: str, after: str) -> None:
    assert number not in for_sending(f"{before}，{number}{after}")


def test_a_short_contact_does_not_show_through_its_mask() -> None:
    assert mask_contact("13900138000") == "139****8000"
    assert mask_contact("a@b.cn") == "a****"
