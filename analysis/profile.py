"""What stands out in one area: each category's share of the reports here beside its share in the whole.

It compares an area with the whole, never areas with each other: every area may have its own biggest problem.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import beta, binom

from analysis.arrays import Floats, as_counts
from analysis.wording import aantal, getal

Counts = ArrayLike | Mapping[Hashable, float] | pd.Series

GEEN_DUIDELIJK_BEELD = "Geen duidelijk beeld"


@dataclass(frozen=True)
class ProfileResult:
    """Outcome of biggest_problem.

    categorie: the label of the one category that stands out most; None is "geen duidelijk beeld".
    quotient, low, high: of that category; without one, of the highest lower bound in the table; NaN when
    nothing could be compared.
    opvallend: every category whose interval lies above 1, highest quotient first (several may stand out).
    table: one row per category (index), columns aantal, verwacht (reports if the area were like the whole),
    quotient, laag, hoog, opvallend; NaN where nothing could be compared.
    uitleg: one Dutch sentence.
    """

    categorie: Hashable | None
    quotient: float
    low: float
    high: float
    opvallend: tuple[Hashable, ...]
    table: pd.DataFrame
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def biggest_problem(counts: Counts, reference: Counts, *, level: float = 0.95) -> ProfileResult:
    """Tell which category of reports stands out in an area, or that none does.

    counts: (k,) reports of the area per category. reference: (k,) reports of the whole, **the area included**
    (shares of the whole will do). Mappings and Series are joined by label; both must name the same categories,
    else ValueError, because a category that is absent may be zero or unknown. Arrays are labelled 0 … k-1.
    A category that is NaN in either, or zero in the whole, is left out of all sums and NaN in the table.
    level: of the intervals of all categories together (Bonferroni), strictly between 0 and 1.

    Location quotient = share of the category here / its share in the whole (Isard 1960). Its interval is
    that of the share here (Clopper and Pearson 1934) over the share in the whole, taken as known: with the area
    inside the whole that errs on the safe side, as drawing without replacement varies less than drawing with it.
    A category stands out when its interval lies above 1. The biggest problem stands out and has a quotient
    above that of every other one that does (exact binomial test of the two, one minus level, two-sided); two
    that cannot be told apart give None, with both in `opvallend`.
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, got {level}")
    labels, here, whole = _aligned(counts, reference)
    usable = np.isfinite(here) & (whole > 0)
    table = _compare(labels, here, whole, usable, level)
    rows = np.argsort(-table["quotient"].to_numpy(), kind="stable")
    rows = rows[table["opvallend"].to_numpy()[rows]]
    found = table.iloc[rows]
    clear = len(rows) > 0 and all(_exceeds(here, whole, rows[0], rival, level) for rival in rows[1:])
    shown = found.iloc[0] if clear else _highest_low(table)
    parameters = {"level": level, "categories": int(usable.sum()), "reports": float(here[usable].sum())}
    return ProfileResult(
        categorie=found.index[0] if clear else None,
        quotient=float(shown["quotient"]),
        low=float(shown["laag"]),
        high=float(shown["hoog"]),
        opvallend=tuple(found.index),
        table=table,
        uitleg=_explain(found, clear, int((~usable).sum())),
        parameters=parameters,
    )


def _aligned(counts: Counts, reference: Counts) -> tuple[pd.Index, Floats, Floats]:
    here, whole = _labelled(counts, "counts"), _labelled(reference, "reference")
    if here.index.has_duplicates or whole.index.has_duplicates:
        raise ValueError("counts and reference must name each category once")
    if not isinstance(counts, (Mapping, pd.Series)) and len(here) == len(whole):
        here.index = whole.index
    elif not isinstance(reference, (Mapping, pd.Series)) and len(here) == len(whole):
        whole.index = here.index
    if len(here) != len(whole) or not here.index.isin(whole.index).all():
        raise ValueError(
            f"counts and reference must have the same categories, got {len(here)} and {len(whole)}; "
            "give 0 where nothing was reported and NaN where it is unknown"
        )
    return here.index, here.to_numpy(), whole.loc[here.index].to_numpy()


def _labelled(counts: Counts, name: str) -> pd.Series:
    if isinstance(counts, Mapping):
        counts = pd.Series(counts, dtype=np.float64)
    index = counts.index if isinstance(counts, pd.Series) else None
    values = as_counts(counts, name)
    if values.ndim != 1:
        raise ValueError(f"{name} must have shape (k,), got {values.shape}")
    return pd.Series(values, index=index)


def _compare(labels: pd.Index, here: Floats, whole: Floats, usable: np.ndarray, level: float) -> pd.DataFrame:
    """Return the table of quotients with intervals that hold for all categories together."""
    names = ["verwacht", "quotient", "laag", "hoog"]
    table = pd.DataFrame({"aantal": here} | dict.fromkeys(names, np.nan), index=labels)
    n, k = here[usable].sum(), usable.sum()
    if n > 0:
        share = whole[usable] / whole[usable].sum()
        low, high = _share_interval(here[usable], n, (1 - level) / k)
        columns = np.column_stack([n * share, here[usable] / n / share, low / share, high / share])
        table.loc[usable, names] = columns
    return table.assign(opvallend=table["laag"] > 1)


def _share_interval(k: Floats, n: float, alpha: float) -> tuple[Floats, Floats]:
    """Return the exact interval of the share k / n, with at most alpha / 2 beyond each end."""
    low, high = np.zeros_like(k), np.ones_like(k)
    some, part = k > 0, k < n
    low[some] = beta.ppf(alpha / 2, k[some], n - k[some] + 1)
    high[part] = beta.ppf(1 - alpha / 2, k[part] + 1, n - k[part])
    return low, high


def _exceeds(here: Floats, whole: Floats, first: int, second: int, level: float) -> bool:
    """Tell whether the first category is further above its share than the second, beyond chance."""
    share = whole[first] / (whole[first] + whole[second])
    return bool(binom.sf(here[first] - 1, here[first] + here[second], share) <= (1 - level) / 2)


def _highest_low(table: pd.DataFrame) -> pd.Series:
    ordered = table.sort_values(["laag", "quotient"], ascending=False, kind="stable")
    return ordered.iloc[0] if len(ordered) else pd.Series({"quotient": np.nan, "laag": np.nan, "hoog": np.nan})


def _explain(found: pd.DataFrame, clear: bool, n_left_out: int) -> str:
    left_out = f" ({aantal(n_left_out, 'soort kon', 'soorten konden')} niet vergeleken worden)" if n_left_out else ""
    if clear:
        best = found.iloc[0]
        return (
            f"{found.index[0]} valt hier het meest op: het aandeel in de meldingen is ongeveer "
            f"{getal(best['quotient'], 1)} keer zo groot als in het geheel waarmee is vergeleken "
            f"(tussen {getal(best['laag'], 1)} en {getal(best['hoog'], 1)} keer){left_out}; dat zegt niet dat er hier "
            "meer overlast is dan elders."
        )
    several = ", ".join(str(label) for label in found.index)
    why = f"meer dan één soort valt op ({several})" if several else "geen soort melding valt hier duidelijk op"
    return (
        f"{GEEN_DUIDELIJK_BEELD}: {why}{left_out}; dat betekent niet dat er geen problemen zijn, alleen dat de "
        "meldingen er niet één als grootste aanwijzen."
    )
