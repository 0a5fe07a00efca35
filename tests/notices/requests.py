"""A request of 水利局 in 云河市, with its applicant sealed or only on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from bot.catalogue.models import City, Department, RemedyOffice
from bot.catalogue.remedies import Way
from bot.db import Database
from bot.disclosures import service as disclosures
from bot.disclosures.models import Applicant, Request
from bot.disclosures.terms import ApplicantKind, Step
from bot.sealing import Sealer, own_sealer

RECEIPT, CODE = "XXGK-2026-000123", "K7M2-9QXD"
NOW = datetime(2026, 11, 25, 2, tzinfo=UTC)
TODAY = date(2026, 11, 25)
NAME = "王小明"
ASKED = "滨河绿地规划图则。"
IDENTITY = {
    "name": NAME,
    "identity_kind": "身份证件",
    "identity_number": "11010519491231002X",
    "contact": "13900138000",
    "address": "清江区和园路8号",
}


def sealer() -> Sealer:
    return own_sealer()


def add_city(session: Session) -> None:
    if session.get(City, "云河市") is None:
        session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
        for code, name in (("SL", "水利局"), ("JY", "教育局")):
            session.add(Department(code=code, name=name, short_names=[], phone="0990-8810630"))
        add_remedy_office(session)
        session.flush()


def add_remedy_office(session: Session) -> None:
    """Where reconsideration against every department is sought."""
    session.add(
        RemedyOffice(
            way=Way.RECONSIDERATION.value,
            department_code=None,
            organ="云河市人民政府",
            received_by="云河市司法局",
            address="云政大道88号",
            phone="0990-8810730",
            url="https://yunhe.example",
        )
    )


def add_request(
    database: Database,
    *steps: Step,
    receipt: str = RECEIPT,
    received_on: date = date(2026, 11, 18),
    kind: ApplicantKind = ApplicantKind.NATURAL_PERSON,
    is_filed_here: bool = True,
) -> str:
    with database.transaction() as session:
        add_city(session)
        disclosures.record_request(
            session,
            receipt=receipt,
            query_code=CODE,
            applicant_kind=kind,
            applicant=NAME,
            description=ASKED,
            department_code="SL",
            received_on=received_on,
            submitted_via="网上",
        )
        if is_filed_here:
            session.add(Applicant(receipt=receipt, sealed=sealer().seal_object(IDENTITY), digest=sealer().digest("x")))
        session.get_one(Request, receipt).delivery = "邮寄"
        for step in steps:
            disclosures.record_event(session, receipt, step)
    return receipt
