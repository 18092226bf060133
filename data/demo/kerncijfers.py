"""Key figures per buurt: inhabitants and households are facts, the rest follows the made-up housing stock."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.demo.feiten import KOOP_PCT_PER_WIJK, PEILJAAR, WOZ_PER_WIJK, need_index
from data.demo.frames import texts
from data.demo.woningen import count_dwellings, count_other_objects

# CBS gives no ownership or value for areas with so few dwellings.
_FEWEST_DWELLINGS = 50


def build_kerncijfers(feiten: pd.DataFrame) -> pd.DataFrame:
    """Return gebied_code, jaar, indicator, waarde, status (ok|ontbreekt) by area and indicator.

    Counts are rounded to 5, as CBS does, and do not depend on the scale of the demo.
    """
    dwellings = count_dwellings(feiten)
    addresses = dwellings + count_other_objects(feiten)
    need = need_index(feiten)
    koop = np.clip(feiten["wijk_code"].map(KOOP_PCT_PER_WIJK).to_numpy(float) - 7 * need, 5, 95).round()
    corporatie = np.clip((100 - koop) * (0.62 + 0.06 * need), 0, 100 - koop).round()
    woz = (feiten["wijk_code"].map(WOZ_PER_WIJK).to_numpy(float) * np.exp(-0.1 * need)).round()
    shares = {
        "woz_1000": woz,
        "koop_pct": koop,
        "huur_pct": 100 - koop,
        "corporatie_pct": corporatie,
        "overige_verhuur_pct": 100 - koop - corporatie,
    }
    few = dwellings < _FEWEST_DWELLINGS
    columns = {
        "inwoners": feiten["inwoners"].to_numpy(float),
        "huishoudens": feiten["huishoudens"].to_numpy(float),
        "woningvoorraad": np.round(dwellings / 5) * 5,
        "adressen": np.round(addresses / 5) * 5,
        **{name: np.where(few, np.nan, values) for name, values in shares.items()},
    }
    values = np.column_stack(list(columns.values())).astype(float)
    n = len(feiten)
    return pd.DataFrame(
        {
            "gebied_code": texts(np.repeat(feiten["code"].to_numpy(object), len(columns))),
            "jaar": np.full(n * len(columns), PEILJAAR, dtype=np.int64),
            "indicator": texts(list(columns) * n),
            "waarde": values.ravel(),
            "status": texts(np.where(np.isnan(values.ravel()), "ontbreekt", "ok")),
        }
    )
