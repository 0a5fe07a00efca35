"""Layers: imports go one way, from the parts that citizens and staff use down to the parts that all others need.

A room is a package of `bot` or a file that lies in `bot` itself; `actions` is one room. What is started by hand
(`commands.py`, `__main__.py` and the like) belongs to no room but to the top, wherever it lies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from functools import cache

import pytest

from bot.places import ROOT

# Each room may import rooms of its own floor and of those below. New rooms are named here.
FLOORS: tuple[tuple[str, frozenset[str]], ...] = tuple(
    (name, frozenset(rooms.split()))
    for name, rooms in (
        ("1 what every room needs", """
            places settings language db sealing sealed_columns private_files quiet_logs log_lines request_ids tracing
            whole_files file_locks json_lines links storable paging picture_metadata tabular sheets column_maps
            word_lists bounded one_computes long_lived guessing workdays holidays importing migrations tables
            punctual_connection revisions"""),
        ("2 what the city knows and keeps", """
            catalogue documents referrals disclosures laws publishing search synonyms letters conversations citizens
            reviews staff api_keys incidents chore_runs voices interviews"""),
        ("3 the wording of answers", "replies"),
        ("4 what is made of these", "lessons answering gaps helpline switches figures notices oversight engine"),
        ("5 what runs and measures the whole", "running evaluation training privacy doctor backup proposed_changes"),
        ("6 where messages and people come in", "web actions"),
        ("7 what is started by hand", "started cli rasa_sdk_server sms_simulator city_orders_simulator"),
    )
)  # fmt: skip
STARTED = ("commands", "_commands", "_command", "__main__")
RULE = "imports go one way, down: see FLOORS in tests/test_imports.py"


@cache
def modules() -> dict[str, str]:
    """Dotted name → source of every module of ours."""
    found = {}
    for top in ("bot", "actions"):
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


@cache
def imports() -> dict[str, frozenset[str]]:
    """Module → the modules of ours that it imports, wherever in the file that stands."""
    return {name: frozenset(_imported(source)) & modules().keys() for name, source in modules().items()}


def _imported(source: str) -> Iterable[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else node.module


def room(module: str) -> str:
    parts = module.split(".")
    if parts[0] == "actions":
        return "actions"
    if len(parts) > 1 and parts[-1].endswith(STARTED):
        return "started"
    return parts[1] if len(parts) > 1 else "places"


def floor(module: str) -> int:
    return next(number for number, (_, rooms) in enumerate(FLOORS) if room(module) in rooms)


def rooms() -> dict[str, frozenset[str]]:
    """Room → the rooms that it imports."""
    found: dict[str, set[str]] = {}
    for name, others in imports().items():
        found.setdefault(room(name), set()).update(room(other) for other in others)
    return {name: frozenset(others - {name}) for name, others in found.items()}


def circle(graph: Mapping[str, frozenset[str]]) -> list[str]:
    """One cycle of imports, if any: what imports nothing that remains is removed until nothing changes."""
    left = dict(graph)
    while free := [name for name, others in left.items() if not others & left.keys()]:
        for name in free:
            del left[name]
    walk = sorted(left)[:1]
    while walk and walk[-1] not in walk[:-1]:
        walk.append(min(left[walk[-1]] & left.keys()))
    return walk


def test_every_room_has_its_floor() -> None:
    known = set().union(*(names for _, names in FLOORS))
    assert {room(name) for name in modules()} - known == set(), "a new room has to be named in FLOORS"
    assert known - {room(name) for name in modules()} == set(), "FLOORS names a room that is gone"


def test_nothing_imports_upwards() -> None:
    upward = [
        f"{name} (floor {FLOORS[floor(name)][0]}) imports {other} (floor {FLOORS[floor(other)][0]})"
        for name, others in sorted(imports().items())
        for other in sorted(others)
        if floor(other) > floor(name)
    ]
    assert upward == [], RULE


@pytest.mark.parametrize("graph", [rooms, imports], ids=["rooms", "files"])
def test_no_rooms_and_no_files_import_each_other_in_a_circle(graph: object) -> None:
    assert callable(graph)
    assert circle(graph()) == [], RULE


def test_the_engine_imports_nothing_that_needs_the_database() -> None:
    """Its environment has another SQLAlchemy than the models."""
    reached, waiting = set(), {name for name in modules() if name.startswith("bot.engine.")}
    while waiting:
        reached |= waiting
        waiting = {other for name in waiting for other in imports()[name]} - reached
    assert [name for name in sorted(reached) if name.endswith(".models") or name == "bot.db"] == []


def test_production_reads_nothing_of_the_tests() -> None:
    assert [name for name, source in modules().items() if '"tests"' in source or "tests/" in source] == []
