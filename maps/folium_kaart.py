"""Folium elements without a content delivery network, in Dutch and with fixed names.

Folium's own Map and MarkerCluster ask four foreign hosts for files, forbid zooming the page and bring
Bootstrap; these subclasses ask for nothing: our page loads the files (see `maps.assets`).
"""

from __future__ import annotations

from typing import Any, TypeVar

import folium
from branca.element import Element
from folium.plugins import MarkerCluster
from folium.template import Template

from maps.model import BaseMap, Bounds

AnyElement = TypeVar("AnyElement", bound=Element)


def named(element: AnyElement, name: str) -> AnyElement:
    """Give the element a fixed identifier, so that the same model always gives the same page."""
    element._id = name
    return element


class BuurtKaart(folium.Map):
    """folium.Map that leaves head, viewport and assets to the page."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map bs-kaart" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = L.map(
            {{ this.get_name()|tojson }},
            {center: {{ this.location|tojson }}, crs: L.CRS.{{ this.crs }},
             ...{{ this.options|tojavascript }}, ...Buurtsignaal.kaartopties()});
        {% endmacro %}
        """
    )


class Trossen(MarkerCluster):
    """Marker clusters from our own files, with a spoken name per cluster."""

    default_js: list[tuple[str, str]] = []
    default_css: list[tuple[str, str]] = []


def make_map(bounds: Bounds, base_map: BaseMap | None) -> BuurtKaart:
    """An empty map that shows the bounds; tiles only when a base map is given."""
    west, south, east, north = bounds
    # Raster tiles blur between whole zoom levels; our own outlines do not and fill the frame better.
    step = 1 if base_map else 0.25
    kaart = BuurtKaart(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        scroll_wheel_zoom=False,
        zoom_snap=step,
        zoom_delta=1 if base_map else 0.5,
    )
    # folium keeps these two for its own tile layer, but clusters need them on the map itself.
    kaart.options.update(min_zoom=8, max_zoom=base_map.max_zoom if base_map else 18)
    named(kaart, "buurtsignaal")
    if base_map:
        kaart.add_child(_tiles(base_map))
    fit = named(folium.FitBounds([[south, west], [north, east]], padding=(12, 12)), "passend")
    # During an animation Leaflet ignores the view that the address asks for.
    fit.options["animate"] = False
    kaart.add_child(fit)
    return kaart


def _tiles(base_map: BaseMap) -> folium.TileLayer:
    # Attribution is shown by our own page below the map: Leaflet would insert it as unescaped HTML.
    layer = folium.TileLayer(
        tiles=base_map.url,
        attr=" ",
        name=base_map.naam,
        overlay=True,
        max_zoom=base_map.max_zoom,
        class_name="bs-tegels",
    )
    return named(layer, "achtergrond")


def layer_control() -> folium.LayerControl:
    control = folium.LayerControl(position="topright")
    control.options["collapsed"] = folium.JsCode("Buurtsignaal.klein()")  # type: ignore[assignment]
    return named(control, "lagen")


def geojson_layer(name: str, title: str, data: dict[str, Any], **options: Any) -> folium.GeoJson:
    """A GeoJSON layer; our own script gives its features card, tooltip, name and keyboard."""
    layer = folium.GeoJson(data, name=title, on_each_feature=folium.JsCode("Buurtsignaal.koppel"), **options)
    return named(layer, name)
