"""Reports are for who works with them: each viewer's own stadsdelen, in every question and in the database itself."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import psycopg
import pytest

from geo_service.db.engine import Database
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release.context import connect_as
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, items_of, serve, viewers_of
from tests.geo_service.server import Server, as_user
from tests.geo_service.support import change, load, rows, value

GEMEENTE, NOORD, ZUID = "GM0153", "GM0153-SD-noord", "GM0153-SD-zuid"
REGISSEUR = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({NOORD}))
OTHER = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({ZUID}))
BOTH = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({NOORD, ZUID}))
MANAGER = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
NOBODY = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset())
STRANGER = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
WITHOUT = [role for role, viewer in viewers_of(GEMEENTE, NOORD).items() if not viewer.scoped]
IN = "buurt_code in (select buurt_code from publiek.indeling where niveau = 'stadsdeel' and gebied_code = any(%s))"
COUNT = "select count(*) from intern.melding"
SECRET = {"melder", "adres", "gesloten_op"}


@pytest.fixture(scope="module")
def website(demo_url: str) -> Iterator[Website]:
    with serve(demo_url) as running:
        yield running


@pytest.fixture(scope="module")
def places(demo_url: str) -> dict[int, str | None]:
    """The stadsdeel of every report with a point, as the owner knows it."""
    query = (
        "select m.melding_id, i.gebied_code from intern.melding m left join publiek.indeling i "
        "on i.gemeente_code = m.gemeente_code and i.buurt_code = m.buurt_code and i.niveau = 'stadsdeel' "
        "where m.geom is not null"
    )
    return dict(rows(demo_url, query))


def own(places: dict[int, str | None], viewer: Viewer) -> set[int]:
    if viewer.sees_whole(GEMEENTE):
        return set(places)
    return {number for number, code in places.items() if code in viewer.stadsdelen and viewer.gemeente == GEMEENTE}


def seen(website: Website, viewer: Viewer, **question: str) -> set[int]:
    pages = website.pages("meldingen", viewer, limit=10_000, gemeente=GEMEENTE, **question)
    return {feature["id"] for page in pages for feature in page["features"]}


VIEWERS = {
    "noord": REGISSEUR, "zuid": OTHER, "both": BOTH, "all": MANAGER, "none": NOBODY, "elsewhere": STRANGER,
}  # fmt: skip


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
def test_each_sees_exactly_the_reports_of_their_own_stadsdelen(website, places, viewer):
    found = website.items("meldingen", viewer, limit=1, gemeente=GEMEENTE)["numberMatched"]
    assert seen(website, viewer) == own(places, viewer)
    assert found == len(own(places, viewer))
    assert (found > 0) == (viewer not in (NOBODY, STRANGER))


def test_the_counts_are_those_of_the_owner(website, demo_url):
    for viewer in (REGISSEUR, BOTH):
        expected = value(demo_url, f"{COUNT} where geom is not null and {IN}", sorted(viewer.stadsdelen))
        assert website.items("meldingen", viewer, limit=1)["numberMatched"] == expected


@pytest.mark.parametrize("role", WITHOUT)
def test_who_has_no_area_does_not_know_that_reports_exist(website, role):
    viewer = viewers_of(GEMEENTE, NOORD)[role]
    listed = website.get("/v1/collections", viewer).text
    assert '"meldingen"' not in listed
    for path in ("", "/items", "/items/1", "/schema", "/queryables", "/items?f=csv", "/items?f=parquet", "/metadata"):
        answer = website.get(f"/v1/collections/meldingen{path}", viewer)
        unknown = website.get(f"/v1/collections/bestaatniet{path}", viewer)
        assert (answer.status_code, unknown.status_code) == (404, 404)
        assert answer.json()["detail"] == unknown.json()["detail"].replace("bestaatniet", "meldingen")


EVERYWHERE = "S_INTERSECTS(geometry, BBOX(3, 50, 8, 54))"
#  ways to ask for more than one's own
WIDER = [
    {"bbox": "3,50,8,54"},
    {"bbox": "-3e7,-3e7,3e7,3e7", "bbox-crs": "EPSG:28992"},
    {"filter": EVERYWHERE},
    {"filter": f"{EVERYWHERE} OR 1 = 1 OR buurt_code IS NULL OR NOT (buurt_code = 'x')"},
    {"filter": "gemeente_code = 'GM0153' OR gemeente_code <> 'GM0153'"},
    {"datetime": "0001-01-02/9999-12-30"},
    {"sortby": "-buurt_code,tijd"},
    {"gemeente_code": GEMEENTE},
    {"properties": "buurt_code"},
]


@pytest.mark.parametrize("question", WIDER, ids=str)
def test_no_question_shows_more(website, places, question):
    assert seen(website, REGISSEUR, **question) == own(places, REGISSEUR)
    assert seen(website, STRANGER, **question) == set()


def test_no_buurt_of_another_can_be_asked_for(website, demo_url):
    foreign = [code for (code,) in rows(demo_url, f"select distinct buurt_code from intern.melding where {IN}", [ZUID])]
    assert len(foreign) > 5
    for code in foreign:
        assert website.features("meldingen", REGISSEUR, buurt_code=code) == []
        assert website.features("meldingen", REGISSEUR, filter=f"buurt_code = '{code}'") == []


def test_one_report_of_another_is_not_found(website, places):
    mine, theirs = sorted(own(places, REGISSEUR))[:25], sorted(own(places, OTHER))[:25]
    for number in mine:
        assert website.get(f"{items_of('meldingen')}/{number}", REGISSEUR).status_code == 200
    for number in (*theirs, 10**9):
        answer = website.get(f"{items_of('meldingen')}/{number}", REGISSEUR)
        assert answer.status_code == 404
        assert answer.json()["detail"] == f"Object '{number}' staat niet in deze collectie."


@pytest.mark.parametrize("naam", ["csv", "geojsonseq", "parquet"])
def test_a_file_holds_no_more(website, places, naam):
    for viewer in (REGISSEUR, NOBODY):
        body = website.get(items_of("meldingen"), viewer, f=naam).content
        if naam == "parquet":
            assert set(gpd.read_parquet(io.BytesIO(body))["id"]) == own(places, viewer)
        else:
            lines = body.decode().rstrip("\n").split("\n")[1 if naam == "csv" else 0 :]
            lines = [line for line in lines if line]
            assert len(lines) == len(own(places, viewer))


def test_remembered_answers_and_counts_are_of_one_viewer(website, places):
    """The same address, asked by turns: what one viewer was told is told to no other."""
    for viewer in (REGISSEUR, MANAGER, OTHER, REGISSEUR, NOBODY, OTHER, MANAGER):
        page = website.items("meldingen", viewer, limit=5)
        assert page["numberMatched"] == len(own(places, viewer))
        assert {feature["id"] for feature in page["features"]} <= own(places, viewer)


def test_a_report_says_nothing_of_who_made_it(website):
    for viewer in (REGISSEUR, MANAGER):
        for feature in website.features("meldingen", viewer, limit=50):
            assert feature["properties"].keys() & SECRET == set()
        for name in SECRET:
            for question in ({"properties": name}, {"sortby": name}, {name: "x"}, {"filter": f"{name} IS NULL"}):
                assert website.get(items_of("meldingen"), viewer, **question).status_code == 400


# --- in the database itself


def count_as(url: str, viewer: Viewer) -> int:
    """How many reports the database shows to a viewer."""

    async def run() -> int:
        database = Database(url, pool_size=1)
        try:
            return await _count(database, viewer)
        finally:
            await database.close()

    return asyncio.run(run())


async def _count(database: Database, viewer: Viewer) -> int:
    async with connect_as(database, viewer) as connection:
        return (await connection.fetch("select count(*) from intern.melding", {}))[0]["count"]


def test_a_connection_that_is_used_again_forgets_who_had_it(demo_url, places):
    """One connection, viewers by turns, also after a question that failed and a transaction that was left."""

    async def alternate() -> list[int]:
        database = Database(demo_url, pool_size=1)
        try:
            found = []
            for viewer in (MANAGER, REGISSEUR, NOBODY, OTHER, STRANGER, MANAGER, REGISSEUR):
                found.append(await _count(database, viewer))
                with pytest.raises(Exception, match="bestaat_niet"):
                    async with connect_as(database, MANAGER) as connection:
                        await connection.fetch("select bestaat_niet", {})
            return found
        finally:
            await database.close()

    every = value(demo_url, "select count(*) from intern.melding")
    noord, zuid = (value(demo_url, f"select count(*) from intern.melding where {IN}", [code]) for code in (NOORD, ZUID))
    assert asyncio.run(alternate()) == [every, noord, 0, zuid, 0, every, noord]


@pytest.fixture
def dienst(demo_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(as_user(demo_url, "bs_dienst"), autocommit=True) as connection:
        yield connection


def test_without_a_scope_the_role_sees_nothing(dienst):
    assert dienst.execute(COUNT).fetchone() == (0,)
    for gemeente, stadsdelen in itertools.product(("", GEMEENTE), ("", "x", "ALLE", "alle,x", "%", f"{NOORD}x", "{}")):
        dienst.execute("select set_config('buurtsignaal.gemeente', %s, false)", (gemeente,))
        dienst.execute("select set_config('buurtsignaal.stadsdelen', %s, false)", (stadsdelen,))
        assert dienst.execute(COUNT).fetchone() == (0,), (gemeente, stadsdelen)


@pytest.mark.parametrize(
    "statement",
    [
        "select melder from intern.melding",
        "select adres from intern.melding",
        "select m from intern.melding m",
        "select * from intern.melding",
        "select to_jsonb(m) from intern.melding m",
        "select 1 from intern.melding where melder is not null",
        "select 1 from intern.melding order by adres",
        "table intern.melding_sleutel",
        "set transaction_read_only = off; alter table intern.melding disable row level security",
        "set transaction_read_only = off; drop policy eigen_stadsdelen on intern.melding",
        "set transaction_read_only = off; create policy alles on intern.melding using (true)",
        "set role buurtsignaal",
        "set session authorization buurtsignaal",
        "copy intern.melding to stdout",
    ],
)
def test_what_the_role_may_not(dienst, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)):
        dienst.execute(statement)


def test_partitions_cannot_be_read_past_the_policy(dienst, demo_url):
    partitions = [name for (name,) in rows(demo_url, "select inhrelid::regclass::text from pg_inherits "
        "where inhparent = 'intern.melding'::regclass")]  # fmt: skip
    assert len(partitions) > 2
    for name in partitions:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            dienst.execute(f"select melding_id from {name}")


def test_resetting_the_role_or_the_settings_opens_nothing(dienst):
    for statement in ("reset role", "set role none", "reset all", "discard all", "reset session authorization"):
        dienst.execute(statement)
        assert dienst.execute("select current_user, session_user").fetchone() == ("bs_dienst", "bs_dienst")
        assert dienst.execute(COUNT).fetchone() == (0,)
    # Row security may be switched off by anyone; then the question fails instead of being answered in full.
    dienst.execute("set row_security = off")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        dienst.execute(COUNT)


def test_a_superuser_as_owner_changes_nothing_for_requests(demo_url, website, places):
    """The tests run on a superuser's URL; requests log in as a role of their own all the same."""
    assert value(demo_url, "select rolsuper from pg_roles where rolname = current_user") is True

    async def who() -> set[tuple[str, bool]]:
        database = Database(demo_url)
        try:
            found = set()
            for viewer in (Viewer(), REGISSEUR, MANAGER):
                async with connect_as(database, viewer) as connection:
                    query = """select rolname::text as naam, rolsuper or rolbypassrls as vrij
                        from pg_roles where rolname = session_user"""
                    found |= {(row["naam"], row["vrij"]) for row in await connection.fetch(query, {})}
            return found
        finally:
            await database.close()

    assert asyncio.run(who()) == {("bs_publiek", False), ("bs_dienst", False)}


