from bot.conversations.outcomes import Outcome
from bot.referrals.models import Route
from bot.replies.reply import PERSON
from bot.replies.routes import route_answer


def route(category: str, **known: str) -> Route:
    values = {"phone": "12368", "legal_basis": "", "url": "", **known}
    return Route(code="LX-070", name="立案", category=category, answer="请打 12368。", in_charge="人民法院", **values)


def test_a_route_says_who_is_in_charge_and_on_what_it_rests() -> None:
    reply = route_answer(route("法院和复议", legal_basis="《民事诉讼法》第一百二十二条"))
    assert reply.text == "请打 12368。\n归口：人民法院；电话：12368；依据：《民事诉讼法》第一百二十二条"
    assert reply.outcome is Outcome.ROUTED
    assert reply.custom == {"kind": "route", "code": "LX-070", "phone": "12368", "url": ""}
    assert reply.buttons == (PERSON,)


def test_a_route_is_silent_about_what_is_not_known() -> None:
    assert route_answer(route("生活服务", phone="")).text == "请打 12368。\n归口：人民法院"


def test_an_emergency_is_told_the_number_and_nothing_else() -> None:
    reply = route_answer(route("紧急求助", legal_basis="《消防法》第四十四条"))
    assert reply.text == "请打 12368。"
    assert reply.buttons == ()
    assert reply.custom == {"kind": "route", "code": "LX-070", "phone": "12368", "url": ""}
