"""What a scan finds, and what it says about it in Dutch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Ints
from analysis.scan.search import ALPHA, Found
from analysis.scan.settings import Settings
from analysis.scan.tables import CaseTable
from analysis.wording import aantal, getal, kans


@dataclass(frozen=True)
class ScanCluster:
    """A window with more cases than expected.

    members: sorted indices of the locations in it, those without any covered period in it left out.
    relative_risk: observed against expected inside, over the same outside; inf when all cases are inside.
    llr: log likelihood ratio. p_value: chance that the highest ratio anywhere is at least this without clusters.
    start, end: period indices, inclusive; None in a spatial scan.
    recurrence_interval: periods between two such clusters by chance, 1 / p_value, when every period is tested
    once; None unless prospective.
    """

    members: Ints
    cases: int
    expected: float
    relative_risk: float
    llr: float
    p_value: float
    start: int | None
    end: int | None
    recurrence_interval: float | None
    uitleg: str


@dataclass(frozen=True)
class ScanResult:
    """Clusters that share no location, most likely first; parameters also tell n_sim_run, the simulations run."""

    clusters: list[ScanCluster]
    uitleg: str
    parameters: Mapping[str, object]


def relative_risk(cases: float, expected: float, total: float) -> float:
    """Return (cases / expected) inside over the same outside; inf when nothing is left outside."""
    if cases >= total:
        return math.inf
    return (cases / expected) / ((total - cases) / (total - expected))


def describe(found: Found, table: CaseTable, p: float, settings: Settings) -> ScanCluster:
    """Return what was found, in terms of the caller's arrays."""
    spatial = settings.max_duration is None
    interval = 1 / p if settings.prospective else None
    return ScanCluster(
        members=np.sort(table.index[found.rows]),
        cases=found.cases,
        expected=found.expected,
        relative_risk=relative_risk(found.cases, found.expected, table.total),
        llr=found.llr,
        p_value=p,
        start=None if spatial else found.start,
        end=None if spatial else found.end,
        recurrence_interval=interval,
        uitleg=_explain_cluster(found, p, interval, settings),
    )


def explain(clusters: Sequence[ScanCluster], settings: Settings) -> str:
    """Return one Dutch sentence on all clusters together."""
    clear = aantal(sum(cluster.p_value <= ALPHA for cluster in clusters), "cluster", "clusters")
    return (
        f"{clear.capitalize()} gevonden met zoveel meer gevallen dan te verwachten is {_compared_with(settings)}, dat "
        f"toeval dit in het hele gebied hoogstens 1 op de {getal(1 / ALPHA)} keer geeft (de kleinste kans die met "
        f"{getal(settings.n_sim)} simulaties te meten is, is 1 op de {getal(settings.n_sim + 1)}); dit zegt niet "
        "waarom het er meer zijn, en niets over plekken en perioden zonder dekking."
    )


def _explain_cluster(found: Found, p: float, interval: float | None, settings: Settings) -> str:
    close = found.expected < 10 or found.cases - found.expected < 1
    smallest = "hoogstens " if p * (settings.n_sim + 1) < 1.5 else ""
    often = "" if interval is None else f" (eens in de {getal(interval)} perioden)"
    verdict = "zo'n verschil kan goed toeval zijn" if p > ALPHA else "dit zegt niet waarom het er meer zijn"
    return (
        f"Hier {'is' if found.cases == 1 else 'zijn'} {aantal(found.cases, 'geval', 'gevallen')} geteld, meer dan de "
        f"{getal(found.expected, 1 if close else 0)} die te verwachten zijn {_compared_with(settings)}; de kans dat "
        f"toeval ergens in het gebied zo'n cluster oplevert is {smallest}{kans(p)}{often}, en {verdict}."
    )


def _compared_with(settings: Settings) -> str:
    if settings.model == "permutation":
        return "als plaats en tijd los van elkaar staan"
    return "bij deze bevolking"
