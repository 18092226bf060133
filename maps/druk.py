"""Small maps for a printed letter: one area and what lies around it, readable in black and white.

Every class has a pattern of its own besides its colour. Names and values are in the words beside the map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from maps.beeld import Beeld
from maps.geometrie import bounds_of
from maps.model import Bounds, KaartModel
from maps.sjabloon import fill
from maps.teksten import STATUS_WOORD
from maps.themas import make_beeld
from maps.verschil import GEEN_CIJFER, KLASSEN, Verschil
from maps.vorm import Schaal

BREEDTE, HOOGTE = 300, 250
_RAND = 0.14
_ZONDER = ("onderdrukt", "niet_gedekt", "ontbreekt")
Feature = dict[str, Any]
# Lines per class from none to solid: (distance, width, angle) in units of the drawing.
_LIJNEN = {
    "1": None,
    "2": (9.0, 0.9, 45),
    "3": (4.5, 1.1, 0),
    "4": (6.0, 2.0, -45),
    "5": None,
    "veel_minder": (4.0, 1.3, 0),
    "minder": (8.0, 0.9, 0),
    "gelijk": None,
    "meer": (8.0, 0.9, 90),
    "veel_meer": (4.0, 1.3, 90),
    "onderdrukt": (5.5, 1.6, 45),
    "niet_gedekt": None,
    "ontbreekt": (6.0, 0.8, 90),
}
_KLEUR_ZONDER = {"onderdrukt": "#f1f3f5", "niet_gedekt": "#ffffff", "ontbreekt": "#d5dade"}


@dataclass(frozen=True, slots=True)
class Streep:
    """Lines of a pattern; kleur: white on dark ground."""

    afstand: float
    dikte: float
    hoek: int
    kleur: str


@dataclass(frozen=True, slots=True)
class Stijl:
    """How a class is printed. id: of its patterns; stippen: dots over it, for what is unreliable."""

    id: str
    kleur: str
    streep: Streep | None
    stippen: bool = False
    dash: str = ""

    @property
    def donker(self) -> bool:
        red, green, blue = (int(self.kleur[i : i + 2], 16) for i in (1, 3, 5))
        return 0.299 * red + 0.587 * green + 0.114 * blue < 110


@dataclass(frozen=True, slots=True)
class Teken:
    """A place on the map: soort is wijkwijzer or voorziening."""

    x: int
    y: int
    soort: str


@dataclass(frozen=True, slots=True)
class Drukkaart:
    """One small map. svg: the drawing, with its description inside; legenda: (sample, words); noot: what a reader must
    know besides. omschrijving: the same in words."""

    titel: str
    omschrijving: str
    svg: Markup
    legenda: tuple[tuple[Markup, str], ...]
    noot: str


@dataclass(frozen=True)
class Uitsnede:
    """What a letter's maps show of a municipality: the outline of its area, and everything near it.

    omtrek: GeoJSON of the area itself, or of the buurten that it is made of.
    """

    bounds: Bounds
    schaal: Schaal
    omtrek: tuple[str, ...]

    @classmethod
    def of(cls, omtrek: Sequence[Feature]) -> Uitsnede | None:
        """None when no boundary is known."""
        drawn = [{"geometry": area} for area in omtrek if area.get("type") in ("Polygon", "MultiPolygon")]
        found = bounds_of([{"type": "FeatureCollection", "features": drawn}])
        if found is None:
            return None
        bounds = _framed(found)
        schaal = Schaal.of(bounds, BREEDTE)
        return cls(bounds, schaal, tuple(pad for area in drawn if (pad := schaal.pad(area["geometry"]))))

    def near(self, features: Iterable[Feature]) -> list[Feature]:
        """The features that reach into the picture."""
        return [feature for feature in features if feature.get("geometry") and self._touches(feature)]

    def _touches(self, feature: Feature) -> bool:
        found = bounds_of([{"type": "FeatureCollection", "features": [feature]}])
        west, south, east, north = self.bounds
        return found is not None and (found[0] <= east and found[2] >= west and found[1] <= north and found[3] >= south)


def _framed(bounds: Bounds) -> Bounds:
    """With a margin, and made wider or higher to the form of the picture."""
    west, south, east, north = bounds
    probe = Schaal.of(bounds, 1.0)
    width, height = (east - west) * probe.shrink, north - south
    wanted = max(width, height * BREEDTE / HOOGTE) * (1 + 2 * _RAND)
    lon, lat = wanted / probe.shrink / 2, wanted * HOOGTE / BREEDTE / 2
    middle = ((west + east) / 2, (south + north) / 2)
    return middle[0] - lon, middle[1] - lat, middle[0] + lon, middle[1] + lat


def draw_figures(id: str, titel: str, model: KaartModel, uitsnede: Uitsnede) -> Drukkaart:
    """The figures of the areas near, in the classes of the map on the website."""
    beeld = make_beeld(model)
    stijlen = _class_styles(id, beeld)
    cijfers = {cijfer.code: cijfer for cijfer in beeld.cijfers}
    near = uitsnede.near(model.gebieden["features"])
    shown = {feature["properties"]["gebied_code"] for feature in near}

    def key(code: str) -> str:
        cijfer = cijfers[code]
        nummer = beeld.klasse[code]
        return f"{nummer}?" if nummer and cijfer.status == "onbetrouwbaar" else nummer or cijfer.status

    used = {key(code) for code in shown}
    words = {str(regel.nummer): regel.tekst for regel in beeld.regels}
    legenda = [(stijlen[nummer], tekst) for nummer, tekst in words.items() if {nummer, f"{nummer}?"} & used]
    if any(name.endswith("?") for name in used):
        dotted = next(stijlen[name] for name in sorted(used) if name.endswith("?"))
        legenda.append((dotted, "Met stippen: onbetrouwbaar"))
    legenda += [(stijlen[status], _hoofdletter(STATUS_WOORD[status])) for status in _ZONDER if status in used]
    counted = sum(cijfers[code].waarde is not None for code in shown)
    told = (
        f"{titel}. Van de {len(shown)} {model.niveau_meervoud} in beeld hebben er {counted} een "
        "cijfer dat te tonen is. De dikke lijn is de grens van het gebied. De cijfers staan in de tabel op de website."
    )
    svg = _Blad(id, told, uitsnede).draw(near, key, stijlen)
    return Drukkaart(titel, told, svg, _samples(legenda), beeld.titel)


def draw_differences(
    id: str, titel: str, model: KaartModel, verschillen: Sequence[Verschil], uitsnede: Uitsnede
) -> Drukkaart:
    """Where the difference with the period before is clear."""
    by_code = {verschil.code: verschil for verschil in verschillen}
    stijlen = {naam: _style(f"{id}-{naam}", naam, kleur) for naam, (_, kleur) in KLASSEN.items()}
    stijlen |= _missing_styles(id)
    near = [f for f in uitsnede.near(model.gebieden["features"]) if f["properties"]["gebied_code"] in by_code]

    def key(code: str) -> str:
        verschil = by_code[code]
        hidden = (status for status in verschil.statussen if status in ("onderdrukt", "niet_gedekt"))
        return verschil.klasse or next(hidden, "ontbreekt")

    used = [key(feature["properties"]["gebied_code"]) for feature in near]
    words = {naam: woord for naam, (woord, _) in KLASSEN.items()}
    words |= {status: f"{GEEN_CIJFER}: {STATUS_WOORD[status]}" for status in ("onderdrukt", "niet_gedekt")}
    words["ontbreekt"] = GEEN_CIJFER
    counts = ", ".join(f"{words[naam].lower()}: {used.count(naam)}" for naam in words if naam in used)
    told = f"{titel}. Aantal gebieden in beeld: {counts or 'geen'}. De dikke lijn is de grens van het gebied."
    legenda = [(stijlen[naam], words[naam]) for naam in words if naam in used]
    svg = _Blad(id, told, uitsnede).draw(near, key, stijlen)
    return Drukkaart(titel, told, svg, _samples(legenda), "Duidelijk: groter dan toeval en gewone schommelingen")


def draw_places(id: str, titel: str, model: KaartModel, uitsnede: Uitsnede, bekend: bool) -> Drukkaart:
    """The places that are open to everyone. bekend: a source of them is loaded; without one an empty map is no zero."""
    near = uitsnede.near(model.gebieden["features"])
    tekens = [
        Teken(*uitsnede.schaal.place(feature["geometry"]["coordinates"]), soort)
        for soort, collection in (("voorziening", model.voorzieningen), ("wijkwijzer", model.wijkwijzers))
        for feature in uitsnede.near(collection["features"])
    ]
    counts = {soort: sum(teken.soort == soort for teken in tekens) for soort in ("voorziening", "wijkwijzer")}
    if bekend:
        told = (
            f"{titel}. In beeld: {counts['wijkwijzer']} wijkwijzers en {counts['voorziening']} voorzieningen. De dikke "
            "lijn is de grens van het gebied. De plekken staan bij naam op de website."
        )
    else:
        told = f"{titel}. Er is geen bron van plekken geladen: de kaart is leeg, en dat is geen nul."
    stijlen = {"vlak": Stijl(f"{id}-vlak", "#ffffff", None)}
    svg = _Blad(id, told, uitsnede).draw(near, lambda _: "vlak", stijlen, tekens)
    names = {"wijkwijzer": "Wijkwijzer: inlooppunt voor vragen", "voorziening": "Voorziening, zonder verwijzing"}
    legenda = tuple((_sample(teken=soort), tekst) for soort, tekst in names.items() if counts[soort])
    return Drukkaart(titel, told, svg, legenda, "" if bekend else "Er is geen bron geladen. Dat is geen nul.")


def draw_outline(id: str, titel: str, reden: str, gebieden: Sequence[Feature], uitsnede: Uitsnede) -> Drukkaart:
    """The area without figures. reden: why there are none."""
    stijlen = _missing_styles(id)
    svg = _Blad(id, f"{titel}. {reden}", uitsnede).draw(uitsnede.near(gebieden), lambda _: "ontbreekt", stijlen)
    return Drukkaart(titel, f"{titel}. {reden}", svg, _samples([(stijlen["ontbreekt"], "Geen cijfer")]), reden)


def _class_styles(id: str, beeld: Beeld) -> dict[str, Stijl]:
    """The look of each class, of its unreliable variant ("2?") and of every status without a value.

    With fewer than five classes their numbers do not say how dark they are: the last one is always solid.
    """
    last = max((regel.nummer for regel in beeld.regels), default=0)
    found = _missing_styles(id)
    for regel in beeld.regels:
        nummer = str(regel.nummer)
        pattern = "5" if regel.nummer == last and last > 1 else nummer
        found[nummer] = _style(f"{id}-{nummer}", pattern, regel.vlak.fill)
        found[f"{nummer}?"] = _style(f"{id}-{nummer}o", pattern, regel.vlak.fill, stippen=True)
    return found


def _missing_styles(id: str) -> dict[str, Stijl]:
    return {
        status: _style(f"{id}-{status}", status, _KLEUR_ZONDER[status], dash="5 4" if status == "niet_gedekt" else "")
        for status in _ZONDER
    }


def _style(id: str, patroon: str, kleur: str, *, stippen: bool = False, dash: str = "") -> Stijl:
    lijn = _LIJNEN.get(patroon)
    bare = Stijl(id, kleur, None, stippen, dash)
    ink = "#ffffff" if bare.donker else "#1f2d36"
    return Stijl(id, kleur, Streep(*lijn, ink) if lijn else None, stippen, dash)


def _hoofdletter(text: str) -> str:
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class _Blad:
    """What a map is drawn on. told: the map in words."""

    id: str
    told: str
    uitsnede: Uitsnede

    def draw(
        self,
        near: Sequence[Feature],
        key: Callable[[str], str],
        stijlen: Mapping[str, Stijl],
        tekens: Sequence[Teken] = (),
    ) -> Markup:
        """key: from the code of an area to its style."""
        pad = self.uitsnede.schaal.pad
        vlakken = [(pad(feature["geometry"]), stijlen[key(feature["properties"]["gebied_code"])]) for feature in near]
        # The dashed edge of uncovered areas is not hidden below a neighbour.
        vlakken.sort(key=lambda vlak: bool(vlak[1].dash))
        return fill(
            "drukkaart.html",
            id=self.id,
            omschrijving=self.told,
            breedte=BREEDTE,
            hoogte=HOOGTE,
            vlakken=[vlak for vlak in vlakken if vlak[0]],
            stijlen=list({stijl.id: stijl for _, stijl in vlakken}.values()),
            omtrek=self.uitsnede.omtrek,
            tekens=tekens,
        )


def _samples(legenda: Sequence[tuple[Stijl, str]]) -> tuple[tuple[Markup, str], ...]:
    return tuple((_sample(stijl), tekst) for stijl, tekst in legenda)


def _sample(stijl: Stijl | None = None, teken: str = "") -> Markup:
    """What stands beside words in the legend; it says nothing by itself."""
    return fill("drukstaal.html", stijl=stijl, teken=teken)
