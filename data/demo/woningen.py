"""Synthetic housing stock in the shape of the BAG: panden and the verblijfsobjecten in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.demo.frames import lines, numbered, texts
from data.demo.stad import Stad

_FLAT_SIZE = 14
_SHEDS = 0.12
_DUMMY_YEARS = 0.004

# Share of dwellings in flats, and around which year a wijk was built.
_FLATS = {"WK015300": 0.6, "WK015303": 0.4, "WK015304": 0.35, "WK015306": 0.25, "WK015309": 0.03}
_BUILT = {"WK015300": 1938, "WK015303": 1958, "WK015306": 1974, "WK015308": 1985, "WK015309": 1955}
_OTHER_USE = ("winkelfunctie", "kantoorfunctie", "industriefunctie", "bijeenkomstfunctie", "onderwijsfunctie")


def build_woningen(rng: np.random.Generator, stad: Stad, *, scale: float) -> pd.DataFrame:
    """Return panden and verblijfsobjecten with the columns of the record contract; panden first."""
    feiten = stad.feiten
    dwellings = np.maximum(np.round(count_dwellings(feiten) * scale), 1).astype(int)
    flats = np.round(dwellings * feiten["wijk_code"].map(_FLATS).fillna(0.2).to_numpy()).astype(int)
    other = np.round(count_other_objects(feiten) * scale).astype(int)
    pand_buurt, pand_of = _share_panden(dwellings, flats, other)
    living = np.concatenate([np.arange(d + o) < d for d, o in zip(dwellings, other, strict=True)])
    in_flat = np.concatenate([np.arange(d + o) < f for d, f, o in zip(dwellings, flats, other, strict=True)])

    n_sheds = int(len(pand_buurt) * _SHEDS)
    shed_buurt = rng.choice(pand_buurt, n_sheds)
    panden = _panden(rng, stad, np.concatenate([pand_buurt, shed_buurt]))
    objects = _objects(rng, panden, pand_of, living, in_flat)
    woningen = pd.concat([panden, objects], ignore_index=True)
    woningen.insert(0, "line", lines(len(woningen)))
    return woningen


def count_dwellings(feiten: pd.DataFrame) -> np.ndarray:
    """Return the dwellings of each buurt: a few more than households, for some stand empty."""
    return np.round(feiten["huishoudens"].to_numpy() * 1.03)


def count_other_objects(feiten: pd.DataFrame) -> np.ndarray:
    """Return how many shops, offices and the like each buurt has: many in the City, on industrial estates."""
    base = feiten["huishoudens"].to_numpy() * 0.06
    base = base + 220 * feiten["wijk_code"].eq("WK015307").to_numpy()
    return np.round(base + 900 * feiten["code"].eq("BU01530000").to_numpy())


def _share_panden(dwellings: np.ndarray, flats: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the buurt of each pand, and for every object (buurt by buurt, flats first) the index of its
    pand.
    """
    pand_buurt, pand_of, used = [], [], 0
    for buurt, (all_homes, in_flats, rest) in enumerate(zip(dwellings, flats, other, strict=True)):
        homes = np.concatenate([np.arange(in_flats) // _FLAT_SIZE, np.arange(all_homes - in_flats + rest)])
        homes[in_flats:] += -(-in_flats // _FLAT_SIZE)
        pand_of.append(homes + used)
        here = int(homes.max()) + 1
        pand_buurt.append(np.full(here, buurt))
        used += here
    return np.concatenate(pand_buurt), np.concatenate(pand_of)


def _panden(rng: np.random.Generator, stad: Stad, buurt: np.ndarray) -> pd.DataFrame:
    n = len(buurt)
    xy = stad.straten.sample(rng, buurt, by_length=True)
    middle = stad.feiten["wijk_code"].map(_BUILT).fillna(1966).to_numpy()[buurt]
    years = np.clip(np.round(rng.normal(middle, 14)), 1850, stad.until.year - 1)
    years[rng.random(n) < _DUMMY_YEARS] = np.nan
    status = rng.choice(
        np.array(["Pand in gebruik", "Bouw gestart", "Verbouwing pand", "Sloopvergunning verleend"]),
        n,
        p=[0.985, 0.005, 0.007, 0.003],
    )
    return pd.DataFrame(
        {
            "soort": texts(["pand"] * n),
            "sleutel": numbered("0153100000", n, 6),
            "status": texts(status.tolist()),
            "in_gebruik": status != "Bouw gestart",
            "woonfunctie": np.zeros(n, dtype=bool),
            "gebruiksdoelen": texts([None] * n),
            "oppervlakte": np.full(n, np.nan),
            "bouwjaar": years,
            "pand_sleutels": texts([None] * n),
            "x": xy[:, 0],
            "y": xy[:, 1],
        }
    )


def _objects(
    rng: np.random.Generator,
    panden: pd.DataFrame,
    pand_of: np.ndarray,
    living: np.ndarray,
    in_flat: np.ndarray,
) -> pd.DataFrame:
    n = len(pand_of)
    uses = np.where(living, "woonfunctie", rng.choice(np.array(_OTHER_USE), n))
    size = np.where(in_flat, rng.normal(68, 14, n), rng.normal(118, 28, n))
    size = np.round(np.maximum(np.where(living, size, rng.lognormal(5.3, 0.8, n)), 18))
    status = rng.choice(
        np.array(
            [
                "Verblijfsobject in gebruik",
                "Verblijfsobject in gebruik (niet ingemeten)",
                "Verblijfsobject gevormd",
            ]
        ),
        n,
        p=[0.985, 0.007, 0.008],
    )
    own = panden.iloc[pand_of]
    return pd.DataFrame(
        {
            "soort": texts(["verblijfsobject"] * n),
            "sleutel": numbered("0153010000", n, 6),
            "status": texts(status.tolist()),
            "in_gebruik": status != "Verblijfsobject gevormd",
            "woonfunctie": living,
            "gebruiksdoelen": texts(uses.tolist()),
            "oppervlakte": size,
            "bouwjaar": own["bouwjaar"].to_numpy(),
            "pand_sleutels": texts(own["sleutel"]),
            "x": own["x"].to_numpy(),
            "y": own["y"].to_numpy(),
        }
    )
