"""Row security on every table of ``intern``: what a forgotten filter, a borrowed connection or injected SQL shows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release.context import connect_as
from tests.geo_service import dorp
from tests.geo_service.server import as_user
from tests.geo_service.support import change, load, rows, value

GEMEENTE, NOORD, ZUID = "GM0153", "GM0153-SD-noord", "GM0153-SD-zuid"
REGISSEUR = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({NOORD}))
BOTH = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({NOORD, ZUID}))
MANAGER = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
NOBODY = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset())
STRANGER = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
VIEWERS = {"noord": REGISSEUR, "both": BOTH, "all": MANAGER, "none": NOBODY, "elsewhere": STRANGER}
VIEWS = ("intern.berekening", "intern.cijfer_dienst", "intern.gevoelig_telling", "intern.interventie_kosten")
SCOPED = (
    "melding", "kubus", "hotspot", "hotspot_run", "interventie", "interventie_kosten", "berekening", "cijfer_dienst",
    "gevoelig_telling",
)  # fmt: skip
TABLES = (
    "select c.oid::regclass::text from pg_class c where c.relnamespace = 'intern'::regnamespace "
    "and c.relkind in ('r', 'p') order by 1"
)
BARE = (
    "select c.oid::regclass::text from pg_class c where c.relnamespace = 'intern'::regnamespace "
    "and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity and exists ("
    "select from pg_policy p where p.polrelid = c.oid and p.polname = 'eigenaar' "
    "and p.polroles = array[c.relowner])) order by 1"
)


# --- the catalogue


def test_every_table_and_partition_is_closed(demo_url: str) -> None:
    found = rows(demo_url, TABLES)
    assert len(found) > 20
    assert ("intern.melding_2025",) in found
    assert rows(demo_url, BARE) == []


def test_a_table_that_was_forgotten_is_found(url: str) -> None:
    change(url, "create table intern.vergeten (x int)")
    change(url, "alter table intern.bezoek no force row level security")
    assert rows(url, BARE) == [("intern.bezoek",), ("intern.vergeten",)]


def test_a_partition_that_a_load_makes_is_closed_too(dorp_url: str, tmp_path: Any) -> None:
    reports = [dorp.melding(number, created_at=f"{year}-03-10T12:00:00Z") for number, year in enumerate((2014, 2019))]
    load("ingest", "meldingen", dorp.write_csv(tmp_path / "oud.csv", reports), "--bron", "lijst", url=dorp_url)
    assert {("intern.melding_2014",), ("intern.melding_2019",)} <= set(rows(dorp_url, TABLES))
    assert rows(dorp_url, BARE) == []


def test_no_policy_is_for_everyone_and_none_of_a_request_role_but_the_known(demo_url: str) -> None:
    found = rows(
        demo_url,
        "select tablename, policyname, cmd, roles::text[] from pg_policies where schemaname = 'intern' "
        "and policyname <> 'eigenaar' order by 1, 2",
    )
    assert found == [
        ("abonnement", "aanvragen", "INSERT", ["bs_werk"]),
        ("abonnement", "bevestigen", "UPDATE", ["bs_werk"]),
        ("abonnement", "lezen", "SELECT", ["bs_werk"]),
        ("abonnement", "stoppen", "DELETE", ["bs_werk"]),
        ("correctie", "eigen_gemeente", "SELECT", ["bs_werk"]),
        ("correctie", "intrekken", "UPDATE", ["bs_werk"]),
        ("correctie", "schrijven", "INSERT", ["bs_werk"]),
        ("hotspot", "eigen_stadsdelen", "SELECT", ["bs_dienst"]),
        ("hotspot_run", "eigen_gemeente", "SELECT", ["bs_dienst"]),
        ("interventie", "eigen_gebieden", "SELECT", ["bs_dienst"]),
        ("interventie", "intrekken", "DELETE", ["bs_werk"]),
        ("interventie", "lezen", "SELECT", ["bs_werk"]),
        ("interventie", "schrijven", "INSERT", ["bs_werk"]),
        ("interventie", "wijzigen", "UPDATE", ["bs_werk"]),
        ("interventie_versie", "eigen_gebieden", "SELECT", ["bs_werk"]),
        ("kubus", "eigen_gebieden", "SELECT", ["bs_dienst"]),
        ("laatste_bezoek", "eigen", "ALL", ["bs_werk"]),
        ("melding", "eigen_stadsdelen", "SELECT", ["bs_dienst"]),
        ("noodtoegang", "toegang", "ALL", ["bs_toegang"]),
        ("notitie", "eigen_gebieden", "SELECT", ["bs_werk"]),
        ("notitie", "schrijven", "INSERT", ["bs_werk"]),
        ("notitie", "verwijderen", "DELETE", ["bs_werk"]),
        ("notitie", "wijzigen", "UPDATE", ["bs_werk"]),
        ("weergave", "eigen", "ALL", ["bs_werk"]),
    ]


# --- raw SQL without any filter, as each role


def asked(url: str, viewer: Viewer, statement: str) -> list[dict[str, Any]]:
    async def run() -> list[dict[str, Any]]:
        database = Database(url, pool_size=1)
        try:
            async with connect_as(database, viewer) as connection:
                return await connection.fetch(statement, {})
        finally:
            await database.close()

    return asyncio.run(run())


def own_areas(url: str, viewer: Viewer) -> set[str]:
    """Buurten of the viewer's stadsdelen, the stadsdelen, and wijken and wijkteamgebieden that hold no other buurt."""
    delen = sorted(viewer.stadsdelen)
    query = "select buurt_code from publiek.indeling where niveau = 'stadsdeel' and gebied_code = any(%s)"
    buurten = {code for (code,) in rows(url, query, delen)}
    members: dict[str, set[str]] = {}
    for area, buurt in rows(
        url, "select gebied_code, buurt_code from publiek.indeling where niveau in ('wijk', 'wijkteamgebied')"
    ):
        members.setdefault(area, set()).add(buurt)
    return buurten | set(delen) | {area for area, inside in members.items() if inside <= buurten}


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
def test_counts_are_those_of_own_areas(demo_url: str, viewer: Viewer) -> None:
    found = asked(demo_url, viewer, "select gebied_code, sum(aantal)::int as n from intern.kubus group by 1")
    every = dict(rows(demo_url, "select gebied_code, sum(aantal)::int from intern.kubus group by 1"))
    assert "buiten" in every
    mine = own_areas(demo_url, viewer) if viewer.gemeente == GEMEENTE else set()
    own = set(every) if viewer is MANAGER else mine
    assert {row["gebied_code"]: row["n"] for row in found} == {code: n for code, n in every.items() if code in own}
    assert bool(found) == (viewer not in (NOBODY, STRANGER))


