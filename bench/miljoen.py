"""The demo with a million reports behind it: those it has, many times over, on other days and some metres aside."""

from __future__ import annotations

import os
import shutil

import psycopg

from bench.demosite import FOLDER, load
from bench.harness import run_quietly
from geo_service.db.write.kubus import rebuild_kubus
from geo_service.settings import get_settings

MILLION = 1_000_000
_GEMEENTE = "GM0153"
# Another day of the same year, and at most 60 metres aside: the same buurt but for some at an edge.
_COPY = """
    with einde as (select bron, jaar, max(dag) as dag from intern.melding group by 1, 2)
    insert into intern.melding (gemeente_code, melding_id, jaar, bron, tijd, dag, tijd_onzeker, categorie,
        bron_categorie, status, buurt_code, gesloten_op, melder, adres, geom, geom_web)
    select m.gemeente_code, melding_id + copy::bigint * 100000000, m.jaar, m.bron,
        nieuw + (tijd - m.dag::timestamptz), nieuw,
        tijd_onzeker, categorie, bron_categorie, status, buurt_code, gesloten_op, melder, adres, plek,
        st_transform(plek, 3857)
    from intern.melding m join einde using (bron, jaar) cross join generate_series(1, %(copies)s) as copy
    cross join lateral (select
        least(make_date(m.jaar, 1, 1) + ((extract(doy from m.dag)::int + copy * 37) %% 364), einde.dag) as nieuw,
        st_translate(geom, (copy * 13) %% 60, (copy * 29) %% 60) as plek) as ander
"""


def load_million() -> str:
    """The URL of a database with the demo and at least a million reports; made once."""
    url = load()
    target = FOLDER.with_name("miljoen")
    if not target.exists():
        run_quietly(["buurtsignaal", "db", "stop"])
        shutil.copytree(FOLDER, target, copy_function=shutil.copy2)
        run_quietly(["chown", "-R", "--reference", str(FOLDER / "postgres"), str(target / "postgres")])
    os.environ["BUURTSIGNAAL_MAP"] = str(target)
    get_settings.cache_clear()
    run_quietly(["buurtsignaal", "db", "start"])
    from geo_service.db.cluster import locate_cluster

    url = locate_cluster().url
    with psycopg.connect(url) as connection:
        row = connection.execute("select count(*) from intern.melding").fetchone()
        count = row[0] if row else 0
        if count < MILLION:
            connection.execute(_COPY, {"copies": MILLION // count})
            rebuild_kubus(connection, _GEMEENTE)
            connection.commit()
            connection.autocommit = True
            connection.execute("vacuum analyze intern.melding, intern.kubus")
    return url


if __name__ == "__main__":
    print(load_million())
