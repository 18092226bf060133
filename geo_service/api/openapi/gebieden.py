"""Descriptions of the profile of one area and of its figures through time."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.api import parameters as p
from geo_service.api.gebieden import REEKS
from geo_service.api.openapi.componenten import TEXT
from geo_service.api.openapi.model import Operatie, Schema, schema_ref
from geo_service.api.openapi.wegwijzer import DOCUMENT_FORMAT, document_content
from geo_service.api.schemas import property_schema
from geo_service.identity import Viewer
from geo_service.release.collecties import COLLECTIES

TAG = "Gebieden"
CODE = p.Parameter(
    "gebiedCode", "Code van het gebied.", {"type": "string", "minLength": 1, "maxLength": 60, "examples": ["GM0153"]}
)


def describe(viewer: Viewer) -> Iterator[Operatie]:
    parts = (
        "Kerncijfers, plekken, meldingen, bezoeken en hotspots" if viewer.may_see_figures else "Kerncijfers en plekken"
    )
    yield Operatie(
        "/gebieden/{gebiedCode}/profiel", "getProfiel", "Alles over één gebied", f"{parts} van één gebied.", TAG,
        document_content("Profiel"), (CODE,), (DOCUMENT_FORMAT,), ("Link",),
    )  # fmt: skip
    if viewer.may_see_figures:
        yield Operatie(
            "/gebieden/{gebiedCode}/tijdreeks", "getTijdreeks", "Cijfers van één gebied door de tijd",
            "Eén cijfer per periode, elk met status, dekking, trendbreuk en herkomst.", TAG,
            document_content("Tijdreeks"), (CODE,), (*REEKS, DOCUMENT_FORMAT), ("Link",),
        )  # fmt: skip


def schemas(viewer: Viewer) -> dict[str, Schema]:
    links = {"links": {"type": "array", "items": schema_ref("Link")}}
    series = dict.fromkeys(("gebied_code", "gebied_naam", "niveau", "soort"), TEXT)
    figures = {"reeks": {"type": "array", "items": schema_ref("Cijfer")}}
    parts = ("kerncijfers", "meldingen", "bezoeken", "hotspots") if viewer.may_see_figures else ("kerncijfers",)
    single = ("gebied", "plekken", "bereikbaar", "vergelijkbaar")
    profile = {naam: {"type": "object"} for naam in single} | {naam: _documents() for naam in parts}
    if viewer.scoped:
        profile["gevoelige_locaties"] = {"type": "object"}
    found = {"Profiel": _closed(("gebied", "kerncijfers", "plekken", "vergelijkbaar", "links"), profile | links)}
    if viewer.may_see_figures:
        velden = COLLECTIES["meldingen-per-gebied"].velden
        found["Cijfer"] = {"type": "object", "properties": {veld.naam: property_schema(veld) for veld in velden}}
        found["Tijdreeks"] = _closed((*series, *figures, *links), series | figures | links)
    return found


def _documents() -> Schema:
    return {"type": "array", "items": {"type": "object"}}


def _closed(required: tuple[str, ...], properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}
