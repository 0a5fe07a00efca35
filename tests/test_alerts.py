"""The rules of alerts speak only of metrics and outcomes that there are, and each has its section in the runbook."""

from __future__ import annotations

import re

import yaml
from prometheus_client import CollectorRegistry

from bot.answering.encoder.server import EncoderFigures
from bot.conversations.outcomes import Outcome
from bot.places import ROOT
from bot.web.metrics import Metrics

SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
(GROUP,) = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text())["groups"]
EXPRESSIONS = " ".join(rule["expr"] for rule in GROUP["rules"])


def names_in(registry: CollectorRegistry) -> set[str]:
    return {family.name + suffix for family in registry.collect() for suffix in SUFFIXES[family.type]}


def test_each_metric_and_outcome_of_the_rules_exists() -> None:
    there = names_in(Metrics().registry) | names_in(EncoderFigures().registry)
    assert set(re.findall(r"assistant_\w+", EXPRESSIONS)) <= there
    outcomes = {one for found in re.findall(r'outcome=~"(.+?)"', EXPRESSIONS) for one in found.split("|")}
    assert outcomes
    assert outcomes <= {one.value for one in Outcome}


def test_each_rule_leads_to_its_section_of_the_runbook() -> None:
    sections = re.findall(r"^## (\w+)$", (ROOT / "docs" / "alerts.md").read_text(), re.MULTILINE)
    assert [rule["alert"] for rule in GROUP["rules"]] == sections
    assert [rule["annotations"]["runbook"] for rule in GROUP["rules"]] == [
        f"docs/alerts.md#{section.lower()}" for section in sections
    ]
    assert {rule["labels"]["severity"] for rule in GROUP["rules"]} == {"page", "ticket"}
