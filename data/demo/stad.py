"""The town that every part of the demo shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from shapely import Polygon

from data.demo.feiten import GEMEENTE, stadsdeel_code
from data.demo.plan import first_day
from data.demo.straten import Straten


@dataclass(frozen=True)
class Stad:
    """Facts, one row per buurt; the approximate cell of each; streets; and the last day of the demo."""

    feiten: pd.DataFrame
    cells: list[Polygon]
    straten: Straten
    until: date

    @property
    def days(self) -> pd.DatetimeIndex:
        return pd.date_range(first_day(self.until), self.until, unit="s")

    def buurten_in(self, gebieden: tuple[str, ...]) -> np.ndarray:
        """Return a mask (n,) of the buurten that lie in any of the areas."""
        feiten = self.feiten
        inside = feiten["code"].isin(gebieden) | (GEMEENTE in gebieden)
        return (inside | feiten["stadsdeel"].map(stadsdeel_code).isin(gebieden)).to_numpy(bool)

    def team_buurten(self) -> dict[str, np.ndarray]:
        """Return the indices of the buurten of each wijkteam, by name."""
        feiten = self.feiten
        return {str(team): rows.index.to_numpy() for team, rows in feiten.groupby("wijkteam")}

    def busiest_buurt(self, buurten: np.ndarray) -> int:
        return int(buurten[self.feiten["inwoners"].to_numpy()[buurten].argmax()])
