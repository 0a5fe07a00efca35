"""The page on which a clerk says which column of an uploaded sheet is what, sees what would happen, and confirms.

The file is carried in the form from step to step, so that nothing lies on the server before it is confirmed. What is
confirmed is what was shown: a map that was changed since is shown again first.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from aiohttp import web

from bot.column_maps import ColumnMap, Sheet, map_in_use, remembered, write_map
from bot.proposed_changes.difference import ChangeRefused
from bot.proposed_changes.service import MOST_WHY
from bot.settings import Settings
from bot.tabular import ImportRejected, RowError, heading, told
from bot.web.console.pages import form_of, in_thread, page
from bot.web.keys import SETTINGS

MOST_FILE_BYTES = 3 * 1024 * 1024
_MOST_INSTEAD_CHARACTERS = 200
_MOST_NAME_CHARACTERS = 80
# How many rows are looked at for an example of what a column holds.
_LOOKED_AT = 20


@dataclass(frozen=True)
class SheetKind:
    """What comes in by one sheet.

    `kind`: under which its maps are remembered. `back`: the page where a file is chosen; under it, `/sheet` takes the
    form. `needed`: our columns that every row needs. `keeps`: whether
    further columns can be kept as they are. `is_proposed`: somebody else approves it before it comes in.
    """

    kind: str
    title: str
    back: str
    needed: Collection[str]
    read: Callable[[Path], Sheet]
    proposed: Callable[[Sheet], ColumnMap]
    missing_in: Callable[[ColumnMap], Sequence[str]]
    keeps: bool = False
    is_proposed: bool = False

    def map_before(self, settings: Settings, sheet: Sheet) -> ColumnMap:
        """The map that was used for such a file before, or one guessed by the headings.

        Raises:
            ImportRejected: the remembered one is no map.
        """
        return map_in_use(settings.column_maps_path, self.kind, sheet, None) or self.proposed(sheet)


@dataclass(frozen=True)
class Carried:
    """The uploaded file."""

    name: str
    content: bytes

    @classmethod
    def of_form(cls, form: Mapping[str, str]) -> Carried:
        """Raises `ImportRejected` if it did not come whole."""
        try:
            content = base64.b64decode(form.get("content", ""), validate=True)
        except (binascii.Error, ValueError):
            content = b""
        return cls(form.get("name", ""), content).checked()

    def checked(self) -> Carried:
        """Raises `ImportRejected` if there is no file, or too large a one."""
        if not self.content:
            raise ImportRejected([RowError("上传的文件", 1, "—", "没有传完整，请再选一次")])
        if len(self.content) > MOST_FILE_BYTES:
            why = f"超过 {MOST_FILE_BYTES >> 20} MB，请管理员用命令导入"
            raise ImportRejected([RowError(self.name, 1, "—", why)])
        return self

    @contextmanager
    def laid_out(self) -> Iterator[Path]:
        """The file on disk, for as long as it is read, under a name that leads nowhere else."""
        given = PurePath(self.name.replace("\\", "/")).name
        with TemporaryDirectory() as folder:
            path = Path(folder) / (re.sub(r"[^\w.()（）〔〕-]", "_", given)[-_MOST_NAME_CHARACTERS:] or "sheet")
            path.write_bytes(self.content)
            yield path


@dataclass(frozen=True)
class Shown:
    """What the page shows of the file beside the map. `facts`: title → what would happen, once it was tried.

    `named`: title → names of what would be new, changed or removed, of which those of `open` are seen at once.
    `notes`: sentences.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    open: Collection[str] = ()
    notes: Sequence[str] = ()


Preview = Callable[[Path, ColumnMap], Awaitable[Shown]]
Store = Callable[[Path, ColumnMap], Awaitable[web.Response]]


