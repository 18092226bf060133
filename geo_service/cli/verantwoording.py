"""``buurtsignaal verantwoording``: the papers of the municipality, from what the service does."""

from __future__ import annotations

from pathlib import Path

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command(
        "verantwoording", help="Schrijf het verwerkingsregister, een DPIA-bijlage en het algoritmeregister in een map."
    )(verantwoording)


def verantwoording(
    folder: Path = typer.Argument(..., metavar="MAP", help="Map voor de stukken; wat er staat, wordt vervangen."),
) -> None:
    from geo_service.verantwoording.schrijven import write_papers

    missing = write_papers(prepared_url(), folder)
    console.print(f"De stukken staan in {folder}.", markup=False)
    if missing:
        console.print("Dit ontbreekt nog; leg het vast in bronnen.toml of in de instellingen:")
        for line in missing:
            console.print(f"· {line}", markup=False)
