"""What suppression costs, and what several releases show together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.disclosure.lattice import Hierarchies, dimension_columns
from analysis.disclosure.rules import PRIMARY, SECONDARY, read_rows
from analysis.wording import aantal, getal


@dataclass(frozen=True)
class Losses:
    """What suppression costs. published, primary, secondary, missing: numbers of cells.

    secondary_value: the sum of the counts of the secondary cells. small_secondary: how many of those are below the
    threshold (totals whose parts give them away, see protect). uitleg: one Dutch sentence.
    """

    published: int
    primary: int
    secondary: int
    missing: int
    secondary_value: float
    small_secondary: int
    uitleg: str
    parameters: Mapping[str, object] = field(default_factory=dict)


def losses(table: pd.DataFrame, *, threshold: int = 10) -> Losses:
    """Count what a protected table (see protect) does not show; ValueError for a table that protect would refuse."""
    rows = read_rows(table, threshold, decided=True)
    hidden, secondary = rows.suppressed, rows.status == SECONDARY
    published = int((~hidden & ~rows.missing).sum())
    value = float(np.nansum(rows.counts[secondary]))
    uitleg = (
        f"Onderdrukt: {getal(hidden.sum())} van {aantal(int((~rows.missing).sum()), 'cijfer', 'cijfers')}, waarvan "
        f"{getal(int(secondary.sum()))} alleen om een ander niet te verraden; een onderdrukt cijfer is geen nul."
    )
    return Losses(
        published,
        int((rows.status == PRIMARY).sum()),
        int(secondary.sum()),
        int(rows.missing.sum()),
        value,
        int((secondary & rows.small).sum()),
        uitleg,
        {"threshold": threshold},
    )


def union_of(tables: Sequence[pd.DataFrame], *, hierarchies: Hierarchies) -> pd.DataFrame:
    """Return what someone sees who has all of these releases, as one table to audit.

    tables: protected tables with `status`, each with the dimension columns of hierarchies; not all need all rows. A
    cell is ok when one of them shows it, else primary when it is so in one of them. Audit it with the lowest of
    their thresholds and with hierarchies that name every sum of every release. ValueError when two releases show
    different counts for one cell.
    """
    names = dimension_columns(tables[0], hierarchies)
    every = pd.concat([table[[*names, "count", "status"]] for table in tables], ignore_index=True)
    rows = read_rows(every, 1, decided=True)
    shown = ~rows.suppressed & ~rows.missing
    different = every[shown].groupby(names, dropna=False)["count"].nunique() > 1
    if different.any():
        raise ValueError(f"the releases show different counts for {different.idxmax()!r}")
    rank = np.select([shown, rows.status == PRIMARY, rows.suppressed], [0, 1, 2], 3)
    best = every.assign(status=rows.status, rank=rank).sort_values("rank", kind="stable").drop_duplicates(names)
    return every[names].drop_duplicates().merge(best.drop(columns="rank"), on=names, how="left")
