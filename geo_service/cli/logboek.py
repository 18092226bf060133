"""``buurtsignaal logboek``: prove that the log is whole, look into it, and what is needed to check it elsewhere."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url
from geo_service.db.connection import privileged_connection
from geo_service.errors import Refused
from geo_service.identity import read_secret

if TYPE_CHECKING:
    from geo_service.spoor.keten import Regel

app = typer.Typer(help="Het logboek: controleren en bekijken.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)
SHOWN = 50
Van = typer.Option(None, "--van", help="Eerste dag, bijvoorbeeld 2026-01-01. Standaard: de eerste dag die er is.")
Tot = typer.Option(None, "--tot", help="Laatste dag. Standaard: vandaag.")


@app.command("controleer", help="Bewijs dat geen regel van het logboek is veranderd, verwijderd of tussengevoegd.")
def controleer(
    van: str = Van,
    tot: str = Tot,
    zegel: Path = typer.Option(
        None, "--zegel", help="Een eerder bewaard zegel (logboek zegel): bewijst dat ook het einde er nog is."
    ),
    sleutel: list[str] = typer.Option(
        None, "--sleutel", help="Publieke sleutel van vóór een nieuw geheim (mag vaker); zie logboek sleutel."
    ),
) -> None:
    from geo_service.jobs.logboek import check_log
    from geo_service.spoor.sleutel import Ondertekenaar

    keys = [Ondertekenaar(read_secret()).publiek, *(_hex(text) for text in sleutel or ())]
    with privileged_connection(prepared_url()) as connection:
        uitslag = check_log(connection, _span(van, tot), keys, None if zegel is None else _read(zegel))
    for bevinding in uitslag.bevindingen[:SHOWN]:
        console.print(str(bevinding), markup=False)
    if len(uitslag.bevindingen) > SHOWN:
        console.print(f"… en nog {len(uitslag.bevindingen) - SHOWN}.")
    counted = f"{uitslag.regels} regels op {uitslag.dagen} dagen"
    if uitslag.bevindingen:
        raise Refused(f"Het logboek klopt niet: {len(uitslag.bevindingen)} bevindingen in {counted}.")
    console.print(f"Het logboek klopt: {counted}, {uitslag.verwijderd} dagen verwijderd na hun bewaartermijn.")


@app.command("toon", help="Toon regels van het logboek.")
def toon(
    van: str = Van,
    tot: str = Tot,
    actor: str = typer.Option(None, "--actor", help="Alleen regels van deze actor (deel van het nummer)."),
    handeling: str = typer.Option(None, "--handeling", help="Alleen deze handeling, bijvoorbeeld noodtoegang."),
    object_: str = typer.Option(None, "--object", help="Alleen regels met deze tekst in het object."),
    aantal: int = typer.Option(200, "--aantal", min=1, help="Ten hoogste zoveel regels, de nieuwste."),
) -> None:
    from geo_service.jobs.logboek import newest_lines

    asked = {"actor": actor, "handeling": handeling, "object": object_}
    where = {name: text for name, text in asked.items() if text}
    with privileged_connection(prepared_url()) as connection:
        regels = newest_lines(connection, _span(van, tot), where, aantal)
    for regel in regels:
        console.print(_line(regel), markup=False)
    if not regels:
        console.print("Er zijn geen regels gevonden.")


@app.command("zegel", help="Toon het nieuwste zegel, om buiten de database te bewaren.")
def zegel() -> None:
    from geo_service.jobs.logboek import newest_seal

    with privileged_connection(prepared_url()) as connection:
        found = newest_seal(connection)
    if found is None:
        raise Refused("Er is nog geen zegel: het logboek is leeg.")
    typer.echo(json.dumps(found))


@app.command("sleutel", help="Toon de publieke sleutel waarmee anderen de zegels kunnen controleren.")
def sleutel() -> None:
    from geo_service.spoor.sleutel import Ondertekenaar

    own = Ondertekenaar(read_secret())
    typer.echo(f"{own.sleutel} {own.publiek.hex()}")


def _line(regel: Regel) -> str:
    when = regel.moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    parts = (f"{regel.dag}#{regel.nummer}", when, regel.actor, regel.rol, regel.handeling, regel.object)
    return "  ".join((*parts, regel.uitkomst, regel.herkomst, regel.kenmerk)).rstrip()


def _span(van: str | None, tot: str | None) -> tuple[date, date]:
    span = (_day(van) if van else date.min, _day(tot) if tot else date.max)
    if span[0] > span[1]:
        raise Refused("De dag bij --van ligt na de dag bij --tot.")
    return span


def _day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise Refused(f"{text!r} is geen dag. Schrijf bijvoorbeeld 2026-01-31.") from None


def _hex(text: str) -> bytes:
    """A public key, with or without its short name before it."""
    try:
        key = bytes.fromhex(text.split()[-1])
    except (ValueError, IndexError):
        key = b""
    if len(key) != 32:
        raise Refused("Een publieke sleutel bestaat uit 64 tekens (0-9 en a-f).")
    return key


def _read(path: Path) -> dict[str, str]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return {name: str(held[name]) for name in ("dag", "nummer", "hash", "handtekening", "sleutel")}
    except (OSError, ValueError, KeyError, TypeError):
        raise Refused(f"Het bestand {path} is geen bewaard zegel.") from None
