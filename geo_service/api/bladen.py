"""What pages show besides the document itself: meanings, downloads, examples, and features as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fastapi import Request

from geo_service.api.antwoord import GEOJSON, Formaat, base, with_query
from geo_service.api.bestand import FILE_FORMATS
from geo_service.api.voorbeelden import Bevraagd, voorbeelden
from geo_service.api.vraag import question_parameters
from geo_service.api.weergave import make_cel, make_tabel, question_in_words
from geo_service.domain.crs import SYSTEMS
from geo_service.domain.gebieden import NIVEAUS
from geo_service.domain.velden import Veld
from geo_service.identity import Viewer
from geo_service.release.collecties import Collectie, Vraag
from geo_service.release.collecties.cijfers import EIGEN
from geo_service.release.noemers import INDICATOREN
from geo_service.settings import get_settings
from maps.vorm import draw_areas

if TYPE_CHECKING:
    from geo_service.api.items import Gevraagd

Blad = dict[str, Any]
PEOPLE_LIMIT = 100
"""Objects on a page for people when they asked for no number."""
WANNEER = {
    "json": "Voor een webkaart of een klein aantal objecten. Komt in pagina's.",
    "csv": "Voor Excel en statistiek, met coördinaten in kolommen. Vlakken komen niet mee.",
    "geojsonseq": "Voor programma's die regel voor regel lezen, zonder alles in het geheugen te houden.",
    "gpkg": "Voor QGIS en ArcGIS: één bestand met tabel, vormen en coördinatenstelsel.",
    "fgb": "Voor QGIS, R en Python rechtstreeks van dit adres; snel zoeken op plaats.",
    "parquet": "Voor grote hoeveelheden in Python, R en DuckDB; het kleinste bestand.",
}
# Choices that are links and no form: they work without a script, and no field can be sent empty.
KEUZES = {"niveau": ("Soort gebied", NIVEAUS), "noemer": ("Vergelijk per 1.000", tuple(INDICATOREN))}


def collectie_blad(request: Request, viewer: Viewer, collectie: Collectie) -> Blad:
    """Meaning of the fields, systems, downloads and examples of a whole collection."""
    gemeente = request.query_params.get("gemeente")
    vraag = {"gemeente": gemeente} if gemeente else {}
    bevraagd = Bevraagd(base(request), collectie.id, collectie.titel, vraag, viewer.ingelogd)
    return {
        "collectie": collectie,
        "eigen": question_parameters(collectie),
        "stelsels": SYSTEMS,
        "downloads": [(formaat, bevraagd.adres(formaat.naam), WANNEER[formaat.naam]) for formaat in formats()],
        "voorbeelden": voorbeelden(bevraagd),
        "maximum": get_settings().limiet_maximum,
    }


def velden_blad(collectie: Collectie, document: Mapping[str, Any]) -> Blad:
    """The fields of a schema document in its own order; everything but the shape and the key has a meaning of ours."""
    return {"collectie": collectie, "filter": document.get("additionalProperties") is False}


def items_blad(gevraagd: Gevraagd, document: Mapping[str, Any], adressen: Iterable[str]) -> Blad:
    """The features as a table, the question in words, and the same question elsewhere."""
    request, collectie, vraag = gevraagd.request, gevraagd.collectie, gevraagd.vraag
    bevraagd = Bevraagd(
        base(request), collectie.id, collectie.titel, request.query_params, gevraagd.viewer.ingelogd
    )
    return {
        "collectie": collectie,
        "tabel": make_tabel(document["features"], adressen, _velden(collectie)),
        "vraag": question_in_words(vraag, collectie),
        "stelsel": vraag.crs,
        "keuzes": [_keuze(request, naam, vraag.vraag) for naam in KEUZES if naam in collectie.parameters],
        "downloads": [(formaat, bevraagd.adres(formaat.naam), WANNEER[formaat.naam]) for formaat in formats()],
        "voorbeelden": voorbeelden(bevraagd),
        "koppelingen": {link["rel"]: link["href"] for link in document["links"] if link["rel"] in ("next", "prev")},
    }


def item_blad(gevraagd: Gevraagd, feature: Mapping[str, Any]) -> Blad:
    """One feature: each field with its value and meaning, and its outline when it is an area."""
    request, collectie = gevraagd.request, gevraagd.collectie
    properties = feature["properties"]
    named = [veld for veld in _velden(collectie) if veld.naam in properties]
    return {
        "collectie": collectie,
        "waarden": [(veld, make_cel(properties[veld.naam], veld)) for veld in named],
        "tekening": draw_areas([feature]),
        "stelsel": gevraagd.vraag.crs,
        "adres_items": f"{base(request)}/collections/{collectie.id}/items",
    }


def _velden(collectie: Collectie) -> tuple[Veld, ...]:
    """Every field that a feature may hold, whoever asks."""
    return (*collectie.velden, EIGEN)


def _keuze(request: Request, naam: str, vraag: Vraag) -> dict[str, Any]:
    """The values that one part of the question can have, each as the address of that question."""
    label, values = KEUZES[naam]
    chosen = getattr(vraag, naam)
    elsewhere = {"cursor": None, "offset": None}
    options = [(value, with_query(request, {naam: value} | elsewhere), value == chosen) for value in values]
    return {"label": label, "opties": options}


def formats() -> tuple[Formaat, ...]:
    return (GEOJSON, *FILE_FORMATS)
