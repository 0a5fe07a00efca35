from bot.replies.handoff import LEAVE_CONTACT, handed_over


def test_off_duty_one_may_leave_a_contact() -> None:
    reply = handed_over("AJ-000001", False, "工作日 09:00—17:30", "12345")
    assert LEAVE_CONTACT in reply.buttons
    assert "手机号" in reply.text
    assert reply.custom == {"kind": "handoff", "case": "AJ-000001", "online": False}


def test_on_duty_a_person_comes_soon_and_nothing_is_asked() -> None:
    reply = handed_over("AJ-000001", True, "工作日 09:00—17:30", "12345")
    assert reply.buttons == ()
    assert "尽快" in reply.text


def test_by_text_the_answer_comes_by_itself_and_no_number_is_asked_for() -> None:
    for is_on_duty in (True, False):
        reply = handed_over("AJ-000001", is_on_duty, "工作日 09:00—17:30", "12345", is_by_text=True)
        assert reply.buttons == ()
        assert "直接发给您" in reply.text
        assert "回到这个对话" not in reply.text
