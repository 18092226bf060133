"""What may be seen of a period: threshold, dominance, what would give those away, and an attack on the result.

A quarter is decided by itself. A year is decided around its quarters, whose figures are out already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.disclosure import audit, protect
from geo_service.jobs.vrijgave.tabel import ALLES, Rooster, Tabel, make_tabel
from geo_service.settings import get_settings

# What it costs to hide a cell, so that totals that many use stay: per level, and for all categories together.
_PRIJS = {"gemeente": 8.0, "stadsdeel": 3.0, "wijk": 2.0, "wijkteamgebied": 2.0}
_PRIJS_ALLES = 3.0


@dataclass(frozen=True)
class Vraagstuk:
    """What is to be decided. nieuw: the cells of the period (niveau, gebied_code, categorie, periode, n, top1, top2).

    vast: the cells of its quarters, with openbaar and dienst as they were decided.
    """

    rooster: Rooster
    nieuw: pd.DataFrame
    vast: pd.DataFrame | None = None


class Onveilig(Exception):
    """No pattern was found that keeps every small count hidden; the period stays closed."""


def decide(vraagstuk: Vraagstuk) -> pd.DataFrame:
    """The new cells with openbaar and dienst: whether everyone and whether all staff may see them.

    What staff may not see is part of what the public may not see. Onveilig when the attack finds anything.
    """
    settings = get_settings()
    nieuw = vraagstuk.nieuw
    if nieuw.empty:
        return nieuw.assign(openbaar=pd.Series(dtype=bool), dienst=pd.Series(dtype=bool))
    tabel = _make(vraagstuk)
    openbaar = _pattern(tabel, _Lezer.of(tabel, "openbaar"), settings.drempel_publiek)
    if openbaar is None:
        raise Onveilig
    of_staff = _Lezer.of(tabel, "dienst")
    dienst = _pattern(tabel, replace(of_staff, shown=of_staff.shown | openbaar), settings.drempel_dienst)
    # The rows of the period itself come first, in their own order.
    decided = [found[: len(nieuw)] for found in (openbaar, openbaar if dienst is None else dienst)]
    return nieuw.assign(openbaar=decided[0], dienst=decided[1])


@dataclass(frozen=True)
class _Lezer:
    """What a reader knows of the cells (n,) of a table beforehand: which are shown and which are hidden."""

    shown: NDArray[np.bool_]
    hidden: NDArray[np.bool_]

    @classmethod
    def of(cls, tabel: Tabel, name: str) -> _Lezer:
        cellen = tabel.cellen
        if name not in cellen:
            nothing = np.zeros(len(cellen), dtype=np.bool_)
            return cls(nothing, nothing)
        known = cellen[name].notna().to_numpy()
        shown = known & cellen[name].eq(True).to_numpy()
        return cls(shown, known & ~shown)


def _pattern(tabel: Tabel, lezer: _Lezer, drempel: int) -> NDArray[np.bool_] | None:
    """Which cells this reader may see; None when the attack finds one of those that are hidden."""
    asked = tabel.cellen[[*tabel.hierarchies, "count", "top1", "top2"]]
    if not lezer.hidden.any() and (asked["count"] >= drempel).all() and asked["top1"].isna().all():
        return np.ones(len(asked), dtype=np.bool_)
    found = protect(
        asked,
        hierarchies=tabel.hierarchies,
        threshold=drempel,
        published=lezer.shown,
        suppressed=lezer.hidden & ~lezer.shown,
        weights=_prices(tabel.cellen),
    )
    if audit(found, hierarchies=tabel.hierarchies, threshold=drempel, informed=True):
        return None
    shown: NDArray[np.bool_] = (found["status"] == "ok").to_numpy()
    return shown


def _make(vraagstuk: Vraagstuk) -> Tabel:
    nieuw, vast = vraagstuk.nieuw, vraagstuk.vast
    if vast is None:
        return make_tabel(nieuw.rename(columns={"n": "count"}), vraagstuk.rooster)
    cellen = pd.concat([nieuw, vast], ignore_index=True).rename(columns={"n": "count"})
    perioden = {jaar: sorted(set(vast["periode"])) for jaar in nieuw["periode"].unique()}
    return make_tabel(cellen, vraagstuk.rooster, perioden)


def _prices(cellen: pd.DataFrame) -> NDArray[np.float64]:
    level = cellen["niveau"].map(_PRIJS).fillna(1.0)
    return (level * np.where(cellen["categorie"] == ALLES, _PRIJS_ALLES, 1.0)).to_numpy(dtype=np.float64)


def year_from_quarters(year: pd.DataFrame, quarters: pd.DataFrame, vast: pd.DataFrame) -> pd.DataFrame:
    """The counts of a year whose quarters stand as they were decided, whatever came in later.

    year, quarters: the counts as they are now; vast: those of the quarters that were decided.
    """
    keys = ["niveau", "gebied_code", "categorie"]
    now, then = (_sum(found, keys) for found in (quarters, vast))
    counts = year.set_index(keys)["n"].sub(now, fill_value=0).add(then, fill_value=0)
    kept = counts[counts > 0].rename("n").astype("int64").reset_index()
    extra = [name for name in ("top1", "top2") if name in year]
    return kept.merge(year[[*keys, *extra]], on=keys, how="left").assign(periode=year["periode"].iloc[0])


def _sum(found: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    return found.groupby(list(keys))["n"].sum()
