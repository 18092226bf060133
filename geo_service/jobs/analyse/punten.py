"""Clusters of points: reports that lie close together in the street.

A cluster is computed on the reports of its own; what leaves is a union of fixed hexagon cells, twice: for staff from
5 reports and places up, for everyone from 10. A cluster that cannot reach that inside its stadsdeel has no area.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import psycopg
import shapely

from analysis.points import PointCluster, cluster_points, release_area
from geo_service.domain.hotspots import DICHTBIJ
from geo_service.domain.perioden import Periode
from geo_service.jobs.analyse import kaartjes
from geo_service.jobs.analyse.kader import Kader
from geo_service.jobs.analyse.parameters import Punten
from geo_service.jobs.analyse.reeksen import Lezer, Plekken
from geo_service.jobs.analyse.vondsten import INTERN, PUBLIEK, Uitkomst, Vondst, Vorm
from geo_service.release.cijfers import ALLES
from geo_service.settings import get_settings

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


@dataclass(frozen=True, eq=False)
class Cluster:
    """One cluster of one category: its reports, buurten and what is known about who reported."""

    categorie: str
    xy: np.ndarray
    places: np.ndarray
    buurten: list[str]
    stadsdeel: str | None
    melders_bekend: bool
    eps: float

    @property
    def plekken_soort(self) -> str:
        return "melders of adressen" if self.melders_bekend else "plekken van 10 meter (melders onbekend)"


def find(connection: psycopg.Connection, lezer: Lezer, periode: Periode, parameters: Punten) -> Uitkomst:
    """Clusters of all reports and of each head category."""
    kader = lezer.kader
    peiljaar = kader.peiljaar(periode)
    points = _read_points(connection, kader, periode, peiljaar)
    if points.empty:
        return Uitkomst(reden="In deze periode zijn er geen meldingen met een plek op de kaart.")
    within = _stadsdelen(connection, kader, peiljaar)
    drempels = {INTERN: get_settings().drempel_dienst, PUBLIEK: get_settings().drempel_publiek}
    vondsten = []
    eps: dict[str, float] = {}
    for cluster in _clusters(points, kader.stadsdeel_van(peiljaar), parameters, eps):
        area = within.get(cluster.stadsdeel or "")
        vormen = {table: _release(cluster, area, least, parameters.cell) for table, least in drempels.items()}
        shown = {table: vorm for table, vorm in vormen.items() if vorm is not None}
        if shown:
            vondsten.append(_describe(cluster, kader, periode, shown))
    return Uitkomst(vondsten, {"eps": eps})


def _read_points(connection: psycopg.Connection, kader: Kader, periode: Periode, peiljaar: int) -> pd.DataFrame:
    keys = {"gemeente": kader.gemeente.code, "bron": kader.bron.naam, "peiljaar": peiljaar}
    cursor = connection.execute(POINTS, keys | {"van": periode.van, "tot": periode.tot})
    return pd.DataFrame(cursor.fetchall(), columns=[column.name for column in cursor.description or ()])


def _stadsdelen(connection: psycopg.Connection, kader: Kader, jaar: int) -> dict[str, shapely.Geometry]:
    """Polygons that a hotspot may not grow out of: its stadsdeel, or the gemeente where there are none."""
    rows = connection.execute(
        "select code, st_asbinary(geom) from publiek.gebied where gemeente_code = %s and jaar = %s and geom is not null "
        "and niveau = any(%s)",
        (kader.gemeente.code, jaar, ["stadsdeel", "gemeente"]),
    ).fetchall()
    return {code: shapely.from_wkb(bytes(wkb)) for code, wkb in rows}


def _clusters(
    points: pd.DataFrame, stadsdeel_van: dict[str, str], parameters: Punten, eps: dict[str, float]
) -> Iterator[Cluster]:
    """The clusters of every category; notes the distance that was used per category in eps."""
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
        eps[str(categorie)] = used = result.eps or 0.0
        for cluster in result.clusters:
            if not _one_caller(places[cluster.members]):
                yield _cluster(str(categorie), members, cluster, stadsdeel_van, used)


def _one_caller(places: np.ndarray) -> bool:
    """Whether one reporter or address made most of a cluster."""
    known = pd.Series(places, dtype=object).dropna()
    busiest = int(known.value_counts().iloc[0]) if len(known) else 0
    return Plekken(len(places), known.nunique(), busiest).one_caller


def _cluster(
    categorie: str, members: pd.DataFrame, cluster: PointCluster, stadsdeel_van: dict[str, str], eps: float
) -> Cluster:
    chosen = members.iloc[cluster.members]
    buurten = chosen["buurt_code"].value_counts()
    return Cluster(
        categorie=categorie,
        xy=chosen[["x", "y"]].to_numpy(float),
        places=chosen["plek"].to_numpy(object),
        buurten=sorted(buurten.index),
        stadsdeel=stadsdeel_van.get(str(buurten.index[0])),
        melders_bekend=bool(chosen["melder_bekend"].all()),
        eps=eps,
    )


def _release(cluster: Cluster, within: shapely.Geometry | None, least: int, cell: float) -> Vorm | None:
    """The only form in which a cluster may leave: an area that holds enough reports and places, or nothing."""
    area = release_area(cluster.xy, cluster.places, min_reports=least, min_places=least, cell=cell, within=within)
    if area is None:
        return None
    inside = shapely.intersects_xy(area, cluster.xy[:, 0], cluster.xy[:, 1])
    places = distinct_places(cluster.xy[inside], cluster.places[inside])
    return Vorm(area, int(inside.sum()), places, cluster.plekken_soort)


def _describe(cluster: Cluster, kader: Kader, periode: Periode, vormen: dict[str, Vorm]) -> Vondst:
    topic = (cluster.categorie, kader.categorieen[cluster.categorie])
    kaartje = kaartjes.punten(topic, cluster.plekken_soort, kader.counted_days(periode), cluster.eps)
    return Vondst(cluster.categorie, DICHTBIJ, cluster.buurten, cluster.stadsdeel, kaartje, vormen)


def distinct_places(xy: np.ndarray, keys: np.ndarray) -> int:
    """Distinct reporters or addresses; a report without either counts as its 10 m RD cell."""
    cells = pd.Series([f"{x:.0f}:{y:.0f}" for x, y in np.floor(xy / 10)], dtype=object)
    return int(pd.Series(keys, dtype=object).where(lambda known: known.notna(), cells).nunique())
