"""Who or what reports can be told apart by: reporters, addresses, or else the 10 m RD cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.arrays import Floats, Ints

Places = Sequence[object] | NDArray[Any] | pd.Series | None
PLACE_METRES = 10.0


def place_codes(points: Floats, places: Places) -> Ints:
    """Return a code (n,) per distinct place: the given key, or the 10 m RD cell where the key is missing."""
    squares = np.floor(points / PLACE_METRES)
    codes: Ints = np.unique(squares, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
    if places is None:
        return codes
    if len(places) != len(points):
        raise ValueError(f"places has {len(places)} keys for {len(points)} points")
    keys = pd.factorize(pd.Series(places, dtype=object))[0].astype(np.int64)
    return np.where(keys >= 0, keys, codes + len(points))
