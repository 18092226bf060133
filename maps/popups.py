"""The cards that open on the map, as HTML; every text in them is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from maps.hotspots import Resultaat
from maps.model import KaartModel
from maps.sjabloon import fill
from maps.teksten import Cijfer, text_of

POPUP = {
    "meldingen": "popup_gebied.html",
    "bezoeken": "popup_gebied.html",
    "wonen": "popup_wonen.html",
    "dekking": "popup_dekking.html",
    "samen": "popup_samen.html",
}
WIJKWIJZER_VELDEN = (("adres", "Adres"), ("openingstijden", "Open"), ("partners", "Aanwezig"))
VOORZIENING_VELDEN = (
    ("type", "Soort"),
    ("aanbieder", "Aanbieder"),
    ("doelgroep", "Voor wie"),
    ("bereik", "Bereik"),
    ("openingstijden", "Open"),
)


def popup_gebied(cijfer: Cijfer, model: KaartModel) -> Markup:
    """Figure, interval, source, period and coverage of one area."""
    return fill(POPUP[model.thema], c=cijfer, model=model)


def popup_wijkwijzer(properties: Mapping[str, Any]) -> Markup:
    return _popup_punt("Wijkwijzer", properties, WIJKWIJZER_VELDEN)


def popup_voorziening(properties: Mapping[str, Any]) -> Markup:
    return _popup_punt("Voorziening", properties, VOORZIENING_VELDEN)


def _popup_punt(soort: str, properties: Mapping[str, Any], velden: tuple[tuple[str, str], ...]) -> Markup:
    regels = ((label, text_of(properties.get(veld))) for veld, label in velden)
    return _fill_punt(soort, punt_naam(properties), tuple((label, text) for label, text in regels if text))


# The same hundreds of places are on every map of a municipality.
@lru_cache(maxsize=10_000)
def _fill_punt(soort: str, naam: str, regels: tuple[tuple[str, str], ...]) -> Markup:
    return fill("popup_punt.html", soort=soort, naam=naam, regels=regels)


def punt_naam(properties: Mapping[str, Any]) -> str:
    return text_of(properties.get("naam")) or "Zonder naam"


def popup_hotspot(resultaat: Resultaat) -> Markup:
    """Four questions: what do we see, how sure, what don't we know, what to ask residents."""
    return fill("popup_hotspot.html", r=resultaat)
