"""Decide the periods of a source that are due, quarters first and years around them, and store what was decided."""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import psycopg

from geo_service.db.write.bronnen import bump_version
from geo_service.db.write.cijfers import (
    Besluit,
    count_lattice,
    known_besluiten,
    lock_release,
    note_reason,
    read_besluit,
    store_besluit,
    withdraw,
)  # fmt: skip
from geo_service.domain.gebieden import vintage_for
from geo_service.domain.perioden import Periode, kwartaal
from geo_service.errors import Refused
from geo_service.jobs.vrijgave.besluit import Onveilig, Vraagstuk, decide, year_from_quarters
from geo_service.jobs.vrijgave.bron import LatticeBron, read_bron
from geo_service.jobs.vrijgave.tabel import Rooster
from geo_service.settings import get_settings

log = logging.getLogger("buurtsignaal")

# How large a year, with its quarters, is decided while someone waits for a file.
SMALL_YEAR = 800
# The shape and the counts that were decided about, and since when that stands.
Bekend = tuple[str, str, Any]


def release_source(
    connection: psycopg.Connection, gemeente: str, bron: str, *, today: date, patient: bool = False
) -> list[str]:
    """Decide every quarter and year of a source that ended long enough ago, that it covers at all, and that changed.

    A period stays as it was decided when its counts did not change or when it is fixed. Newest first; patient: all of
    them, where otherwise what takes long stays closed until someone has the patience. Returns the periods decided.
    """
    lock_release(connection, gemeente, bron)
    found = read_bron(connection, gemeente, bron)
    periodes = [] if found is None else found.periodes(today)
    known = known_besluiten(connection, gemeente, bron)
    withdraw(connection, gemeente, bron, sorted(set(known) - {periode.code for periode in periodes}))
    if found is None:
        return []
    by_vintage: dict[int, list[Periode]] = {}
    for periode in sorted(periodes, key=lambda own: (own.soort == "jaar", -own.van.toordinal())):
        vintage = vintage_for(found.vintages, periode.van)
        if vintage is not None:
            by_vintage.setdefault(vintage.jaar, []).append(periode)
    geduld = _Geduld() if patient else _Geduld(get_settings().vrijgave_direct, SMALL_YEAR)
    done: list[str] = []
    for jaar in sorted(by_vintage, reverse=True):
        vrijgave = _read_vrijgave(connection, found, jaar, by_vintage[jaar], dict(known))
        done += [own.code for own in by_vintage[jaar] if vrijgave.bring_up_to_date(own, geduld)]
    return done


@dataclass
class _Geduld:
    """How many cells there is patience for, in all and in one year."""

    cellen: float = math.inf
    jaar: float = math.inf

    def takes(self, nieuw: int, vast: int) -> bool:
        """Whether a period with so many cells, and so many of its quarters, may be decided now."""
        if nieuw > self.cellen or (vast and nieuw + vast > self.jaar):
            return False
        self.cellen -= nieuw
        return True


def _read_vrijgave(
    connection: psycopg.Connection, bron: LatticeBron, jaar: int, periodes: Sequence[Periode], known: dict[str, Bekend]
) -> _Vrijgave:
    vrij, cellen = bron.part(connection, jaar, periodes)
    counts = count_lattice(connection, vrij)
    rooster = bron.rooster(cellen, sorted(set(counts["categorie"])))
    return _Vrijgave(connection, bron, jaar, counts, rooster, known)


