"""What is drawn: frozen descriptions, filled by the caller, never fetched here.

All geometry is GeoJSON in longitude/latitude (CRS84). Texts are plain text: the renderers escape them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, urlsplit

from maps.klassen import VasteKlassen

FeatureCollection = dict[str, Any]
Bounds = tuple[float, float, float, float]
Eenheid = Literal["per_1000", "aantal", "waarde", "dekking", "procent"]
# What colours the areas: counts of reports or visits, a feature of the dwellings, what a source covers, or reports
# beside need.
THEMAS = ("meldingen", "bezoeken", "wonen", "dekking", "samen")

STATUSSEN = ("ok", "onbetrouwbaar", "onderdrukt", "niet_gedekt", "ontbreekt")

HOTSPOTS = ("punten", "hoog", "nieuw", "opkomend", "stil")
LAGEN = ("gebieden", *HOTSPOTS, "wijkwijzers", "voorzieningen")
# What a figure of a hotspot may be called; none of them has a value when they may not be shown.
HOTSPOT_CIJFERS = ("aantal", "plekken", "verwacht", "verhouding", "p_waarde")

NIVEAUS = {
    "gemeente": ("gemeente", "gemeenten"),
    "stadsdeel": ("stadsdeel", "stadsdelen"),
    "wijk": ("wijk", "wijken"),
    "wijkteamgebied": ("wijkteamgebied", "wijkteamgebieden"),
    "buurt": ("buurt", "buurten"),
}


def empty_collection() -> FeatureCollection:
    """A FeatureCollection without features."""
    return {"type": "FeatureCollection", "features": []}


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Raster tiles under the areas; without one the map makes no request at all.

    url: Leaflet template with {z}, {x}, {y}. attributie: plain text; attributie_url: https link or None.
    """

    url: str
    naam: str
    attributie: str
    attributie_url: str | None = None
    max_zoom: int = 19

    def __post_init__(self) -> None:
        # These two pass through folium's templates, where doubled braces are code.
        if any(mark in text for text in (self.url, self.naam) for mark in ("{{", "{%", "{#")):
            raise ValueError("adres of naam van de achtergrondkaart bevat sjablooncode")
        for address in (self.url, self.attributie_url):
            if address is not None and urlsplit(address).scheme not in {"http", "https"}:
                raise ValueError(f"adres van de achtergrondkaart is geen http(s): {address}")

    @property
    def origin(self) -> str:
        """Scheme and host of the tiles, for `img-src` of the content security policy."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Toelichting:
    """One remark under the title; soort decides the heading: definitie, dekking, trendbreuk or let_op."""

    soort: Literal["definitie", "dekking", "trendbreuk", "let_op"]
    tekst: str


@dataclass(frozen=True, slots=True)
class Zoeking:
    """Whether one layer of hotspots (a name in HOTSPOTS) was computed. reden: one Dutch sentence why not."""

    laag: str
    berekend: bool
    reden: str = ""


@dataclass(frozen=True, slots=True)
class Kenmerk:
    """A figure of an area that is no count of a source. eenheid: procent or duizend_euro; jaar: "2021" or more years.

    nood_laag: as a sign of need a low value says more need.
    """

    code: str
    naam: str
    eenheid: Literal["procent", "duizend_euro"]
    jaar: str
    bron: str
    nood_laag: bool = False


@dataclass(frozen=True, slots=True)
class KaartModel:
    """One map: one source, category and period at one level of areas.

    bron, categorie, noemer, periode_tekst: as a reader must see them, not codes. niveau: a key of NIVEAUS.
    geteld: what the source counts, singular and plural.
    gebieden: features whose properties are those of the API (gebied_code, gebied_naam, niveau, periode, bron,
        categorie, aantal, noemer, per_1000, laag, hoog, status, dekking, trendbreuk, herkomst); geometry may
        be None: such an area is in the table only. laag and hoog belong to per_1000.
    wijkwijzers: points with naam, adres, openingstijden, partners.
    voorzieningen: points with naam, type, aanbieder, bereik, openingstijden, doelgroep.
    hotspots: (multi)polygons with the properties of the API: methode and klasse (without: points), buurten, titel,
        uitleg, hoe_zeker, wat_niet, vragen, begin, eind, periode, bron, herkomst, status and, when they may be shown,
        those in HOTSPOT_CIJFERS.
    gezocht: per layer of hotspots whether it was computed, so that nothing found can be told from not looked for.
    bounds: (west, south, east, north) in degrees, None: taken from the areas.
    benaderd: boundaries are approximate, which is then said on the map.
    lagen_uit: layers (names in LAGEN) that start switched off; the reader can switch them on.
    begin: what is on the screen at first, when that is not everything.
    notities: how many notes of colleagues there are about each area that the reader works in.
    thema: a name in THEMAS. kenmerk: what is shown of the dwellings (wonen), or the sign of need (samen); features then
        have waarde and jaar besides, of that year. vast: fixed classes; None: groups of equal size, of this map only.
    gebied_pagina: what comes before the code of an area in the address of its page; "" where there is no website.
    getal_pagina: the same of the page that explains its figure.
    Raises ValueError for an unknown status, a missing name, a figure that its status forbids and a sensitive
    voorziening.
    """

    titel: str
    gemeente_naam: str
    niveau: str
    periode_tekst: str
    bron: str
    categorie: str
    noemer: str
    eenheid: Eenheid = "per_1000"
    geteld: tuple[str, str] = ("melding", "meldingen")
    gebieden: FeatureCollection = field(default_factory=empty_collection)
    wijkwijzers: FeatureCollection = field(default_factory=empty_collection)
    voorzieningen: FeatureCollection = field(default_factory=empty_collection)
    hotspots: FeatureCollection = field(default_factory=empty_collection)
    bounds: Bounds | None = None
    base_map: BaseMap | None = None
    benaderd: bool = False
    toelichting: tuple[Toelichting, ...] = ()
    herkomst: tuple[str, ...] = ()
    lagen_uit: frozenset[str] = frozenset()
    gezocht: tuple[Zoeking, ...] = ()
    gebied_pagina: str = ""
    begin: Bounds | None = None
    notities: Mapping[str, int] = field(default_factory=dict)
    thema: str = "meldingen"
    kenmerk: Kenmerk | None = None
    vast: VasteKlassen | None = None
    getal_pagina: str = ""

    def __post_init__(self) -> None:
        if self.niveau not in NIVEAUS:
            raise ValueError(f"onbekend niveau: {self.niveau}")
        if self.eenheid not in ("per_1000", "aantal", "waarde", "dekking"):
            raise ValueError(f"onbekende eenheid: {self.eenheid}")
        if self.thema not in THEMAS or (self.thema in ("wonen", "samen") and self.kenmerk is None):
            raise ValueError(f"onbekend thema, of een zonder kenmerk: {self.thema}")
        if unknown := self.lagen_uit.difference(LAGEN).union({z.laag for z in self.gezocht}.difference(HOTSPOTS)):
            raise ValueError(f"onbekende kaartlagen: {', '.join(sorted(unknown))}")
        for feature in self.gebieden["features"]:
            _check_gebied(feature["properties"])
        for feature in self.hotspots["features"]:
            _check_hotspot(feature["properties"])
        _refuse_sensitive(self.voorzieningen)

    def adres_van(self, code: str) -> str:
        """The address of the page of an area; "" when it has none, as what lies outside every area."""
        known = bool(self.gebied_pagina) and code[:2] in ("GM", "WK", "BU")
        return f"{self.gebied_pagina}{quote(code)}" if known else ""

    def uitleg_van(self, code: str) -> str:
        """The address that explains the figure of an area; "" where there is no website."""
        return f"{self.getal_pagina}{quote(code)}" if self.getal_pagina else ""

    @property
    def niveau_enkelvoud(self) -> str:
        return NIVEAUS[self.niveau][0]

    @property
    def niveau_meervoud(self) -> str:
        return NIVEAUS[self.niveau][1]


@dataclass(frozen=True)
class Plekkenkaart:
    """A map of places without figures. Raises ValueError for a sensitive voorziening.

    grenzen: geometries of the areas whose edges are drawn. wijkwijzers, voorzieningen: as in KaartModel.
    """

    titel: str
    omschrijving: str
    grenzen: tuple[dict[str, Any], ...] = ()
    wijkwijzers: FeatureCollection = field(default_factory=empty_collection)
    voorzieningen: FeatureCollection = field(default_factory=empty_collection)
    base_map: BaseMap | None = None
    benaderd: bool = False

    def __post_init__(self) -> None:
        _refuse_sensitive(self.voorzieningen)


def _refuse_sensitive(voorzieningen: FeatureCollection) -> None:
    if any(feature["properties"].get("gevoelig") for feature in voorzieningen["features"]):
        raise ValueError("een gevoelige voorziening mag niet op een kaart")


def _check_gebied(properties: dict[str, Any]) -> None:
    """A figure that may not be shown must not be in the model, whatever a template would do with it."""
    code, status = properties.get("gebied_code"), properties.get("status")
    if not code or not properties.get("gebied_naam"):
        raise ValueError(f"gebied zonder code of naam: {code!r}")
    if status not in STATUSSEN:
        raise ValueError(f"onbekende status van {code}: {status!r}")
    if status not in ("ok", "onbetrouwbaar"):
        _refuse_values(str(code), properties, ("aantal", "per_1000", "laag", "hoog"))


def _check_hotspot(properties: dict[str, Any]) -> None:
    status = properties.get("status", "ok")
    if status not in ("ok", "onderdrukt"):
        raise ValueError(f"onbekende status van een hotspot: {status!r}")
    if status == "onderdrukt":
        _refuse_values("hotspot", properties, HOTSPOT_CIJFERS)


def _refuse_values(what: str, properties: dict[str, Any], names: tuple[str, ...]) -> None:
    filled = [name for name in names if properties.get(name) is not None]
    if filled:
        raise ValueError(f"{what} heeft status {properties['status']} maar toch een waarde in {', '.join(filled)}")
