"""One message through the real processes: the same id in all their logs, and in none of them what was said."""

from __future__ import annotations

import json

import requests

from tests.e2e.conftest import City
from tests.patience import WITHIN_SECONDS

SAID = "我叫王小明，刚搬来青石镇，居住证丢了还能不能补"
PROCESSES = ("web", "engine", "actions", "encoder")


def lines_with(city: City, request_id: str) -> dict[str, list[dict[str, object]]]:
    """Process → its log lines with this id."""
    texts = {name: (city.var_dir / "logs" / f"{name}.log").read_text(encoding="utf-8") for name in PROCESSES}
    return {
        name: [json.loads(line) for line in text.splitlines() if f'"request_id": "{request_id}"' in line]
        for name, text in texts.items()
    }


def test_a_message_has_the_same_id_in_the_logs_of_all_processes_and_its_words_in_none(city: City) -> None:
    response = requests.post(f"{city.portal}/api/chat", json={"text": SAID}, timeout=WITHIN_SECONDS)
    assert response.status_code == 200
    request_id = response.headers["X-Request-Id"]
    # The engine writes its line just before it answers, and the web process just before it does.
    found = lines_with(city, request_id)
    assert {name: {line["process"] for line in lines} for name, lines in found.items()} == {
        name: {name} for name in PROCESSES
    }
    messages = {name: {line["message"] for line in lines} for name, lines in found.items()}
    assert messages["web"] >= {"message answered"}
    assert messages["engine"] >= {"message handled"}
    assert messages["actions"] >= {"action done"}
    assert messages["encoder"] >= {"questions encoded"}
    for log in (city.var_dir / "logs").glob("*.log*"):
        text = log.read_text(encoding="utf-8", errors="replace")
        assert not any(word in text for word in ("王小明", "青石镇", "居住证", json.dumps("居住证").strip('"'))), (
            log.name
        )
