"""Maker of seeded disclosure tables: reports per area × category, with totals, over linked geographies.

Every buurt lies in a stadsdeel, a wijk and a wijkteamgebied that do not nest in each other. Counts are skewed as
in a town: few areas and categories hold most reports, most cells are 0 to 9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Children = Mapping[str, Sequence[str]]
Hierarchies = dict[str, list[Children]]
ALLE = "alle"


@dataclass(frozen=True)
class Town:
    """Size of a table: areas per division, and reports per buurt × subcategory on average."""

    buurten: int = 14
    stadsdelen: int = 3
    wijken: int = 4
    wijkteams: int = 3
    heads: int = 5
    subs: int = 18
    mean: float = 6.0
    skew: float = 1.0
    quarters: int = 0


SMALL = Town()
ENSCHEDE = Town(70, 5, 10, 9, 11, 70, mean=1.2, skew=1.3)


def make_table(seed: int, town: Town = SMALL) -> tuple[pd.DataFrame, Hierarchies]:
    """Return a table (one row per cell, totals included) and its hierarchies; equal seed, equal table."""
    rng = np.random.default_rng(seed)
    gebied = _geography(rng, town)
    categorie = _categories(rng, town)
    hierarchies: Hierarchies = {"gebied": gebied, "categorie": categorie}
    leaves = [f"BU{k:02d}" for k in range(town.buurten)]
    subs = [f"S{k:02d}" for k in range(town.subs)]
    level = np.outer(_skewed(rng, len(leaves), town.skew), _skewed(rng, len(subs), town.skew)) * town.mean
    if not town.quarters:
        return add_totals({"gebied": leaves, "categorie": subs}, _counts(rng, level, town), hierarchies), hierarchies
    quarters = [f"Q{k + 1}" for k in range(town.quarters)]
    hierarchies["periode"] = [{"jaar": quarters}]
    counts = np.stack([_counts(rng, level, town) for _ in quarters], axis=-1)
    codes = {"gebied": leaves, "categorie": subs, "periode": quarters}
    return add_totals(codes, counts, hierarchies), hierarchies


def add_totals(codes: Mapping[str, Sequence[str]], counts: np.ndarray, hierarchies: Hierarchies) -> pd.DataFrame:
    """Return the table of these leaf counts (one axis per dimension) and of every total above them."""
    names = []
    for axis, (dimension, own) in enumerate(codes.items()):
        sums = _sums(list(own), hierarchies[dimension])
        names.append(list(sums))
        counts = np.moveaxis(np.tensordot(np.array(list(sums.values())), counts, axes=(1, axis)), 0, axis)
    index = pd.MultiIndex.from_product(names, names=list(codes))
    return pd.DataFrame({"count": counts.ravel().astype(np.int64)}, index=index).reset_index()


def _sums(leaves: list[str], maps: Sequence[Children]) -> dict[str, np.ndarray]:
    """Return for every code which leaves it holds, as a row of zeros and ones."""
    held = {leaf: np.eye(len(leaves), dtype=np.int64)[at] for at, leaf in enumerate(leaves)}
    for children in maps:
        for parent in sorted(children, key=lambda code: -_depth(code, children)):
            held.setdefault(parent, np.sum([held[child] for child in children[parent]], axis=0))
    return held


def _depth(code: str, children: Children) -> int:
    above = [parent for parent, own in children.items() if code in own]
    return 1 + _depth(above[0], children) if above else 0


def _geography(rng: np.random.Generator, town: Town) -> list[Children]:
    maps = []
    for prefix, n in (("SD", town.stadsdelen), ("WK", town.wijken), ("WT", town.wijkteams)):
        of = rng.permutation(np.concatenate([np.arange(n), rng.integers(0, n, town.buurten - n)]))
        groups = {f"{prefix}{k:02d}": [f"BU{b:02d}" for b in np.flatnonzero(of == k)] for k in range(n)}
        maps.append({"GM": list(groups), **groups})
    return maps


def _categories(rng: np.random.Generator, town: Town) -> list[Children]:
    of = np.concatenate([np.arange(town.heads), rng.integers(0, town.heads, town.subs - town.heads)])
    heads = {f"H{k:02d}": [f"S{s:02d}" for s in np.flatnonzero(of == k)] for k in range(town.heads)}
    return [{ALLE: list(heads), **heads}]


def _skewed(rng: np.random.Generator, n: int, skew: float) -> np.ndarray:
    """Return n factors with mean one, lognormal: the larger the skew, the more the first few hold."""
    factor = rng.lognormal(0, skew, n)
    return factor / factor.mean()


def _counts(rng: np.random.Generator, level: np.ndarray, town: Town) -> np.ndarray:
    return rng.poisson(rng.gamma(1.5, level / 1.5))
