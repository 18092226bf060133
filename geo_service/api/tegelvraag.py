"""What may be asked of the tiles of a collection."""

from __future__ import annotations

from functools import cache

from fastapi import Request

from geo_service.api import parameters as p
from geo_service.api.antwoord import Formaat, choose_format
from geo_service.api.collections import find_collection
from geo_service.api.gevraagd import Gevraagd
from geo_service.api.vraag import (
    ItemsVraag,
    equal_parameter,
    make_filters,
    make_vraag,
    properties_parameter,
    question_parameters,
)  # fmt: skip
from geo_service.release.collecties import Collectie
from geo_service.web import enter


@cache
def tile_parameters(collectie: Collectie, formats: tuple[Formaat, ...]) -> tuple[p.Parameter, ...]:
    """What tiles take: the question and the filters of items, without paging and without a box of their own."""
    return (
        *question_parameters(collectie),
        p.DATETIME,
        p.FILTER,
        p.FILTER_LANG,
        p.FILTER_CRS,
        *(equal_parameter(veld) for veld in collectie.filterbaar),
        properties_parameter(collectie),
        p.format_parameter(formaat.naam for formaat in formats),
    )


async def read_tile_question(request: Request, formats: tuple[Formaat, ...]) -> tuple[Gevraagd, Formaat]:
    """The request, checked; a collection that the viewer may not read does not exist."""
    viewer, dienst = await enter(request)
    collectie = find_collection(request.path_params["collectionId"], viewer)
    values = p.read_query(request, tile_parameters(collectie, formats))
    vraag = ItemsVraag(
        values.get("gemeente"), make_vraag(values), make_filters(values, collectie), velden=values.get("properties")
    )
    formaat = choose_format(request, values.get("f"), formats)
    return Gevraagd(request, viewer, dienst, collectie, vraag), formaat
