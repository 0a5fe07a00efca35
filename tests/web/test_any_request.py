"""No request breaks the interfaces for programs, and each is answered as our own OpenAPI documents say.

schemathesis makes the requests, right ones and wrong ones; `tests/effort.py` says how many.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import given
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from bot.api_keys import service as api_keys
from bot.api_keys.models import KeyScope
from bot.db import Database, utcnow
from bot.places import ROOT
from bot.web.carriers.signing import signed_headers
from bot.web.openapi import DOCUMENT
from tests.conftest import postgresql_programs
from tests.databases import with_sample_catalogue
from tests.effort import effort
from tests.web.served import served

SECRET = "a-secret-of-the-test"
CONTRACTS = (("sms-gateway.openapi.yml", "/helpline/sms/"), ("work-order-contract.yaml", "/city-orders/"))
# A signed button, and a file of some format, are more than a schema can say. Signatures are tested by others.
BEYOND = [ignored_auth, positive_data_acceptance]
_addresses = (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}" for number in count(1))


def operations(document: dict[str, Any], under: str = "/") -> list[Any]:
    """What we answer. Parts that are down make `/readyz` say 503, and there are none here."""
    found = [each.ok() for each in schemathesis.openapi.from_dict(document).get_all_operations()]
    return [one for one in found if one.path.startswith(under) and one.path != "/readyz"]


def signed_operations() -> list[Any]:
    load_all_checks()
    return [
        one
        for name, under in CONTRACTS
        for one in operations(yaml.safe_load((ROOT / "docs" / name).read_text(encoding="utf-8")), under)
    ]


def any_case(operation: Any) -> st.SearchStrategy[Any]:
    """Requests as the document allows them, and others if there is anything that it forbids."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    may_be_wrong = bool(operation.body) or bool(operation.query)
    return right | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE) if may_be_wrong else right


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    """Scope → a key of this scope."""
    return {}


@pytest.fixture(scope="module")
def address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]
) -> Iterator[str]:
    """On PostgreSQL where it is installed, which refuses more than SQLite does: NUL, for one."""
    folder = tmp_path_factory.mktemp("served")
    url = request.getfixturevalue("postgresql_kept") if postgresql_programs() else f"sqlite:///{folder}/test.db"
    systems = {"SMS_GATEWAY_URL": "http://127.0.0.1:9/texts", "SMS_SECRET": SECRET}
    orders = {"CITY_ORDERS_URL": "http://127.0.0.1:9", "CITY_ORDERS_KEY": "k" * 20, "CITY_ORDERS_SECRET": SECRET}
    with served(
        folder, with_sample_catalogue, DATABASE_URL=url, PROXY_COUNT="1", ENCODER="off", **systems, **orders
    ) as found:
        database = Database(url)
        with database.transaction() as session:
            for scope in KeyScope:
                keys[scope] = api_keys.add(session, scope, 10**6, who="terminal:a", now=utcnow(), scope=scope)
        database.close()
        yield found


@pytest.mark.parametrize("operation", operations(DOCUMENT), ids=lambda one: one.label)
def test_each_request_of_a_program_is_answered_as_described(operation: Any, address: str, keys: dict[str, str]) -> None:
    scope = KeyScope.DOCUMENTS if "documents" in operation.path else KeyScope.CHAT

    @effort(6)
    @given(any_case(operation))
    def answered(case: Any) -> None:
        headers = {"X-Forwarded-For": next(_addresses), "Authorization": f"Bearer {keys[scope]}"}
        case.call_and_validate(base_url=address, headers=headers, excluded_checks=BEYOND, timeout=300)

    answered()


@pytest.mark.parametrize("operation", signed_operations(), ids=lambda one: one.label)
def test_each_signed_request_of_another_system_is_answered_as_described(operation: Any, address: str) -> None:
    checks = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

    @effort(20)
    @given(any_case(operation))
    def answered(case: Any) -> None:
        made = case.as_transport_kwargs(base_url=address)
        prepared = requests.Request("POST", address + operation.path, data=made.get("data"), json=made.get("json"))
        body = prepared.prepare().body or b""
        body = body.encode() if isinstance(body, str) else body
        signed = signed_headers(SECRET, f"POST {operation.path}", body, utcnow())
        sent = {**signed, "Content-Type": "application/json", "X-Forwarded-For": next(_addresses)}
        response = requests.post(address + operation.path, data=body, headers=sent, timeout=300)
        case.validate_response(response, checks=checks)

    answered()