def test_counts_of_larger_areas_are_for_who_sees_all_of_them(copy_of: Callable[[str], str]) -> None:
    url = copy_of("demo")
    wijken = rows(
        url,
        "select w.gebied_code, bool_and(s.gebied_code = %s), bool_or(s.gebied_code = %s) from publiek.indeling w "
        "join publiek.indeling s using (gemeente_code, jaar, buurt_code) "
        "where w.niveau = 'wijk' and s.niveau = 'stadsdeel' group by 1",
        NOORD, NOORD,
    )  # fmt: skip
    inside = [code for code, whole, _ in wijken if whole]
    partly = [code for code, whole, some in wijken if some and not whole]
    outside = [code for code, _, some in wijken if not some]
    assert inside
    assert outside
    areas = [*inside, *partly, *outside, NOORD, ZUID, GEMEENTE, "buiten"]
    change(
        url,
        "insert into intern.kubus "
        "select 'GM0153', 'groot', unnest(%s::text[]), 'overlast', '2025-01-01', '2025-01-31', 7",
        areas,
    )
    query = "select gebied_code from intern.kubus where bron = 'groot'"
    assert {row["gebied_code"] for row in asked(url, REGISSEUR, query)} == {*inside, NOORD}
    assert {row["gebied_code"] for row in asked(url, MANAGER, query)} == set(areas)


@pytest.mark.parametrize("viewer", VIEWERS.values(), ids=VIEWERS)
def test_results_are_those_of_own_stadsdelen(demo_url: str, viewer: Viewer) -> None:
    found = asked(demo_url, viewer, "select run_id, nummer from intern.hotspot")
    all_rows = rows(demo_url, "select run_id, nummer, stadsdeel_code, buurten from intern.hotspot")
    own = own_areas(demo_url, viewer)
    expected = {
        (run, nummer)
        for run, nummer, stadsdeel, buurten in all_rows
        if viewer.gemeente == GEMEENTE
        and (viewer is MANAGER or (stadsdeel in own if stadsdeel else buurten and set(buurten) <= own))
    }
    assert {(row["run_id"], row["nummer"]) for row in found} == expected
    assert bool(found) == (viewer in (BOTH, MANAGER))
    runs = asked(demo_url, viewer, "select count(*)::int as n from intern.hotspot_run")[0]["n"]
    assert (runs > 0) == (viewer not in (NOBODY, STRANGER))


