"""How each method is set, with its defaults. Apart from the methods themselves: whether a run is still true must be known
without loading them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.domain.hotspots import BLINDE_VLEKKEN, OPKOMEND, PUNTEN, SCAN

LEVEL = 0.05


@dataclass(frozen=True)
class Punten:
    """How the clusters are made. eps in metres, None: from the k-distance curve."""

    methode: str = "dbscan"
    eps: float | None = None
    min_size: int = 10
    min_places: int = 5
    cell: float = 100.0


@dataclass(frozen=True)
class Scan:
    """How the windows are made.

    max_share: largest share of dwellings (or of reports) in a cluster; one buurt may have more. max_radius: metres; None:
    1 km, or the distance within which half of the buurten have their fourth neighbour when that is more.
    min_places: fewest distinct places in a cluster. weken: length of the series in which something is new, fewest_weken:
    shortest one; recent: most weeks that something new may have lasted.
    """

    max_share: float = 0.1
    max_radius: float | None = None
    min_places: int = 5
    weken: int = 52
    fewest_weken: int = 10
    recent: int = 8
    n_sim: int = 999
    seed: int = 20260101


@dataclass(frozen=True)
class Opkomend:
    """alpha: from which chance a quarter is high or low, and the expected share of false ones among the buurten that are
    named. min_places: fewest distinct places, in the last quarter, in a buurt that is high with its neighbours. kwartalen:
    most that are compared."""

    alpha: float = LEVEL
    min_places: int = 5
    kwartalen: int = 12


@dataclass(frozen=True)
class BlindeVlekken:
    """kwartalen: how many quarters up to the end of the period count together. min_share: share of the inhabitants that
    must live in a buurt with a known value before an indicator is used."""

    kwartalen: int = 4
    min_share: float = 0.8


STANDAARD: Mapping[str, Any] = {
    PUNTEN: Punten(),
    SCAN: Scan(),
    OPKOMEND: Opkomend(),
    BLINDE_VLEKKEN: BlindeVlekken(),
}

# How many of the last released quarters are kept up to date; what was computed of older ones stays.
KWARTALEN: Mapping[str, int] = {PUNTEN: 8, SCAN: 4, OPKOMEND: 4, BLINDE_VLEKKEN: 4}
