"""What the readers of plain lists (bezoeken, wijkwijzers, interventies) share."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Mapping as MappingType
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from ingest.checks import EARLIEST, RowChecks, as_text
from ingest.columns import Aliases, RoleRows, plan_columns, read_roles, require_roles
from ingest.mapping import Mapping, load_mapping
from ingest.records import Batch, Batches, Note
from ingest.sources import open_source
from ingest.tables import describe_table
from ingest.tijd import parse_dates

_CHUNK_ROWS = 20_000
_MAX_LABEL = 120
# Registers write "no end" as 31-12-9999 and the like.
_FAR_YEARS = 10


def read_list(
    source: str | Path,
    aliases: Aliases,
    required: Sequence[str],
    mapping: str | Path | Mapping | None,
    build: Callable[[RoleRows, Mapping], Batch],
) -> Batches:
    """Batches of a CSV or Excel file or URL. Raises SourceRefused and its kinds when the first batch is
    asked for."""
    rules = load_mapping(mapping)
    with open_source(source) as local:
        plan = plan_columns(describe_table(local.path).columns, aliases, rules)
        require_roles(plan, required, local.name)
        for rows in read_roles(local.path, plan, _CHUNK_ROWS):
            yield build(rows, rules)


class Occurrences:
    """Keys for rows without one: SHA-256 of the content and how often that content came before in the
    file."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def keys(self, frame: pd.DataFrame) -> pd.Series:
        """frame: (n, k) cleaned values; equal rows get different keys, the same ones in every run."""
        keys = [self._key(row) for row in frame.astype(object).itertuples(index=False, name=None)]
        return as_text(np.array(keys, dtype=object))

    def _key(self, row: tuple[object, ...]) -> str:
        # The unit separator cannot stand in a cell, so two different rows never give one text.
        content = "\x1f".join("" if value is None or value is pd.NaT else str(value) for value in row).encode()
        digest = hashlib.sha256(content).digest()
        self._seen[digest] += 1
        return hashlib.sha256(digest + str(self._seen[digest]).encode()).hexdigest()


class KnownKeys:
    """Keys met so far in a file."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def repeated(self, keys: pd.Series, kept: np.ndarray) -> np.ndarray:
        """(n,) bool: rows whose key stood on an earlier row; refused rows do not count."""
        result = np.zeros(len(keys), dtype=bool)
        for place in np.flatnonzero(kept):
            key = keys.iloc[place]
            result[place] = key in self._seen
            self._seen.add(key)
        return result


def choose(values: pd.Series, words: MappingType[str, str], *, what: str) -> tuple[pd.Series, tuple[Note, ...]]:
    """Each text as one of our codes by a table of lower-case words; empty and unknown become "onbekend",
    unknown with a note."""
    plain = values.str.strip().str.lower().astype(object)
    chosen = plain.map(words)
    strange = plain[chosen.isna() & (plain != "") & plain.notna()].value_counts()
    notes = tuple(
        Note(f"{what}_onbekend", f"Onbekend bij {what}: {str(word)[:60]}.", int(count))
        for word, count in strange.head(20).items()
    )
    return as_text(chosen.fillna("onbekend").to_numpy(dtype=object)), notes


def short_label(values: pd.Series, *, what: str) -> tuple[pd.Series, tuple[Note, ...]]:
    """Labels as they are; a text too long to be a label is free text and is left out with a note."""
    too_long = (values.str.len() > _MAX_LABEL).fillna(False).to_numpy(dtype=bool)
    if not too_long.any():
        return values, ()
    text = f"Bij {what} stond een lange tekst in plaats van een woord: weggelaten."
    return values.where(~too_long, None), (Note(f"{what}_te_lang", text, int(too_long.sum())),)


def check_validity(
    checks: RowChecks, first: pd.Series, last: pd.Series, formats: Sequence[str], today: date
) -> pd.DataFrame:
    """first, last: texts of a period that may lie ahead. Returns van, tot; NaT where open, also for an end
    far ahead."""
    far = pd.Timestamp(today) + pd.DateOffset(years=_FAR_YEARS)
    van, tot = (parse_dates(values, formats=formats) for values in (first, last))
    for texts, days in ((first, van), (last, tot)):
        checks.refuse((texts.notna() & days.isna()).to_numpy(), "datum_onleesbaar")
    checks.refuse((van < pd.Timestamp(EARLIEST)).to_numpy(), "datum_voor_2000")
    checks.refuse((van > far).to_numpy(), "datum_te_ver")
    checks.refuse((tot < van).to_numpy(), "periode_omgekeerd")
    return pd.DataFrame({"van": van, "tot": tot.where(tot <= far)})
