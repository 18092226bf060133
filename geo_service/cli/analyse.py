"""``buurtsignaal hotspots`` and ``buurtsignaal kaart``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from geo_service.cli.database import prepared_url
from geo_service.db.connection import privileged_connection
from geo_service.domain.hotspots import METHODEN
from geo_service.errors import Refused
from geo_service.identity import PUBLIEK

if TYPE_CHECKING:
    from geo_service.jobs.verversen import Berekend

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command(
        "hotspots", help="Zoek wat opvalt in de meldingen en bewaar het met uitleg. Zonder opties: wat nog niet bij is."
    )(hotspots)
    app.command("kaart", help="Schrijf de kaart als één HTML-bestand dat zonder server opent.")(kaart)


def hotspots(
    bron: str = typer.Option(None, "--bron", help="Bron van de meldingen. Standaard: elke bron met nieuwe gegevens."),
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153."),
    van: str = typer.Option(None, "--van", help="Eerste dag, bijvoorbeeld 2026-01-01."),
    tot: str = typer.Option(None, "--tot", help="Laatste dag, bijvoorbeeld 2026-03-31."),
    methode: str = typer.Option(
        None,
        "--methode",
        help="punten (dicht bij elkaar), scan (meer dan verwacht, of sinds kort meer), opkomend (verloop per kwartaal) "
        "of blinde-vlekken (minder dan verwacht). Standaard alle.",
    ),
    instelling: list[str] = typer.Option(
        None,
        "--instelling",
        metavar="NAAM=WAARDE",
        help="Voor deze keer een andere instelling van de methode, bijvoorbeeld eps=75 (mag vaker). Voor altijd: "
        "BUURTSIGNAAL_HOTSPOTS.",
    ),
) -> None:
    from geo_service.jobs.analyse.parameters import configure
    from geo_service.jobs.verversen import compute, refresh_hotspots

    if methode is not None and methode not in METHODEN:
        raise Refused(f"Methode {methode!r} bestaat niet. Kies uit {', '.join(METHODEN)}.")
    if (van is None) != (tot is None):
        raise Refused("Geef --van en --tot samen op.")
    if instelling and methode is None:
        raise Refused("Geef bij --instelling ook --methode op.")
    given = dict(_pair(text) for text in instelling or ())
    methoden = configure(methode, given=given) if methode else configure()
    url = prepared_url()
    if bron is None and van is None:
        with watching() as watch:
            done = refresh_hotspots(url, gemeente=gemeente, methoden=methoden, watch=watch)
    else:
        sources = _sources(url, gemeente, bron)
        asked = f"{van}/{tot}" if van else None
        with watching() as watch:
            done = [
                run for source in sources for run in compute(url, source, asked=asked, methoden=methoden, watch=watch)
            ]
    for run in done:
        console.print(describe(run))
    if not done:
        console.print("Alle hotspots zijn bij.")


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name:
        raise Refused(f"Schrijf een instelling als NAAM=WAARDE, niet als {text!r}.")
    return name, value


@contextmanager
def watching() -> Iterator[Callable[[str], None]]:
    """A line that tells what is being computed, gone when it is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("Hotspots berekenen")
        yield lambda text: bar.update(task, description=text)


def describe(run: Berekend) -> str:
    """What one run found, or why it found nothing."""
    where = f"{run.gemeente} · {run.bron} · {run.periode.naam} · {run.methode}"
    if run.reden:
        return f"{where}: niet berekend. {run.reden}"
    if not run.intern:
        return f"{where}: niets gevonden"
    return f"{where}: {run.intern} gevonden, {run.openbaar} openbaar"


def _sources(url: str, gemeente: str | None, bron: str | None) -> list[tuple[str, str]]:
    from geo_service.jobs.verversen import list_sources

    with privileged_connection(url) as connection:
        pairs = [pair for pair in list_sources(connection, gemeente) if bron in (None, pair[1])]
    if not pairs:
        raise Refused(f"Bron {bron!r} met meldingen is niet geladen.")
    return pairs


def kaart(  # noqa: PLR0913  (the options are the published interface)
    uit: Path = typer.Argument(..., metavar="UIT.html", help="Bestand om te schrijven."),
    niveau: str = typer.Option("buurt", "--niveau", help="buurt, wijk, stadsdeel, wijkteamgebied of gemeente."),
    laag: list[str] = typer.Option(
        None,
        "--laag",
        help="Lagen: wijkwijzers, voorzieningen, hotspots, of daarvan alleen punten, hoog, nieuw, opkomend of stil. "
        "Standaard alle.",
    ),
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153."),
    bron: str = typer.Option(None, "--bron", help="Bron van de meldingen."),
    categorie: str = typer.Option("alle", "--categorie", help="Categorie, bijvoorbeeld afval."),
    periode: str = typer.Option(None, "--periode", help="Kwartaal of jaar, bijvoorbeeld 2026-Q3."),
    noemer: str = typer.Option(None, "--noemer", help="woningen, inwoners of huishoudens."),
) -> None:
    from geo_service.db.engine import Database
    from geo_service.jobs.verversen import refresh_hotspots
    from geo_service.release.cijfers import CijferVraag
    from geo_service.release.kaart import LAGEN, Weergave, kaart_voor
    from maps.kaart import render_document

    unknown = set(laag or ()) - set(LAGEN)
    if unknown:
        raise Refused(f"Laag {sorted(unknown)[0]!r} bestaat niet. Kies uit {', '.join(LAGEN)}.")
    if not uit.parent.is_dir():
        raise Refused(f"De map {uit.parent} bestaat niet.")
    url = prepared_url()
    refresh_hotspots(url, gemeente=gemeente)
    vraag = CijferVraag(niveau, bron, categorie, periode, noemer)

    async def make() -> str:
        database = Database(url, pool_size=1)
        try:
            answer = await kaart_voor(database, PUBLIEK, gemeente, vraag, Weergave(lagen=tuple(laag or LAGEN)))
            return render_document(answer.model)
        finally:
            await database.close()

    uit.write_text(asyncio.run(make()), encoding="utf-8")
    console.print(f"Kaart geschreven: {uit} ({uit.stat().st_size / 1e6:.1f} MB). Open het bestand in een browser.")
