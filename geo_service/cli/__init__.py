"""The command line ``buurtsignaal``: Dutch help, one clear sentence and exit code 1 when something is refused."""

from __future__ import annotations

import sys
from typing import NoReturn

import psycopg
import typer
from rich.console import Console

from geo_service.beveiliging.logregels import tell_crash
from geo_service.cli import (
    analyse,
    bewaartermijnen,
    database,
    inlezen,
    logboek,
    maandagpost,
    sleutels,
    vastgelegd,
    verantwoording,
    vrijgeven,
    website,
    wijkbrief,
)
from geo_service.errors import BuurtsignaalError
from geo_service.onderbreking import watch_interrupts
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
app.add_typer(sleutels.sleutels, name="sleutels")
app.add_typer(sleutels.sessies, name="sessies")
app.add_typer(logboek.app, name="logboek")
analyse.register(app)
bewaartermijnen.register(app)
maandagpost.register(app)
verantwoording.register(app)
vrijgeven.register(app)
website.register(app)
wijkbrief.register(app)

# The base of all usage errors; typer shows the class only through its children.
UsageProblem: type[Exception] = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
INTERRUPTED = 130
STOPPED = "Afgebroken; er is niets half opgeslagen."
GONE = "De verbinding met de database brak af. Er is niets half opgeslagen; probeer het opnieuw."


def main() -> None:
    """Run a command; what was refused on purpose is one Dutch line on standard error, never a stack trace."""
    watch_interrupts()
    groups = [group.name for group in app.registered_groups if group.name]
    try:
        with vastgelegd.noted(sys.argv[1:], groups):
            _run()
    except Exception as error:  # noqa: BLE001  (what nobody thought of may quote the data it choked on)
        tell_crash(type(error), error, error.__traceback__)
        sys.exit(1)


def _run() -> NoReturn:
    try:
        code = app(standalone_mode=False) or 0
        if code == INTERRUPTED:
            _tell(STOPPED, INTERRUPTED)
        sys.exit(code)
    except (BuurtsignaalError, IngestError) as error:
        _tell(f"Geweigerd: {error}", 1)
    except (psycopg.OperationalError, psycopg.InterfaceError):
        _tell(f"Geweigerd: {GONE}", 1)
    except (KeyboardInterrupt, typer.Abort):
        _tell(STOPPED, INTERRUPTED)
    except UsageProblem as error:
        detail = error.format_message() if isinstance(error, typer.BadParameter) else str(error)
        _tell(f"De opdracht klopt niet: {detail} Kijk met --help wat er kan.", 2)


def _tell(sentence: str, code: int) -> NoReturn:
    Console(stderr=True, soft_wrap=True, highlight=False).print(sentence, markup=False)
    sys.exit(code)
