"""The compiled loops, made ready before anyone asks: compiled at the first start, and loaded at each next one."""

from __future__ import annotations

from functools import cache

import numpy as np

from geo_service.domain.punten import Punten
from geo_service.formats import geojson, mvt


def is_prepared() -> bool:
    """Whether the loops can be used without waiting for ``prepare``."""
    return prepare.cache_info().currsize > 0


@cache
def prepare() -> None:
    """Compile the loops, or load them from an earlier time: seconds, or a part of one, once in a process."""
    one, day = np.ones(1, np.int64), np.zeros(1, "M8[D]")
    punten = Punten(one, one, one, ["a"], [[None]], one - 1, {"b": day, "c": day.astype("M8[us]")})
    mvt.encode_points("", punten, 1)
    place = np.ones(1)
    geojson.encode_points(punten.moved(place, place), "abc", 7)
