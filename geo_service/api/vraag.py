"""An items request, read and checked: what is asked of a collection, how it is filtered and how it is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from fastapi import Request

from geo_service.api import parameters as p
from geo_service.domain.crs import CRS84, Crs
from geo_service.domain.velden import Veld
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.release.collecties import COLLECTIES, Collectie, Vraag
from geo_service.release.selectie import Cql2, Filters
from geo_service.settings import get_settings
from geo_service.vraagregel import Pairs, query_pairs

# So many questions are kept, of at most so many bytes.
KEPT, SHORT = 1000, 1000
FILTERS = (p.BBOX, p.BBOX_CRS, p.DATETIME, p.FILTER, p.FILTER_LANG, p.FILTER_CRS)


@dataclass(frozen=True)
class ItemsVraag:
    """What an items request asks. limit None: none was asked. velden None: all of them."""

    gemeente: str | None
    vraag: Vraag
    filters: Filters
    crs: Crs = CRS84
    limit: int | None = None
    offset: int = 0
    cursor: str | None = None
    tellen: bool = True
    sortby: tuple[tuple[str, bool], ...] = ()
    velden: tuple[str, ...] | None = None


def question_parameters(collectie: Collectie) -> tuple[p.Parameter, ...]:
    """What decides which figures a collection holds: the municipality and the collection's own question."""
    return (p.GEMEENTE, *(p.VRAAG[naam] for naam in p.VRAAG if naam in collectie.parameters))


def items_parameters(collectie: Collectie, formats: tuple[str, ...]) -> tuple[p.Parameter, ...]:
    """Every parameter of an items request of this collection."""
    settings = get_settings()
    return _items_parameters(collectie, formats, settings.limiet_standaard, settings.limiet_maximum)


@cache
def _items_parameters(
    collectie: Collectie, formats: tuple[str, ...], standaard: int, maximum: int
) -> tuple[p.Parameter, ...]:
    return (
        *question_parameters(collectie),
        *FILTERS,
        *(equal_parameter(veld) for veld in collectie.filterbaar),
        p.CRS,
        p.limit_parameter(standaard, maximum),
        p.CURSOR,
        p.OFFSET,
        p.COUNT,
        sort_parameter(collectie),
        properties_parameter(collectie),
        p.format_parameter(formats),
    )


def equal_parameter(veld: Veld) -> p.Parameter:
    formats = {"date": "date", "date-time": "date-time"}
    kind = formats.get(veld.soort.value)
    schema: dict[str, Any] = {"type": "string", "format": kind} if kind else {"type": veld.soort.value}
    if veld.waarden:
        schema["enum"] = list(veld.waarden)
    read = p.one_of(veld.waarden) if veld.waarden else p.value_of(veld)
    return p.Parameter(veld.naam, f"Alleen objecten met deze waarde. {veld.titel}", schema, read)


def sort_parameter(collectie: Collectie) -> p.Parameter:
    read = p.field_names(collectie.velden, p.sort_keys, lambda key: str(key[0]))
    known = "|".join(veld.naam for veld in collectie.velden)
    schema = {"type": "array", "items": {"type": "string", "pattern": f"^[+-]?({known})$"}, "minItems": 1}
    return p.Parameter("sortby", "Velden om op te ordenen, met een min ervoor van hoog naar laag.", schema, read)


def properties_parameter(collectie: Collectie) -> p.Parameter:
    schema = {
        "type": "array",
        "items": {"type": "string", "enum": [veld.naam for veld in collectie.velden]},
        "minItems": 1,
    }
    read = p.field_names(collectie.velden, p.names)
    return p.Parameter("properties", "Alleen deze velden, gescheiden door komma's.", schema, read)


def read_items(request: Request, collectie: Collectie, formats: tuple[str, ...]) -> ItemsVraag:
    """The request as a question; InvalidParameters lists everything that is wrong with it."""
    settings = get_settings()
    read = _read_again if len(request.scope["query_string"]) <= SHORT else _read
    return read(query_pairs(request), collectie.id, formats, settings.limiet_standaard, settings.limiet_maximum)


def _read(pairs: Pairs, collection_id: str, formats: tuple[str, ...], standaard: int, maximum: int) -> ItemsVraag:
    collectie = COLLECTIES[collection_id]
    values = p.read_pairs(pairs, _items_parameters(collectie, formats, standaard, maximum))
    return ItemsVraag(
        gemeente=values.get("gemeente"),
        vraag=make_vraag(values),
        filters=make_filters(values, collectie),
        crs=values.get("crs", CRS84),
        limit=values.get("limit"),
        offset=values.get("offset", 0),
        cursor=values.get("cursor"),
        tellen=values.get("count", True),
        sortby=values.get("sortby", ()),
        velden=values.get("properties"),
    )


# What is asked again and again is read once; the text decides what it means.
_read_again = lru_cache(KEPT)(_read)


def make_vraag(values: dict[str, Any]) -> Vraag:
    return Vraag(**{naam: values[naam] for naam in p.VRAAG if naam in values})


def make_filters(values: dict[str, Any], collectie: Collectie) -> Filters:
    faults = []
    box = None
    for needed, naam in (("bbox", "bbox-crs"), ("filter", "filter-lang"), ("filter", "filter-crs")):
        if naam in values and needed not in values:
            faults.append(ParameterFault(naam, f"hoort bij {needed}, en dat ontbreekt."))
    if "cursor" in values and "offset" in values:
        faults.append(ParameterFault("offset", "kan niet samen met cursor."))
    try:
        box = p.make_box(values["bbox"], values.get("bbox-crs", CRS84)) if "bbox" in values else None
    except ValueError as error:
        faults.append(ParameterFault("bbox", str(error)))
    if faults:
        raise InvalidParameters(*faults)
    cql2 = None
    if "filter" in values:
        cql2 = Cql2(values["filter"], values.get("filter-lang", "cql2-text"), values.get("filter-crs", CRS84))
    # A parameter of the question has been answered by the question, also when it is a field.
    own = {veld.naam for veld in collectie.filterbaar}
    return Filters(box, values.get("datetime"), cql2, {naam: values[naam] for naam in sorted(own & values.keys())})
