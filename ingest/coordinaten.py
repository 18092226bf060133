"""Turn columns of coordinates into RD metres."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from ingest.checks import RowChecks, as_text, matches, to_arrow
from ingest.errors import SourceUnreadable

RD = "EPSG:28992"
WGS84 = "EPSG:4326"
# A tenth of a millimetre is noise of the projection library; without it a new version would change every
# record.
_DECIMALS = 3


def check_crs(name: str) -> str:
    """The name itself. Raises SourceUnreadable when no such reference system exists or it has no horizontal
    axes."""
    try:
        crs = CRS.from_user_input(name)
    except CRSError as error:
        raise SourceUnreadable(
            f"Het coördinatenstelsel {name[:80]} bestaat niet. Gebruik EPSG:28992 of EPSG:4326."
        ) from error
    if not (crs.is_projected or crs.is_geographic):
        raise SourceUnreadable(f"Het coördinatenstelsel {name[:80]} is geen stelsel voor een kaart.")
    return name


def parse_axis(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Floats of a text column, decimal comma allowed, NaN where empty or no number; and a mask of texts
    that are not empty."""
    texts = pc.utf8_trim_whitespace(to_arrow(values))
    given = matches(pc.greater(pc.binary_length(texts), 0))
    try:
        return texts.cast(pa.float64()).to_numpy(zero_copy_only=False), given
    except pa.ArrowInvalid:
        points = pc.replace_substring_regex(texts, r"^([^.,]*),([^.,]*)$", r"\1.\2")
        return pd.to_numeric(as_text(points), errors="coerce").to_numpy(dtype=np.float64), given


def to_rd(easting: np.ndarray, northing: np.ndarray, crs: str) -> tuple[np.ndarray, np.ndarray]:
    """x, y in EPSG:28992 metres, rounded to a millimetre; infinite where the point cannot be projected.

    easting, northing: (n,) in the units of crs, always longitude or x first.
    """
    if crs == RD:
        x, y = easting, northing
    else:
        x, y = _transformer(crs).transform(easting, northing)
    return np.round(x, _DECIMALS), np.round(y, _DECIMALS)


def refuse_points(checks: RowChecks, numbers: np.ndarray, given: np.ndarray, placed: np.ndarray) -> None:
    """Refuse incomplete and impossible points.

    numbers: (n, 2) metres or degrees, not finite where impossible. given: (n, 2) axes that are not empty.
    placed: (n,) rows that have a place without a point (a buurt code).
    """
    absent, complete = np.logical_not(given.any(axis=1)), given.all(axis=1)
    checks.refuse(absent & ~placed, "coordinaat_ontbreekt")
    checks.refuse(np.logical_not(absent | complete), "coordinaat_ontbreekt")
    checks.refuse(complete & ~np.isfinite(numbers[:, 0] + numbers[:, 1]), "coordinaat_nan")


@lru_cache(maxsize=8)
def _transformer(crs: str) -> Transformer:
    return Transformer.from_crs(crs, RD, always_xy=True)
