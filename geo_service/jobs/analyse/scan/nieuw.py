"""What is new in the last weeks: more than before, beyond what happened in the rest of the municipality."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from analysis.scan import ScanCluster, space_time_scan
from geo_service.domain.hotspots import NIEUW
from geo_service.domain.perioden import Periode, bereik, week
from geo_service.jobs.analyse import kaartjes
from geo_service.jobs.analyse.reeksen import Reeks
from geo_service.jobs.analyse.scan.vensters import Vraag, clear_clusters, told
from geo_service.jobs.analyse.vondsten import Cel, Cijfers, Vondst
from geo_service.release.perioden import covered_span

GEEN_WEKEN = "Er zijn te weinig hele weken na elkaar geteld om te zeggen wat nieuw is."


def find_nieuw(vraag: Vraag) -> tuple[list[Vondst], dict[str, Any]]:
    """Results, and what the run keeps: per category, or why there are none.

    A place counts once per buurt and week. A week that is not covered whole is left out, and so is what lies before the
    last trend break.
    """
    span = covered_span(vraag.kader.gemeente, vraag.kader.bron.naam)
    weken = last_weeks(vraag.periode, span[1] if span else None, vraag.parameters.weken)
    found: list[Vondst] = []
    kept: dict[str, Any] = {}
    for categorie, reeks in vraag.lezer.reeksen(weken, vraag.peiljaar).items():
        series = whole_weeks(reeks)
        if len(series.perioden) < vraag.parameters.fewest_weken or series.perioden[-1].tot < vraag.periode.van:
            return [], {"reden": GEEN_WEKEN}
        known = series.gedekt & vraag.getekend[:, None]
        cases = np.where(known, series.plekken, 0.0)
        result = space_time_scan(
            cases,
            None,
            vraag.xy,
            model="permutation",
            prospective=True,
            max_duration=min(vraag.parameters.recent, len(series.perioden) // 2),
            covered=known,
            **vraag.limits(cases.sum(axis=1)),
        )
        kept |= {"van": series.perioden[0].van.isoformat(), "tot": series.perioden[-1].tot.isoformat()}
        kept[categorie] = told(result)
        for cluster in clear_clusters(result):
            vondst = _make_vondst(vraag, categorie, series, cluster)
            if vondst is not None:
                found.append(vondst)
    return found, kept


def last_weeks(periode: Periode, covered_to: date | None, count: int) -> list[Periode]:
    """The last whole weeks, Monday to Sunday, that end within the period and the coverage; oldest first."""
    end = min(periode.tot, covered_to or periode.tot)
    sunday = end - timedelta(days=(end.weekday() + 1) % 7)
    days = [sunday - timedelta(weeks=back) for back in range(count)]
    return [week(*day.isocalendar()[:2]) for day in reversed(days)]


def whole_weeks(reeks: Reeks) -> Reeks:
    """The weeks since the last trend break that are covered whole, from the first such week anywhere to the last."""
    since = reeks.since_break()
    return since.covered_only(np.where(since.dekking >= 1, 1.0, 0.0)).trimmed()


def _make_vondst(vraag: Vraag, categorie: str, series: Reeks, cluster: ScanCluster) -> Vondst | None:
    """None when one place made most of it, or when too few places report for anyone to know of."""
    start, end = cluster.start or 0, cluster.end or 0
    window = bereik(series.perioden[start].van, series.perioden[end].tot)
    buurten = [series.buurten[row] for row in cluster.members]
    together = vraag.lezer.plekken(categorie, buurten, window, vraag.peiljaar)
    if together.one_caller or together.plekken < vraag.parameters.min_places:
        return None
    counts = series.aantal[cluster.members, start : end + 1].sum(axis=1)
    cellen = [Cel(buurt, window, int(n)) for buurt, n in zip(buurten, counts, strict=True)]
    ratio = cluster.cases / cluster.expected
    cijfers = Cijfers(cellen, cluster.cases, series.plekken_soort, cluster.expected, ratio)
    vormen = vraag.drempels.forms(categorie, cijfers, vraag.vlakken.union(buurten), together.plekken)
    bekend = kaartjes.Bekend(
        bereik(series.perioden[0].van, series.perioden[-1].tot),
        deels=not bool(series.gedekt.all()),
        breuken=series.breuken(buurten),
        vanaf_breuk=True,
        plekken_soort=series.plekken_soort,
    )
    topic, days = vraag.topic(categorie), (window.van, window.tot)
    n_sim = vraag.parameters.n_sim
    kaartje, besloten = (kaartjes.nieuw(topic, bekend, days, p, n_sim) for p in (cluster.p_value, None))
    stadsdeel = vraag.vlakken.stadsdeel(buurten)
    found = Vondst(categorie, NIEUW, buurten, stadsdeel, kaartje, vormen, *days, cluster.p_value, besloten)
    return found if vormen else None
