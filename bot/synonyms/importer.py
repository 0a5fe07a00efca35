"""Loads the synonyms; `docs/synonym-files.md` describes the file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from sqlalchemy.orm import Session

from bot.language.text import normalise
from bot.synonyms.service import chains, defect, replace_synonyms
from bot.tabular import Row, read_tables

Normalised = Annotated[str, AfterValidator(normalise)]


class SynonymRow(Row):
    written: Normalised = Field(alias="写法", min_length=1)
    means: Normalised = Field(alias="统一说法", min_length=1)


def import_synonyms(session: Session, path: Path) -> int:
    """Replaces all synonyms by those in the file. Returns their number.

    Raises:
        bot.tabular.ImportRejected: a row is wrong; the session is untouched.
    """
    tables = read_tables(path)
    rows = tables.checked("synonyms", SynonymRow)
    tables.require_unique("synonyms", [(row, pair.written) for row, pair in rows], "写法")
    pairs = {pair.written: pair.means for _, pair in rows}
    links = chains(pairs)
    for row, pair in rows:
        reason = defect(pair.written, pair.means)
        if reason:
            tables.reject("synonyms", row, "写法", reason)
        elif pair.written in links:
            tables.reject("synonyms", row, "统一说法", links[pair.written])
    tables.raise_errors()

    replace_synonyms(session, pairs)
    return len(pairs)