def test_row_security_is_forced_and_on_every_right_of_the_role(demo_url):
    query = "select relrowsecurity, relforcerowsecurity from pg_class where oid = 'intern.melding'::regclass"
    assert rows(demo_url, query) == [(True, True)]
    policies = "select policyname, cmd from pg_policies where tablename = 'melding' and 'bs_dienst' = any(roles)"
    assert rows(demo_url, policies) == [("eigen_stadsdelen", "SELECT")]
    assert rows(demo_url, "select 1 from pg_policies where schemaname = 'intern' and 'public' = any(roles)") == []


# --- loading as an ordinary owner, who is bound by forced row security too


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory, service_settings: None) -> Iterator[str]:
    """The URL of a database whose owner ``eigenaar`` is no superuser."""
    made = Server(tmp_path_factory.mktemp("gewoon"), own_only=True)
    made.enter()
    for role in ("bs_publiek", "bs_dienst", "bs_toegang", "bs_werk", "eigenaar"):
        made.execute(f"create role {role} login")
    url = made.empty("gewoon")
    change(url, "create extension postgis")
    made.execute(f"alter database {psycopg.conninfo.conninfo_to_dict(url)['dbname']} owner to eigenaar")
    yield as_user(url, "eigenaar")
    made.leave()


def test_an_ordinary_owner_loads_changes_and_counts_and_viewers_see_their_part(ordinary: str, tmp_path: Path):
    stadsdelen = dorp.write_stadsdelen(tmp_path / "stadsdelen.csv")
    areas = dorp.write_gebieden(tmp_path / "dorp.geojson")
    load("ingest", "gebieden", areas, "--jaar", 2021, "--stadsdelen", stadsdelen, url=ordinary)
    reports = [dorp.melding(number, buurt=list(dorp.MIDDLE)[number % 4]) for number in range(40)]
    path = dorp.write_csv(tmp_path / "lijst.csv", reports)
    load("ingest", "meldingen", path, "--bron", "lijst", url=ordinary)
    path = dorp.write_csv(tmp_path / "later.csv", [report | {"status": "afgehandeld"} for report in reports[:12]])
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=ordinary)
    assert "12 gewijzigd" in said
    assert value(ordinary, "select rolsuper from pg_roles where rolname = current_user") is False
    assert value(ordinary, "select count(*) from intern.melding") == 40
    found = {}
    for viewer in (
        Viewer(Role.WIJKREGISSEUR, dorp.GEMEENTE, frozenset({f"{dorp.GEMEENTE}-SD-noord"})),
        Viewer(Role.STADSDEELMANAGER, dorp.GEMEENTE, frozenset({ALL_STADSDELEN})),
    ):
        found[viewer.role] = count_as(ordinary, viewer)
    assert found == {Role.WIJKREGISSEUR: 20, Role.STADSDEELMANAGER: 40}