@dataclass(frozen=True)
class _Vrijgave:
    """The periods of one source and vintage. counts: all of them; known: what stands, brought up to date on the way."""

    connection: psycopg.Connection
    bron: LatticeBron
    jaar: int
    counts: pd.DataFrame
    rooster: Rooster
    known: dict[str, Bekend]

    @property
    def opzet(self) -> str:
        settings = get_settings()
        return f"{self.jaar}-{settings.drempel_publiek}-{settings.drempel_dienst}-{self.rooster.kenmerk}"

    def bring_up_to_date(self, periode: Periode, geduld: _Geduld) -> bool:
        """Decide a period unless what stands still holds; tells whether it was decided."""
        kwartalen = self._kwartalen(periode)
        vast = self._vast(kwartalen)
        nieuw = self._counts(periode, vast, kwartalen)
        kenmerk = _hash(nieuw, [self.known[code][1] for code in kwartalen])
        stands = self.known.get(periode.code)
        if stands is not None and stands[0] == self.opzet and (stands[1] == kenmerk or _is_fixed(stands[2])):
            return False
        if not geduld.takes(len(nieuw), 0 if vast is None else len(vast)):
            self._close(periode)
            return False
        return self._decide(periode, Vraagstuk(self.rooster, nieuw, vast), kenmerk)

    def _kwartalen(self, periode: Periode) -> list[str]:
        """The quarters of a year that were decided."""
        if periode.soort != "jaar":
            return []
        codes = [kwartaal(periode.van.year, number).code for number in (1, 2, 3, 4)]
        return [code for code in codes if code in self.known]

    def _vast(self, kwartalen: Sequence[str]) -> pd.DataFrame | None:
        if not kwartalen:
            return None
        found = read_besluit(self.connection, self.bron.gemeente, self.bron.naam, kwartalen)
        return None if found.empty else found

    def _counts(self, periode: Periode, vast: pd.DataFrame | None, kwartalen: Sequence[str]) -> pd.DataFrame:
        nieuw = self.counts[self.counts["periode"] == periode.code]
        if vast is None or nieuw.empty:
            return nieuw
        return year_from_quarters(nieuw, self.counts[self.counts["periode"].isin(kwartalen)], vast)

    def _decide(self, periode: Periode, vraagstuk: Vraagstuk, kenmerk: str) -> bool:
        begin = time.process_time()
        try:
            cellen = decide(vraagstuk)
        except (Onveilig, ValueError, ArithmeticError) as error:
            # Without an answer that holds, nobody sees the period; what the error says can hold counts.
            log.error("%s van %s is niet vrij te geven (%s)", periode.naam, self.bron.naam, type(error).__name__)
            self._close(periode)
            return False
        seconds = round(time.process_time() - begin, 2)
        bron = self.bron
        besluit = Besluit(bron.gemeente, bron.naam, periode.code, self.jaar, self.opzet, kenmerk, cellen, seconds)
        store_besluit(self.connection, besluit, soort=periode.soort, span=(periode.van, periode.tot))
        self.known[periode.code] = (self.opzet, kenmerk, datetime.now(UTC))
        return True

    def _close(self, periode: Periode) -> None:
        if self.known.pop(periode.code, None) is not None:
            withdraw(self.connection, self.bron.gemeente, self.bron.naam, [periode.code])


def _is_fixed(since: datetime) -> bool:
    return since + timedelta(days=get_settings().vrijgave_vast_dagen) < datetime.now(UTC)


def _hash(counts: pd.DataFrame, others: Sequence[str]) -> str:
    told = counts.to_csv(index=False) + "\n".join(others)
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


def sources_to_release(connection: psycopg.Connection, gemeente: str | None = None) -> list[tuple[str, str]]:
    """(gemeente, bron) pairs with data."""
    rows = connection.execute(
        "select gemeente_code, naam from publiek.bron where eerste_dag is not null "
        "and (%(g)s::text is null or gemeente_code = %(g)s) order by 1, 2",
        {"g": gemeente},
    )
    return [(row[0], row[1]) for row in rows]


def release_due(
    connection: psycopg.Connection, gemeente: str, bron: str, *, today: date, patient: bool = False
) -> list[str]:
    """Decide what became old enough since the last time; patient: also what stayed closed. Returns what was decided."""
    found = read_bron(connection, gemeente, bron)
    periodes = found.periodes(today) if found else []
    stands = known_besluiten(connection, gemeente, bron)
    newest = max((periode.tot for periode in periodes if periode.code in stands), default=date.min)
    missing = {periode.code for periode in periodes if patient or periode.tot > newest} - set(stands)
    if not missing and set(stands) <= {periode.code for periode in periodes}:
        return []
    done = release_source(connection, gemeente, bron, today=today, patient=patient)
    if done:
        bump_version(connection, gemeente, bron, new_data=False)
    return done


def correct(
    connection: psycopg.Connection, gemeente: str, bron: str, periode: str, reden: str, *, today: date
) -> list[str]:
    """Decide a period anew with the counts of today, fixed or not, and remember why; Refused when it was not released."""
    if periode not in known_besluiten(connection, gemeente, bron):
        raise Refused(f"{periode!r} van {bron} is niet vrijgegeven; er is niets te corrigeren.")
    withdraw(connection, gemeente, bron, [periode])
    done = release_source(connection, gemeente, bron, today=today, patient=True)
    note_reason(connection, gemeente, bron, done, reden)
    bump_version(connection, gemeente, bron, new_data=False)
    return done
