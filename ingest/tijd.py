"""Read dates and times, a column at once.

Understood without help: ISO 8601 with or without zone, and Dutch day-month-year. Two-digit years, bare
years and serial
numbers are not guessed. Times without zone are local; the double hour of October is its first occurrence,
the hour that
March skips becomes the first moment after it, and both are marked uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.checks import LOCAL_ZONE, matches, to_arrow

_CLOCK = r"([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?"
_ISO_ZONED = rf"^\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK} ?(Z|z|[+-]\d{{2}}(:?\d{{2}})?))$"
_ISO_NAIVE = rf"^\d{{4}}-\d{{2}}-\d{{2}}{_CLOCK})?$"
_DAY_FIRST = r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"
_DUTCH_FORMATS = ("%d-%m-%Y", "%d-%m-%Y %H:%M", "%d-%m-%Y %H:%M:%S")
_COMPACT = r"^(\d{4})(\d{2})(\d{2})$"


@dataclass(frozen=True, slots=True)
class Times:
    """utc: (n,) datetime64[us, UTC], NaT where unreadable. uncertain: (n,) bool, local time that does not
    fix the instant."""

    utc: pd.Series
    uncertain: np.ndarray


def parse_times(values: pd.Series, *, zone: str = LOCAL_ZONE, formats: Sequence[str] = ()) -> Times:
    """Instants of a text column. formats: strptime formats to try before ISO; with them Dutch notation is
    not assumed."""
    texts = pc.utf8_trim_whitespace(to_arrow(values))
    fast = None if formats else _parse_uniform_zoned(texts)
    if fast is not None:
        return Times(pd.Series(fast, index=values.index), np.zeros(len(values), dtype=bool))
    utc, naive = _parse_mixed(texts, formats)
    local, uncertain = _localize(naive, zone)
    filled = utc.where(utc.notna(), local)
    return Times(filled.set_axis(values.index), uncertain)


def parse_dates(values: pd.Series, *, formats: Sequence[str] = ()) -> pd.Series:
    """Local calendar days of a text column, datetime64[s] without zone, NaT where empty or unreadable."""
    instants = parse_times(values, formats=formats).utc
    return instants.dt.tz_convert(LOCAL_ZONE).dt.tz_localize(None).dt.normalize().astype("datetime64[s]")


def _parse_uniform_zoned(texts: pa.Array) -> np.ndarray | None:
    """The common case, every row ISO with a zone, ten times faster; None when a row is anything else."""
    try:
        parsed = texts.cast(pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid:
        return None
    return parsed.to_pandas().dt.tz_convert("UTC").array


def _parse_mixed(texts: pa.Array, formats: Sequence[str]) -> tuple[pd.Series, pd.Series]:
    """Instants of the zoned texts and wall-clock times of the others, each NaT where the other applies."""
    size = len(texts)
    utc = pd.Series(pd.NaT, index=range(size), dtype="datetime64[us, UTC]")
    naive = pd.Series(pd.NaT, index=range(size), dtype="datetime64[us]")
    for pattern in formats:
        todo = (utc.isna() & naive.isna()).to_numpy()
        _fill(utc if "%z" in pattern else naive, todo, texts, pattern)
    todo = (utc.isna() & naive.isna()).to_numpy()
    iso = pc.replace_substring_regex(texts, r"(\d),(\d)", r"\1.\2")
    _fill(utc, todo & _match(texts, _ISO_ZONED), iso, "ISO8601")
    _fill(naive, todo & _match(texts, _ISO_NAIVE), iso, "ISO8601")
    if not formats:
        _fill(naive, _match(texts, _COMPACT), texts, "%Y%m%d")
        dutch = pc.replace_substring_regex(texts, _DAY_FIRST, r"\1-\2-\3")
        for pattern in _DUTCH_FORMATS:
            _fill(naive, naive.isna().to_numpy() & _match(texts, _DAY_FIRST), dutch, pattern)
    return utc, naive


def _match(texts: pa.Array, pattern: str) -> np.ndarray:
    return matches(pc.match_substring_regex(texts, pattern))


def _fill(target: pd.Series, where: np.ndarray, texts: pa.Array, pattern: str) -> None:
    """Write the parsed rows of the mask into target; what does not fit the pattern stays NaT."""
    if not where.any():
        return
    part = pd.Series(texts.filter(pa.array(where)).to_numpy(zero_copy_only=False), dtype=object)
    zoned = str(target.dtype).endswith("UTC]")
    parsed = pd.to_datetime(part, format=pattern, errors="coerce", utc=zoned)
    target.iloc[np.flatnonzero(where)] = parsed.astype(target.dtype).array


def _localize(naive: pd.Series, zone: str) -> tuple[pd.Series, np.ndarray]:
    strict = naive.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    uncertain = (strict.isna() & naive.notna()).to_numpy()
    if uncertain.any():
        doubtful = naive[uncertain]
        # True means summer time: the first of the two equal hours.
        first = np.ones(len(doubtful), dtype=bool)
        strict[uncertain] = doubtful.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    return strict.dt.tz_convert("UTC"), uncertain
