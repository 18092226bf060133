"""The command line ``buurtsignaal``: Dutch help, one clear sentence and exit code 1 when something is refused."""

from __future__ import annotations

import sys

import psycopg
import typer
from rich.console import Console

from geo_service.cli import analyse, database, inlezen, website
from geo_service.errors import BuurtsignaalError
from ingest.errors import IngestError

app = typer.Typer(
    name="buurtsignaal",
    help="Overlast, wijkwijzers, voorzieningen en woningvoorraad per buurt, met hotspots.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(database.app, name="db")
app.add_typer(inlezen.app, name="ingest")
analyse.register(app)
website.register(app)


def main() -> None:
    """Run a command; what was refused on purpose is one Dutch line on standard error, never a stack trace."""
    try:
        app()
    except (BuurtsignaalError, IngestError) as error:
        _refuse(str(error))
    except psycopg.OperationalError:
        _refuse("De verbinding met de database brak af. Er is niets half opgeslagen; probeer het opnieuw.")
    except KeyboardInterrupt:
        Console(stderr=True).print("Afgebroken; er is niets half opgeslagen.")
        sys.exit(130)


def _refuse(sentence: str) -> None:
    Console(stderr=True, soft_wrap=True, highlight=False).print(f"Geweigerd: {sentence}", markup=False)
    sys.exit(1)
