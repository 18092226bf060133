"""Rows of roles out of JSON records: what Signalen, Open311 and GeoJSON share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ingest.checks import REASONS, as_text
from ingest.columns import RoleRows
from ingest.records import Reject

Row = dict[str, str | None]


def object_array(values: Sequence[str | None]) -> np.ndarray:
    """(n,) object, also for n = 0."""
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def unreadable(lines: Iterable[int]) -> tuple[Reject, ...]:
    return tuple(Reject(line, "record_onleesbaar", REASONS["record_onleesbaar"]) for line in lines)


def json_rows(chunk: Sequence[tuple[int, Any]], to_row: Callable[[Any], Row | None], roles: Sequence[str]) -> RoleRows:
    """chunk: (record number, record). to_row gives the texts per role, or None for a record in another
    shape."""
    rows = [(line, to_row(record)) for line, record in chunk]
    good = [(line, row) for line, row in rows if row is not None]
    data: dict[str, Any] = {"line": np.array([line for line, _ in good], dtype=np.int64)}
    for name in roles:
        data[name] = as_text(object_array([row.get(name) for _, row in good]))
    return RoleRows(pd.DataFrame(data), len(chunk), unreadable(line for line, row in rows if row is None))
