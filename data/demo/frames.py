"""Columns as the record contract wants them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd


def texts(values: Iterable[object]) -> pd.Series:
    """Return an object column of texts with None for missing; pandas would turn None into NaN by itself."""
    return pd.Series(list(values), dtype=object)


def days(values: Iterable[date | None]) -> pd.Series:
    """Return a datetime64[s] series without time zone, NaT for None."""
    return pd.Series([np.datetime64(value, "s") if value else np.datetime64("NaT", "s") for value in values]).astype(
        "datetime64[s]"
    )


def lines(n: int) -> np.ndarray:
    return np.arange(1, n + 1, dtype=np.int64)


def numbered(prefix: str, n: int, width: int = 4) -> pd.Series:
    """Return keys prefix0001, prefix0002, …"""
    return texts(f"{prefix}{number:0{width}d}" for number in range(1, n + 1))
