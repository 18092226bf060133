"""Load a vintage of areas."""

from __future__ import annotations

from typing import Any

import geopandas as gpd

from data.codelists import load_gemeentenamen
from geo_service.db.write.gebieden import write_gebieden
from geo_service.db.write.registers import write_kerncijfers
from geo_service.db.write.run import Run
from geo_service.jobs.inlezen import Opdracht, refresh_source


def store_gebieden(run: Run, gebiedenset: Any, opdracht: Opdracht, *, benaderd: bool = False) -> None:
    """Write a vintage of areas with the key figures that came along, and recount what moved."""
    run.add_notes(gebiedenset.notes)
    run.add_rejects(gebiedenset.rejects)
    gebieden = _with_names(gebiedenset.gebieden, opdracht.naam)
    run.counts.gelezen = int((gebieden["niveau"] == "buurt").sum()) + len(gebiedenset.rejects)
    codes = sorted(set(gebieden["gemeente_code"]))
    run.gemeente = codes[0] if len(codes) == 1 else opdracht.gemeente
    jaar = opdracht.jaar or opdracht.today.year
    changed = write_gebieden(run, gebieden, gebiedenset.buurten_in, jaar=jaar, benaderd=benaderd)
    counts = dict(vars(run.counts))
    if len(gebiedenset.kerncijfers):
        write_kerncijfers(run, [gebiedenset.kerncijfers])
        vars(run.counts).update(counts)  # the report counts areas; the key figures come along
    for gemeente in codes if changed else ():
        sources = run.connection.execute(
            "select naam from publiek.bron where gemeente_code = %s", (gemeente,)
        ).fetchall()
        for (bron,) in sources:
            refresh_source(run.connection, gemeente, bron, opdracht.today, new_data=False)


def _with_names(gebieden: gpd.GeoDataFrame, naam: str | None) -> gpd.GeoDataFrame:
    """Give a municipality that the file only knows by code its name: the asked one, else that of our list."""
    nameless = (gebieden["niveau"] == "gemeente") & (gebieden["naam"] == gebieden["code"])
    known = load_gemeentenamen()
    names = gebieden["code"].map(lambda code: naam or known.get(code, code))
    return gebieden.assign(naam=gebieden["naam"].mask(nameless, names))