def test_a_result_without_buurten_is_nobodys_but_the_managers(copy_of: Callable[[str], str]) -> None:
    url = copy_of("demo")
    change(url, "update intern.hotspot set stadsdeel_code = null, buurten = '{}'")
    assert asked(url, BOTH, "select 1 from intern.hotspot") == []
    assert asked(url, MANAGER, "select 1 from intern.hotspot") != []


def test_why_nothing_was_found_is_told_of_the_own_gemeente_and_of_what_is_public(copy_of: Callable[[str], str]) -> None:
    demo_url = copy_of("demo")
    change(demo_url, "delete from publiek.vrijgave where periode = '2025-Q4'")
    query = "select bron, periode, methode from intern.berekening"
    released = rows(demo_url, "select bron, periode, methode from publiek.berekening")
    every = rows(demo_url, query)
    assert 0 < len(released) < len(every)
    assert len(asked(demo_url, REGISSEUR, query)) == len(every)
    assert len(asked(demo_url, STRANGER, query)) == len(released)
    assert len(asked(demo_url, STRANGER, query.replace("intern.", "publiek."))) == len(released)


def test_sensitive_places_are_counted_for_the_staff_of_the_stadsdeel(copy_of: Callable[[str], str]) -> None:
    url = copy_of("demo")
    moved = (
        "update intern.voorziening_gevoelig set buurt_code = (select min(buurt_code) from publiek.indeling "
        "where niveau = 'stadsdeel' and gebied_code = %s and jaar = (select max(jaar) from publiek.indeling)) "
        "where sleutel = (select {}(sleutel) from intern.voorziening_gevoelig)"
    )
    assert [change(url, moved.format("min"), NOORD), change(url, moved.format("max"), ZUID)] == [1, 1]
    query = "select stadsdeel_code, aantal from intern.gevoelig_telling order by 1"
    everywhere = {row["stadsdeel_code"]: row["aantal"] for row in asked(url, MANAGER, query)}
    assert sum(everywhere.values()) == value(url, "select count(*) from intern.voorziening_gevoelig")
    assert {NOORD, ZUID} <= set(everywhere)
    assert asked(url, REGISSEUR, query) == [{"stadsdeel_code": NOORD, "aantal": everywhere[NOORD]}]
    assert asked(url, NOBODY, query) == asked(url, STRANGER, query) == []


def test_an_action_is_of_each_stadsdeel_that_it_touches(copy_of: Callable[[str], str]) -> None:
    url = copy_of("demo")
    north, south = (
        value(url, "select min(buurt_code) from publiek.indeling where niveau = 'stadsdeel' and gebied_code = %s", code)
        for code in (NOORD, ZUID)
    )
    change(url, "update intern.interventie set gebied_codes = %s where sleutel = 'IV-01'", f"{north};{south}")
    change(url, "update intern.interventie set gebied_codes = %s where sleutel <> 'IV-01'", south)
    query = "select sleutel from intern.interventie order by 1"
    every = asked(url, MANAGER, query)
    assert len(every) == 5
    assert asked(url, REGISSEUR, query) == [{"sleutel": "IV-01"}]
    assert asked(url, NOBODY, query) == asked(url, STRANGER, query) == []


@pytest.mark.parametrize("role", list(DatabaseRole))
def test_without_a_scope_no_role_sees_a_row_of_any_table(demo_url: str, role: DatabaseRole) -> None:
    own = {"abonnement", "correctie", "interventie", "interventie_versie", "laatste_bezoek", "notitie", "weergave"}
    may_look = {
        DatabaseRole.DIENST: set(SCOPED), DatabaseRole.TOEGANG: {"noodtoegang"}, DatabaseRole.WERK: own
    }.get(role, set())  # fmt: skip
    looked = set()
    with psycopg.connect(as_user(demo_url, role.value), autocommit=True) as connection:
        for (table,) in [*rows(demo_url, TABLES), *((view,) for view in VIEWS)]:
            columns = rows(
                demo_url,
                "select quote_ident(attname) from pg_attribute where attrelid = %s::regclass and attnum > 0 "
                "and not attisdropped and has_column_privilege(%s, attrelid, attnum, 'select')",
                table, role.value,
            )  # fmt: skip
            wanted = ", ".join(name for (name,) in columns) or "*"
            try:
                found = connection.execute(f"select {wanted} from {table}").fetchall()
            except psycopg.errors.InsufficientPrivilege:
                continue
            looked.add(table.removeprefix("intern."))
            if table == "intern.berekening":
                # What everyone may know of released periods.
                assert len(found) == value(demo_url, "select count(*) from publiek.berekening")
            else:
                assert found == [], table
    assert looked == may_look


