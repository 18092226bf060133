"""What pages show besides the document itself: meanings, downloads, examples, and features as a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from geo_service.api.antwoord import GEOJSON, Formaat, base, with_query
from geo_service.api.bestand import FILE_FORMATS
from geo_service.api.gevraagd import Gevraagd
from geo_service.api.voorbeelden import Bevraagd, voorbeelden
from geo_service.api.vraag import question_parameters
from geo_service.api.weergave import explain_statussen, ligging, make_cel, make_tabel, question_in_words
from geo_service.domain.crs import CRS84, SYSTEMS
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.perioden import dag_naam
from geo_service.identity import Viewer
from geo_service.release.collecties import Collectie
from geo_service.release.noemers import INDICATOREN
from geo_service.settings import get_settings
from maps.vorm import draw_areas

Blad = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Download:
    """One way to take the objects. wanneer: when to use it."""

    formaat: Formaat
    naam: str
    wanneer: str
    adres: str


PEOPLE_LIMIT = 100
"""Objects on a page for people when they asked for no number."""
WANNEER = {
    "json": ("GeoJSON", "Voor een webkaart of een klein aantal objecten. Komt in pagina's."),
    "csv": ("CSV", "Voor Excel en statistiek, met coördinaten in kolommen; vlakken als tekst (WKT)."),
    "geojsonseq": ("GeoJSON per regel", "Voor programma's die regel voor regel lezen."),
    "gpkg": ("GeoPackage", "Voor QGIS en ArcGIS: één bestand met tabel, vormen en coördinatenstelsel."),
    "fgb": ("FlatGeobuf", "Voor QGIS, R en Python rechtstreeks van dit adres; snel zoeken op plaats."),
    "parquet": ("GeoParquet", "Voor grote hoeveelheden in Python, R en DuckDB; het kleinste bestand."),
}
# Choices that are links and no form: they work without a script, and no field can be sent empty.
KEUZES = {"niveau": ("Soort gebied", NIVEAUS), "noemer": ("Vergelijk per 1.000", tuple(INDICATOREN))}
STANDAARDEN = {
    "ogcapi-common-1": "OGC API – Common, deel 1: kern",
    "ogcapi-common-2": "OGC API – Common, deel 2: collecties",
    "ogcapi-features-1": "OGC API – Features, deel 1: kern",
    "ogcapi-features-2": "OGC API – Features, deel 2: coördinatenstelsels",
    "ogcapi-features-3": "OGC API – Features, deel 3: filters",
    "ogcapi-features-4": "OGC API – Features, deel 4: schrijven",
    "ogcapi-features-5": "OGC API – Features, deel 5: schema's",
    "ogcapi-tiles-1": "OGC API – Tiles, deel 1: tegels",
    "cql2": "CQL2: de taal van voorwaarden",
}
_CLASS = re.compile(r"/spec/([^/]+)/[^/]+/(?:conf|req)/(.+)$")


def conformance_blad(classes: Iterable[str]) -> Blad:
    """The classes per standard, in the order in which they are told."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for uri in classes:
        found = _CLASS.search(uri)
        standard, name = (found[1], found[2]) if found else ("overig", uri)
        groups.setdefault(STANDAARDEN.get(standard, standard), []).append((name, uri))
    return {"groepen": list(groups.items())}


def collectie_blad(request: Request, viewer: Viewer, collectie: Collectie, document: Mapping[str, Any]) -> Blad:
    """Meaning of the fields, systems, downloads and examples of a whole collection."""
    gemeente = request.query_params.get("gemeente")
    vraag = {"gemeente": gemeente} if gemeente else {}
    bevraagd = _bevraagd(request, viewer, collectie, vraag)
    return {
        "collectie": collectie,
        "gevraagd": urlencode(vraag),
        "periode": _periode(document.get("extent", {}).get("temporal")),
        "eigen": question_parameters(collectie),
        "stelsels": SYSTEMS,
        "downloads": downloads(bevraagd),
        "voorbeelden": voorbeelden(bevraagd),
    }


def _bevraagd(request: Request, viewer: Viewer, collectie: Collectie, vraag: Mapping[str, str]) -> Bevraagd:
    pagina = get_settings().limiet_maximum
    return Bevraagd(base(request), collectie.id, collectie.titel, vraag, pagina, viewer.ingelogd)


def velden_blad(collectie: Collectie, document: Mapping[str, Any]) -> Blad:
    """The fields of a schema document in its own order; everything but the shape and the key has a meaning of ours."""
    return {"collectie": collectie, "filter": document.get("additionalProperties") is False}


def items_blad(gevraagd: Gevraagd, document: Mapping[str, Any], adressen: Iterable[str]) -> Blad:
    """The features as a table, the question in words, and the same question elsewhere."""
    request, collectie, vraag = gevraagd.request, gevraagd.collectie, gevraagd.vraag
    bevraagd = _bevraagd(request, gevraagd.viewer, collectie, request.query_params)
    return {
        "collectie": collectie,
        "tabel": make_tabel(document["features"], adressen, collectie.velden),
        "vraag": question_in_words(vraag, collectie),
        "stelsel": vraag.crs,
        "keuzes": [_keuze(gevraagd, naam, document) for naam in KEUZES if naam in collectie.parameters],
        "downloads": downloads(bevraagd),
        "voorbeelden": voorbeelden(bevraagd),
        "koppelingen": {link["rel"]: link["href"] for link in document["links"] if link["rel"] in ("next", "prev")},
    }


def item_blad(gevraagd: Gevraagd, feature: dict[str, Any]) -> Blad:
    """One feature: each field with its value and meaning, and its outline when it is an area."""
    request, collectie = gevraagd.request, gevraagd.collectie
    properties = feature["properties"]
    status = properties.get("status")
    named = [veld for veld in collectie.velden if veld.naam in properties]
    return {
        "collectie": collectie,
        "waarden": [(veld, make_cel(properties[veld.naam], veld)) for veld in named],
        "statussen": list(explain_statussen([status] if status else [])),
        "ligging": ligging(feature["geometry"]),
        "tekening": draw_areas([feature]) if gevraagd.vraag.crs is CRS84 else None,
        "stelsel": gevraagd.vraag.crs,
        "adres_items": f"{base(request)}/collections/{collectie.id}/items",
    }


def _keuze(gevraagd: Gevraagd, naam: str, document: Mapping[str, Any]) -> Blad:
    """The values that one part of the question can have, each as the address of that question."""
    label, values = KEUZES[naam]
    # Nobody asked for a denominator: the figures themselves tell which one they have.
    given = document["features"][0]["properties"].get(f"{naam}_soort") if document["features"] else None
    chosen = getattr(gevraagd.vraag.vraag, naam) or given
    changes: dict[str, str | None] = {"cursor": None, "offset": None}
    return {
        "label": label,
        "opties": [(value, with_query(gevraagd.request, changes | {naam: value}), value == chosen) for value in values],
    }


def _periode(temporal: Mapping[str, Any] | None) -> str | None:
    """The extent in time in words."""
    if temporal is None:
        return None
    van, tot = (dag_naam(date.fromisoformat(moment[:10])) for moment in temporal["interval"][0])
    return f"{van} t/m {tot}"


def downloads(bevraagd: Bevraagd) -> list[Download]:
    return [Download(formaat, *WANNEER[formaat.naam], bevraagd.adres(formaat.naam)) for formaat in formats()]


def formats() -> tuple[Formaat, ...]:
    return (GEOJSON, *FILE_FORMATS)
