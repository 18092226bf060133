"""``buurtsignaal maandagpost``: for a timer of the system, every Monday and once more when that failed."""

from __future__ import annotations

from datetime import date

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command(
        "maandagpost",
        help="Verstuur de maandagpost aan wie haar bevestigde en deze week nog niets kreeg. Voor een vaste taak.",
    )(maandagpost)


def maandagpost(
    toon: bool = typer.Option(False, "--toon", help="Verstuur niets; laat zien wat er zou worden verstuurd."),
) -> None:
    from geo_service.jobs.maandagpost import make_mail, send_monday_mail

    url, vandaag = prepared_url(), date.today()
    if toon:
        pieces = make_mail(url, vandaag)
        for piece in pieces:
            console.print(f"Abonnement {piece.abonnee.nummer}: {piece.bericht.onderwerp}\n", markup=False)
            console.print(piece.bericht.tekst, markup=False)
        console.print(f"{len(pieces)} berichten wachten. Er is niets verstuurd.")
        return
    verslag = send_monday_mail(url, vandaag=vandaag)
    console.print(f"{verslag.verstuurd} verstuurd, {verslag.niet} niet verstuurd, {verslag.onzeker} onzeker.")
    if verslag.niet:
        console.print("Wat niet verstuurd is, probeert de volgende keer opnieuw.")
    if verslag.gestopt:
        console.print(verslag.gestopt)
    if verslag.niet or verslag.onzeker:
        raise typer.Exit(1)
