"""A bill of materials of each environment, from its lock file: `python3 -m bot.running.sbom`. CycloneDX 1.6, as JSON.

Standard library only. The same lock files give the same bytes, so that two bills can be compared. A lock file knows
neither licences nor which package asked for which, and so neither does the bill.
"""

from __future__ import annotations

import json
import re
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.places import ROOT
from bot.running.environments import ENVIRONMENTS

FOLDER = ROOT / "sbom"
_PACKAGE = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[\w.!+-]+)(?: ; (?P<marker>[^\\\n]+?))? \\\n(?P<hashes>(?:    --hash=.*\n?)+)",
    re.MULTILINE,
)
_SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill_of_materials(environment: str, lock: str) -> dict[str, Any]:
    """The bill of one lock file, as pip reads it: `name==version ; marker` with the SHA-256 of each of its files."""
    application = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, lock).urn,
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"{application['name']}-{environment}",
                "name": f"{application['name']}-{environment}",
                "version": application["version"],
                "description": application["description"],
            }
        },
        "components": list(_components(lock)),
    }


def _components(lock: str) -> Iterator[dict[str, Any]]:
    for found in _PACKAGE.finditer(lock):
        name, version, marker = found["name"].lower(), found["version"], found["marker"]
        # The schema's `hashes` are of one file. A package has one for each platform, so they stand with their source.
        distribution = {
            "type": "distribution",
            "url": f"https://pypi.org/simple/{name}/",
            "hashes": [{"alg": "SHA-256", "content": one} for one in _SHA256.findall(found["hashes"])],
        }
        yield {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name}@{version}",
            # What a marker stands beside is installed on some platforms or releases of Python only.
            "scope": "optional" if marker else "required",
            **({"properties": [{"name": "python:marker", "value": marker}]} if marker else {}),
            "externalReferences": [distribution],
        }


def main() -> None:
    """Writes `sbom/NAME.cdx.json` for each environment."""
    FOLDER.mkdir(exist_ok=True)
    for environment in ENVIRONMENTS:
        bill = bill_of_materials(environment.name, environment.lock.read_text(encoding="utf-8"))
        path: Path = FOLDER / f"{environment.name}.cdx.json"
        path.write_text(json.dumps(bill, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {len(bill['components'])} packages")


if __name__ == "__main__":
    main()
