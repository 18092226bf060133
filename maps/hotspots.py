"""What stands out: the results of each method as a layer of its own, in words and by name of the area.

A result keeps the texts and figures that the API gives; what is added here is the order, the names and the sentence for
who finds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maps.geometrie import bounds_of
from maps.getallen import format_dagen, format_getal, format_kans
from maps.model import KaartModel
from maps.teksten import text_of

NIET_BEREKEND = "Niet berekend voor deze bron en periode."
TE_WEINIG = "Wat te weinig is om te tonen, staat er niet bij."
TOEVAL = f"Niets gevonden dat meer is dan toeval. {TE_WEINIG}"
MOST_NAMES = 3

Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hotspotlaag:
    """One layer of results. methode, klasse: whose results it holds; klasse None: all of the method.

    naam: on the page; uitleg: in the legend; niets: said when the method found nothing. velden: figures on the card.
    The chance is one of them only where it counts all places that were looked at: else the card says how sure it is.
    """

    slug: str
    methode: str
    klasse: str | None
    naam: str
    uitleg: str
    niets: str
    velden: tuple[str, ...]


HOTSPOTLAGEN = (
    Hotspotlaag(
        "punten",
        "punten",
        None,
        "Meldingen dicht bij elkaar",
        "Zeshoeken waar veel meldingen bij elkaar liggen.",
        f"Nergens genoeg meldingen dicht bij elkaar. {TE_WEINIG}",
        ("aantal", "plekken"),
    ),
    Hotspotlaag(
        "hoog",
        "scan",
        "hoog",
        "Meer dan verwacht",
        "Buurten met meer melders dan u mag verwachten bij zoveel woningen of inwoners.",
        TOEVAL,
        ("aantal", "plekken", "verwacht", "verhouding", "p_waarde"),
    ),
    Hotspotlaag(
        "nieuw",
        "scan",
        "nieuw",
        "Sinds kort meer",
        "Buurten met de laatste weken meer meldingen dan daarvoor.",
        TOEVAL,
        ("aantal", "plekken", "verwacht", "verhouding", "p_waarde"),
    ),
    Hotspotlaag(
        "opkomend",
        "opkomend",
        None,
        "Verloop per kwartaal",
        "Hoe een buurt en haar omgeving zich ontwikkelen. Het lijntje in het teken is het verloop.",
        f"Geen buurt gevonden met een duidelijk verloop. {TE_WEINIG}",
        (),
    ),
    Hotspotlaag(
        "stil",
        "blinde-vlekken",
        None,
        "Opvallend stil",
        "Buurten met minder meldingen dan verwacht. Misschien horen wij hier niet iedereen.",
        f"Geen buurt gevonden met duidelijk minder meldingen dan verwacht. {TE_WEINIG}",
        ("aantal", "verwacht", "verhouding"),
    ),
)

VERLOOP = {
    "nieuw": "nu voor het eerst {kant}",
    "aanhoudend": "de laatste kwartalen steeds {kant}",
    "stijgend": "bijna altijd {kant}, en stijgend",
    "blijvend": "bijna altijd {kant}",
    "dalend": "bijna altijd {kant}, en dalend",
    "wisselend": "af en toe {kant}, ook nu",
    "omgeslagen": "nu {kant}, eerder andersom",
    "voorheen": "lang {kant}, nu niet meer",
}
KLASSE_WOORD = {
    "dicht-bij-elkaar": "meldingen dicht bij elkaar",
    "hoog": "meer meldingen dan verwacht",
    "nieuw": "sinds kort meer meldingen",
    "stil": "minder meldingen dan verwacht",
} | {f"{soort}-{kant}": zin.format(kant=kant) for kant in ("hoog", "laag") for soort, zin in VERLOOP.items()}

HOE_ZEKER = "Een hotspot komt uit meldingen. Meer meldingen kan ook betekenen dat mensen daar vaker melden."
WAT_NIET = "Wij weten niet waarom hier veel is gemeld, en niet wie er melden. Niet alles wordt gemeld."
VRAGEN = (
    "Herkent u dit beeld?",
    "Wat gebeurt hier, en op welke momenten?",
    "Wat gaat er juist goed, en wat zou helpen?",
)


@dataclass(frozen=True, slots=True)
class Gegeven:
    """One figure of a card. veld: its name in the API; waarde: as the API gives it."""

    veld: str
    label: str
    tekst: str
    waarde: Any


@dataclass(frozen=True, slots=True)
class Resultaat:
    """One result in words.

    id: layer and number, in order of name. gegevens: empty when they may not be shown.
    """

    id: str
    laag: Hotspotlaag
    klasse: str
    naam: str
    titel: str
    uitleg: str
    hoe_zeker: str
    wat_niet: str
    vragen: tuple[str, ...]
    gegevens: tuple[Gegeven, ...]
    dagen: str
    buurten: str
    herkomst: str
    ruw: Properties
    geometry: dict[str, Any] | None

    @property
    def klasse_woord(self) -> str:
        return KLASSE_WOORD[self.klasse]

    @property
    def onderdrukt(self) -> bool:
        return self.ruw.get("status") == "onderdrukt"

    def waarde(self, veld: str) -> str:
        """A figure of the card as the API gives it, "" when it is not on the card."""
        return next((str(gegeven.waarde) for gegeven in self.gegevens if gegeven.veld == veld), "")

    @property
    def label(self) -> str:
        """What the thing on the map is called in a tooltip and aloud."""
        course = f", {self.klasse_woord}" if self.laag.slug == "opkomend" else ""
        return f"{self.laag.naam}: {self.naam}{course}"


@dataclass(frozen=True, slots=True)
class Groep:
    """What one layer has to tell. tekst: the sentence when there are no results."""

    laag: Hotspotlaag
    resultaten: tuple[Resultaat, ...]
    tekst: str


def make_resultaten(model: KaartModel) -> list[Resultaat]:
    """All results by layer, then by name of the area: never by size, for this is no league table."""
    return [resultaat for laag in HOTSPOTLAGEN for resultaat in _of_layer(model, laag)]


def make_groepen(model: KaartModel) -> list[Groep]:
    """The layers that were looked for or have results."""
    asked = {zoeking.laag: zoeking for zoeking in model.gezocht}
    groepen = []
    for laag in HOTSPOTLAGEN:
        found = tuple(_of_layer(model, laag))
        zoeking = asked.get(laag.slug)
        if found:
            groepen.append(Groep(laag, found, ""))
        elif zoeking is not None:
            said = laag.niets if zoeking.berekend else zoeking.reden or NIET_BEREKEND
            groepen.append(Groep(laag, (), said))
    return groepen


def laag_van(properties: Properties) -> Hotspotlaag:
    """The layer of a result; one without a method is of points. Raises ValueError for one of no layer."""
    methode, klasse = properties.get("methode", "punten"), properties.get("klasse", "dicht-bij-elkaar")
    for laag in HOTSPOTLAGEN:
        if laag.methode == methode and laag.klasse in (None, klasse) and klasse in KLASSE_WOORD:
            return laag
    raise ValueError(f"onbekende methode of klasse van een hotspot: {methode!r}, {klasse!r}")


def short_name(properties: Properties) -> str:
    """The names of the buurten, of many only the first."""
    names = text_of(properties.get("buurten")).split(", ")
    if names == [""]:
        return text_of(properties.get("titel")) or "Hotspot"
    if len(names) > MOST_NAMES:
        return f"{', '.join(names[:MOST_NAMES])} en meer"
    return " en ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _of_layer(model: KaartModel, laag: Hotspotlaag) -> Iterator[Resultaat]:
    """By name; those of one name by their place, from west to east, and numbered so that they can be told apart."""
    mine = [feature for feature in model.hotspots["features"] if laag_van(feature["properties"]) is laag]
    mine.sort(key=lambda feature: (short_name(feature["properties"]).casefold(), _place(feature)))
    times = Counter(short_name(feature["properties"]) for feature in mine)
    seen: Counter[str] = Counter()
    for number, feature in enumerate(mine, start=1):
        name = short_name(feature["properties"])
        seen[name] += 1
        called = name if times[name] == 1 else f"{name}, plek {seen[name]}"
        yield _make_resultaat((f"{laag.slug}-{number}", called), laag, feature, model)


def _place(feature: dict[str, Any]) -> tuple[float, ...]:
    bounds = bounds_of([{"features": [feature]}])
    return bounds or ()


def _make_resultaat(
    known_as: tuple[str, str], laag: Hotspotlaag, feature: dict[str, Any], model: KaartModel
) -> Resultaat:
    """known_as: identifier and name."""
    identifier, naam = known_as
    ruw = feature["properties"]
    vragen = ruw.get("vragen") or VRAGEN
    klasse = ruw.get("klasse", "dicht-bij-elkaar")
    return Resultaat(
        id=identifier,
        laag=laag,
        klasse=klasse,
        naam=naam,
        titel=text_of(ruw.get("titel")) or KLASSE_WOORD[klasse].capitalize(),
        uitleg=text_of(ruw.get("uitleg")) or "Hier liggen meldingen dicht bij elkaar.",
        hoe_zeker=text_of(ruw.get("hoe_zeker")) or HOE_ZEKER,
        wat_niet=text_of(ruw.get("wat_niet")) or WAT_NIET,
        vragen=(vragen,) if isinstance(vragen, str) else tuple(vragen),
        gegevens=tuple(_gegevens(laag, ruw, model)),
        dagen=format_dagen(ruw.get("begin"), ruw.get("eind")) or text_of(ruw.get("periode")) or model.periode_tekst,
        buurten=text_of(ruw.get("buurten")),
        herkomst=text_of(ruw.get("herkomst")) or f"Bron: {text_of(ruw.get('bron')) or model.bron}",
        ruw=ruw,
        geometry=feature.get("geometry"),
    )


def _gegevens(laag: Hotspotlaag, ruw: Properties, model: KaartModel) -> Iterator[Gegeven]:
    what = model.geteld[1] if laag.slug == "stil" else "plekken"
    soort = text_of(ruw.get("plekken_soort"))
    per_buurt = ", per buurt" if laag.methode == "scan" else ""
    geteld = f", geteld als {soort}{per_buurt}" if soort else ""
    forms: dict[str, tuple[str, Callable[[float], str]]] = {
        "aantal": (model.geteld[1].capitalize(), format_getal),
        "plekken": ("Verschillende plekken", lambda value: format_getal(value) + geteld),
        "verwacht": (f"Te verwachten {what}", lambda value: format_getal(value, 1)),
        "verhouding": ("Verhouding", lambda value: f"{format_getal(value, 2)} keer het verwachte"),
        "p_waarde": ("Kans op toeval", format_kans),
    }
    for veld in laag.velden:
        value = ruw.get(veld)
        if value is not None:
            label, form = forms[veld]
            yield Gegeven(veld, label, form(value), value)
