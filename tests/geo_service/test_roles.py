"""The request roles: what each may read, that they write nothing but what the door needs, and that intern is closed."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from geo_service.db import schema
from tests.geo_service.server import as_user
from tests.geo_service.support import rows, value

READERS = ("bs_publiek", "bs_dienst")
REQUEST_ROLES = (*READERS, "bs_toegang", "bs_werk")
# What these write, which is nothing that anybody else reads figures from.
OWN_TABLES = {
    "bs_toegang": ["noodtoegang"],
    "bs_werk": ["abonnement", "correctie", "interventie", "laatste_bezoek", "notitie", "weergave"],
}


def test_the_request_roles_are_ordinary_and_own_nothing(assen_url: str) -> None:
    assert rows(
        assen_url,
        "select rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolreplication from pg_roles "
        "where rolname = any(%s) order by 1",
        list(REQUEST_ROLES),
    ) == [(role, False, False, False, False, False) for role in sorted(REQUEST_ROLES)]
    owned = "select relname from pg_class where relowner in (select oid from pg_roles where rolname = any(%s))"
    assert rows(assen_url, owned, list(REQUEST_ROLES)) == []
    member = "select 1 from pg_auth_members where member in (select oid from pg_roles where rolname = any(%s))"
    assert rows(assen_url, member, list(REQUEST_ROLES)) == []


def readable(url: str, role: str, schema_name: str) -> list[str]:
    found = rows(
        url,
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = %s "
        "and c.relkind in ('r', 'p', 'v', 'm', 'S') and (has_table_privilege(%s, c.oid, 'select') or "
        "(c.relkind <> 'S' and has_any_column_privilege(%s, c.oid, 'select'))) order by 1",
        schema_name, role, role,
    )  # fmt: skip
    return [name for (name,) in found]


def test_bs_publiek_reads_nothing_of_intern(assen_url: str) -> None:
    assert value(assen_url, "select has_schema_privilege('bs_publiek', 'intern', 'usage')") is False
    assert readable(assen_url, "bs_publiek", "intern") == []


def test_bs_dienst_reads_sums_and_hotspots_and_of_reports_some_columns(assen_url: str) -> None:
    assert readable(assen_url, "bs_dienst", "intern") == [
        "berekening", "cijfer_dienst", "gevoelig_telling", "hotspot", "hotspot_run", "interventie",
        "interventie_kosten", "kubus", "melding",
    ]  # fmt: skip
    assert value(assen_url, "select has_table_privilege('bs_dienst', 'intern.melding', 'select')") is False
    columns = rows(
        assen_url,
        "select attname from pg_attribute where attrelid = 'intern.melding'::regclass and attnum > 0 "
        "and not attisdropped and not has_column_privilege('bs_dienst', attrelid, attnum, 'select') order by 1",
    )
    assert columns == [("adres",), ("gesloten_op",), ("melder",)]
    assert (
        value(assen_url, "select has_column_privilege('bs_dienst', 'intern.interventie', 'kosten', 'select')") is False
    )


def test_both_read_all_of_publiek(assen_url: str) -> None:
    public = [table.name for table in schema.metadata.tables.values() if table.schema == "publiek"]
    for role in READERS:
        assert readable(assen_url, role, "publiek") == sorted(public)


def test_who_keeps_the_door_reads_no_data(assen_url: str) -> None:
    assert readable(assen_url, "bs_toegang", "intern") == ["noodtoegang"]
    assert value(assen_url, "select has_schema_privilege('bs_toegang', 'publiek', 'usage')") is False
    may = rows(
        assen_url,
        "select p.proname from pg_proc p where p.pronamespace = 'intern'::regnamespace and p.prokind = 'f' "
        "and has_function_privilege('bs_toegang', p.oid, 'execute') order by 1",
    )
    assert [name for (name,) in may] == [
        "logboek_overzicht", "noodtoegang_gebruik", "noteer", "noteer_sleutel", "open_sessie", "sluit_sessie",
        "verzegel", "zoek_sessie", "zoek_sleutel",
    ]  # fmt: skip


def test_no_function_is_for_everyone(assen_url: str) -> None:
    for role, allowed in (("bs_publiek", []), ("bs_dienst", ["eigen_", "hele_"])):
        found = rows(
            assen_url,
            "select p.proname from pg_proc p where p.pronamespace = 'intern'::regnamespace "
            "and has_function_privilege(%s, p.oid, 'execute') order by 1",
            role,
        )
        assert [name for (name,) in found if not name.startswith(tuple(allowed))] == []


def test_whoever_runs_a_function_as_the_owner_cannot_choose_what_it_calls(assen_url: str) -> None:
    open_paths = rows(
        assen_url,
        "select p.proname from pg_proc p where p.pronamespace in ('intern'::regnamespace, 'publiek'::regnamespace) "
        "and p.prosecdef and not coalesce(p.proconfig, '{}') @> array['search_path=\"\"']",
    )
    assert open_paths == []


@pytest.mark.parametrize("role", REQUEST_ROLES)
def test_no_request_role_may_write_anywhere(assen_url: str, role: str) -> None:
    assert (
        rows(
            assen_url,
            "select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname in ('publiek', 'intern', 'public') and c.relkind in ('r', 'p') and "
            "not c.relname = any(%s) and "
            "has_table_privilege(%s, c.oid, 'insert, update, delete, truncate, references, trigger')",
            OWN_TABLES.get(role, []),
            role,
        )
        == []
    )
    for name in ("publiek", "intern", "public"):
        assert value(assen_url, "select has_schema_privilege(%s, %s, 'create')", role, name) is False, name


@pytest.mark.parametrize(
    "statement",
    [
        "select * from intern.melding limit 1",
        "select * from intern.melding_2026 limit 1",
        "select * from intern.kubus limit 1",
        "select nextval('intern.melding_id_seq')",
        "select * from intern.voorziening_gevoelig limit 1",
        "update publiek.cijfer set aantal = 0",
        "create table publiek.x (y int)",
        "set role buurtsignaal",
        "select pg_read_file('/etc/passwd')",
    ],
)
def test_logged_in_as_bs_publiek_these_are_forbidden(copy_of: Callable[[str], str], statement: str) -> None:
    login = as_user(copy_of("assen"), "bs_publiek")
    with psycopg.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_logged_in_as_bs_publiek_public_figures_can_be_read(assen_url: str) -> None:
    assert value(as_user(assen_url, "bs_publiek"), "select count(*) from publiek.gebied") == 120
