"""The bill of materials says what the lock files say, in the form of CycloneDX 1.6."""

from __future__ import annotations

import re

import pytest

from bot.running.environments import ENVIRONMENTS, Environment
from bot.running.sbom import bill_of_materials


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda one: one.name)
def test_each_locked_package_is_named_with_the_digests_of_its_files(environment: Environment) -> None:
    lock = environment.lock.read_text()
    bill = bill_of_materials(environment.name, lock)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    components = bill["components"]
    assert [f"{one['name']}=={one['version']}" for one in components] == re.findall(r"^\S+==\S+", lock, re.MULTILINE)
    assert len({one["bom-ref"] for one in components}) == len(components)
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in components)
    digests = [digest for one in components for digest in one["externalReferences"][0]["hashes"]]
    assert [one["content"] for one in digests] == re.findall(r"sha256:([0-9a-f]{64})", lock)
    assert bill == bill_of_materials(environment.name, lock)


def test_a_package_of_some_platforms_only_says_which() -> None:
    lock = f"colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:{'0' * 64}\n"
    (component,) = bill_of_materials("web", lock)["components"]
    assert component["scope"] == "optional"
    assert component["properties"] == [{"name": "python:marker", "value": "sys_platform == 'win32'"}]
