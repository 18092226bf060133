"""The facts behind the demo: Enschede's 70 buurten with real names and figures (see README.md for their
source).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

GEMEENTE = "GM0153"
GEMEENTE_NAAM = "Enschede"
PEILJAAR = 2021
CRS = "EPSG:28992"

STADSDELEN = ("centrum", "noord", "oost", "zuid", "west")

WESSELERBRINK = ("BU01530603", "BU01530604", "BU01530605", "BU01530606")

# Share of owner-occupied dwellings and mean WOZ value (x € 1 000) per wijk, CBS 2022.
KOOP_PCT_PER_WIJK = {
    "WK015300": 33,
    "WK015301": 56,
    "WK015302": 44,
    "WK015303": 41,
    "WK015304": 41,
    "WK015305": 61,
    "WK015306": 50,
    "WK015307": 54,
    "WK015308": 64,
    "WK015309": 79,
}
WOZ_PER_WIJK = {
    "WK015300": 221,
    "WK015301": 249,
    "WK015302": 208,
    "WK015303": 190,
    "WK015304": 229,
    "WK015305": 257,
    "WK015306": 222,
    "WK015307": 258,
    "WK015308": 236,
    "WK015309": 416,
}

# Nine wijkteams by the names the municipality uses; which buurten each serves is a plausible reading, not a
# fact.
_BUURT_TEAM_BY_WIJK = {
    "WK015300": "Centrum",
    "WK015301": "Oost-Binnen",
    "WK015302": "Pathmos/Stadsveld",
    "WK015303": "Twekkelerveld",
    "WK015304": "Noord-Noord",
    "WK015305": "Oost-Binnen",
    "WK015306": "Helmerhoek/Stroinkslanden",
    "WK015307": "Boswinkel-Boekelo",
    "WK015308": "Oost-Buiten",
    "WK015309": "Boswinkel-Boekelo",
}
_BUURT_TEAM_EXCEPTIONS = {
    **dict.fromkeys((*WESSELERBRINK, "BU01530609"), "Wesselerbrink"),
    **dict.fromkeys(("BU01530200", "BU01530201", "BU01530208"), "Boswinkel-Boekelo"),
    **dict.fromkeys(("BU01530406", "BU01530703"), "Twekkelerveld"),
    **dict.fromkeys(("BU01530900", "BU01530902"), "Noord-Noord"),
    **dict.fromkeys(("BU01530903", "BU01530904"), "Oost-Buiten"),
    "BU01530700": "Pathmos/Stadsveld",
    "BU01530905": "Helmerhoek/Stroinkslanden",
}


def load_feiten() -> pd.DataFrame:
    """Return one row per buurt, sorted by code; a fresh copy each time.

    Columns: code, naam, wijk_code, wijk_naam, stadsdeel, stadsdeel_bron (tekst|afgeleid), inwoners,
    huishoudens (2021), x, y (RD metres, rounded to 10), oppervlakte_ha, gewicht (of the approximate boundary,
    m²), wijkteam.
    """
    return _feiten().copy()


@cache
def _feiten() -> pd.DataFrame:
    feiten = pd.read_csv(Path(__file__).with_name("enschede_buurten.csv")).sort_values("code", ignore_index=True)
    by_wijk = feiten["wijk_code"].map(_BUURT_TEAM_BY_WIJK)
    return feiten.assign(wijkteam=feiten["code"].map(_BUURT_TEAM_EXCEPTIONS).fillna(by_wijk))


def stadsdeel_code(stadsdeel: str) -> str:
    return f"{GEMEENTE}-SD-{stadsdeel}"


def months_before(until: date, months: int) -> date:
    """Return the first day of the last `months` whole months up to and including `until`."""
    first = until + timedelta(days=1)
    count = first.year * 12 + first.month - 1 - months
    return date(count // 12, count % 12 + 1, min(first.day, 28))


def need_index(feiten: pd.DataFrame) -> np.ndarray:
    """Return how much need a buurt has (n,), mean 0 and about -2 to 2: many rented dwellings of low value.

    It follows the shares of owner-occupied dwellings and the WOZ value per wijk (CBS 2022), with a fixed
    difference per buurt, so that key figures, reports and the blind spot of the demo tell one story.
    """
    koop = feiten["wijk_code"].map(KOOP_PCT_PER_WIJK).to_numpy(float)
    woz = feiten["wijk_code"].map(WOZ_PER_WIJK).to_numpy(float)
    own = np.random.default_rng(153).normal(0, 0.5, len(feiten))
    raw = (50 - koop) / 30 + (240 - woz) / 120 + own + 0.8 * feiten["code"].eq("BU01530100").to_numpy()
    index: np.ndarray = np.clip(raw - raw.mean(), -2, 2)
    return index
