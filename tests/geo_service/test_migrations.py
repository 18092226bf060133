"""The schema: made on an empty database by whoever comes first, equal to the tables in the code, and well guarded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from geo_service.db import migrate, migrations, schema
from geo_service.db.connection import Role
from geo_service.db.write.kubus import rebuild_kubus
from geo_service.errors import Unavailable
from tests.geo_service.server import Server, as_user
from tests.geo_service.support import call_cli, change, fingerprint, rows, settings, start_cli, value

CLASSES = {"openbaar", "intern", "vertrouwelijk"}
REQUEST_ROLES = tuple(role.value for role in Role)
SCRIPTS = Path(migrations.__file__).parent


def test_an_empty_database_gets_everything(new_database: Callable[..., str]) -> None:
    url = new_database()
    done = call_cli("db", "migrate", url=url)
    assert (done.returncode, done.stderr) == (0, "")
    assert value(url, "select version_num from intern.alembic_version") == migrations.HEAD
    assert value(url, "select count(*) from publiek.categorie") > 30
    migrate.check_ready(url)


def test_a_second_migration_changes_nothing(url: str) -> None:
    before = fingerprint(url)
    assert call_cli("db", "migrate", url=url).returncode == 0
    assert fingerprint(url) == before


def test_any_command_makes_what_it_needs(new_database: Callable[..., str], tmp_path: Path) -> None:
    url = new_database()
    done = call_cli("ingest", "meldingen", tmp_path / "weg.csv", url=url)
    assert "bestaat niet" in done.stderr
    assert value(url, "select version_num from intern.alembic_version") == migrations.HEAD


def migrate_together(url: str, times: int) -> list[Exception]:
    """Migrate one database in as many threads at once; what went wrong."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            migrate.ensure_schema(url)
        except Exception as error:  # noqa: BLE001  (whatever goes wrong in a thread must fail the test)
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failures


def test_commands_that_start_together_migrate_once(new_database: Callable[..., str]) -> None:
    url = new_database()
    assert migrate_together(url, 4) == []
    assert rows(url, "select version_num from intern.alembic_version") == [(migrations.HEAD,)]


def test_two_real_commands_on_an_empty_database(new_database: Callable[..., str]) -> None:
    url = new_database()
    both = [start_cli("db", "migrate", url=url) for _ in range(2)]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said


