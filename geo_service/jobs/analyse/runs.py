"""Runs: one source, period and method with parameters, seed, code and data; a new one replaces the one before it.

A replaced run keeps its row and what it found for staff; the public table holds what is current only.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import psycopg
import shapely
from psycopg.types.json import Jsonb

from geo_service.domain.cijfers import Status
from geo_service.domain.perioden import Periode
from geo_service.jobs.analyse.kader import Kader, make_hash
from geo_service.jobs.analyse.vondsten import INTERN, PUBLIEK, Uitkomst, Vondst, Vorm
from geo_service.settings import get_settings

_ROOT = Path(__file__).resolve().parents[3]
_SOURCES = ("analysis", "geo_service/jobs/analyse")


@cache
def code_version() -> str:
    """The version of the program and a fingerprint of what computes: other code makes a run anew."""
    digest = hashlib.blake2b(digest_size=4)
    for folder in _SOURCES:
        for path in sorted((_ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return f"{importlib.metadata.version('buurtsignaal')}+{digest.hexdigest()}"


@dataclass(frozen=True)
class Vraag:
    """What a run answers. parameters: a frozen dataclass, with ``seed`` when the method draws random numbers."""

    kader: Kader
    periode: Periode
    methode: str
    parameters: Any

    @property
    def sleutel(self) -> dict[str, Any]:
        return {
            "gemeente": self.kader.gemeente.code,
            "bron": self.kader.bron.naam,
            "periode": self.periode.code,
            "methode": self.methode,
        }

    @cached_property
    def kenmerk(self) -> str:
        """A hash of everything that the answer depends on: data, code and parameters."""
        settings = get_settings()
        noemers = self.kader.noemers.get(self.periode.van.year)
        parts = [
            self.sleutel,
            code_version(),
            asdict(self.parameters),
            [settings.drempel_publiek, settings.drempel_dienst],
            self.kader.kenmerk,
            self.kader.is_released(self.periode),
            noemers and asdict(noemers),
        ]
        return make_hash(parts)


def lock_source(connection: psycopg.Connection, gemeente: str, bron: str) -> None:
    """Runs of one source wait for each other, so that two commands at the same time do not compute twice."""
    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"analyse:{gemeente}:{bron}",))


def current_kenmerken(connection: psycopg.Connection, kader: Kader) -> set[str]:
    """The hashes of all current runs of a source."""
    rows = connection.execute(
        "select kenmerk from intern.hotspot_run where gemeente_code = %s and bron = %s and vervangen_op is null",
        (kader.gemeente.code, kader.bron.naam),
    ).fetchall()
    return {row[0] for row in rows}


def store_run(connection: psycopg.Connection, vraag: Vraag, uitkomst: Uitkomst) -> dict[str, int]:
    """Store a run and what it found, in place of the run before it. Returns the number of results per table."""
    _replace(connection, vraag)
    run_id = _insert_run(connection, vraag, uitkomst)
    counts = {INTERN: 0, PUBLIEK: 0}
    for number, vondst in enumerate(uitkomst.vondsten, start=1):
        for table, vorm in vondst.vormen.items():
            if table == PUBLIEK and not vraag.kader.is_released(vraag.periode):
                continue
            _insert(connection, table, vraag, _values(run_id, number, vondst, vorm))
            counts[table] += 1
    return counts


def _replace(connection: psycopg.Connection, vraag: Vraag) -> None:
    old = connection.execute(
        "update intern.hotspot_run set vervangen_op = now() where gemeente_code = %(gemeente)s and bron = %(bron)s "
        "and periode = %(periode)s and methode = %(methode)s and vervangen_op is null returning run_id",
        vraag.sleutel,
    ).fetchall()
    connection.execute("delete from publiek.hotspot where run_id = any(%s)", ([row[0] for row in old],))


def _insert_run(connection: psycopg.Connection, vraag: Vraag, uitkomst: Uitkomst) -> int:
    parameters = asdict(vraag.parameters)
    resultaat = dict(uitkomst.resultaat) | ({"reden": uitkomst.reden} if uitkomst.reden else {})
    row = connection.execute(
        """
        insert into intern.hotspot_run (gemeente_code, bron, periode, methode, parameters, seed, kenmerk, resultaat,
            code_versie, bron_versie)
        values (%(gemeente)s, %(bron)s, %(periode)s, %(methode)s, %(parameters)s, %(seed)s, %(kenmerk)s, %(resultaat)s,
            %(code)s, %(versie)s) returning run_id
        """,
        vraag.sleutel
        | {
            "parameters": Jsonb(parameters),
            "seed": parameters.get("seed"),
            "kenmerk": vraag.kenmerk,
            "resultaat": Jsonb(resultaat),
            "code": code_version(),
            "versie": vraag.kader.bron.versie,
        },
    ).fetchone()
    assert row is not None  # noqa: S101  (insert returning always gives a row)
    return int(row[0])


def _values(run_id: int, number: int, vondst: Vondst, vorm: Vorm) -> dict[str, Any]:
    return {
        "run": run_id,
        "nummer": number,
        "categorie": vondst.categorie,
        "klasse": vondst.klasse,
        "stadsdeel": vondst.stadsdeel,
        "buurten": list(vondst.buurten),
        "aantal": vorm.aantal,
        "plekken": vorm.plekken,
        "soort": vorm.plekken_soort,
        "verwacht": _rounded(vorm.verwacht, 1),
        "verhouding": _rounded(vorm.verhouding, 2),
        # Together with public figures a chance can give a withheld count away.
        "p": vondst.p_waarde if vorm.status is Status.OK else None,
        "begin": vondst.begin,
        "eind": vondst.eind,
        "status": vorm.status.value,
        "kaartje": Jsonb(vondst.kaartje_bij(vorm.status)),
        "wkb": shapely.to_wkb(vorm.gebied),
    }


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(float(value), decimals)


def _insert(connection: psycopg.Connection, table: str, vraag: Vraag, values: Mapping[str, Any]) -> None:
    periode = vraag.periode
    connection.execute(
        f"""
        insert into {table} (gemeente_code, run_id, nummer, bron, methode, categorie, klasse, van, tot, periode,
            stadsdeel_code, buurten, aantal, plekken, plekken_soort, verwacht, verhouding, p_waarde, begin, eind, status,
            kaartje, geom)
        values (%(gemeente)s, %(run)s, %(nummer)s, %(bron)s, %(methode)s, %(categorie)s, %(klasse)s, %(van)s, %(tot)s,
            %(periode)s, %(stadsdeel)s, %(buurten)s, %(aantal)s, %(plekken)s, %(soort)s, %(verwacht)s, %(verhouding)s,
            %(p)s, %(begin)s, %(eind)s, %(status)s, %(kaartje)s, st_multi(st_setsrid(st_geomfromwkb(%(wkb)s), 28992)))
        """,
        vraag.sleutel | {"van": periode.van, "tot": periode.tot} | dict(values),
    )