def test_every_policy_by_itself_keeps_rows_back(copy_of: Callable[[str], str]) -> None:
    """With one policy open and all others as they are, a regisseur sees rows of that table that are not theirs."""
    url = copy_of("demo")
    policies = rows(
        url, "select tablename, policyname, qual from pg_policies where schemaname = 'intern' and roles = '{bs_dienst}'"
    )
    assert {table for table, *_ in policies} == {"melding", "kubus", "hotspot", "hotspot_run", "interventie"}
    for table, policy, rule in policies:
        count, viewer = (
            f"select count(gemeente_code)::int as n from intern.{table}",
            NOBODY if table == "hotspot_run" else REGISSEUR,
        )
        kept = asked(url, viewer, count)[0]["n"]
        change(url, f"alter policy {policy} on intern.{table} using (true)")
        assert kept < asked(url, viewer, count)[0]["n"] == value(url, count)
        change(url, f"alter policy {policy} on intern.{table} using ({rule})")
        assert asked(url, viewer, count)[0]["n"] == kept


# --- borrowed connections and injected SQL


@pytest.fixture
def database(demo_url: str) -> Callable[..., Any]:
    """``database(run)``: the result of ``await run(database)`` on one connection per role."""

    def go(run: Callable[[Database], Any]) -> Any:
        async def inside() -> Any:
            made = Database(demo_url, pool_size=1)
            try:
                return await run(made)
            finally:
                await made.close()

        return asyncio.run(inside())

    return go


COUNT = "select count(*)::int as n from intern.kubus"
LEFT_BEHIND = [
    "set buurtsignaal.stadsdelen = 'alle'",
    "set session buurtsignaal.gemeente = 'GM0153'; set buurtsignaal.stadsdelen = 'alle'",
    "select set_config('buurtsignaal.stadsdelen', 'alle', false), set_config('buurtsignaal.gemeente', 'GM0153', false)",
    "set row_security = off",
    "set transaction_read_only = off",
    "reset all",
    "discard all",
]


@pytest.mark.parametrize("statement", LEFT_BEHIND)
def test_what_one_request_leaves_behind_reaches_no_other(database, demo_url: str, statement: str) -> None:
    async def run(made: Database) -> list[Any]:
        seen = []
        async with connect_as(made, REGISSEUR) as connection:
            seen.append((await connection.fetch(COUNT, {}))[0]["n"])
            driver = connection._driver
            number = driver.info.backend_pid
            for part in statement.split("; "):
                await driver.execute(part.encode())
        for viewer in (REGISSEUR, NOBODY):
            try:
                async with connect_as(made, viewer) as connection:
                    assert connection._driver.info.backend_pid == number
                    seen.append((await connection.fetch(COUNT, {}))[0]["n"])
            except psycopg.errors.InsufficientPrivilege:
                seen.append("geweigerd")
        return seen

    own, again, nobody = database(run)
    assert own > 0
    # With row security off a question is refused; it is never answered in full.
    assert (again, nobody) == (("geweigerd", "geweigerd") if "row_security" in statement else (own, 0))


@pytest.mark.parametrize(
    "statement",
    [
        "set role buurtsignaal",
        "set session authorization buurtsignaal",
        "set local role bs_toegang",
        "select intern.noteer('[]')",
        "select intern.beveilig('intern.kubus')",
        "select intern.logboek_opruimen(current_date, '', '', '')",
        "select * from intern.zoek_sleutel('x')",
        "alter table intern.kubus disable row level security",
        "create policy alles on intern.kubus using (true)",
        "alter function intern.eigen_gebieden() security definer",
        "create or replace function intern.hele_gemeente() returns boolean language sql as 'select true'",
        "alter role bs_dienst bypassrls",
        "copy intern.kubus to program 'cat'",
    ],
)
def test_injected_statements_are_refused(demo_url: str, statement: str) -> None:
    with psycopg.connect(as_user(demo_url, "bs_dienst"), autocommit=True) as connection:
        connection.execute("set default_transaction_read_only = off")
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidParameterValue)):
            connection.execute(statement.encode())


def test_going_back_to_the_role_that_logged_in_is_no_way_up(database, demo_url: str) -> None:
    """The URL of the service is a superuser's; a request never was one, so there is nothing to go back to."""
    assert value(demo_url, "select rolsuper from pg_roles where rolname = current_user") is True

    async def run(made: Database) -> list[Any]:
        seen = []
        async with connect_as(made, REGISSEUR) as connection:
            for statement in ("reset role", "set role none", "reset session authorization"):
                await connection._driver.execute(statement.encode())
                seen.append((await connection.fetch("select session_user::text as wie", {}))[0]["wie"])
        return seen

    assert database(run) == ["bs_dienst"] * 3
