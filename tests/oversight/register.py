"""A small register for the tests of oversight: a city, two departments, and requests."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from bot.catalogue.models import City, Department
from bot.disclosures.models import Event, Request
from bot.disclosures.terms import ApplicantKind, Decision, Kind, Step
from bot.oversight.typed import Figure, Text, Typed

NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def add_city(session: Session) -> None:
    session.add(City(name="云河市", is_sample=True, hotline="12345", hotline_hours="全天", portal_url=""))
    session.add(Department(code="SL", name="水利局", short_names=[], phone="0990-1"))
    session.add(Department(code="GA", name="公安局", short_names=[], phone="0990-2"))
    session.flush()


def request(
    serial: int,
    received_on: date,
    *steps: Step,
    department: str = "SL",
    kind: ApplicantKind = ApplicantKind.NATURAL_PERSON,
) -> Request:
    history = [Step(Kind.RECEIVED, received_on), *steps]
    return Request(
        receipt=f"XXGK-{received_on.year}-{serial:06d}",
        query_code_hash="",
        applicant_kind=kind.value,
        applicant_masked="王**",
        description="规划图则",
        department_code=department,
        received_on=received_on,
        submitted_via="网上",
        outcome=next((step.outcome.value for step in steps if step.outcome), None),
        events=[Event.of(step, position) for position, step in enumerate(history, start=1)],
    )


def answered(on: date, outcome: Decision = Decision.GRANTED) -> Step:
    return Step(Kind.ANSWERED, on, outcome=outcome)


def typed(**figures: str) -> Typed:
    """Every text and figure, so that nothing is missing; figures that are not named are 0."""
    return Typed(
        dict.fromkeys(Text, "本年度工作平稳。"),
        {figure: figures.get(figure.value, "0") for figure in Figure},
    )