def map_of(form: Mapping[str, str], sheet: Sheet, before: ColumnMap) -> ColumnMap:
    """The map as it was chosen in the form; what the form does not say stays as in `before`.

    Fields are numbered, as our columns in `before` and the headings of the sheet are, because browsers and servers
    differ over names that are not ASCII.
    """
    present = set(filter(None, sheet.headings))
    columns: dict[str, str | None] = {}
    instead: dict[str, str] = {}
    for number, ours in enumerate(before.columns):
        column = form.get(f"column-{number}", heading(before.columns[ours] or ""))
        columns[ours] = column if column in present else None
        said = form.get(f"instead-{number}", str(before.instead.get(ours) or "")).strip()
        if said:
            instead[ours] = said[:_MOST_INSTEAD_CHARACTERS]
    kept = [column for number, column in enumerate(sheet.headings) if column and f"keep-{number}" in form]
    city = {name: form.get(f"city-{number}", "").strip() or None for number, name in enumerate(before.city)}
    return ColumnMap.model_validate({"列": columns, "没有时写": instead, "保留": kept, "本市": city})


def digest(column_map: ColumnMap) -> str:
    return hashlib.sha256(column_map.model_dump_json().encode()).hexdigest()[:16]


async def first_page(
    request: web.Request, kind: SheetKind, carried: Carried, *, ask_city: bool = False
) -> web.Response:
    """The map to be looked at, for a file that was just uploaded.

    Raises:
        ImportRejected: the file cannot be read.
    """
    with carried.checked().laid_out() as path:
        sheet = await in_thread(request, kind.read, path)
        return _map_page(
            request, kind, carried, sheet, kind.map_before(request.app[SETTINGS], sheet), ask_city=ask_city
        )


async def next_page(
    request: web.Request, kind: SheetKind, preview: Preview, store: Store, *, ask_city: bool = False
) -> web.Response:
    """What would happen by the map in the form; or, if that was shown and is confirmed, the page after it has.

    `store`: returns the page that comes when it is done.

    Raises:
        ImportRejected: the file did not come whole or cannot be read.
    """
    form, settings = await form_of(request), request.app[SETTINGS]
    carried, is_confirmed = Carried.of_form(form), form.get("act") == "store"
    with carried.laid_out() as path:
        sheet = await in_thread(request, kind.read, path)
        column_map = map_of(form, sheet, kind.map_before(settings, sheet))
        show = partial(_map_page, request, kind, carried, sheet, column_map, ask_city=ask_city)
        if missing := kind.missing_in(column_map):
            return show(say=f"还没有对上：{'、'.join(missing)}")
        try:
            if is_confirmed and form.get("seen") == digest(column_map):
                done = await store(path, column_map)
                write_map(column_map, remembered(settings.column_maps_path, kind.kind, sheet.headings))
                return done
            shown = await preview(path, column_map)
        except ImportRejected as rejected:
            return show(errors=rejected.errors)
        except ChangeRefused as refused:
            return show(shown=await preview(path, column_map), say=str(refused))
        return show(shown=shown, say="列改过了，请再看一遍，再确认" if is_confirmed else "")


def _map_page(
    request: web.Request,
    kind: SheetKind,
    carried: Carried,
    sheet: Sheet,
    column_map: ColumnMap,
    *,
    errors: Sequence[RowError] = (),
    shown: Shown | None = None,
    ask_city: bool = False,
    say: str = "",
) -> web.Response:
    """The map to be changed; with `shown` also what would happen, to be confirmed."""
    chosen = {ours: heading(theirs or "") for ours, theirs in column_map.columns.items()}
    return page(
        request,
        "sheet_import.html",
        422 if errors or (say and not shown) else 200,
        kind=kind,
        carried=carried,
        content=base64.b64encode(carried.content).decode(),
        sheet=sheet,
        row_count=sheet.count(),
        column_map=column_map,
        chosen=chosen,
        examples=_examples(sheet),
        optional={
            number: column for number, column in enumerate(sheet.headings) if column and column not in chosen.values()
        },
        kept=set(map(heading, column_map.kept)),
        errors=told(list(errors)),
        error_count=len(errors),
        shown=shown,
        seen=digest(column_map) if shown else "",
        ask_city=ask_city,
        say=say,
        most_why=MOST_WHY,
        most_instead=_MOST_INSTEAD_CHARACTERS,
    )


def _examples(sheet: Sheet) -> dict[str, str]:
    """Column → what stands in it first."""
    found: dict[str, str] = {}
    for count, (_, cells) in enumerate(sheet.rows):
        if count == _LOOKED_AT:
            break
        for column, cell in cells.items():
            if cell:
                found.setdefault(column, cell)
    return found
