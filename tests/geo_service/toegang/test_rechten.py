"""The role that keeps sessions and keys: it finds what it already knows, lists nothing and reads no data."""

from __future__ import annotations

import psycopg
import pytest

from geo_service.db import schema
from tests.geo_service.server import as_user
from tests.geo_service.support import rows, value

# Who was let in elsewhere, and until when, is looked up at the door; it says nothing about a resident.
OPEN = {"intern.noodtoegang"}
TABLES = sorted({f"{table.schema}.{table.name}" for table in schema.metadata.tables.values()} - OPEN)
FUNCTIONS = ["open_sessie", "zoek_sessie", "sluit_sessie", "zoek_sleutel", "noteer_sleutel"]


@pytest.mark.parametrize("table", ["intern.sessie", "intern.api_sleutel"])
@pytest.mark.parametrize("role", ["bs_publiek", "bs_dienst", "bs_toegang", "bs_werk"])
def test_no_request_role_has_any_right_on_the_tables(toegang_url, role, table):
    rights = "select, insert, update, delete, truncate, references, trigger"
    assert value(toegang_url, "select has_table_privilege(%s, %s, %s)", role, table, rights) is False
    rights = "select, insert, update, references"
    assert value(toegang_url, "select has_any_column_privilege(%s, %s, %s)", role, table, rights) is False


@pytest.mark.parametrize("table", TABLES)
def test_it_reads_no_table_with_data(toegang_url, table):
    login = as_user(toegang_url, "bs_toegang")
    with psycopg.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"select 1 from {table} limit 1")


def test_only_this_role_may_call_the_functions(toegang_url):
    found = rows(
        toegang_url,
        "select p.proname, r.rolname from pg_proc p cross join pg_roles r "
        "where p.proname = any(%s) and p.prosecdef and r.rolname like 'bs\\_%%' "
        "and has_function_privilege(r.oid, p.oid, 'execute')",
        FUNCTIONS,
    )
    assert sorted(found) == sorted((name, "bs_toegang") for name in FUNCTIONS)
    anyone = "select count(*) from pg_proc p, aclexplode(p.proacl) a where p.proname = any(%s) and a.grantee = 0"
    assert value(toegang_url, anyone, FUNCTIONS) == 0


def test_the_functions_cannot_be_led_to_other_tables(toegang_url):
    """What the caller puts in its search path is not where they look."""
    paths = rows(toegang_url, "select proname, proconfig from pg_proc where proname = any(%s)", FUNCTIONS)
    assert len(paths) == len(FUNCTIONS)
    assert {tuple(path) for _, path in paths} == {('search_path=""',)}


@pytest.mark.parametrize("asked", ["%", "", "' or true --", "*"])
def test_a_key_is_only_found_by_its_number(toegang_url, asked):
    with psycopg.connect(as_user(toegang_url, "bs_toegang")) as connection:
        assert connection.execute("select * from intern.zoek_sleutel(%s)", (asked,)).fetchall() == []
        found = connection.execute("select * from intern.zoek_sessie(%s)", (asked.encode(),)).fetchall()
        assert found == []
