"""``buurtsignaal vrijgeven``: decide what everyone may see, large years included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import typer
from rich.console import Console

from geo_service.cli.analyse import watching
from geo_service.cli.database import prepared_url
from geo_service.db.connection import privileged_connection
from geo_service.db.write.cijfers import read_verlies
from geo_service.errors import Refused

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command(
        "vrijgeven",
        help="Beoordeel welke cijfers naar buiten mogen: alles wat oud genoeg is en nog niet is beoordeeld.",
    )(vrijgeven)


def vrijgeven(
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153. Standaard alle."),
    opnieuw: str = typer.Option(
        None, "--opnieuw", metavar="PERIODE", help="Beoordeel een periode die vaststaat nog eens, als correctie."
    ),
    bron: str = typer.Option(None, "--bron", help="Bron van de correctie."),
    reden: str = typer.Option(None, "--reden", help="Waarom de correctie nodig is; wordt bewaard."),
) -> None:
    from geo_service.jobs.verversen import correct_release, release_figures

    url = prepared_url()
    with watching() as watch:
        if opnieuw is None:
            done = release_figures(url, gemeente=gemeente, patient=True, watch=watch)
        else:
            if not (gemeente and bron and reden and len(reden.strip()) >= 10):
                raise Refused("Geef bij --opnieuw ook --gemeente, --bron en een --reden van minstens 10 tekens op.")
            done = correct_release(url, (gemeente, bron), opnieuw, reden.strip())
    for line in _lines(url, done):
        console.print(line)
    if not done:
        console.print("Alle cijfers die naar buiten mogen, zijn beoordeeld.")


def _lines(url: str, done: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    with privileged_connection(url) as connection:
        for gemeente, bron, periode in done:
            found = read_verlies(connection, gemeente, bron, periode)
            yield (
                f"{gemeente} · {bron} · {periode}: {found.cellen} cijfers, waarvan verborgen {found.verborgen} voor "
                f"iedereen en {found.verborgen_dienst} voor medewerkers van een ander stadsdeel."
            )
