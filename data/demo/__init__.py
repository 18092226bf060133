"""The demo municipality: Enschede with real names and figures, approximate boundaries, made-up records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from data.demo.bezoeken import build_bezoeken, build_wijkwijzers
from data.demo.bronnen import build_bronnen, build_interventies
from data.demo.feiten import load_feiten, stadsdeel_code
from data.demo.frames import texts
from data.demo.kerncijfers import build_kerncijfers
from data.demo.meldingen import build_meldingen
from data.demo.plan import plan_dekking, plan_effects
from data.demo.profielen import PROFIELEN
from data.demo.stad import Stad
from data.demo.straten import build_straten
from data.demo.vlakken import build_gebieden, power_cells
from data.demo.voorzieningen import build_voorzieningen
from data.demo.woningen import build_woningen

__all__ = ["Demo", "generate"]

_UNTIL = date(2026, 9, 30)


@dataclass(frozen=True, eq=False)
class Demo:
    """Everything a municipality would load, in the record columns of the readers (see README.md here).

    gebieden: niveau, code, naam, gemeente_code, geometry (MultiPolygon, EPSG:28992), geom_status.
    buurten_in: buurt_code, wijk_code, stadsdeel_code, stadsdeel_bron. bronnen: a parsed bronnen.toml.
    meldingen: source name → frame. waarheid: what was planted; dates are datetime.date.
    """

    gebieden: gpd.GeoDataFrame
    buurten_in: pd.DataFrame
    kerncijfers: pd.DataFrame
    bronnen: dict[str, list[dict[str, Any]]]
    meldingen: dict[str, pd.DataFrame]
    wijkwijzers: pd.DataFrame
    bezoeken: pd.DataFrame
    voorzieningen: pd.DataFrame
    woningen: pd.DataFrame
    interventies: pd.DataFrame
    waarheid: list[dict[str, Any]]

    def write_truth(self, path: Path | str) -> None:
        """Write the planted truth as JSON, dates as YYYY-MM-DD."""
        text = json.dumps(self.waarheid, ensure_ascii=False, indent=2, default=date.isoformat)
        Path(path).write_text(text + "\n", encoding="utf-8")


def generate(seed: int = 20260101, scale: float = 1.0, *, until: date = _UNTIL) -> Demo:
    """Return the demo municipality, equal for equal arguments.

    scale: factor on all numbers of records, > 0; areas, wijkwijzers, interventions and planted strengths
    stay. until: the last day; three years of records end there and planted periods are counted back from it.
    """
    if not scale > 0:
        raise ValueError(f"scale must be positive, got {scale}")
    streams = [np.random.default_rng(part) for part in np.random.SeedSequence(seed).spawn(5 + len(PROFIELEN))]
    feiten = load_feiten()
    cells = power_cells(feiten)
    stad = Stad(feiten, cells, build_straten(streams[0], feiten, cells), until)
    effects, dekking = plan_effects(until), plan_dekking(until)
    wijkwijzers = build_wijkwijzers(streams[1], stad)
    return Demo(
        gebieden=build_gebieden(feiten),
        buurten_in=_divisions(feiten),
        kerncijfers=build_kerncijfers(feiten),
        bronnen=build_bronnen(feiten, dekking, effects),
        meldingen={
            profiel.bron: build_meldingen(stream, stad, profiel, effects, dekking, scale=scale)
            for profiel, stream in zip(PROFIELEN, streams[5:], strict=True)
        },
        wijkwijzers=wijkwijzers,
        bezoeken=build_bezoeken(streams[2], stad, wijkwijzers, scale=scale),
        voorzieningen=build_voorzieningen(streams[3], stad, scale=scale),
        woningen=build_woningen(streams[4], stad, scale=scale),
        interventies=build_interventies(until, effects),
        waarheid=[effect.as_truth() for effect in effects],
    )


def _divisions(feiten: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "buurt_code": texts(feiten["code"]),
            "wijk_code": texts(feiten["wijk_code"]),
            "stadsdeel_code": texts(feiten["stadsdeel"].map(stadsdeel_code)),
            "stadsdeel_bron": texts(feiten["stadsdeel_bron"]),
        }
    )
