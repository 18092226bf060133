"""A MapLibre style per collection: our own tiles, nothing from elsewhere, readable without colour vision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geo_service.api.tilesets import MAX_ZOOM, Tegelset, attribution, center, xyz_address
from geo_service.domain.cijfers import Status
from geo_service.release.tegels import SAMENGEVOEGD
from maps.getallen import format_cijfer
from maps.hotspots import HOTSPOTLAGEN
from maps.klassen import Indeling, make_indeling
from maps.model import Eenheid
from maps.stijl import GRIJS, HOTSPOT, LIJN, LIJN_DONKER, OMTREK, WIT, Omtrek

# The same colours as on the website's map; each differs from the others in lightness too.
PUNTEN = {"wijkwijzers": ("#8a3b00", 6), "voorzieningen": ("#5b2a86", 4), "meldingen": ("#0a5a8a", 3)}
VLAK = "#a9d8b0"
DASHES = [3, 2]
WITH_VALUE = (Status.OK, Status.ONBETROUWBAAR)
Laag = dict[str, Any]
Expressie = list[Any]


def style_document(tegelset: Tegelset) -> dict[str, Any]:
    """The style (version 8). metadata: origin and, where colours stand for values, what each of them means."""
    collectie, herkomst = tegelset.collectie, tegelset.selectie.relatie.herkomst
    layers, legend = _layers(tegelset)
    bounds = {} if tegelset.omvang is None else {"bounds": list(tegelset.omvang)}
    view = (
        {} if tegelset.omvang is None else {"center": center(tegelset.omvang)[:2], "zoom": center(tegelset.omvang)[2]}
    )
    source = {
        "type": "vector",
        "scheme": "xyz",
        "tiles": [xyz_address(tegelset)],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        **bounds,
        "attribution": attribution(tegelset),
    }
    return {
        "version": 8,
        "name": collectie.titel,
        "metadata": {
            "buurtsignaal:beschrijving": collectie.beschrijving,
            "buurtsignaal:herkomst": herkomst,
            "buurtsignaal:legenda": legend,
        },
        **view,
        "sources": {collectie.id: source},
        "layers": [layer | {"source": collectie.id, "source-layer": collectie.id} for layer in layers],
    }


def _layers(tegelset: Tegelset) -> tuple[list[Laag], list[dict[str, str]]]:
    """Layers from bottom to top, and the legend."""
    identifier = tegelset.collectie.id
    if identifier in PUNTEN:
        return _points(identifier), []
    names = {veld.naam for veld in tegelset.selectie.relatie.velden}
    if "per_1000" in names:
        return _figures(tegelset)
    if identifier == "hotspots":
        return _hotspots()
    missing = [_fill("geen-gegevens", GRIJS, 0.9, _is(Status.ONTBREEKT))] if "status" in names else []
    return [_fill("vlakken", VLAK, 0.35), *missing, _line("grenzen", LIJN, 1)], []


def _points(identifier: str) -> list[Laag]:
    color, radius = PUNTEN[identifier]
    paint = {"circle-color": color, "circle-stroke-color": WIT, "circle-stroke-width": 1}
    single = _layer("punten", "circle", "Afzonderlijke punten", paint | {"circle-radius": radius})
    if identifier not in SAMENGEVOEGD:
        return [single]
    # The surface of a circle goes with the number of points.
    size: Expressie = ["interpolate", ["linear"], ["sqrt", ["get", "aantal"]], 1, radius, 100, 20]
    counted = _layer(
        "aantallen", "circle", "Aantal punten in een vak", paint | {"circle-radius": size, "circle-opacity": 0.6}
    )
    merged: Expressie = ["has", "samengevoegd"]
    return [counted | {"filter": merged}, single | {"filter": ["!", merged]}]


def _hotspots() -> tuple[list[Laag], list[dict[str, str]]]:
    """Each layer of the website's map with its own edge; clusters of points are drawn on top, for they are small."""
    layers, legend = [], []
    for laag in reversed(HOTSPOTLAGEN):
        omtrek = OMTREK.get(laag.slug)
        color = omtrek.kleur if omtrek else HOTSPOT
        own: Expressie = ["==", ["get", "methode"], laag.methode]
        if laag.klasse is not None:
            own = ["all", own, ["==", ["get", "klasse"], laag.klasse]]
        layers.append(_fill(laag.slug, color, 0.06, own))
        if omtrek:
            layers.append(_line(f"{laag.slug}-kant", WIT, omtrek.breedte + 3, own))
        layers.append(_line(f"{laag.slug}-rand", color, omtrek.breedte if omtrek else 3, own, _dashes(omtrek)))
        legend.append({"kleur": color, "tekst": f"{laag.naam}. {laag.uitleg}"})
    return layers, legend[::-1]


