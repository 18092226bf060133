"""The expected workload: what each source will probably count in a stadsdeel in the coming quarter."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from analysis.forecast import Forecast, forecast
from geo_service.db.engine import ReadConnection
from geo_service.domain.perioden import Periode, perioden_tussen
from geo_service.errors import InvalidParameters, NotFound
from geo_service.identity import Viewer
from geo_service.release.cijfers import CijferTabel
from geo_service.release.context import Gemeente
from geo_service.release.lagen import LAGEN
from geo_service.release.tijdreeks import TijdreeksVraag, tijdreeks

KWARTALEN_PER_JAAR = 4


@dataclass(frozen=True)
class Verwachting:
    """One source in one stadsdeel. periode: the quarter after the last complete one (None: nothing is complete).

    vorig_jaar: what was counted in the same quarter a year before, None where that is not known. cijfer.toonbaar says
    whether anything may be told of it.
    """

    laag: str
    bron: str
    periode: Periode | None
    cijfer: Forecast
    vorig_jaar: int | None
    herkomst: str


async def verwachtingen(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, stadsdeel: str
) -> list[Verwachting]:
    """Per source of reports and of visits, in that order. Made of the quarters that this viewer sees complete only, so
    that nothing is told by what is withheld; empty for who sees no figures."""
    if not viewer.may_see_figures:
        return []
    found = []
    for laag in LAGEN.values():
        for bron in laag.bronnen(gemeente):
            vraag = TijdreeksVraag(stadsdeel, "stadsdeel", laag.naam, bron)
            try:
                reeks = await tijdreeks(connection, viewer, gemeente, vraag)
            except (NotFound, InvalidParameters):
                # A source without coverage or without this stadsdeel has no series.
                continue
            found.append(await asyncio.to_thread(expect, laag.naam, bron, reeks.tabellen))
    return found


def expect(laag: str, bron: str, tabellen: Sequence[CijferTabel]) -> Verwachting:
    """The quarter after the last complete one of a series of quarters, oldest first, each of one area."""
    known = [_known(tabel) for tabel in tabellen]
    counts = np.array([np.nan if count is None else count for count in known], dtype=np.float64)
    complete = np.flatnonzero(np.isfinite(counts))
    last = int(complete[-1]) + 1 if len(complete) else 0
    breaks = [place + _mixed(tabel) for place, tabel in enumerate(tabellen[:last]) if tabel.rijen[0].trendbreuk]
    cijfer = forecast(counts[:last], season=KWARTALEN_PER_JAAR, breaks=breaks)
    before = counts[last - KWARTALEN_PER_JAAR] if last >= KWARTALEN_PER_JAAR else np.nan
    return Verwachting(
        laag=laag,
        bron=bron,
        periode=_next(tabellen[last - 1].periode) if last else None,
        cijfer=cijfer,
        vorig_jaar=int(before) if np.isfinite(before) else None,
        herkomst=tabellen[-1].herkomst if tabellen else "",
    )


def _known(tabel: CijferTabel) -> int | None:
    """The count of a quarter that is over and wholly covered, and that the viewer may see."""
    bron, periode = tabel.bron, tabel.periode
    released = {row["periode"] for row in tabel.gemeente.vrijgaven if row["bron"] == bron.naam}
    over = periode.code in released or (bron.laatste_dag is not None and periode.tot <= bron.laatste_dag)
    return tabel.rijen[0].volledig if over else None


def _mixed(tabel: CijferTabel) -> int:
    """1 for a quarter that was counted in two ways; 0 when the new one began on its first day, as new areas do."""
    bron, periode = tabel.bron.naam, tabel.periode
    days = [row["datum"] for row in tabel.gemeente.trendbreuken if row["bron"] == bron]
    return int(any(periode.van < day <= periode.tot for day in days))


def _next(periode: Periode) -> Periode:
    day = periode.tot + timedelta(days=1)
    return perioden_tussen(day, day, "kwartaal")[0]
