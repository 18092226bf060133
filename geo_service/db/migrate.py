"""Bring a database to the present schema: extension, roles, schemas, tables. Safe to call from every command."""

from __future__ import annotations

from pathlib import Path

import psycopg
from psycopg import sql

from geo_service.db.connection import Role, privileged_connection
from geo_service.db.migrations import HEAD, VERSIONS
from geo_service.errors import Unavailable
from geo_service.settings import get_settings

MIGRATION_LOCK = 0x6275757274
MINIMUM_POSTGIS = (3, 1)

# The service refuses to start without these; each answers a question on the hot path.
REQUIRED_INDEXES = frozenset({
    "publiek.gebied_geom", "publiek.indeling_buurt", "publiek.wijkwijzer_geom", "publiek.voorziening_geom",
    "publiek.cijfer_pkey", "publiek.hotspot_geom", "intern.hotspot_geom", "intern.melding_geom", "intern.melding_dag",
    "intern.melding_sleutel_pkey", "intern.kubus_pkey", "intern.kubus_gebied", "intern.bezoek_datum",
})  # fmt: skip


def ensure_schema(url: str) -> None:
    """Create or upgrade the schema when needed; Unavailable names the missing right or extension.

    Runs under an advisory lock, so that two commands starting together do not both migrate.
    """
    with privileged_connection(url, autocommit=True) as connection:
        if _present_version(connection) == HEAD:
            return
        connection.execute("select pg_advisory_lock(%s)", (MIGRATION_LOCK,))
        version = _present_version(connection)
        if version == HEAD:
            return
        if version is not None and version not in VERSIONS:
            raise Unavailable(
                f"Het databaseschema (versie {version}) is nieuwer dan dit programma. "
                "Installeer de nieuwste versie van Buurtsignaal."
            )
        if version is None:
            _prepare(connection)
        _create_roles(connection)
        _run_migrations(url)


def _present_version(connection: psycopg.Connection) -> str | None:
    if connection.execute("select to_regclass('intern.alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("select version_num from intern.alembic_version").fetchone()
    return row[0] if row else None


def _prepare(connection: psycopg.Connection) -> None:
    """What a first migration stands on, each with its own clear refusal."""
    _try(
        connection,
        "create extension if not exists postgis",
        "De extensie PostGIS ontbreekt en deze databasegebruiker mag haar niet aanmaken. "
        "Laat een beheerder 'create extension postgis' uitvoeren.",
    )
    row = connection.execute(
        "select split_part(postgis_lib_version(), '.', 1), split_part(postgis_lib_version(), '.', 2)"
    ).fetchone()
    if row is None or (int(row[0]), int(row[1])) < MINIMUM_POSTGIS:
        raise Unavailable("PostGIS is te oud: versie 3.1 of nieuwer is nodig.")
    database = connection.info.dbname
    _try(
        connection,
        "create schema if not exists intern",
        f"De databasegebruiker mist het recht CREATE op database {database}. "
        f"Laat een beheerder 'grant create on database {database}' uitvoeren.",
    )


def _create_roles(connection: psycopg.Connection) -> None:
    password = get_settings().rol_wachtwoord
    for role in Role:
        if connection.execute("select 1 from pg_roles where rolname = %s", (role.value,)).fetchone():
            continue
        secret = sql.SQL("password {}").format(sql.Literal(password.get_secret_value())) if password else sql.SQL("")
        _try(
            connection,
            sql.SQL("create role {} login nosuperuser nocreatedb nocreaterole nobypassrls {}").format(
                sql.Identifier(role.value), secret
            ),
            f"De rol {role.value} ontbreekt en deze databasegebruiker mist het recht CREATEROLE. "
            f"Laat een beheerder 'create role {role.value} login' uitvoeren.",
        )


# A right, or an extension that the server does not have.
MISSING = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedFile,
    psycopg.errors.FeatureNotSupported,
)


def _try(connection: psycopg.Connection, statement: str | sql.Composed, refusal: str) -> None:
    try:
        with connection.transaction():
            connection.execute(statement)
    except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
        return  # another command made the same a moment ago
    except MISSING as error:
        raise Unavailable(refusal) from error


def _run_migrations(url: str) -> None:
    """Alembic on a connection of its own, all in one transaction; the caller's connection holds the lock."""
    # Imported here: alembic and SQLAlchemy cost every command start-up time, and most starts have nothing to migrate.
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_ready(url: str) -> None:
    """Refuse to serve without PostGIS, the present schema or an index that the hot paths need."""
    with privileged_connection(url) as connection:
        if _present_version(connection) != HEAD:
            raise Unavailable("Het databaseschema is niet bij. Voer 'buurtsignaal db migrate' uit.")
        rows = connection.execute(
            "select n.nspname || '.' || c.relname from pg_index i join pg_class c on c.oid = i.indexrelid "
            "join pg_namespace n on n.oid = c.relnamespace where i.indisvalid and n.nspname in ('publiek', 'intern')"
        ).fetchall()
    missing = sorted(REQUIRED_INDEXES - {row[0] for row in rows})
    if missing:
        raise Unavailable(f"De website start niet: deze indexen ontbreken of zijn ongeldig: {', '.join(missing)}.")
