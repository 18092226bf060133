"""Find hotspots of one source and period, and store them with parameters and code version.

A cluster is computed on the reports of its own; what leaves is a union of fixed hexagon cells, twice: for staff from
5 reports and places up, for everyone from 10. A cluster that cannot reach that inside its stadsdeel has no area.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg.types.json import Jsonb

from analysis.points import PointCluster, cluster_points, release_area
from geo_service.domain.perioden import Periode, dag_naam
from geo_service.settings import get_settings

MIN_SIZE = 10
MIN_PLACES = 5
CELL = 100.0
ALLES = "alle"

POINTS = """
    select st_x(m.geom) as x, st_y(m.geom) as y, c.hoofd as categorie, m.buurt_code,
        coalesce(m.melder::text, m.adres::text) as plek, m.melder is not null as melder_bekend
    from intern.melding m join publiek.categorie c on c.code = m.categorie
    where m.gemeente_code = %(gemeente)s and m.bron = %(bron)s and m.dag between %(van)s and %(tot)s
      and m.geom is not null and m.buurt_code is not null
      and exists (
        select from publiek.bron_dekking d join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron
        left join publiek.indeling i on i.gemeente_code = d.gemeente_code and i.gebied_code = d.gebied
            and i.buurt_code = m.buurt_code and i.jaar = %(peiljaar)s
        where d.gemeente_code = m.gemeente_code and d.bron = m.bron
          and m.dag between d.van and coalesce(d.tot, b.laatste_dag, d.van)
          and (d.gebied = m.buurt_code or i.buurt_code is not null))
