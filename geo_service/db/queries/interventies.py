"""Actions that staff may see, and the log of those that they write: row security holds both to the viewer's own areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import ReadConnection

Row = dict[str, Any]
Key = dict[str, str]

_KEY = "gemeente_code = %(gemeente)s and bron = %(bron)s and sleutel = %(sleutel)s"
_VERSION = "(%(versie)s::int is null or versie = %(versie)s::int)"
# What was drawn, else the outline of its areas in a vintage.
_OMTREK = """
    left join lateral (
        select coalesce(a.geom, (select st_union(g.geom) from publiek.gebied g
            where g.gemeente_code = %(gemeente)s and g.jaar = %(jaar)s and g.code = any(a.gebieden))) as geom
    ) o on true
    left join lateral (select st_transform(st_pointonsurface(o.geom), 4326) as punt) m on true
"""
_GEZIEN = "st_asgeojson(st_transform(o.geom, 4326), 5)::json as omtrek, st_x(m.punt) as lon, st_y(m.punt) as lat"
_INTERVENTIE = """
    i.bron, i.sleutel, i.naam, i.soort, i.doel, i.partners, string_to_array(i.gebied_codes, ';') as gebieden, i.van, i.tot,
    i.signaal_bron, i.categorie, i.richting, i.evaluatie_op, i.versie, i.gewijzigd_op, i.geom
"""
_WRITTEN = (
    "naam", "soort", "doel", "partners", "van", "tot", "signaal_bron", "categorie", "richting", "kosten", "evaluatie_op",
    "gebied_codes", "geom",
)  # fmt: skip


async def list_interventies(connection: ReadConnection, gemeente: str, *, van: date, tot: date, jaar: int) -> list[Row]:
    """Actions that went on at any day of a period, the oldest first, with the outline of their areas in a vintage.

    omtrek: GeoJSON in lon/lat and midden: lon and lat of a point inside; None for areas that cannot be drawn.
    """
    return await fetch(
        connection,
        f"""
        with actie as (
            select sleutel, naam, soort, doel, partners, string_to_array(gebied_codes, ';') as gebieden, van, tot, bron, geom
            from intern.interventie
            where gemeente_code = %(gemeente)s and coalesce(van, %(tot)s) <= %(tot)s and coalesce(tot, %(van)s) >= %(van)s
        )
        select a.sleutel, a.naam, a.soort, a.doel, a.partners, a.gebieden, a.van, a.tot, a.bron, {_GEZIEN}
        from actie a {_OMTREK} order by a.van nulls last, a.naam, a.sleutel
        """,
        {"gemeente": gemeente, "van": van, "tot": tot, "jaar": jaar},
    )


async def list_log(connection: ReadConnection, gemeente: str) -> list[Row]:
    """Every action that the viewer may see, the newest start first."""
    return await fetch(
        connection,
        f"select {_INTERVENTIE} from intern.interventie i where i.gemeente_code = %(gemeente)s "
        "order by i.van desc nulls last, i.naam, i.bron, i.sleutel",
        {"gemeente": gemeente},
    )


async def find_interventie(connection: ReadConnection, key: Key, jaar: int) -> Row | None:
    """One action with its outline; kosten and kosten_bekend (whether the viewer may know them); None when not theirs."""
    found = await fetch(
        connection,
        f"""
        with a as (select {_INTERVENTIE} from intern.interventie i where {_KEY})
        select a.*, k.kosten, k.sleutel is not null as kosten_bekend, {_GEZIEN},
            st_asgeojson(st_transform(a.geom, 4326), 7) as tekening, st_area(o.geom) as oppervlakte
        from a {_OMTREK}
        left join intern.interventie_kosten k
            on k.gemeente_code = %(gemeente)s and k.bron = a.bron and k.sleutel = a.sleutel
        """,
        {**key, "jaar": jaar},
    )
    return found[0] if found else None


# --- writing: role ``bs_werk``


async def judge_area(connection: ReadConnection, gemeente: str, ewkb: str) -> Row:
    """Of a drawing: the buurten that it touches, and the part of it (0 to 1) that lies outside the gemeente."""
    found = await fetch(
        connection,
        "select intern.geraakte_buurten(%(gemeente)s, v.vlak) as buurten, "
        "coalesce(intern.deel_buiten(%(gemeente)s, v.vlak), 1) as buiten from (select %(ewkb)s::geometry as vlak) v",
        {"gemeente": gemeente, "ewkb": ewkb},
    )
    return found[0]


async def name_place(connection: ReadConnection, gemeente: str, lon: float, lat: float) -> str | None:
    """The buurt that a point lies in."""
    found = await fetch(
        connection,
        "select g.naam from publiek.gebied g where g.gemeente_code = %(gemeente)s and g.niveau = 'buurt' and "
        "st_contains(g.geom, st_transform(st_setsrid(st_makepoint(%(lon)s, %(lat)s), 4326), 28992)) "
        "order by g.jaar desc limit 1",
        {"gemeente": gemeente, "lon": lon, "lat": lat},
    )
    return found[0]["naam"] if found else None


async def add_interventies(connection: ReadConnection, rows: Sequence[tuple[Key, Row]]) -> None:
    """Write actions: all of them in one transaction, or none."""
    names = ", ".join(_WRITTEN)
    places = ", ".join(f"%({name})s" for name in _WRITTEN)
    statement = (
        f"insert into intern.interventie (gemeente_code, bron, sleutel, {names}) "
        f"values (%(gemeente)s, %(bron)s, %(sleutel)s, {places}) returning versie"
    )
    await connection.fetch_together(*((statement, {**values, **key}) for key, values in rows))


async def change_interventie(connection: ReadConnection, key: Key, versie: int | None, values: Row) -> bool:
    """Change an action when it is still of this version (None: whatever it is); whether it was."""
    settings = ", ".join(f"{name} = %({name})s" for name in _WRITTEN)
    found = await fetch(
        connection,
        f"update intern.interventie set {settings} where {_KEY} and {_VERSION} returning versie",
        {**values, **key, "versie": versie},
    )
    return bool(found)


async def remove_interventie(connection: ReadConnection, key: Key, versie: int | None) -> bool:
    """Withdraw an action when it is still of this version (None: whatever it is); whether it was."""
    found = await fetch(
        connection,
        f"delete from intern.interventie where {_KEY} and {_VERSION} returning versie",
        {**key, "versie": versie},
    )
    return bool(found)


async def find_version(connection: ReadConnection, key: Key) -> int | None:
    """The version of an action of the log that the viewer may write; None when there is none."""
    found = await fetch(connection, f"select versie from intern.interventie where {_KEY}", key)
    return int(found[0]["versie"]) if found else None


async def list_versions(connection: ReadConnection, key: Key) -> list[Row]:
    """What an action was, the newest version first. eigen: made by this viewer."""
    return await fetch(
        connection,
        "select versie, handeling, inhoud, rol, vastgelegd_op, medewerker = intern.eigen_medewerker() as eigen "
        f"from intern.interventie_versie where {_KEY} order by versie desc",
        key,
    )
