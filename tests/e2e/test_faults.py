"""Whatever fails, questions are held or refused with a word; none is lost and none is answered twice."""

from __future__ import annotations

import pytest

from benchmarks.fault_causes import ON_FILES
from benchmarks.faults import city_of, faults_of_storage, measure
from tests.e2e.conftest import City


@pytest.mark.parametrize("name", ["database locked", "disk full", "second supervisor", "model cut short"])
async def test_a_fault_costs_no_question(city: City, name: str) -> None:
    async with city_of(city) as asking:
        met = await measure(asking, ON_FILES[name])
        assert met.questions
        assert faults_of_storage(asking) == []
