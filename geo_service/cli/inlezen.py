"""``buurtsignaal ingest``: one command per layer; says what was read, stored, unchanged, rejected and outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from geo_service.cli.database import prepared_url
from geo_service.errors import Refused
from geo_service.identity import read_secret

if TYPE_CHECKING:
    from geo_service.jobs.inlezen import Verslag
    from ingest.meldingen import Formaat

# The commands import what they need themselves: pandas, geopandas and the rest cost seconds that help does not need.

app = typer.Typer(help="Gegevens inlezen: één opdracht per bron, veilig om te herhalen.", no_args_is_help=True)
console = Console(soft_wrap=True, highlight=False)
progress_console = Console(stderr=True)

Bron = typer.Argument(..., metavar="BRON", help="Bestand of webadres (http of https).")
Gemeente = typer.Option(None, "--gemeente", help="Gemeentecode, bijvoorbeeld GM0153.")
Naam = typer.Option(None, "--bron", help="Naam van de bron. Standaard: de naam van het bestand.")
Afkeur = typer.Option(None, "--afkeur", help="Schrijf de afgekeurde regels met reden naar dit CSV-bestand.")
Mapping = typer.Option(None, "--mapping", help="TOML-bestand dat kolommen, coördinaten en categorieën benoemt.")


def source_name(path: str) -> str:
    """A source name from a file name: ``Meldingen 2024.csv`` becomes ``meldingen-2024``."""
    stem = Path(path.split("?")[0]).stem or "bron"
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-") or "bron"


@contextmanager
def progress_bar(text: str) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} regels"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=progress_console, transient=True) as bar:
        bar.add_task(text, total=None)
        yield bar


def print_verslag(verslag: Verslag) -> None:
    counts = verslag.aantallen
    where = f" · gemeente {verslag.gemeente}" if verslag.gemeente else ""
    console.print(f"[bold]{verslag.laag} · bron {verslag.bron}{where}[/]")
    shown = {
        name: count
        for name, count in counts.items()
        if count or name in ("gelezen", "opgeslagen", "ongewijzigd", "afgekeurd", "buiten")
    }
    console.print("  " + " · ".join(f"{count} {LABELS[name]}" for name, count in shown.items()))
    for regel in verslag.regels:
        console.print(f"  {regel}", markup=False)
    if verslag.dekking:
        console.print(f"  dekking: {verslag.dekking}")
    for text, count in verslag.opmerkingen:
        console.print(f"  let op: {text}" + (f" ({count}×)" if count > 1 else ""), markup=False)
    for code, count in sorted(verslag.afkeur.items()):
        console.print(f"  afgekeurd wegens {code}: {count}", markup=False)
    for line, reason in verslag.voorbeelden:
        console.print(f"    regel {line}: {reason}", markup=False)
    console.print(f"  klaar in {verslag.seconden:.1f} s")


LABELS = {
    "gelezen": "gelezen",
    "opgeslagen": "opgeslagen",
    "gewijzigd": "gewijzigd",
    "ongewijzigd": "ongewijzigd",
    "hergecategoriseerd": "hergecategoriseerd",
    "dubbel": "dubbel in het bestand",
    "afgekeurd": "afgekeurd",
    "buiten": "buiten de gebieden",
    "gesloten": "gesloten",
}


@app.command("bronnen", help="Bronnen, dekking, trendbreuken, aliassen en wijkteamgebieden uit een bronnen.toml.")
def ingest_bronnen(bron: str = Bron, gemeente: str = Gemeente) -> None:
    from geo_service.jobs.bronnen import store_bronnen
    from geo_service.jobs.inlezen import Opdracht, loading, make_verslag
    from ingest.bronnen import read_bronnen

    url = prepared_url()
    opdracht = Opdracht("bronnen", bron, source_name(bron), gemeente)
    with loading(url, opdracht) as run:
        store_bronnen(run, read_bronnen(run.pad), opdracht)
        verslag = make_verslag(run, opdracht)
    print_verslag(verslag)


@app.command("gebieden", help="Buurten, wijken, stadsdelen en gemeente uit GPKG, GeoJSON, Shapefile of TopoJSON.")
def ingest_gebieden(
    bron: str = Bron,
    gemeente: str = Gemeente,
    jaar: int = typer.Option(..., "--jaar", min=1990, max=2100, help="Jaar van de gebiedsindeling."),
    stadsdelen: str = typer.Option(
        None, "--stadsdelen", help="CSV met buurtcode en stadsdeel (of stadsdeel_afgeleid)."
    ),
    naam: str = typer.Option(None, "--naam", help="Naam van de gemeente, als het bestand alleen de code kent."),
) -> None:
    from geo_service.jobs.gebieden import store_gebieden
    from geo_service.jobs.inlezen import Opdracht, loading, make_verslag
    from ingest.gebieden import read_gebieden

    url = prepared_url()
    opdracht = Opdracht("gebieden", bron, "gebieden", gemeente, jaar=jaar, naam=naam)
    with loading(url, opdracht) as run:
        gebiedenset = read_gebieden(run.pad, jaar=jaar, gemeente=gemeente, stadsdelen=stadsdelen)
        store_gebieden(run, gebiedenset, opdracht)
        verslag = make_verslag(run, opdracht)
    print_verslag(verslag)
    drawn = gebiedenset.gebieden[gebiedenset.gebieden["geom_status"] != "geen_vlak"]
    for niveau, members in gebiedenset.gebieden.groupby("niveau", sort=False):
        shapes = drawn[drawn["niveau"] == niveau]
        area = shapes.geometry.area.sum() / 1e6
        console.print(f"  {niveau}: {len(members)} gebieden, {len(shapes)} getekend, {area:.2f} km²")


@app.command("meldingen", help="Overlastmeldingen of tellingen per gebied.")
def ingest_meldingen(  # noqa: PLR0913  (the options are the published interface)
    bron: str = Bron,
    naam: str = Naam,
    gemeente: str = Gemeente,
    formaat: str = typer.Option(
        None,
        "--formaat",
        help="signalen, open311, csv, geojson of telling. Standaard: herkend aan de inhoud.",
    ),
    mapping: str = Mapping,
    volledig: bool = typer.Option(
        False, "--volledig", help="Het bestand is de volledige lijst: wat ontbreekt, is gesloten."
    ),
    afkeur: Path = Afkeur,
) -> None:
    from geo_service.jobs.geheugen import use_plain_memory
    from geo_service.jobs.inlezen import Opdracht, loading, make_verslag, recorded, with_progress
    from geo_service.jobs.meldingen import store_meldingen
    from ingest.mapping import load_mapping
    from ingest.meldingen import FORMATEN, read_meldingen

    use_plain_memory()
    url = prepared_url()
    opdracht = Opdracht("meldingen", bron, naam or source_name(bron), gemeente, volledig=volledig, afkeur=afkeur)
    with recorded(url, opdracht):
        if formaat is not None and formaat not in FORMATEN:
            raise Refused(f"Formaat {formaat!r} bestaat niet. Kies uit {', '.join(FORMATEN)}.")
        toewijzing = load_mapping(mapping)
    opdracht = replace(opdracht, bron=naam or toewijzing.bron or source_name(bron))
    with (
        loading(url, opdracht, paged=True) as run,
        progress_bar(f"{opdracht.bron} inlezen") as bar,
        read_meldingen(
            run.pad,
            formaat=cast("Formaat | None", formaat),
            mapping=toewijzing if mapping else None,
            secret=read_secret(),
            today=opdracht.today,
        ) as source,
    ):
        run.formaat = source.formaat
        batches = with_progress(source.batches, lambda count: bar.advance(bar.task_ids[0], count))
        store_meldingen(run, batches, source.kind, opdracht)
        verslag = make_verslag(run, opdracht)
    print_verslag(verslag)


def _ingest_layer(laag: str, bron: str, naam: str, **rest: Any) -> None:
    from geo_service.jobs.inlezen import Opdracht, loading, make_verslag, with_progress
    from geo_service.jobs.registers import read_layer, store_layer

    opdracht = Opdracht(laag, bron, naam, **rest)

    url = prepared_url()
    with (
        loading(url, opdracht, paged=laag == "kerncijfers") as run,
        progress_bar(f"{laag} inlezen") as bar,
    ):
        batches = read_layer(replace(opdracht, pad=run.pad))
        store_layer(run, with_progress(batches, lambda count: bar.advance(bar.task_ids[0], count)), opdracht)
        verslag = make_verslag(run, opdracht)
    print_verslag(verslag)


def _layer_command(laag: str, help_text: str) -> None:
    def command(
        bron: str = Bron,
        naam: str = Naam,
        gemeente: str = Gemeente,
        mapping: str = Mapping,
        afkeur: Path = Afkeur,
    ) -> None:
        _ingest_layer(laag, bron, naam or source_name(bron), gemeente=gemeente, mapping=mapping, afkeur=afkeur)

    app.command(laag, help=help_text)(command)


_layer_command("wijkwijzers", "Wijkwijzers (inlooppunten) uit CSV of Excel.")
_layer_command("bezoeken", "Bezoeken aan wijkwijzers uit CSV of Excel.")
_layer_command("voorzieningen", "Voorliggende voorzieningen uit CSV, GeoJSON of Open Referral HSDS.")
_layer_command("woningen", "Panden en verblijfsobjecten uit een BAG-extract, bag-light.gpkg of CSV.")
_layer_command("interventies", "Interventies uit CSV, Excel of GeoJSON.")


@app.command("kerncijfers", help="Kerncijfers per wijk en buurt uit CBS OData-JSON of CSV.")
def ingest_kerncijfers(
    bron: str = Bron,
    naam: str = Naam,
    gemeente: str = Gemeente,
    jaar: int = typer.Option(
        None, "--jaar", help="Jaar van de cijfers. Standaard: uit het bestand of de bestandsnaam."
    ),
    afkeur: Path = Afkeur,
) -> None:
    _ingest_layer("kerncijfers", bron, naam or "cbs", gemeente=gemeente, jaar=jaar, afkeur=afkeur)
