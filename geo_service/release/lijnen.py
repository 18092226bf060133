"""Where visits of a wijkwijzer led: to the general places (0e lijn), the wijkteam (1e) or a specialist (2e)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from scipy.stats import binomtest

from geo_service.db.engine import ReadConnection
from geo_service.domain.perioden import Periode
from geo_service.identity import Viewer
from geo_service.release.beoordeling import GebiedCijfer
from geo_service.release.cijfers import CijferTabel, CijferVraag, Reeks, tabellen
from geo_service.release.context import Gemeente
from geo_service.release.lagen import BEZOEKEN
from geo_service.release.perioden import choose_periode, reeks_perioden

LIJNEN = {"0e": "uitkomst-0e_lijn", "1e": "uitkomst-1e_lijn", "2e": "uitkomst-2e_lijn"}
KWARTALEN = 8
LEVEL = 0.95


@dataclass(frozen=True)
class Kwartaallijnen:
    """One quarter. aantallen: visits per line, None where the figure is not told. deel, laag, hoog: the share (0-1) of
    the 0e lijn among the visits that went on to a line, with its 95 % interval (Wilson 1927); None when one of the
    three is not told, or when no visit went on. trendbreuk: why the quarters before do not compare."""

    periode: Periode
    aantallen: Mapping[str, int | None]
    deel: float | None
    laag: float | None
    hoog: float | None
    trendbreuk: str | None


@dataclass(frozen=True)
class Lijnen:
    """The last quarters of one source of visits in one area, oldest first. zin: what they say together."""

    bron: str
    kwartalen: tuple[Kwartaallijnen, ...]
    zin: str
    herkomst: str


async def lijnen_van(
    connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, niveau: str, code: str
) -> list[Lijnen]:
    """Per source of visits, from the figures that this viewer sees."""
    return [
        await _bron(connection, viewer, gemeente, CijferVraag(niveau, naam, gebied=code))
        for naam in BEZOEKEN.bronnen(gemeente)
    ]


async def _bron(connection: ReadConnection, viewer: Viewer, gemeente: Gemeente, vraag: CijferVraag) -> Lijnen:
    last = choose_periode(gemeente, viewer, vraag.bron or "", None).tot
    quarters = list(reeks_perioden(date(last.year - KWARTALEN, 1, 1), last, "kwartaal"))[-KWARTALEN:]
    found = await tabellen(connection, viewer, gemeente, BEZOEKEN, Reeks(vraag, quarters, list(LIJNEN.values())))
    by_line = {line: [table for table in found if table.categorie == categorie] for line, categorie in LIJNEN.items()}
    told = tuple(
        _kwartaal(periode, {line: _row(tables[at]) for line, tables in by_line.items()})
        for at, periode in enumerate(quarters)
    )
    return Lijnen(vraag.bron or "", told, explain(told), found[-1].herkomst)


def _row(table: CijferTabel) -> GebiedCijfer | None:
    return next(iter(table.rijen), None)


def _kwartaal(periode: Periode, rows: Mapping[str, GebiedCijfer | None]) -> Kwartaallijnen:
    counts = {line: row.cijfer.aantal if row else None for line, row in rows.items()}
    breuk = next((row.trendbreuk for row in rows.values() if row and row.trendbreuk), None)
    known = [count for count in counts.values() if count is not None]
    if len(known) < len(counts) or not sum(known):
        return Kwartaallijnen(periode, counts, None, None, None, breuk)
    test = binomtest(counts["0e"] or 0, sum(known))
    interval = test.proportion_ci(LEVEL, method="wilson")
    return Kwartaallijnen(periode, counts, test.statistic, interval.low, interval.high, breuk)


def explain(kwartalen: Sequence[Kwartaallijnen]) -> str:
    """The last quarter beside the same quarter a year before, in one Dutch sentence; no verdict when the intervals
    overlap, and none over a trend break."""
    last, before = kwartalen[-1], kwartalen[-5] if len(kwartalen) > 4 else None
    if last.deel is None:
        return "Hoe de bezoeken verdeeld zijn over de lijnen, is over het laatste kwartaal niet te zeggen."
    now = f"In het {last.periode.naam} ging {last.deel:.0%} van de doorverwezen bezoeken naar de 0e lijn"
    if before is None or before.deel is None:
        return f"{now}; van een jaar eerder is er geen cijfer."
    if any(quarter.trendbreuk for quarter in kwartalen[-4:]):
        return f"{now}. Met een jaar eerder is dat niet te vergelijken: de registratie veranderde."
    then = f"een jaar eerder was dat {before.deel:.0%}"
    if (last.laag or 0) > (before.hoog or 1):
        return f"{now}; {then}. Dat is duidelijk meer."
    if (last.hoog or 1) < (before.laag or 0):
        return f"{now}; {then}. Dat is duidelijk minder."
    return f"{now}; {then}. Het verschil kan toeval zijn."