def _dashes(omtrek: Omtrek | None) -> list[float] | None:
    """The dashes of an edge in widths of its line, which is how styles count them."""
    return [round(float(part) / omtrek.breedte, 2) for part in omtrek.dash.split()] if omtrek else None


def _figures(tegelset: Tegelset) -> tuple[list[Laag], list[dict[str, str]]]:
    """Classes of the figures that there are; areas without one are grey or only dashed, never the lowest class."""
    eenheid: Eenheid = "per_1000" if any(figuur.per_1000 is not None for figuur in tegelset.figuren) else "aantal"

    def values(status: Status) -> list[float]:
        found = ((figuur.status, getattr(figuur, eenheid)) for figuur in tegelset.figuren)
        return [value for own, value in found if own == status and value is not None]

    indeling = make_indeling(values(Status.OK), values(Status.ONBETROUWBAAR))
    uncertain, uncovered = _is(Status.ONBETROUWBAAR), _is(Status.NIET_GEDEKT)
    known: Expressie = ["any", *(_is(status) for status in WITH_VALUE)]
    layers = [
        _fill("geen-cijfer", GRIJS, 0.9, ["!", ["any", known, uncovered]]),
        _fill("niet-gedekt", WIT, 0.9, uncovered),
        _fill("cijfers", _classes(indeling, eenheid), ["case", uncertain, 0.45, 0.85], known),
        _line("grenzen", LIJN, 1, _is(Status.OK)),
        _line("grenzen-zonder-zeker-cijfer", LIJN_DONKER, 1.8, ["!", _is(Status.OK)], DASHES),
    ]
    return layers, _legend(indeling, eenheid)


def _classes(indeling: Indeling, eenheid: str) -> Any:
    """The colour of a value; grey when there is none after all."""
    steps = [part for klasse in indeling.klassen for part in (klasse.laag, klasse.kleur)]
    return ["step", ["coalesce", ["get", eenheid], -1], GRIJS, *steps] if steps else GRIJS


def _legend(indeling: Indeling, eenheid: Eenheid) -> list[dict[str, str]]:
    what = "per 1.000" if eenheid == "per_1000" else "aantal"
    classes = [
        {
            "kleur": klasse.kleur,
            "tekst": f"{format_cijfer(klasse.laag, eenheid)} tot en met {format_cijfer(klasse.hoog, eenheid)} ({what})",
        }
        for klasse in indeling.klassen
    ]
    return [
        *classes,
        {"kleur": GRIJS, "tekst": "Geen cijfer: onderdrukt of ontbreekt. Dat is geen nul."},
        {"kleur": WIT, "tekst": "Niet gedekt door de bron. Dat is geen nul."},
    ]


def _is(status: Status) -> Expressie:
    return ["==", ["get", "status"], status.value]


def _fill(identifier: str, color: Any, opacity: Any, only: Expressie | None = None) -> Laag:
    layer = _layer(identifier, "fill", identifier, {"fill-color": color, "fill-opacity": opacity})
    return layer if only is None else layer | {"filter": only}


def _line(
    identifier: str, color: str, width: float, only: Expressie | None = None, dashes: Sequence[float] | None = None
) -> Laag:
    paint = {"line-color": color, "line-width": width} | ({} if dashes is None else {"line-dasharray": list(dashes)})
    layer = _layer(identifier, "line", identifier, paint)
    return layer if only is None else layer | {"filter": only}


def _layer(identifier: str, kind: str, title: str, paint: dict[str, Any]) -> Laag:
    return {
        "id": identifier,
        "type": kind,
        "metadata": {"buurtsignaal:titel": title.replace("-", " ").capitalize()},
        "paint": paint,
    }
