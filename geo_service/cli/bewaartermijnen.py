"""``buurtsignaal bewaartermijnen`` and ``inzage``: what is kept, for how long, and about whom."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url
from geo_service.errors import Refused
from geo_service.identity import read_secret

if TYPE_CHECKING:
    from geo_service.jobs.bewaartermijnen import Verslag

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command(
        "bewaartermijnen", help="Verwijder losse gegevens waarvan de bewaartermijn voorbij is, en zeg wat er blijft."
    )(bewaartermijnen)
    app.command("inzage", help="Schrijf op wat er over één melder bewaard is.")(inzage)


def bewaartermijnen(
    proef: bool = typer.Option(False, "--proef", help="Verwijder niets; laat alleen zien wat er zou gebeuren."),
    rapport: Path = typer.Option(None, "--rapport", help="Schrijf het verslag ook als JSON naar dit bestand."),
) -> None:
    from geo_service.jobs.bewaartermijnen import apply_retention

    if rapport is not None and not rapport.parent.is_dir():
        raise Refused(f"De map {rapport.parent} bestaat niet.")
    verslag = apply_retention(prepared_url(), today=date.today(), proef=proef)
    _print(verslag)
    if rapport is not None:
        text = json.dumps(verslag.as_dict(), ensure_ascii=False, indent=2, default=str)
        rapport.write_text(text + "\n", encoding="utf-8")


def _print(verslag: Verslag) -> None:
    if verslag.proef:
        console.print("Proef: er is niets verwijderd.")
    for bron in verslag.bronnen:
        term = f" · {bron.termijn_maanden} maanden" if bron.termijn_maanden else ""
        since = f" · bewaard vanaf {bron.bewaard_vanaf:%d-%m-%Y}" if bron.bewaard_vanaf else ""
        console.print(f"{bron.gemeente} · {bron.bron}{term}{since}", markup=False)
        for line in [f"{item.tabel}: {item.verwijderd} verwijderd, {item.blijft} blijft" for item in bron.tabellen]:
            console.print(f"  {line}", markup=False)
        if bron.opmerking:
            console.print(f"  {bron.opmerking}", markup=False)
    console.print("Eigen administratie")
    for item in verslag.dienst:
        console.print(f"  {item.tabel}: {item.verwijderd} verwijderd, {item.blijft} blijft", markup=False)
    console.print(verslag.blijft)


def inzage(
    uit: Path = typer.Argument(..., metavar="UIT.json", help="Bestand om te schrijven; het mag nog niet bestaan."),
    gemeente: str = typer.Option(..., "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153."),
    melder_sleutel: str = typer.Option(None, "--melder-sleutel", help="De sleutel (het pseudoniem) van de melder."),
    melder: str = typer.Option(
        None,
        "--melder",
        help="Wat de melder opgaf: e-mailadres, telefoonnummer of klantnummer. Met - leest de opdracht de waarde van "
        "de invoer, zodat zij niet in de geschiedenis van uw scherm komt.",
    ),
) -> None:
    from geo_service.jobs.inzage import export_melder, melder_of

    if (melder is None) == (melder_sleutel is None):
        raise Refused("Geef --melder of --melder-sleutel, en niet allebei.")
    waarde = sys.stdin.readline().rstrip("\n") if melder == "-" else melder
    asked = melder_of(gemeente, sleutel=melder_sleutel, waarde=waarde, secret=read_secret())
    found = export_melder(prepared_url(), asked, uit)
    if found:
        console.print(f"{found} meldingen van deze melder geschreven naar {uit}.", markup=False)
    else:
        console.print(f"Over deze melder is in {gemeente} niets bewaard; er is geen bestand geschreven.", markup=False)
