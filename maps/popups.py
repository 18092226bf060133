"""The cards that open on the map, as HTML; every text in them is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from maps.getallen import format_getal
from maps.model import KaartModel
from maps.sjabloon import fill
from maps.teksten import Cijfer, text_of

WIJKWIJZER_VELDEN = (("adres", "Adres"), ("openingstijden", "Open"), ("partners", "Aanwezig"))
VOORZIENING_VELDEN = (
    ("type", "Soort"),
    ("aanbieder", "Aanbieder"),
    ("doelgroep", "Voor wie"),
    ("bereik", "Bereik"),
    ("openingstijden", "Open"),
)

HOE_ZEKER = "Een hotspot komt uit meldingen. Meer meldingen kan ook betekenen dat mensen daar vaker melden."
WAT_NIET = "Wij weten niet waarom hier veel is gemeld, en niet wie er melden. Niet alles wordt gemeld."
VRAGEN = (
    "Herkent u dit beeld?",
    "Wat gebeurt hier, en op welke momenten?",
    "Wat gaat er juist goed, en wat zou helpen?",
)


def popup_gebied(cijfer: Cijfer, model: KaartModel) -> Markup:
    """Figure, interval, source, period and coverage of one area."""
    return fill("popup_gebied.html", c=cijfer, model=model)


def popup_wijkwijzer(properties: Mapping[str, Any]) -> Markup:
    return _popup_punt("Wijkwijzer", properties, WIJKWIJZER_VELDEN)


def popup_voorziening(properties: Mapping[str, Any]) -> Markup:
    return _popup_punt("Voorziening", properties, VOORZIENING_VELDEN)


def _popup_punt(soort: str, properties: Mapping[str, Any], velden: tuple[tuple[str, str], ...]) -> Markup:
    regels = [(label, text_of(properties.get(veld))) for veld, label in velden]
    filled = [(label, text) for label, text in regels if text]
    return fill("popup_punt.html", soort=soort, naam=punt_naam(properties), regels=filled)


def punt_naam(properties: Mapping[str, Any]) -> str:
    return text_of(properties.get("naam")) or "Zonder naam"


def hotspot_naam(properties: Mapping[str, Any]) -> str:
    return text_of(properties.get("titel")) or "Hotspot"


def popup_hotspot(properties: Mapping[str, Any], model: KaartModel) -> Markup:
    """Four questions: what do we see, how sure, what don't we know, what to ask residents."""
    aantal, plekken = properties.get("aantal"), properties.get("plekken")
    seen = text_of(properties.get("uitleg"))
    if aantal is not None and plekken is not None:
        counted = f"{format_getal(aantal)} {model.geteld[1]} op {format_getal(plekken)} verschillende plekken."
        seen = f"{seen} {counted}".strip()
    vragen = properties.get("vragen") or VRAGEN
    voet = [
        f"Periode: {text_of(properties.get('periode')) or model.periode_tekst}",
        f"Bron: {text_of(properties.get('bron')) or model.bron}",
        text_of(properties.get("herkomst")),
    ]
    return fill(
        "popup_hotspot.html",
        titel=hotspot_naam(properties),
        delen=[
            ("Wat zien we?", seen or "Hier liggen meldingen dicht bij elkaar."),
            ("Hoe zeker is dit?", text_of(properties.get("hoe_zeker")) or HOE_ZEKER),
            ("Wat weten we niet?", text_of(properties.get("wat_niet")) or WAT_NIET),
        ],
        vragen=[vragen] if isinstance(vragen, str) else list(vragen),
        voet=". ".join(part for part in voet if part),
        aantal_ruw="" if aantal is None else aantal,
        plekken_ruw="" if plekken is None else plekken,
    )