"""


@dataclass(frozen=True)
class Parameters:
    """How the clusters were made; stored with the run. eps in metres, None: from the k-distance curve.

    standaard: one of the runs that the map shows first; they tell whether a source is up to date.
    """

    methode: str = "dbscan"
    eps: float | None = None
    min_size: int = MIN_SIZE
    min_places: int = MIN_PLACES
    cell: float = CELL
    standaard: bool = False


@dataclass(frozen=True)
class Found:
    """One cluster of one category: its reports, buurten and what is known about who reported."""

    categorie: str
    categorie_naam: str
    xy: np.ndarray
    places: np.ndarray
    buurten: list[str]
    stadsdeel: str | None
    melders_bekend: bool
    eps: float


@dataclass(frozen=True)
class Hotspot:
    """A cluster with the area it may be shown as, and what lies in that area."""

    found: Found
    area: shapely.Geometry
    aantal: int
    plekken: int


TABLES = (
    ("intern.hotspot", lambda: get_settings().drempel_dienst),
    ("publiek.hotspot", lambda: get_settings().drempel_publiek),
)


def find_hotspots(
    connection: psycopg.Connection,
    *,
    gemeente: str,
    bron: str,
    periode: Periode,
    peiljaar: int,
    parameters: Parameters | None = None,
) -> int:
    """Compute and store the hotspots of a source and period; the previous run of the same question is replaced.

    The public gets them only of a released quarter or year, as with every other figure.
    Returns how many have an area that may leave for the public.
    """
    parameters = parameters or Parameters()
    keys = {
        "gemeente": gemeente,
        "bron": bron,
        "van": periode.van,
        "tot": periode.tot,
        "peiljaar": peiljaar,
        "periode": periode.code,
    }
    run_id = _new_run(connection, keys, parameters)
    cursor = connection.execute(POINTS, keys)
    columns = [column.name for column in cursor.description or ()]
    points = pd.DataFrame(cursor.fetchall(), columns=columns)
    areas = _stadsdelen(connection, gemeente, peiljaar)
    division = _division(connection, gemeente, peiljaar)
    names: dict[str, str] = {ALLES: "Alle onderwerpen"} | dict(
        connection.execute("select code, naam from publiek.categorie").fetchall()
    )
    released = connection.execute(
        "select exists (select from publiek.vrijgave where gemeente_code = %s and bron = %s and periode = %s)",
        (gemeente, bron, periode.code),
    ).fetchone()
    tables = TABLES if released and released[0] else TABLES[:1]
    public = 0
    for number, found in enumerate(_clusters(points, names, division, parameters), start=1):
        within = areas.get(found.stadsdeel or "")
        for table, drempel in tables:
            hotspot = _release(found, within, drempel())
            if hotspot is not None:
                _store(connection, table, (run_id, number), hotspot, keys)
                public += table == "publiek.hotspot"
    return public


def _new_run(connection: psycopg.Connection, keys: dict[str, Any], parameters: Parameters) -> int:
    old = connection.execute(
        "delete from intern.hotspot_run where gemeente_code = %(gemeente)s and bron = %(bron)s and periode = %(periode)s returning run_id",
        keys,
    ).fetchall()
    for table in ("intern.hotspot", "publiek.hotspot"):
        connection.execute(f"delete from {table} where run_id = any(%s)", ([row[0] for row in old],))
    row = connection.execute(
        "insert into intern.hotspot_run (gemeente_code, bron, periode, methode, parameters, code_versie, bron_versie, standaard) "
        "select %(gemeente)s, %(bron)s, %(periode)s, %(methode)s, %(parameters)s, %(code)s, b.versie, %(standaard)s from publiek.bron b "
        "where b.gemeente_code = %(gemeente)s and b.naam = %(bron)s returning run_id",
        keys
        | {
            "methode": parameters.methode,
            "parameters": Jsonb(asdict(parameters)),
            "standaard": parameters.standaard,
            "code": importlib.metadata.version("buurtsignaal"),
        },
    ).fetchone()
    if row is None:
        raise LookupError(f"unknown source {keys['bron']}")
    return int(row[0])


def _stadsdelen(connection: psycopg.Connection, gemeente: str, jaar: int) -> dict[str, shapely.Geometry]:
    """Polygons that a hotspot may not grow out of: its stadsdeel, or the gemeente where there are none."""
    rows = connection.execute(
        "select code, st_asbinary(geom) from publiek.gebied where gemeente_code = %s and jaar = %s and geom is not null "
        "and niveau = any(%s)",
        (gemeente, jaar, ["stadsdeel", "gemeente"]),
    ).fetchall()
    return {code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}


def _division(connection: psycopg.Connection, gemeente: str, jaar: int) -> dict[str, str]:
    rows = connection.execute(
        "select buurt_code, gebied_code from publiek.indeling where gemeente_code = %s and jaar = %s and niveau = any(%s) "
        "order by niveau = 'stadsdeel'",
        (gemeente, jaar, ["gemeente", "stadsdeel"]),
    ).fetchall()
    return dict(rows)


def _clusters(
    points: pd.DataFrame, names: dict[str, str], division: dict[str, str], parameters: Parameters
) -> Iterator[Found]:
    for categorie, members in [(ALLES, points), *points.groupby("categorie", sort=True)]:
        xy = members[["x", "y"]].to_numpy(float)
        if len(xy) < parameters.min_size:
            continue
        places = members["plek"].to_numpy(object)
        result = cluster_points(
            xy,
            method="dbscan",
            eps=parameters.eps,
            min_size=parameters.min_size,
            min_places=parameters.min_places,
            places=places,
        )
        for cluster in result.clusters:
            if _one_caller(places[cluster.members]):
                continue
            yield _describe(str(categorie), names[str(categorie)], members, cluster, division, result.eps or 0.0)


def _one_caller(places: np.ndarray) -> bool:
    """Whether one reporter or address made most of a cluster: that is a conversation with one household, not a place."""
    known = pd.Series(places, dtype=object).dropna()
    return bool(len(known)) and int(known.value_counts().iloc[0]) * 2 > len(places)


def _describe(
    categorie: str,
    naam: str,
    members: pd.DataFrame,
    cluster: PointCluster,
    division: dict[str, str],
    eps: float,
) -> Found:
    chosen = members.iloc[cluster.members]
    buurten = chosen["buurt_code"].value_counts()
    return Found(
        categorie=categorie,
        categorie_naam=naam,
        xy=chosen[["x", "y"]].to_numpy(float),
        places=chosen["plek"].to_numpy(object),
        buurten=sorted(buurten.index),
        stadsdeel=division.get(str(buurten.index[0])),
        melders_bekend=bool(chosen["melder_bekend"].all()),
        eps=eps,
    )


def _release(found: Found, within: shapely.Geometry | None, drempel: int) -> Hotspot | None:
    """The only form in which a cluster may leave: an area that holds enough reports and places, or nothing."""
    area = release_area(found.xy, found.places, min_reports=drempel, min_places=drempel, cell=CELL, within=within)
    if area is None:
        return None
    inside = shapely.intersects_xy(area, found.xy[:, 0], found.xy[:, 1])
    places = distinct_places(found.xy[inside], found.places[inside])
    return Hotspot(found, area, int(inside.sum()), places)


def _store(
    connection: psycopg.Connection, table: str, number: tuple[int, int], hotspot: Hotspot, keys: dict[str, Any]
) -> None:
    found = hotspot.found
    kind = "melders of adressen" if found.melders_bekend else "plekken van 10 meter (melders onbekend)"
    values = keys | {
        "run": number[0],
        "nummer": number[1],
        "categorie": found.categorie,
        "stadsdeel": found.stadsdeel,
        "buurten": found.buurten,
        "aantal": hotspot.aantal,
        "plekken": hotspot.plekken,
        "soort": kind,
        "kaartje": Jsonb(make_card(found, kind, keys["van"], keys["tot"])),
        "wkb": shapely.to_wkb(hotspot.area),
    }
    connection.execute(
        f"""
        insert into {table} (gemeente_code, run_id, nummer, bron, categorie, van, tot, periode, stadsdeel_code, buurten,
            aantal, plekken, plekken_soort, kaartje, geom)
        values (%(gemeente)s, %(run)s, %(nummer)s, %(bron)s, %(categorie)s, %(van)s, %(tot)s, %(periode)s, %(stadsdeel)s,
            %(buurten)s, %(aantal)s, %(plekken)s, %(soort)s, %(kaartje)s, st_setsrid(st_geomfromwkb(%(wkb)s), 28992))
        """,
        values,
    )


def distinct_places(xy: np.ndarray, keys: np.ndarray) -> int:
    """Distinct reporters or addresses; a report without either counts as its 10 m RD cell."""
    cells = pd.Series([f"{x:.0f}:{y:.0f}" for x, y in np.floor(xy / 10)], dtype=object)
    return int(pd.Series(keys, dtype=object).where(lambda known: known.notna(), cells).nunique())


def make_card(found: Found, kind: str, van: date, tot: date) -> dict[str, Any]:
    """The Dutch card of a hotspot: what we see, how sure, what we do not know, what to ask. No ranking, no blame.

    The counts stay out of the text: they travel as figures, and the reader of the card puts them beside it.
    """
    topic = found.categorie_naam.lower()
    return {
        "titel": f"{found.categorie_naam}: meldingen dicht bij elkaar",
        "uitleg": f"Tussen {dag_naam(van)} en {dag_naam(tot)} kwamen hier meldingen over {topic} dicht bij elkaar binnen. "
        f"Verschillende plekken zijn geteld als {kind}.",
        "hoe_zeker": f"De meldingen liggen binnen {found.eps:.0f} meter van elkaar. Dat kan toeval zijn of komen doordat hier "
        "veel mensen wonen of komen; er is niet getoetst of het er meer zijn dan verwacht.",
        "wat_niet": "Hoe ernstig het is, wie er last van heeft en wat er speelt zonder dat iemand het meldt. "
        "Meer meldingen kan ook betekenen dat mensen de weg naar de gemeente beter kennen.",
        "vragen": [
            "Herkent u dit?",
            f"Wat merkt u zelf van {topic}, en wanneer?",
            "Wat zou helpen, en wat gaat er al goed?",
        ],
    }


def stale_sources(connection: psycopg.Connection, gemeente: str | None = None) -> list[tuple[str, str]]:
    """(gemeente, bron) pairs with located reports whose hotspots are older than their data."""
    rows = connection.execute(
        """
        select b.gemeente_code, b.naam from publiek.bron b
        where b.laag = 'meldingen' and (%(g)s::text is null or b.gemeente_code = %(g)s)
          and not exists (select from intern.hotspot_run r
              where r.gemeente_code = b.gemeente_code and r.bron = b.naam and r.bron_versie = b.versie and r.standaard)
          and exists (select from intern.melding_sleutel k where k.gemeente_code = b.gemeente_code and k.bron = b.naam)
          and exists (select from publiek.gebied g where g.gemeente_code = b.gemeente_code)
        order by 1, 2
        """,
        {"g": gemeente},
    ).fetchall()
    return [(row[0], row[1]) for row in rows]
