"""Two organs of a small city, with departments, for the tests of publishing."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from bot.catalogue.models import City, Department
from bot.db import Database
from bot.publishing import service
from bot.publishing.models import Duty, Information, Organ
from bot.publishing.service import DirectoryEntry

NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
TODAY = date(2026, 11, 25)


def add_organs(session: Session) -> None:
    """公安局 and 民政局, unless the departments are there already; the second is in charge."""
    if session.get(City, "云河市") is None:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
    for place, (code, name) in enumerate((("GA", "公安局"), ("MZ", "民政局"))):
        if session.get(Department, code) is None:
            session.add(Department(code=code, name=name, short_names=[], phone="0990-1"))
        session.add(
            Organ(
                code=code,
                position=place,
                name=f"云河市{name}",
                department_code=code,
                in_charge=place == 1,
                duties="做好本职工作",
                address="云政大道1号",
                hours="周一至周五",
                phone="0990-8810110",
                office=f"云河市{name}办公室",
                office_address="云政大道2号",
                office_hours="周一至周五 9:00—12:00",
                office_phone="0990-8810111",
                fax="0990-8810112",
                online="https://yunhe.example",
            )
        )
    session.flush()


def fill(database: Database) -> None:
    with database.transaction() as session:
        add_organs(session)


def duty(code: str = "GA-01", **values: object) -> Duty:
    given = {
        "organ_code": "GA",
        "subject": "监督检查",
        "content": "抽检结果",
        "basis": "《政府信息公开条例》第二十条第十三项",
        "frequency": "每次变更",
        "days": 20,
        "unit": "工作日",
        "until": "",
        "term_basis": "《政府信息公开条例》第二十六条",
    }
    return Duty(code=code, **{**given, **values})


def enter(
    session: Session,
    title: str = "某项检查结果",
    made_on: date = date(2026, 11, 2),
    organ: str = "GA",
    now: datetime = NOW,
    **more: object,
) -> Information:
    entry = DirectoryEntry(organ_code=organ, subject="监督检查", title=title, made_on=made_on, **more)  # type: ignore[arg-type]
    return service.enter(session, entry, who="clerk", now=now)


def publish(session: Session, row: Information, on: date = date(2026, 11, 10), now: datetime = NOW) -> Information:
    return service.publish(
        session,
        row.id,
        published_on=on,
        reviewed_by="张三",
        url="https://yunhe.example/1",
        document="",
        who="clerk",
        now=now,
    )
