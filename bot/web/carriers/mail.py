"""Mail to citizens, by the city's own mail server (SMTP submission, RFC 6409). Nothing that is sent back is read."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from bot.db import utcnow
from bot.helpline.subscribers import mail_address
from bot.helpline.texts import Leaving
from bot.replies import helpline as wording
from bot.settings import MailSettings
from bot.web.carriers.carrier import Refused, TryLater
from bot.workdays import CHINA

TIMEOUT_SECONDS = 20.0
# RFC 5321, 4.2.1: the server will not take this mail, however often it is tried.
_FOR_GOOD = 500


class MailCarrier:
    """Sends a text (`bot.web.carriers.carrier.Carrier`) as a plain mail. Its key is the Message-ID.

    An attempt whose end was not heard of is made again with the same Message-ID, by which mail programs know it.
    """

    def __init__(self, settings: MailSettings) -> None:
        self._settings = settings

    async def send(self, leaving: Leaving) -> str:
        message = mail_of(leaving, self._settings, utcnow())
        try:
            await aiosmtplib.send(
                message,
                hostname=self._settings.host,
                port=self._settings.port,
                username=self._settings.user,
                password=self._settings.password,
                use_tls=self._settings.tls == "on",
                start_tls=self._settings.tls == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _trouble("收件地址", min(each.code for each in error.recipients)) from None
        except aiosmtplib.SMTPDataError as error:
            raise _trouble("这封邮件", error.code) from None
        except aiosmtplib.SMTPResponseException as error:  # of the sender or of our account: mended by the operator
            raise TryLater(f"邮件服务器不让发（{type(error).__name__} {error.code}）") from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise TryLater(f"连不上邮件服务器（{type(error).__name__}）") from None
        return leaving.key


def mail_of(leaving: Leaving, settings: MailSettings, now: datetime) -> EmailMessage:
    """Raises Refused: the address is none. So nothing that stands in it adds a header or a recipient."""
    to = mail_address(leaving.user)
    if to is None:
        raise Refused("收件地址写得不对")
    message = EmailMessage()
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = wording.mail_subject()
    message["Date"] = format_datetime(now.astimezone(CHINA))
    message["Message-ID"] = f"<{leaving.key}@{settings.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notices in return
    message.set_content(f"{leaving.text}\n\n{wording.mail_foot()}\n", cte="base64")
    return message


def _trouble(what: str, code: int) -> TryLater | Refused:
    """Without the server's own words, which may repeat the address."""
    said = f"邮件服务器不收{what}（{code}）"
    return Refused(said) if code >= _FOR_GOOD else TryLater(said)
