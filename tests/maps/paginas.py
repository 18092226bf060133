"""The page templates of the service, filled with the invented town."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from geo_service.pages.bewaren import Bewaren
from maps.assets import CSS, script_tags, style_links
from maps.kaart import page_context
from maps.model import KaartModel

NONCE = "dGVzdG5vbmNl"
FILE = ("/v1/x?f=csv", "Cijfers als CSV", "Een tabel voor een rekenblad")
KEEP = {
    "bewaren": Bewaren("/kaart?gemeente=GM0999", "kaart-voorbeeldstad", (FILE,), "Kleine aantallen zijn verborgen."),
    "bewaarscript": script_tags("/statisch", NONCE, ("bewaren.js", "rondleiding.js"), defer=True),
    "plaatjescript": "/statisch/plaatje.js",
}
TEMPLATES = Path(__file__).parents[2] / "geo_service" / "pages" / "templates"
KEUZES = {
    "gemeente": [("GM0999", "Voorbeeldstad", True)],
    "niveau": [("stadsdeel", "Stadsdelen", False), ("wijk", "Wijken", False), ("buurt", "Buurten", True)],
    "periode": [("2024-Q3", "3e kwartaal 2024", True), ("2024-Q2", "2e kwartaal 2024", False)],
    "bron": [("signalen", "Signalen (meldingen openbare ruimte)", True), ("politie", "Politie", False)],
    "categorie": [("afval", "Afval", True), ("wonen", "Wonen en buren", False)],
    "noemer": [("woningen", "1.000 woningen", True), ("inwoners", "1.000 inwoners", False)],
}
FRAME = {
    "assets": "/statisch",
    "stijl": style_links("/statisch", (*CSS, "bewaren.css", "afdruk.css")),
    "gemeente_naam": "Voorbeeldstad",
    "rol": "publiek",
}
ABOVE_THE_MAP: dict[str, Any] = {"keuzes": KEUZES, "kan_bewaren": False, "vergelijk_adres": ""}
OTHER_PAGES: dict[str, dict[str, Any]] = {
    "start": {
        "tellingen": [("70", "buurten"), ("25.104", "meldingen"), ("9", "wijkwijzers")],
        "keuzes": [],
        "meervoud": {},
        "mijn": None,
    },
    "fout": {
        "status": 404,
        "kop": "Pagina niet gevonden",
        "tekst": "Dit adres bestaat niet.",
        "kenmerk": "a1b2",
    },
    "toegankelijkheid": {"contact": "buurtsignaal@example.nl"},
}


def render_page(name: str, **context: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(f"{name}.html").render(pagina=name, **(FRAME | context))


def render_map_page(model: KaartModel, **context: Any) -> str:
    return render_page(
        "kaart",
        **page_context(model, nonce=NONCE),
        **(ABOVE_THE_MAP | KEEP | context),
    )


def render_other_page(name: str) -> str:
    return render_page(name, **OTHER_PAGES[name])
