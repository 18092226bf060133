"""Bring analyses up to date: per source, period and method a run, computed only when something it depends on changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from typing import Any

import psycopg

from geo_service.db.connection import privileged_connection
from geo_service.domain.perioden import Periode
from geo_service.jobs.analyse.kader import load_kader
from geo_service.jobs.analyse.parameters import KWARTALEN, configure
from geo_service.jobs.analyse.reeksen import Lezer
from geo_service.jobs.analyse.runs import Vraag, current_kenmerken, lock_source, store_run
from geo_service.jobs.analyse.vondsten import INTERN, PUBLIEK
from geo_service.jobs.vrijgave import correct, release_due, sources_to_release


@dataclass(frozen=True)
class Berekend:
    """One run that was made. openbaar, intern: results that everyone and that staff may see; reden: why there are none."""

    gemeente: str
    bron: str
    periode: Periode
    methode: str
    openbaar: int
    intern: int
    reden: str | None


Watch = Callable[[str], None]


def _silent(_: str) -> None:
    """Nobody watches."""


def refresh_hotspots(
    url: str,
    *,
    gemeente: str | None = None,
    methoden: Mapping[str, Any] | None = None,
    watch: Watch = _silent,
) -> list[Berekend]:
    """Release what became old enough, then make every run that is missing or no longer true: per source the default
    periods of the public and of staff, and the last released quarters. methoden: with their parameters, None: all
    as this service is set. watch: told what is looked at."""
    release_figures(url, gemeente=gemeente)
    with privileged_connection(url) as connection:
        sources = list_sources(connection, gemeente)
    return [
        done for source in sources for done in compute(url, source, methoden=methoden, only_changed=True, watch=watch)
    ]


def release_figures(
    url: str, *, gemeente: str | None = None, patient: bool = False, watch: Watch = _silent
) -> list[tuple[str, str, str]]:
    """Decide every period that became old enough or stayed closed, source by source, each in its own transaction.

    patient: also large years with their quarters. Returns (gemeente, bron, period) of what was decided.
    """
    with privileged_connection(url) as connection:
        sources = sources_to_release(connection, gemeente)
    done = []
    for code, bron in sources:
        watch(f"{bron} · cijfers vrijgeven")
        with privileged_connection(url) as connection:
            periodes = release_due(connection, code, bron, today=date.today(), patient=patient)
        done += [(code, bron, periode) for periode in periodes]
    return done


def correct_release(url: str, source: tuple[str, str], periode: str, reden: str) -> list[tuple[str, str, str]]:
    """Decide a period that is fixed anew, with the counts of today, and the years around it. Refused when it was never
    released."""
    gemeente, bron = source
    with privileged_connection(url) as connection:
        done = correct(connection, gemeente, bron, periode, reden, today=date.today())
    return [(gemeente, bron, code) for code in done]


def list_sources(connection: psycopg.Connection, gemeente: str | None = None) -> list[tuple[str, str]]:
    """(gemeente, bron) pairs with reports, in municipalities with areas."""
    rows = connection.execute(
        """
        select b.gemeente_code, b.naam from publiek.bron b
        where b.laag = 'meldingen' and b.eerste_dag is not null and (%(g)s::text is null or b.gemeente_code = %(g)s)
          and exists (select from publiek.gebied g where g.gemeente_code = b.gemeente_code)
        order by 1, 2
        """,
        {"g": gemeente},
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def compute(
    url: str,
    source: tuple[str, str],
    *,
    asked: str | None = None,
    methoden: Mapping[str, Any] | None = None,
    only_changed: bool = False,
    watch: Watch = _silent,
) -> list[Berekend]:
    """The runs of one source (gemeente, bron), in one transaction: of the asked period, else of those that users meet
    first."""
    gemeente, bron = source
    with privileged_connection(url) as connection:
        lock_source(connection, gemeente, bron)
        kader = asyncio.run(load_kader(url, gemeente, bron, asked))
        known = current_kenmerken(connection, kader) if only_changed else set()
        lezer = Lezer(connection, kader)
        done = []
        for vraag in _questions(lezer, configure() if methoden is None else methoden):
            if vraag.kenmerk in known:
                continue
            watch(f"{bron} · {vraag.periode.naam} · {vraag.methode}")
            done.append(_run(connection, lezer, vraag))
    return done


def _questions(lezer: Lezer, methoden: Mapping[str, Any]) -> Iterator[Vraag]:
    for methode, parameters in methoden.items():
        for periode in lezer.kader.perioden(KWARTALEN[methode]):
            yield Vraag(lezer.kader, periode, methode, parameters)


def _run(connection: psycopg.Connection, lezer: Lezer, vraag: Vraag) -> Berekend:
    # Loaded when it is needed: compilers and statistics cost seconds that serving does not need.
    module = import_module(f"geo_service.jobs.analyse.{vraag.methode.replace('-', '_')}")
    uitkomst = module.find(connection, lezer, vraag.periode, vraag.parameters)
    counts = store_run(connection, vraag, uitkomst)
    sleutel = (vraag.kader.gemeente.code, vraag.kader.bron.naam, vraag.periode, vraag.methode)
    return Berekend(*sleutel, counts[PUBLIEK], counts[INTERN], uitkomst.reden)
