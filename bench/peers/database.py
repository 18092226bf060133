"""The database of the API bench: a private cluster that listens on loopback, a million reports, and what peers read.

Both peers turn a bbox into an upright box in the CRS of the storage, which in RD is another area than was asked, so
that conformant answers need a geometry in degrees. They read a table of their own with the same rows and columns, a
stored geometry in degrees, a primary key and a GiST index, in the order of space (`TABLE`); or a view on our table,
that transforms each row, with an index on the same expression (`VIEW`: they are about three times slower there).
Their role plans without parallel workers: for pages of a thousand those cost more than they save.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench import loading
from bench.harness import BenchError
from geo_service.db.cluster import DATABASE, OWNER, PORT, locate_cluster

# An address of its own on the loopback network: another cluster on port 5433 does not matter.
ADDRESS = "127.0.0.153"
GEMEENTE = "GM0153"
BRON = "bench"
PEER = "bench_peer"
# What our collection gives; another choice there ends the bench with an error here.
_LISTED = "melding_id, bron, tijd, tijd_onzeker, dag, categorie, bron_categorie, status, buurt_code, gemeente_code"
TABLE = f"""
create table bench.meldingen as
    select {_LISTED}, st_transform(geom, 4326)::geometry(Point, 4326) as geom from intern.melding order by geom;
alter table bench.meldingen add primary key (melding_id);
create index on bench.meldingen using gist (geom);
analyze bench.meldingen;
"""
VIEW = f"""
create index melding_lonlat on intern.melding using gist (st_transform(geom, 4326));
create view bench.meldingen as select {_LISTED}, st_transform(geom, 4326) as geom from intern.melding;
analyze intern.melding;
"""
_ROLE = f"""
drop schema if exists bench cascade;
drop index if exists intern.melding_lonlat;
drop role if exists {PEER};
create role {PEER} login;
alter role {PEER} set max_parallel_workers_per_gather = 0;
create schema bench;
"""
_GRANT = f"""
grant usage on schema bench to {PEER};
grant select on bench.meldingen to {PEER};
"""

_ENVELOPE = "st_makeenvelope(%s, %s, %s, %s, 4326)"
_BY_DEGREES = f"select count(*) from bench.meldingen where st_intersects(geom, {_ENVELOPE})"
# -1 where a report lies within 5 cm of a side: straight sides in RD, curved ones and their rounding then differ.
_BY_CORNERS = f"""
    with vak as (select st_transform({_ENVELOPE}, 28992) as geom)
    select case when count(*) = count(*) filter (where st_intersects(m.geom, (select st_buffer(geom, -0.05) from vak)))
        then count(*) else -1 end
    from intern.melding m where st_intersects(m.geom, (select st_buffer(geom, 0.05) from vak))
"""


@dataclass(frozen=True)
class Box:
    """A bbox in degrees (CRS84) and how many reports lie inside it."""

    west: float
    south: float
    east: float
    north: float
    matched: int = 0

    @property
    def text(self) -> str:
        return f"{self.west:.6f},{self.south:.6f},{self.east:.6f},{self.north:.6f}"


def open_cluster(folder: Path) -> None:
    """Start the bench's own cluster on `ADDRESS` and point every `buurtsignaal` command of this process at it."""
    cluster = locate_cluster(folder)
    cluster.start()
    with psycopg.connect(cluster.maintenance_url, autocommit=True) as connection:
        row = connection.execute("show listen_addresses").fetchone()
        connection.execute(f"alter system set listen_addresses = '{ADDRESS}'")
    if row != (ADDRESS,):
        cluster.stop()
        cluster.start()
    os.environ["BUURTSIGNAAL_MAP"] = str(folder)
    os.environ["BUURTSIGNAAL_DATABASE_URL"] = tcp_url(OWNER)


def close_cluster(folder: Path) -> None:
    locate_cluster(folder).stop()


def tcp_url(user: str) -> str:
    return f"postgresql://{user}@{ADDRESS}:{PORT}/{DATABASE}"


def peer_settings() -> dict[str, str]:
    """What the templates of the peers need to connect."""
    return {"user": PEER, "host": ADDRESS, "port": str(PORT), "database": DATABASE}


def load_meldingen(rows: int) -> None:
    """Load the areas of Enschede and `rows` reports with our own commands, unless exactly these are there."""
    loading.ensure_reports(tcp_url(OWNER), rows)


def give_to_peers(relation: str) -> None:
    """Make what the peers read (`TABLE` or `VIEW`) and check that a bbox finds its rows through the GiST index."""
    with psycopg.connect(tcp_url(OWNER), autocommit=True) as connection:
        for statement in f"{_ROLE}{relation}{_GRANT}".split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute("vacuum analyze intern.melding")
    sides = (6.88, 52.21, 6.89, 52.22)
    with psycopg.connect(tcp_url(PEER)) as connection:
        plan = "\n".join(line for (line,) in connection.execute(f"explain {_BY_DEGREES}", sides))
    if "Index Cond" not in plan or "Seq Scan" in plan:
        raise BenchError(f"the peers do not use the GiST index:\n{plan}")


def count_inside(boxes: Sequence[Box]) -> list[tuple[int, int]]:
    """Count the reports in each box twice: by their degrees, and by the four corners of the box in RD."""
    with psycopg.connect(tcp_url(PEER)) as peer, psycopg.connect(tcp_url(OWNER)) as owner:
        owner.execute("set max_parallel_workers_per_gather = 0")
        return [(_count_in(peer, _BY_DEGREES, box), _count_in(owner, _BY_CORNERS, box)) for box in boxes]


def _count_in(connection: psycopg.Connection, question: str, box: Box) -> int:
    row = connection.execute(question, (box.west, box.south, box.east, box.north)).fetchone()
    return row[0] if row else 0


def places_of(numbers: Sequence[int]) -> dict[int, tuple[float, float]]:
    """Longitude and latitude (CRS84) of reports by melding_id."""
    with psycopg.connect(tcp_url(OWNER)) as connection:
        found = connection.execute(
            "select melding_id, st_x(p), st_y(p) from intern.melding, st_transform(geom, 4326) as p "
            "where melding_id = any(%s)",
            (list(numbers),),
        ).fetchall()
    return {number: (lon, lat) for number, lon, lat in found}
