"""``buurtsignaal wijkbrief``: two pages A4 about an area."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url
from geo_service.domain.gebieden import require_gemeente
from geo_service.errors import Refused
from geo_service.identity import ALL_STADSDELEN, PUBLIEK, SCOPED_ROLES, Role, Viewer
from geo_service.settings import get_settings

if TYPE_CHECKING:
    from geo_service.release.wijkbrief import Archief

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command("wijkbrief", help="Schrijf de wijkbrief van een gebied als PDF: twee bladzijden A4 voor de raad.")(
        wijkbrief
    )


def wijkbrief(
    gebied: str = typer.Argument(..., metavar="GEBIED", help="Code van het gebied, bijvoorbeeld GM0153-SD-noord."),
    uit: Path = typer.Argument(..., metavar="UIT.pdf", help="Bestand om te schrijven."),
    intern: bool = typer.Option(
        False, "--intern", help="Met cijfers die niet openbaar zijn; elke bladzijde draagt dan INTERN."
    ),
    rol: Role = typer.Option(Role.STADSDEELMANAGER, "--rol", help="Bij --intern: als welke rol."),
    stadsdeel: list[str] = typer.Option(
        None, "--stadsdeel", help="Bij --intern: stadsdeelcode van die rol (mag vaker). Standaard de hele gemeente."
    ),
) -> None:
    if not uit.parent.is_dir():
        raise Refused(f"De map {uit.parent} bestaat niet.")
    if rol not in SCOPED_ROLES:
        raise Refused("Een interne wijkbrief is er voor een wijkregisseur of een stadsdeelmanager.")
    if not intern and stadsdeel:
        raise Refused("--stadsdeel hoort bij --intern: de openbare wijkbrief is voor iedereen gelijk.")
    own = frozenset(stadsdeel or (ALL_STADSDELEN,))
    viewer = Viewer(rol, require_gemeente(gebied), own) if intern else PUBLIEK
    url = prepared_url()

    async def make() -> bytes:
        from geo_service.db.engine import Database
        from geo_service.release.geheugen import Geheugen
        from geo_service.release.wijkbrief import Archief

        database = Database(url, pool_size=1)
        try:
            geheugen = Geheugen(database, answer_bytes=get_settings().geheugen_megabytes * 1_000_000)
            return await _print(Archief(database, geheugen, date.today()), viewer, gebied, intern=intern)
        finally:
            await database.close()

    uit.write_bytes(asyncio.run(make()))
    console.print(f"Wijkbrief geschreven: {uit} (2 bladzijden).")


async def _print(archief: Archief, viewer: Viewer, gebied: str, *, intern: bool) -> bytes:
    from geo_service.pages.drukwerk import print_brief
    from geo_service.release.wijkbrief import wijkbrief as make_brief

    brief = await make_brief(archief, viewer, gebied, intern=intern)
    base = get_settings().openbaar_adres
    return await print_brief(brief, f"{base.rstrip('/')}{brief.pad}" if base else "")
