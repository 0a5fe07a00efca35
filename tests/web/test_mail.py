"""Answers by mail, sent to a real SMTP server (aiosmtpd): what arrives, what is tried again, what is left for staff."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.conversations.channels import MAIL
from bot.db import Database, utcnow
from bot.doctor import configuration
from bot.doctor.finding import Level
from bot.helpline import outbox, staff_lines
from bot.helpline.models import Outgoing
from bot.helpline.outbox import OutgoingState
from bot.helpline.subscribers import mail_address, subscriber_of
from bot.helpline.texts import Leaving
from bot.reviews import handling
from bot.running.ports import free_port
from bot.settings import Settings
from bot.web.carriers.carrier import Refused, TryLater
from bot.web.carriers.mail import MailCarrier, mail_of
from bot.web.carriers.sending import Sending
from bot.web.metrics import Metrics
from bot.web.rates import rate_limiter
from tests.databases import set_up
from tests.helpline.test_staff_lines import portal_case
from tests.helpline.town import QUIET, SEALER, add_city
from tests.reviews.town import add_person

ADDRESS = "wang.fang@example.com"
TEXT = "您好，您之前问的（编号 AJ-000001）有答复了。工作人员：到居住地派出所办。"


@dataclass
class MailServer:
    """Takes what it is given; while there are `answers`, it gives those instead, first to the recipient."""

    mails: list[EmailMessage] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_content: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_RCPT(self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any) -> str:
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        self.recipients.append(address)
        return "250 OK"

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:
        if self.to_content:
            return self.to_content.pop(0)
        self.mails.append(cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=policy.default)))
        return "250 OK"


@contextmanager
def serving(server: MailServer, **others: Any) -> Iterator[dict[str, str]]:
    """Runs the server on a free port; what the settings must say to reach it, without TLS."""
    controller = Controller(server, hostname="127.0.0.1", port=free_port(), **others)
    controller.start()
    try:
        yield {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(controller.port),
            "SMTP_TLS": "off",
            "SMTP_FROM": "云河政务助手 <noreply@city.gov.cn>",
        }
    finally:
        controller.stop()


def carrier(environ: dict[str, str]) -> MailCarrier:
    mail = Settings.from_environment(environ).mail
    assert mail is not None
    return MailCarrier(mail)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'test.db'}")
    set_up(made)
    yield made
    made.close()


def sending(database: Database, environ: dict[str, str]) -> Sending:
    settings = Settings.from_environment(environ)
    return Sending(database, SEALER, settings.helpline, rate_limiter(settings), Metrics(), {MAIL: carrier(environ)})


def the_only(database: Database) -> Outgoing:
    with database.transaction() as session:
        return session.scalars(select(Outgoing)).one()


async def test_a_clerks_answer_arrives_as_a_plain_mail(database: Database) -> None:
    with database.transaction() as session:
        add_city(session)
        case, person = portal_case(session, ADDRESS), add_person(session, "李四")
        handling.claim(session, case, person, utcnow())
        handling.reply(session, case, person, utcnow(), "到居住地派出所办。", is_final=True)
        (line,) = staff_lines.not_collected(session, SEALER, utcnow(), [MAIL])
        staff_lines.collect(session, SEALER, QUIET, line, utcnow())
        text = session.scalars(select(Outgoing)).one()
        text.due_at = text.made_at  # whatever the hour is
    with serving(server := MailServer()) as environ:
        out = sending(database, environ)
        (subscriber_id,) = out.find([])
        await out.send_next_to(subscriber_id)
    (mail,), sent = server.mails, the_only(database)
    assert (sent.state, sent.gateway_id) == (OutgoingState.SENT, sent.key)
    assert server.recipients == [ADDRESS]
    assert (mail["To"], mail["From"]) == (ADDRESS, "云河政务助手 <noreply@city.gov.cn>")
    assert (mail["Message-ID"], mail["Auto-Submitted"]) == (f"<{sent.key}@city.gov.cn>", "auto-generated")
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().startswith(TEXT)
    assert "请不要直接回复" in mail.get_content()


@pytest.mark.parametrize(
    ("answers", "state", "told"),
    [
        ({"to_recipient": ["550 no wang.fang@example.com here"]}, OutgoingState.DEAD, "邮件服务器不收收件地址（550）"),
        ({"to_recipient": ["450 wait"]}, OutgoingState.WAITING, "邮件服务器不收收件地址（450）"),
        ({"to_content": ["554 spam"]}, OutgoingState.DEAD, "邮件服务器不收这封邮件（554）"),
        ({"to_content": ["451 full"]}, OutgoingState.WAITING, "邮件服务器不收这封邮件（451）"),
    ],
)
async def test_what_a_mail_server_does_not_take_is_tried_again_or_left_for_staff(
    database: Database, answers: dict[str, list[str]], state: OutgoingState, told: str
) -> None:
    with database.transaction() as session:
        citizen = subscriber_of(session, SEALER, MAIL, ADDRESS)
        outbox.put(session, citizen, TEXT, utcnow())
    with serving(server := MailServer(**answers)) as environ:
        out = sending(database, environ)
        await out.send_next_to(citizen.id)
        text = the_only(database)
        assert (text.state, text.trouble) == (state, told)
        with database.transaction() as session:  # by staff, or when the pause is over
            outbox.try_again(session.get_one(Outgoing, text.id), utcnow())
        await out.send_next_to(citizen.id)
    assert the_only(database).state == OutgoingState.SENT
    assert [mail["Message-ID"] for mail in server.mails] == [f"<{text.key}@city.gov.cn>"]


async def test_nothing_is_lost_while_the_server_is_down_or_our_password_is_wrong() -> None:
    leaving = Leaving("key", ADDRESS, TEXT)
    nowhere = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(free_port()), "SMTP_TLS": "off", "SMTP_FROM": "a@city.gov.cn"}
    with pytest.raises(TryLater, match="连不上"):
        await carrier(nowhere).send(leaving)

    def knows(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"city", b"right"), handled=False)

    asks = {"authenticator": knows, "auth_required": True, "auth_require_tls": False}
    with serving(server := MailServer(), **asks) as environ:
        with pytest.raises(TryLater, match="不让发"):
            await carrier({**environ, "SMTP_USER": "city", "SMTP_PASSWORD": "wrong"}).send(leaving)
        right = {**environ, "SMTP_USER": "city", "SMTP_PASSWORD": "right"}
        await carrier(right).send(leaving)
        assert len(server.mails) == 1
        for environ, level in ((right, Level.RIGHT), ({**right, "SMTP_PASSWORD": "wrong"}, Level.WRONG)):
            (found,) = configuration.mail_server(Settings.from_environment(environ), configuration.log_in)
            assert found.level is level
    (found,) = configuration.mail_server(Settings.from_environment(nowhere), configuration.log_in)
    assert (found.level, "用不了" in found.said) == (Level.WRONG, True)


@pytest.mark.machine_clock
@pytest.mark.parametrize("tls", ["on", "starttls"])
async def test_mail_goes_over_tls_and_only_to_a_server_with_a_certificate_that_is_trusted(
    tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    how = {"ssl_context": context} if tls == "on" else {"tls_context": context, "require_starttls": True}
    leaving = Leaving("key", ADDRESS, TEXT)
    with serving(server := MailServer(), **how) as plain:
        environ = {**plain, "SMTP_HOST": "localhost", "SMTP_TLS": tls}
        with pytest.raises(TryLater):
            await carrier(environ).send(leaving)
        assert server.recipients == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        await carrier(environ).send(leaving)
        (found,) = configuration.mail_server(Settings.from_environment(environ), configuration.log_in)
    assert (len(server.mails), found.level) == (1, Level.RIGHT)


def self_signed(folder: Path) -> Path:
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


@given(st.one_of(st.text(), st.from_regex(r"[a-z.]{1,9}@[a-z.]{1,9}[\r\n,;<> a-zA-Z:@]*")), st.text())
def test_no_address_and_no_text_adds_a_header_or_a_recipient(address: str, text: str) -> None:
    mail = Settings.from_environment({"SMTP_HOST": "smtp.city.gov.cn", "SMTP_FROM": "a@city.gov.cn"}).mail
    assert mail is not None
    try:
        made = mail_of(Leaving("key", address, text), mail, utcnow())
    except Refused:
        return
    read = cast(EmailMessage, message_from_bytes(made.as_bytes(), policy=policy.default))
    assert set(read.keys()) == set(made.keys())
    assert len(read["To"].addresses) == 1
    known = mail_address(address)
    assert read["To"].addresses[0].addr_spec == known
    assert known is not None
    box, _, host = known.rpartition("@")
    typed_box, _, typed_host = address.strip().rpartition("@")
    # Only the part after the @ means the same in capitals.
    assert (box, host.casefold()) == (typed_box, typed_host.casefold())
