"""``buurtsignaal db``: the private cluster and the schema."""

from __future__ import annotations

import typer
from psycopg import sql
from rich.console import Console

from geo_service.db.cluster import locate_cluster
from geo_service.db.connection import database_url, privileged_connection
from geo_service.db.migrate import ensure_schema
from geo_service.errors import Refused
from geo_service.settings import get_settings

app = typer.Typer(help="De database: starten, stoppen, bijwerken.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)

OWN_DATABASE = "U gebruikt uw eigen database (BUURTSIGNAAL_DATABASE_URL); die start en stopt u zelf."


def prepared_url() -> str:
    """The privileged URL of a database with the present schema; creates and migrates what is needed."""
    url = database_url()
    ensure_schema(url)
    return url


def _require_embedded() -> None:
    if get_settings().database_url:
        raise Refused(OWN_DATABASE)


@app.command("start", help="Start het eigen databasecluster en maak de tabellen aan.")
def start() -> None:
    _require_embedded()
    cluster = locate_cluster()
    cluster.start()
    ensure_schema(cluster.url)
    console.print(f"De database draait in {cluster.base}.")


@app.command("stop", help="Stop het eigen databasecluster. De gegevens blijven staan.")
def stop() -> None:
    _require_embedded()
    cluster = locate_cluster()
    cluster.stop()
    console.print("De database is gestopt.")


@app.command("status", help="Laat zien welke database in gebruik is en of zij draait.")
def status() -> None:
    if get_settings().database_url:
        with privileged_connection():
            console.print(OWN_DATABASE + " Zij is bereikbaar.")
        return
    cluster = locate_cluster()
    state = "draait" if cluster.running else "staat stil" if cluster.exists else "bestaat nog niet"
    console.print(f"Het eigen databasecluster {state}: {cluster.base}")


@app.command("migrate", help="Maak ontbrekende tabellen aan en werk een ouder schema bij.")
def migrate() -> None:
    prepared_url()
    console.print("Het databaseschema is bij.")


@app.command("url", help="Toon de verbinding met de database, voor psql, QGIS of ogr2ogr.")
def url() -> None:
    typer.echo(database_url())


@app.command("reset", help="Gooi alle gegevens van deze database weg en begin opnieuw.")
def reset(ja: bool = typer.Option(False, "--ja", help="Niet vragen of u het zeker weet.")) -> None:
    if not ja and not typer.confirm("Alle geladen gegevens worden gewist. Doorgaan?"):
        raise Refused("Er is niets gewist.")
    with privileged_connection(database_url(), autocommit=True) as connection:
        for schema in ("intern", "publiek"):
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
    prepared_url()
    console.print("De database is leeg.")
