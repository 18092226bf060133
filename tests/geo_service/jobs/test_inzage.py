"""Who sees which result: an area that spans stadsdelen is a viewer's own only when all of it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from geo_service.db.engine import Database
from geo_service.identity import ALL_STADSDELEN, PUBLIEK, Role, Viewer
from geo_service.release.context import connect_as, load_gemeente
from geo_service.release.features import HotspotVraag, hotspot_rows
from tests.geo_service.api.website import serve
from tests.geo_service.pool import ask_database
from tests.geo_service.support import change, rows

GEMEENTE = "GM0153"
ZUID, WEST, NOORD = (f"{GEMEENTE}-SD-{naam}" for naam in ("zuid", "west", "noord"))


def viewer(*stadsdelen: str) -> Viewer:
    return Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset(stadsdelen))


def seen(url: str, who: Viewer, bron: str, periode: str, methode: str | None = None) -> dict[str, dict[str, Any]]:
    """{"run.nummer": row} as far as this viewer may see."""

    async def answer(database: Database) -> list[dict[str, Any]]:
        async with connect_as(database, who) as connection:
            gemeente = await load_gemeente(connection, who, GEMEENTE)
            return await hotspot_rows(connection, who, gemeente, HotspotVraag(bron, periode, methode))

    return {f"{row['run_id']}.{row['nummer']}": row for row in ask_database(url, answer)}


@pytest.fixture
def spanning(copy_of: Callable[[str], str]) -> tuple[str, str, str, str]:
    """A result that spans Zuid and West, with figures for staff only: (url, bron, period, id)."""
    url = copy_of("demo")
    ((run, nummer, bron, periode),) = rows(
        url,
        "select h.run_id, h.nummer, h.bron, h.periode from publiek.hotspot p "
        "join intern.hotspot h using (run_id, nummer) where p.methode = 'scan' order by 1, 2 limit 1",
    )
    buurten = [
        min(code for (code,) in rows(url, "select buurt_code from publiek.indeling where gebied_code = %s", stadsdeel))
        for stadsdeel in (ZUID, WEST)
    ]
    for table, aantal, status in (("intern.hotspot", 7, "ok"), ("publiek.hotspot", None, "onderdrukt")):
        change(
            url,
            f"update {table} set stadsdeel_code = null, buurten = %s, aantal = %s, status = %s where run_id = %s "
            "and nummer = %s",
            buurten, aantal, status, run, nummer,
        )  # fmt: skip
    return url, bron, periode, f"{run}.{nummer}"


@pytest.mark.parametrize(
    ("who", "aantal"),
    [
        (PUBLIEK, None),
        (viewer(ZUID), None),
        (viewer(WEST), None),
        (viewer(NOORD), None),
        (viewer(ZUID, WEST), 7),
        (viewer(ALL_STADSDELEN), 7),
        (Viewer(Role.WIJKREGISSEUR, "GM0001", frozenset({ALL_STADSDELEN})), None),
    ],
)
def test_a_result_that_spans_stadsdelen(spanning: tuple[str, str, str, str], who: Viewer, aantal: int | None) -> None:
    url, bron, periode, identifier = spanning
    found = seen(url, who, bron, periode)[identifier]
    assert (found["aantal"], found["status"]) == (aantal, "ok" if aantal else "onderdrukt")


def test_staff_see_each_result_once_and_those_elsewhere_as_everyone_does(demo_url: str) -> None:
    for bron, periode in rows(demo_url, "select distinct bron, periode from intern.hotspot where methode <> 'punten'"):
        everyone = seen(demo_url, PUBLIEK, bron, periode)
        for stadsdeel in (ZUID, WEST):
            found = seen(demo_url, viewer(stadsdeel), bron, periode)
            elsewhere = {name: row for name, row in found.items() if row["stadsdeel_code"] != stadsdeel}
            assert elsewhere == {name: row for name, row in everyone.items() if row["stadsdeel_code"] != stadsdeel}


def test_a_replaced_result_is_nobodys(copy_of: Callable[[str], str]) -> None:
    url = copy_of("demo")
    ((bron, periode),) = rows(
        url,
        "select bron, periode from intern.hotspot where methode = 'scan' group by 1, 2 order by count(*) desc limit 1",
    )
    manager = viewer(ALL_STADSDELEN)
    assert seen(url, manager, bron, periode, "scan")
    change(url, "update intern.hotspot_run set vervangen_op = now() where methode = 'scan'")
    change(url, "delete from publiek.hotspot where methode = 'scan'")
    assert seen(url, manager, bron, periode, "scan") == {}
    assert seen(url, manager, bron, periode)


def test_the_api_gives_one_method_or_all_with_their_figures(demo_url: str) -> None:
    ((bron, periode, buurten),) = rows(
        demo_url,
        "select bron, periode, buurten from publiek.hotspot where klasse = 'hoog' and categorie = 'alle' "
        "and status = 'ok' order by periode desc limit 1",
    )
    asked = {"bron": bron, "periode": periode}
    with serve(demo_url) as website:
        everything = website.features("hotspots", **asked)
        scans = website.features("hotspots", methode="scan", **asked)
        refused = website.get("/v1/collections/hotspots/items", methode="toverij")
    assert {one["properties"]["methode"] for one in everything} > {"scan"}
    assert scans == [one for one in everything if one["properties"]["methode"] == "scan"]
    high = next(one["properties"] for one in scans if one["properties"]["klasse"] == "hoog")
    assert high["verhouding"] == pytest.approx(high["plekken"] / high["verwacht"], abs=0.05)
    assert 0 < high["p_waarde"] <= 0.05
    assert (high["begin"], high["eind"]) == ("2026-07-01", "2026-09-30")
    assert high["status"] == "ok"
    assert len(buurten) == 1
    assert {one["geometry"]["type"] for one in everything} == {"MultiPolygon"}
    assert refused.status_code == 400
    assert "methode" in refused.json()["detail"]
