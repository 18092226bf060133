"""The layers of the map, from a model: areas, hotspots, wijkwijzers and voorzieningen.

branca compiles the finished script of a map as a Jinja template once more: a name with braces in it would
run as code on the server. So nothing that came from a source goes through folium except coordinates; labels
and cards travel beside it, by number (`Tekening.teksten`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import folium
from markupsafe import Markup

from maps.beeld import Beeld
from maps.folium_kaart import BuurtKaart, Trossen, geojson_layer, layer_control, make_map, named
from maps.geometrie import bounds_of, inside_point, shorten_geometry
from maps.hotspots import HOTSPOTLAGEN, Hotspotlaag, Resultaat, make_resultaten
from maps.model import FeatureCollection, KaartModel, Plekkenkaart
from maps.popups import (
    popup_gebied,
    popup_hotspot,
    popup_voorziening,
    popup_wijkwijzer,
    punt_naam,
)
from maps.stijl import HOTSPOT, LIJN, OMTREK, WIT, Omtrek, Vlak
from maps.teksten import Cijfer

HOTSPOT_PANE = "bs-hotspots"
HOTSPOT_STYLE = {
    "color": HOTSPOT,
    "weight": 3,
    "fillColor": HOTSPOT,
    "fillOpacity": 0.06,
    "className": "bs-hotspot",
    "pane": HOTSPOT_PANE,
}

GRENS_STYLE = {"color": LIJN, "weight": 1.5, "fillColor": WIT, "interactive": False, "className": "bs-grens"}


@dataclass(frozen=True, slots=True)
class Vorm:
    """One thing on the map: our own identifier, GeoJSON geometry, spoken label and card.

    kenmerken: what our own script must know to draw it; no text of a source.
    """

    id: str
    geometry: dict[str, Any]
    label: str
    popup: Markup
    kenmerken: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tekening:
    """A folium map without any text of a source, and the texts by identifier: {id: {label, popup}}."""

    kaart: BuurtKaart
    teksten: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Puntsoort:
    """How one kind of point is drawn.

    maat, anker: pixels. getrost: points near each other share a numbered marker.
    """

    slug: str
    enkelvoud: str
    meervoud: str
    popup: Callable[[dict[str, Any]], Markup]
    maat: tuple[int, int]
    anker: tuple[int, int]
    getrost: bool


WIJKWIJZERS = Puntsoort("wijkwijzers", "Wijkwijzer", "Wijkwijzers", popup_wijkwijzer, (30, 38), (15, 37), getrost=False)
VOORZIENINGEN = Puntsoort(
    "voorzieningen", "Voorziening", "Voorzieningen", popup_voorziening, (24, 24), (12, 12), getrost=True
)

PLEKKEN = {soort.slug: soort.meervoud for soort in (WIJKWIJZERS, VOORZIENINGEN)}


def build_map(model: KaartModel, beeld: Beeld) -> Tekening:
    """The map of a model with at least one drawable feature. Raises ValueError when there is none."""
    bounds = model.bounds or bounds_of((model.gebieden, model.hotspots, model.wijkwijzers, model.voorzieningen))
    if bounds is None:
        raise ValueError("niets om te tekenen: geen enkel gebied of punt heeft een plaats")
    kaart = make_map(bounds, model.base_map)
    kaart.add_child(named(folium.map.CustomPane(HOTSPOT_PANE, z_index=450, pointer_events=True), "vlak"))
    # Drawn last, the dashed edge of uncovered areas is not hidden below its neighbours; else by name.
    drawn = sorted((c for c in beeld.cijfers if c.getekend), key=lambda c: c.status == "niet_gedekt")
    gebieden = _gebied_vormen(model, drawn)
    opacity = 0.75 if model.base_map else 1.0
    styles = [path_style(beeld.vlakken[cijfer.code], opacity) for cijfer in drawn]
    _add_paths(kaart, model, "gebieden", gebieden, styles)
    hotspots = _add_hotspots(kaart, model)
    points = []
    for soort in (WIJKWIJZERS, VOORZIENINGEN):
        vormen = _point_vormen(soort, getattr(model, soort.slug))
        add_points(kaart, soort, vormen, show=soort.slug not in model.lagen_uit)
        points += vormen
    kaart.add_child(layer_control())
    everything = [*gebieden, *hotspots, *points]
    return Tekening(kaart, {v.id: {"label": v.label, "popup": str(v.popup)} for v in everything})


def build_places(model: Plekkenkaart) -> Tekening:
    """A map of places only, on the edges of areas. Raises ValueError when there is nothing to draw."""
    grenzen: FeatureCollection = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": geometry, "properties": {}} for geometry in model.grenzen],
    }
    bounds = bounds_of((grenzen,)) or bounds_of((model.wijkwijzers, model.voorzieningen))
    if bounds is None:
        raise ValueError("niets om te tekenen: geen enkel gebied of punt heeft een plaats")
    kaart = make_map(bounds, model.base_map)
    edges = [Vorm(f"grens-{i}", geometry, "", Markup("")) for i, geometry in enumerate(model.grenzen, start=1)]
    if edges:
        style = GRENS_STYLE | {"fillOpacity": 0.3 if model.base_map else 1.0}
        kaart.add_child(geojson_layer("grenzen", "Grenzen", collect(edges), style_function=lambda _: dict(style)))
    points = []
    for soort in (WIJKWIJZERS, VOORZIENINGEN):
        vormen = _point_vormen(soort, getattr(model, soort.slug))
        add_points(kaart, soort, vormen, show=True)
        points += vormen
    kaart.add_child(layer_control())
    return Tekening(kaart, {v.id: {"label": v.label, "popup": str(v.popup)} for v in points})


def _gebied_vormen(model: KaartModel, drawn: list[Cijfer]) -> list[Vorm]:
    geometry = {f["properties"]["gebied_code"]: f["geometry"] for f in model.gebieden["features"]}
    return [
        Vorm(f"gebied-{i}", geometry[c.code], c.label, popup_gebied(c, model)) for i, c in enumerate(drawn, start=1)
    ]


def _point_vormen(soort: Puntsoort, collection: FeatureCollection) -> list[Vorm]:
    return [
        Vorm(
            f"{soort.slug}-{i}",
            geometry,
            f"{soort.enkelvoud}: {punt_naam(properties)}",
            soort.popup(properties),
        )
        for i, (geometry, properties) in enumerate(_located(collection), start=1)
    ]


def _located(collection: FeatureCollection) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for feature in collection["features"]:
        if feature.get("geometry"):
            yield feature["geometry"], feature["properties"]


def path_style(vlak: Vlak, opacity: float) -> dict[str, Any]:
    """The look of an area as Leaflet wants it."""
    style = {
        "color": vlak.lijn,
        "weight": vlak.breedte,
        "fillColor": vlak.fill,
        "fillOpacity": opacity,
        "className": vlak.klassen,
    }
    return style | ({"dashArray": vlak.dash} if vlak.dash else {})


def _add_paths(
    kaart: BuurtKaart, model: KaartModel, slug: str, vormen: list[Vorm], styles: list[dict[str, Any]]
) -> None:
    if not vormen:
        return
    by_id = {vorm.id: style for vorm, style in zip(vormen, styles, strict=True)}
    layer = geojson_layer(
        slug,
        f"Cijfers per {model.niveau_enkelvoud}",
        collect(vormen),
        style_function=lambda feature: dict(by_id[feature["id"]]),
        smooth_factor=0.5,
        show=slug not in model.lagen_uit,
    )
    kaart.add_child(layer)


def _add_hotspots(kaart: BuurtKaart, model: KaartModel) -> list[Vorm]:
    """A layer per kind of result; returns what a reader can open."""
    drawn = [resultaat for resultaat in make_resultaten(model) if resultaat.geometry]
    opzij = _aside([resultaat for resultaat in drawn if resultaat.laag.slug in OMTREK])
    found = []
    for laag in HOTSPOTLAGEN:
        mine = [resultaat for resultaat in drawn if resultaat.laag is laag]
        omtrek = OMTREK.get(laag.slug)
        if omtrek is None:
            vormen = [Vorm(r.id, r.geometry or {}, r.label, popup_hotspot(r)) for r in mine]
            _add_hotspot_layer(kaart, model, laag, vormen, HOTSPOT_STYLE)
        else:
            vormen = [_marker_vorm(resultaat, opzij[resultaat.id]) for resultaat in mine]
            outlines = [Vorm(f"omtrek_{r.id}", r.geometry or {}, "", Markup("")) for r in mine]
            _add_hotspot_layer(kaart, model, laag, [*outlines, *vormen], _outline_style(omtrek, laag))
        found += vormen
    return found


def _aside(resultaten: list[Resultaat]) -> dict[str, tuple[float, float]]:
    """How far each marker stands from its place, in markers to the right and down; those on one place make a square."""
    by_place: dict[tuple[float, ...], list[str]] = {}
    for resultaat in resultaten:
        by_place.setdefault(tuple(inside_point(resultaat.geometry or {})), []).append(resultaat.id)
    return {
        identifier: (
            (0.0 if len(together) == 1 else number % 2 - 0.5),
            (0.0 if len(together) <= 2 else number // 2 - 0.5),
        )
        for together in by_place.values()
        for number, identifier in enumerate(together)
    }


def _marker_vorm(resultaat: Resultaat, opzij: tuple[float, float]) -> Vorm:
    point = {"type": "Point", "coordinates": inside_point(resultaat.geometry or {})}
    kenmerken = {"klasse": resultaat.klasse, "opzij": opzij}
    return Vorm(resultaat.id, point, resultaat.label, popup_hotspot(resultaat), kenmerken)


def _outline_style(omtrek: Omtrek, laag: Hotspotlaag) -> dict[str, Any]:
    """Only an edge, and deaf: a click goes to the buurt below it."""
    return {
        "color": omtrek.kleur,
        "weight": omtrek.breedte,
        "dashArray": omtrek.dash,
        "lineCap": omtrek.kap,
        "fill": False,
        "interactive": False,
        "className": f"bs-omtrek bs-omtrek-{laag.slug}",
        "pane": HOTSPOT_PANE,
    }


def _add_hotspot_layer(
    kaart: BuurtKaart, model: KaartModel, laag: Hotspotlaag, vormen: list[Vorm], style: dict[str, Any]
) -> None:
    if not vormen:
        return
    layer = geojson_layer(
        laag.slug,
        laag.naam,
        collect(vormen),
        style_function=lambda _: dict(style),
        smooth_factor=0.5,
        show=laag.slug not in model.lagen_uit,
        point_to_layer=folium.JsCode("Buurtsignaal.markeer"),
    )
    kaart.add_child(layer)


def add_points(kaart: BuurtKaart, soort: Puntsoort, vormen: list[Vorm], *, show: bool) -> None:
    """A layer of points of one kind; none when there are none."""
    if not vormen:
        return
    data, marker = collect(vormen), _marker(soort)
    if not soort.getrost:
        kaart.add_child(geojson_layer(soort.slug, soort.meervoud, data, marker=marker, show=show))
        return
    group = named(_cluster_group(soort, show=show), soort.slug)
    group.add_child(geojson_layer(f"{soort.slug}_punten", soort.meervoud, data, marker=marker))
    kaart.add_child(group)


def collect(vormen: list[Vorm]) -> FeatureCollection:
    """Things on the map without any text of a source."""
    features = [
        {"type": "Feature", "id": v.id, "geometry": shorten_geometry(v.geometry), "properties": v.kenmerken}
        for v in vormen
    ]
    return {"type": "FeatureCollection", "features": features}


def _marker(soort: Puntsoort) -> folium.Marker:
    icon = folium.DivIcon(
        html='<span class="bs-symbool-vorm"></span>',
        icon_size=soort.maat,
        icon_anchor=soort.anker,
        popup_anchor=(0, 8 - soort.anker[1]),
        class_name=f"bs-symbool bs-symbool-{soort.slug}",
    )
    return named(folium.Marker(icon=named(icon, f"{soort.slug}_icoon")), f"{soort.slug}_punt")


def _cluster_group(soort: Puntsoort, *, show: bool) -> Trossen:
    return Trossen(
        name=soort.meervoud,
        show=show,
        icon_create_function="function (cluster) { return Buurtsignaal.tros(cluster); }",
        show_coverage_on_hover=False,
        max_cluster_radius=64,
        animate=False,
    )
