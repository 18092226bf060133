"""The stand of the data: every transaction that changed a table makes another one, and nothing else does."""

from __future__ import annotations

import psycopg
import pytest

from geo_service.db.connection import Role
from geo_service.db.engine import Database
from geo_service.db.queries.stand import read_stand
from tests.geo_service.dorp import melding, write_csv
from tests.geo_service.pool import ask_database
from tests.geo_service.support import change, load, rows, value

# Their content reaches no answer of the API, or only together with another table.
UNWATCHED = {
    "wijziging", "alembic_version", "ingest_run", "ingest_afkeur", "melding_sleutel", "besluit", "opgeruimd",
    "sessie", "api_sleutel", "noodtoegang", "logboek", "logboek_zegel", "logboek_verwijderd",
    "notitie", "weergave", "laatste_bezoek", "abonnement",
}  # fmt: skip
RENAME = "update publiek.gemeente set naam = naam || '.'"


def stand(url: str) -> str:
    async def read(database: Database) -> str:
        async with database.connect(Role.PUBLIEK) as connection:
            return (await read_stand(connection))[0]

    return ask_database(url, read)


def test_every_table_is_watched(url):
    """Also one that a later migration makes."""
    unwatched = rows(
        url,
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname in ('publiek', 'intern') and c.relkind in ('r', 'p') and not c.relispartition "
        "and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'wijziging' "
        "and t.tgenabled = 'O')",
    )
    assert {name for (name,) in unwatched} == UNWATCHED


@pytest.mark.parametrize(
    "statement",
    [
        RENAME,
        "delete from publiek.kerncijfer",
        "truncate publiek.hotspot",
        "insert into publiek.bron (gemeente_code, naam) values ('GM9001', 'nieuw')",
        "update intern.melding set status = 'gemeld'",
        "insert into intern.kubus (gemeente_code, bron, gebied_code, categorie, dag, tot, aantal) "
        "values ('GM9001', 'x', 'y', 'z', '2025-01-01', '2025-01-01', 1)",
    ],
)
def test_a_change_makes_another_stand(dorp_url, statement):
    before = stand(dorp_url)
    assert stand(dorp_url) == before
    change(dorp_url, statement)
    assert stand(dorp_url) != before


def test_reading_and_taking_back_make_none(dorp_url):
    before = stand(dorp_url)
    value(dorp_url, "select count(*) from publiek.gebied")
    with psycopg.connect(dorp_url) as connection:
        connection.execute(RENAME)
        connection.rollback()
    assert stand(dorp_url) == before


def test_transactions_that_end_in_another_order_than_they_began_are_each_seen(dorp_url):
    """The first to begin commits last: a stand of only the highest number would not change."""
    found = [stand(dorp_url)]
    with psycopg.connect(dorp_url) as first, psycopg.connect(dorp_url) as second:
        first.execute(RENAME)
        second.execute("delete from publiek.kerncijfer")
        found.append(stand(dorp_url))
        second.commit()
        found.append(stand(dorp_url))
        first.commit()
        found.append(stand(dorp_url))
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_a_load_of_reports_makes_another_stand_also_when_only_a_status_changed(dorp_url, tmp_path):
    path = tmp_path / "lijst.csv"
    found = []
    for status in ("gemeld", "afgehandeld"):
        load("ingest", "meldingen", write_csv(path, [melding(1, status=status)]), "--bron", "lijst", url=dorp_url)
        found.append(stand(dorp_url))
    assert len(set(found)) == 2
    assert value(dorp_url, "select status from intern.melding") == "afgehandeld"


def test_request_roles_read_it_and_write_nothing_of_it(dorp_url):
    for role in ("bs_publiek", "bs_dienst"):
        assert value(dorp_url, "select has_table_privilege(%s, 'publiek.wijziging', 'select')", role) is True
        assert value(dorp_url, "select has_table_privilege(%s, 'publiek.wijziging', 'insert, update')", role) is False