def test_every_older_version_is_upgraded_to_the_same_schema(new_database: Callable[..., str], url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions[0] == migrations.HEAD
    for revision in revisions:
        older = new_database()
        upgrade_to(older, revision)
        migrate.ensure_schema(older)
        assert columns_of(older) == columns_of(url)


def upgrade_to(url: str, revision: str) -> None:
    """A database with the schema of an older version."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    change(url, "create extension if not exists postgis")
    change(url, "create schema if not exists intern")
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_visits_that_were_loaded_before_become_figures(new_database: Callable[..., str]) -> None:
    url = new_database()
    upgrade_to(url, "0001")
    change(url, "insert into publiek.gemeente values ('GM9001', 'Dorp')")
    change(url, "insert into publiek.bron (gemeente_code, naam, laag) values ('GM9001', 'balie', 'bezoeken')")
    change(
        url,
        "insert into intern.bezoek select 'GM9001', 'balie', n, 'WW-1', date '2025-01-01' + n, 'fysiek', "
        "case when n < 10 then 'Wonen' when n < 12 then 'Zeldzaam' end, case when n < 15 then 'BU90010000' end, "
        "'beantwoord', 0 from generate_series(0, 19) n",
    )
    migrate.ensure_schema(url)
    migrated = rows(url, "select gebied_code, categorie, dag::text, aantal from intern.kubus order by 1, 2, 3")
    assert rows(url, "select categorie, sum(aantal)::int from intern.kubus group by 1 order by 1") == [
        ("alle", 20), ("kanaal-fysiek", 20), ("thema-onbekend", 8), ("thema-overig", 2), ("thema-wonen", 10),
        ("uitkomst-beantwoord", 20),
    ]  # fmt: skip
    assert rows(url, "select eerste_dag::text, laatste_dag::text, fijnste_niveau from publiek.bron") == [
        ("2025-01-06", "2025-01-19", "buurt")
    ]
    assert rows(url, "select gebied, van::text, tot::text, afgeleid from publiek.bron_dekking") == [
        ("GM9001", "2025-01-06", "2025-01-19", True)
    ]
    with psycopg.connect(url) as connection:
        rebuild_kubus(connection, "GM9001", "balie")
    assert rows(url, "select gebied_code, categorie, dag::text, aantal from intern.kubus order by 1, 2, 3") == migrated


def columns_of(url: str) -> list[tuple]:
    return rows(
        url,
        "select table_schema, table_name, column_name, udt_name, is_nullable, column_default from "
        "information_schema.columns where table_schema in ('publiek', 'intern') order by 1, 2, 3",
    )


def test_a_schema_of_a_newer_program_is_refused_in_dutch(url: str) -> None:
    change(url, "update intern.alembic_version set version_num = '9999'")
    done = call_cli("db", "migrate", url=url)
    assert done.returncode == 1
    assert done.stderr.startswith("Geweigerd: ")
    assert "nieuwer" in done.stderr or "versie" in done.stderr


def test_a_migration_that_fails_leaves_nothing(
    new_database: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database()
    change(url, "create extension postgis")
    change(url, "create schema publiek")
    change(url, "create table publiek.gebied (x int)")
    with pytest.raises(Exception, match="gebied"):
        migrate.ensure_schema(url)
    assert rows(url, "select count(*) from pg_tables where schemaname in ('publiek', 'intern')") == [(1,)]
    change(url, "drop table publiek.gebied")
    migrate.ensure_schema(url)
    migrate.check_ready(url)


def differences(url: str) -> list:
    """What alembic would change to make the database equal to the tables in the code."""

    def ours(thing: object, name: str | None, kind: str, reflected: bool, _: object) -> bool:
        if kind == "table":
            partition = name is not None and name.startswith("melding_2")
            # Alembic reads no views; their columns are compared with the rest in test_lekken.
            is_view = getattr(thing, "info", {}).get("view", False)
            return getattr(thing, "schema", None) in ("publiek", "intern") and not partition and not is_view
        return kind != "index" or not reflected or (name or "").startswith("ix") is False

    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": True, "include_object": ours, "compare_server_default": False}
        )
        return [
            item
            for item in compare_metadata(context, schema.metadata)
            if not (item[0] == "remove_table" and item[1].name == "alembic_version")
        ]


def test_the_tables_in_the_code_are_the_tables_in_the_database(assen_url: str) -> None:
    assert differences(assen_url) == []


@pytest.mark.parametrize(
    "statement",
    [
        "alter table publiek.gebied add column extra text",
        "alter table publiek.bron drop column houder",
        "alter table intern.kubus alter column aantal type bigint",
        "alter table publiek.bron alter column versie drop not null",
        "create table intern.vergeten (x int)",
        "drop index publiek.gebied_geom",
    ],
)
def test_a_difference_between_code_and_database_is_seen(url: str, statement: str) -> None:
    change(url, statement)
    assert len(differences(url)) == 1


def test_every_column_has_a_disclosure_class_and_public_tables_hold_public_columns_only() -> None:
    for table in schema.metadata.tables.values():
        found = {column.name: column.info.get("klasse") for column in table.columns}
        assert set(found.values()) <= CLASSES, table
        if table.schema == "publiek":
            assert set(found.values()) == {"openbaar"}, table


# --- readiness


@pytest.mark.parametrize("index", sorted(migrate.REQUIRED_INDEXES))
def test_a_missing_index_stops_the_service_and_is_named(url: str, index: str) -> None:
    migrate.check_ready(url)
    name = index.partition(".")[2]
    if name.endswith("_pkey"):
        table = index.removesuffix("_pkey")
        change(url, f"alter table {table} drop constraint {name} cascade")
    else:
        change(url, f"drop index {index}")
    with pytest.raises(Unavailable, match=index.replace(".", r"\.")):
        migrate.check_ready(url)


def test_an_invalid_index_stops_the_service(url: str) -> None:
    change(url, "update pg_index set indisvalid = false where indexrelid = 'publiek.gebied_geom'::regclass")
    with pytest.raises(Unavailable, match=r"publiek\.gebied_geom"):
        migrate.check_ready(url)


def test_serve_refuses_without_its_indexes(url: str) -> None:
    change(url, "drop index intern.melding_geom")
    done = call_cli("serve", "--port", 1, url=url)
    assert done.returncode == 1
    assert "intern.melding_geom" in done.stderr


def test_an_empty_database_is_not_ready(new_database: Callable[..., str]) -> None:
    with pytest.raises(Unavailable, match="buurtsignaal db migrate"):
        migrate.check_ready(new_database())


@pytest.mark.parametrize("prefix", ["postgresql+psycopg", "postgresql+asyncpg", "postgresql+psycopg2", "postgres"])
def test_a_driver_prefix_in_the_url_is_no_matter(url: str, prefix: str) -> None:
    done = call_cli("db", "status", url=url.replace("postgresql://", f"{prefix}://"))
    assert done.returncode == 0, done.stderr
    assert "bereikbaar" in done.stdout


def test_reset_empties_the_database_and_makes_it_anew(copy_of: Callable[[str], str]) -> None:
    url = copy_of("dorp")
    assert value(url, "select count(*) from publiek.gebied") > 0
    assert call_cli("db", "reset", "--ja", url=url).returncode == 0
    assert value(url, "select count(*) from publiek.gebied") == 0
    migrate.check_ready(url)


def test_start_and_stop_leave_a_database_of_your_own_alone(url: str) -> None:
    for words in (("db", "start"), ("db", "stop")):
        done = call_cli(*words, url=url)
        assert done.returncode == 1
        assert "uw eigen database" in done.stderr


# --- rights: on a server without our roles


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, service_settings: None) -> Iterator[Server]:
    """A second private cluster, in which nothing of ours exists yet; with an ordinary user ``gast``."""
    made = Server(tmp_path_factory.mktemp("kaal"), own_only=True)
    made.enter()
    made.execute("create role gast login")
    yield made
    made.leave()


def prepare(bare: Server, name: str, *, postgis: bool, owner: bool) -> str:
    """A database and the URL by which ``gast`` logs in to it."""
    url = bare.empty(name)
    if postgis:
        change(url, "create extension postgis")
    if owner:
        bare.execute(f"alter database {psycopg.conninfo.conninfo_to_dict(url)['dbname']} owner to gast")
    return as_user(url, "gast")


def refusal(url: str) -> str:
    with pytest.raises(Unavailable) as caught:
        migrate.ensure_schema(url)
    return str(caught.value)


def test_without_postgis_the_extension_is_named(bare: Server) -> None:
    assert "create extension postgis" in refusal(prepare(bare, "zonder_postgis", postgis=False, owner=True))


def test_without_create_the_right_is_named(bare: Server) -> None:
    url = prepare(bare, "zonder_create", postgis=True, owner=False)
    assert "grant create on database" in refusal(url)


def test_without_createrole_the_right_is_named_and_nothing_is_made(bare: Server) -> None:
    url = prepare(bare, "zonder_createrole", postgis=True, owner=True)
    said = refusal(url)
    assert "CREATEROLE" in said
    assert "create role bs_publiek" in said
    assert rows(url, "select 1 from pg_tables where schemaname in ('publiek', 'intern')") == []
    with settings(database_url=url):
        done = call_cli("db", "migrate", url=url)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "CREATEROLE" in done.stderr


def test_a_role_that_another_command_is_making_is_waited_for(bare: Server) -> None:
    """Two databases of one server at once: the same role is being made in a transaction that then commits."""
    url = bare.empty("rolwedloop")
    outcome: list[Exception | None] = []

    def run() -> None:
        try:
            migrate.ensure_schema(url)
            outcome.append(None)
        except Exception as error:  # noqa: BLE001  (whatever goes wrong in a thread must fail the test)
            outcome.append(error)

    with psycopg.connect(bare.maintenance_url) as other:
        other.execute("create role bs_publiek login")
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(timeout=3)
        other.commit()
    thread.join(timeout=30)
    assert outcome == [None]


def test_two_databases_of_one_server_may_be_made_at_once(bare: Server) -> None:
    """The roles belong to the server: who comes second finds them there."""
    urls = [bare.empty(name) for name in ("samen_een", "samen_twee")]
    bare.drop("rolwedloop")
    for role in REQUEST_ROLES:
        bare.execute(f"drop role if exists {role}")
    both = [start_cli("db", "migrate", url=url) for url in urls]
    said = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    for url in urls:
        migrate.check_ready(url)


def test_with_the_roles_there_an_ordinary_owner_can_do_everything(bare: Server, tmp_path: Path) -> None:
    """No superuser is needed to migrate and load once an administrator made the extension and the roles."""
    from tests.geo_service import dorp
    from tests.geo_service.support import load

    for role in REQUEST_ROLES:
        bare.execute(
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') "
            f"then create role {role} login; end if; end $$"
        )
    url = prepare(bare, "gewoon", postgis=True, owner=True)
    load("ingest", "gebieden", dorp.write_gebieden(tmp_path / "dorp.geojson"), "--jaar", 2021, url=url)
    path = dorp.write_csv(tmp_path / "lijst.csv", [dorp.melding(number) for number in range(30)])
    load("ingest", "meldingen", path, "--bron", "lijst", url=url)
    load("hotspots", url=url)
    migrate.check_ready(url)
    assert value(url, "select sum(aantal) from intern.kubus") == 30
    assert value(as_user(url, "bs_publiek"), "select count(*) from publiek.gebied") > 0
