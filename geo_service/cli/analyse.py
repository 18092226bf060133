"""``buurtsignaal hotspots`` and ``buurtsignaal kaart``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import typer
from rich.console import Console

from geo_service.cli.database import prepared_url
from geo_service.db.connection import privileged_connection
from geo_service.errors import Refused
from geo_service.identity import PUBLIEK

console = Console(soft_wrap=True, highlight=False)


def register(app: typer.Typer) -> None:
    app.command("hotspots", help="Zoek plekken waar meldingen dicht bij elkaar liggen en bewaar ze.")(hotspots)
    app.command("kaart", help="Schrijf de kaart als één HTML-bestand dat zonder server opent.")(kaart)


def hotspots(
    bron: str = typer.Option(None, "--bron", help="Bron van de meldingen. Standaard: elke bron met nieuwe gegevens."),
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153."),
    van: str = typer.Option(None, "--van", help="Eerste dag, bijvoorbeeld 2026-01-01."),
    tot: str = typer.Option(None, "--tot", help="Laatste dag, bijvoorbeeld 2026-03-31."),
    methode: str = typer.Option("punten", "--methode", help="punten (DBSCAN)."),
) -> None:
    from geo_service.jobs.verversen import compute, refresh_hotspots

    if methode != "punten":
        raise Refused(f"Methode {methode!r} is er nog niet; alleen 'punten' is beschikbaar.")
    if (van is None) != (tot is None):
        raise Refused("Geef --van en --tot samen op.")
    url = prepared_url()
    if bron is None and van is None:
        done = refresh_hotspots(url, gemeente=gemeente)
    else:
        pairs = _sources(url, gemeente, bron)
        asked = f"{van}/{tot}" if van else None
        done = [result for code, naam in pairs for result in compute(url, code, naam, asked=asked)]
    for result in done:
        console.print(f"{result.gemeente} · {result.bron} · {result.periode.naam}: {result.aantal} openbare hotspots")
    if not done:
        console.print("Alle hotspots zijn bij.")


def _sources(url: str, gemeente: str | None, bron: str | None) -> list[tuple[str, str]]:
    with privileged_connection(url) as connection:
        rows = connection.execute(
            "select gemeente_code, naam from publiek.bron where laag = 'meldingen' "
            "and (%(g)s::text is null or gemeente_code = %(g)s) "
            "and (%(b)s::text is null or naam = %(b)s) order by 1, 2",
            {"g": gemeente, "b": bron},
        ).fetchall()
    if not rows:
        raise Refused(f"Bron {bron!r} met meldingen is niet geladen.")
    return [(row[0], row[1]) for row in rows]


def kaart(  # noqa: PLR0913  (the options are the published interface)
    uit: Path = typer.Argument(..., metavar="UIT.html", help="Bestand om te schrijven."),
    niveau: str = typer.Option("buurt", "--niveau", help="buurt, wijk, stadsdeel, wijkteamgebied of gemeente."),
    laag: list[str] = typer.Option(None, "--laag", help="Lagen: wijkwijzers, voorzieningen, hotspots. Standaard alle."),
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153."),
    bron: str = typer.Option(None, "--bron", help="Bron van de meldingen."),
    categorie: str = typer.Option("alle", "--categorie", help="Categorie, bijvoorbeeld afval."),
    periode: str = typer.Option(None, "--periode", help="Kwartaal of jaar, bijvoorbeeld 2026-Q3."),
    noemer: str = typer.Option(None, "--noemer", help="woningen, inwoners of huishoudens."),
) -> None:
    from geo_service.db.engine import Database
    from geo_service.jobs.verversen import refresh_hotspots
    from geo_service.release.cijfers import CijferVraag
    from geo_service.release.kaart import LAGEN, kaart_voor
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
            answer = await kaart_voor(database, PUBLIEK, gemeente, vraag, lagen=tuple(laag or LAGEN))
            return render_document(answer.model)
        finally:
            await database.close()

    uit.write_text(asyncio.run(make()), encoding="utf-8")
    console.print(f"Kaart geschreven: {uit} ({uit.stat().st_size / 1e6:.1f} MB). Open het bestand in een browser.")
