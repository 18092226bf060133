"""``buurtsignaal sleutels`` and ``sessies``: keys of researchers, and ending log-ins."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url
from geo_service.db.connection import privileged_connection
from geo_service.db.queries.toegang import list_sessies, list_sleutels
from geo_service.db.write.toegang import NieuweSleutel, end_sessies, insert_sleutel, revoke_sleutel
from geo_service.errors import InvalidToken, Refused
from geo_service.identity import ALL_STADSDELEN, Role, Viewer, read_secret
from geo_service.spoor.opdracht import command_event, note_now
from geo_service.toegang.claims import viewer_of
from geo_service.toegang.sleutels import ROLES, actor_of, make_sleutel

sleutels = typer.Typer(help="API-sleutels van onderzoekers: maken, tonen, intrekken.", no_args_is_help=True)
sessies = typer.Typer(help="Wie nu is ingelogd: tonen en beëindigen.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)
LONGEST_NAME = 100
NAME = re.compile(rf"[^\x00-\x1f\x7f]{{1,{LONGEST_NAME}}}")


@sleutels.command("maak", help="Maak een API-sleutel. De sleutel is maar één keer te zien.")
def maak(
    naam: str = typer.Option(..., "--naam", help="Waarvoor of van wie de sleutel is."),
    rol: Role = typer.Option(Role.ONDERZOEKER, "--rol", help="De rol: onderzoeker, wijkregisseur of stadsdeelmanager."),
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode, voor een rol met stadsdelen."),
    stadsdeel: list[str] = typer.Option(None, "--stadsdeel", help="Stadsdeelcode (mag vaker), of 'alle'."),
    dagen: int = typer.Option(365, "--dagen", min=1, max=730, help="Aantal dagen dat de sleutel geldt."),
) -> None:
    if not NAME.fullmatch(naam.strip()):
        raise Refused(f"Geef de sleutel een naam van ten hoogste {LONGEST_NAME} tekens.")
    viewer = _viewer(rol, gemeente, frozenset(stadsdeel or ()))
    text, sleutel_id, hashed = make_sleutel(read_secret())
    ends = datetime.now(UTC) + timedelta(days=dagen)
    with privileged_connection(prepared_url()) as connection:
        insert_sleutel(connection, NieuweSleutel(sleutel_id, hashed, naam.strip(), viewer, ends))
        note_now(connection, command_event(f"{actor_of(sleutel_id)} {rol.value}", "gelukt", handeling="sleutel maken"))
    typer.echo(text)
    told = f"Sleutel {sleutel_id} geldt tot {ends:%Y-%m-%d}. Bewaar hem nu goed; hij is niet opnieuw te tonen."
    console.print(told, markup=False)


def _viewer(rol: Role, gemeente: str | None, stadsdelen: frozenset[str]) -> Viewer:
    if rol not in ROLES:
        raise Refused(f"Een sleutel voor de rol {rol.value} bestaat niet. Kies uit {', '.join(ROLES)}.")
    if rol is Role.ONDERZOEKER and (gemeente or stadsdelen):
        raise Refused("Een onderzoeker heeft geen eigen gemeente of stadsdelen; laat --gemeente en --stadsdeel weg.")
    try:
        return viewer_of(rol.value, gemeente, stadsdelen)
    except InvalidToken:
        raise Refused(
            f"Een {rol.value} heeft --gemeente en --stadsdeel nodig, met codes van die gemeente of --stadsdeel alle."
        ) from None


@sleutels.command("lijst", help="Toon alle sleutels, zonder de sleutel zelf.")
def lijst() -> None:
    with privileged_connection(prepared_url()) as connection:
        found = list_sleutels(connection)
    for row in found:
        used = f"gebruikt {row['gebruikt_op']}" if row["gebruikt_op"] else "nooit gebruikt"
        console.print(
            f"{row['sleutel_id']}  {_state(row)}  {row['rol']}{_area(row)}  {used}  {row['naam']}", markup=False
        )
    if not found:
        console.print("Er zijn geen sleutels.")


def _state(row: dict[str, Any]) -> str:
    if row["ingetrokken_op"] is not None:
        return f"ingetrokken {row['ingetrokken_op']:%Y-%m-%d}"
    return f"{'verlopen' if row['verlopen'] else 'geldig tot'} {row['eindigt_op']:%Y-%m-%d}"


def _area(row: dict[str, Any]) -> str:
    if ALL_STADSDELEN in row["stadsdelen"]:
        return f" ({row['gemeente_code']}, alle)"
    return f" ({', '.join(row['stadsdelen'])})" if row["stadsdelen"] else ""


@sleutels.command("intrek", help="Trek een sleutel in; binnen enkele seconden werkt hij nergens meer.")
def intrek(sleutel: str = typer.Argument(..., metavar="ID", help="Het nummer van de sleutel, uit de lijst.")) -> None:
    with privileged_connection(prepared_url()) as connection:
        done = revoke_sleutel(connection, sleutel)
    if not done:
        raise Refused("Er is geen sleutel met dit nummer, of hij was al ingetrokken.")
    console.print(f"Sleutel {sleutel} is ingetrokken.", markup=False)


@sessies.command("lijst", help="Toon wie er nu zijn ingelogd.")
def sessies_lijst() -> None:
    with privileged_connection(prepared_url()) as connection:
        found = list_sessies(connection)
    for row in found:
        console.print(
            f"{row['nummer']}  {row['rol']}  {row['kijker']}  sinds {row['begonnen_op']:%Y-%m-%d %H:%M}  "
            f"tot {row['tot']:%Y-%m-%d %H:%M}",
            markup=False,
        )
    if not found:
        console.print("Er is niemand ingelogd.")


@sessies.command("beeindig", help="Beëindig een sessie, of alle; binnen enkele seconden werkt zij nergens meer.")
def beeindig(
    nummer: int = typer.Argument(None, metavar="[NUMMER]", help="Het nummer van de sessie, uit de lijst."),
    alle: bool = typer.Option(False, "--alle", help="Beëindig alle sessies."),
) -> None:
    if (nummer is None) != alle:
        raise Refused("Geef het nummer van een sessie, of --alle.")
    with privileged_connection(prepared_url()) as connection:
        ended = end_sessies(connection, nummer)
    if not ended and not alle:
        raise Refused("Er is geen sessie met dit nummer.")
    console.print(f"Beëindigd: {ended}.")
