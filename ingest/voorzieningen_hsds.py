"""Open Referral HSDS 3: services with organisation, places and schedules, nested or as flat tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ingest.errors import SourceRefused, SourceUnreadable
from ingest.json_rows import Row
from ingest.json_stream import dig, text_of

_CLOSED = ("inactive", "defunct")
_DAYS = {"MO": "ma", "TU": "di", "WE": "wo", "TH": "do", "FR": "vr", "SA": "za", "SU": "zo"}
Record = dict[str, Any]


def hsds_services(document: Any, name: str) -> list[Record]:
    """The services of a document in nested form. Raises SourceUnreadable when it is no HSDS."""
    services: Any = document
    if isinstance(document, dict):
        if document.get("total_pages") not in (None, 0, 1):
            raise SourceRefused(f"{name} is maar één pagina van een langere lijst. Haal eerst alle pagina's op.")
        services = document.get("contents", document.get("services"))
        if isinstance(document.get("service"), list) or _has_tables(document):
            services = _nest(document)
        elif services is None and "name" in document:
            services = [document]
    if not isinstance(services, list):
        raise SourceUnreadable(f"{name} heeft geen vorm die wij kennen: GeoJSON of Open Referral HSDS.")
    return services


def hsds_rows(service: Any) -> list[Row] | None:
    """One row per place of a service, or one without a place; None when it is no service object."""
    if not isinstance(service, dict):
        return None
    places = _places(service)
    key = text_of(service.get("id"))
    rows = []
    for place in places:
        location = place["location"] if isinstance(place.get("location"), dict) else place
        row = _service_row(service)
        row["sleutel"] = key if key is None or len(places) == 1 else f"{key}@{text_of(location.get('id')) or ''}"
        row["lon"], row["lat"] = text_of(location.get("longitude")), text_of(location.get("latitude"))
        row["openingstijden"] = _schedules(place) or _schedules(service)
        rows.append(row)
    return rows


def is_closed(service: Any) -> bool:
    """Whether the service itself says that it no longer exists."""
    return dig(service, "status") in _CLOSED


def _service_row(service: Record) -> Row:
    capacity = next((item for item in _list(service, "capacities") if "maximum" in item), {})
    return {
        "naam": text_of(service.get("name")),
        "type": _type(service),
        "aanbieder": text_of(dig(service, "organization", "name")),
        "doelgroep": text_of(service.get("eligibility_description")),
        "capaciteit": text_of(capacity.get("maximum")),
    }


def _places(service: Record) -> list[Record]:
    at_locations = [item for item in _list(service, "service_at_locations") if isinstance(item.get("location"), dict)]
    return at_locations or _list(service, "locations") or [{}]


def _type(service: Record) -> str | None:
    """The first taxonomy term, wherever this version of HSDS keeps it."""
    for attribute in _list(service, "attributes"):
        term = text_of(dig(attribute, "taxonomy_term", "name")) or text_of(dig(attribute, "taxonomy_term", "code"))
        if term or text_of(attribute.get("value")):
            return term or text_of(attribute.get("value"))
    names = (text_of(item.get("name")) for item in _list(service, "taxonomy_terms"))
    return next((name for name in names if name), None)


def _schedules(owner: Record) -> str | None:
    texts = [text for item in _list(owner, "schedules") if (text := _schedule(item))]
    return "; ".join(dict.fromkeys(texts)) or None


def _schedule(item: Record) -> str | None:
    days = [_DAYS.get(day.strip()[-2:].upper(), "") for day in (text_of(item.get("byday")) or "").split(",")]
    opens, closes = (text_of(item.get(name)) for name in ("opens_at", "closes_at"))
    hours = f"{opens[:5]}-{closes[:5]}" if opens and closes else ""
    stated = " ".join(part for part in (", ".join(filter(None, days)), hours) if part)
    return stated or text_of(item.get("description"))


def _list(owner: Record, name: str) -> list[Record]:
    items = owner.get(name)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _has_tables(document: Record) -> bool:
    return isinstance(document.get("services"), list) and (
        "locations" in document or "service_at_location" in document or "service_at_locations" in document
    )


def _nest(document: Record) -> list[Record]:
    """Join the flat tables by their ids. Table names may be singular (tabular HSDS) or plural."""
    organizations = {text_of(row.get("id")): row for row in _table(document, "organization")}
    locations = {text_of(row.get("id")): row for row in _table(document, "location")}
    terms = {text_of(row.get("id")): row for row in _table(document, "taxonomy_term")}
    at_locations = _grouped(_table(document, "service_at_location"), "service_id")
    schedules = _grouped(_table(document, "schedule"), "service_id")
    place_schedules = _grouped(_table(document, "schedule"), "service_at_location_id")
    attributes = _grouped(_table(document, "attribute"), "link_id")
    return [
        {
            **service,
            "organization": organizations.get(text_of(service.get("organization_id")), service.get("organization")),
            "schedules": schedules[key] or service.get("schedules"),
            "attributes": [
                {**row, "taxonomy_term": terms.get(text_of(row.get("taxonomy_term_id")))} for row in attributes[key]
            ]
            or service.get("attributes"),
            "service_at_locations": [
                {
                    **row,
                    "location": locations.get(text_of(row.get("location_id"))),
                    "schedules": place_schedules[text_of(row.get("id"))],
                }
                for row in at_locations[key]
            ]
            or service.get("service_at_locations"),
        }
        for service, key in _keyed(_table(document, "service"))
    ]


def _keyed(rows: list[Record]) -> Iterator[tuple[Record, str | None]]:
    return ((row, text_of(row.get("id"))) for row in rows)


def _table(document: Record, name: str) -> list[Record]:
    return _list(document, name) or _list(document, f"{name}s")


def _grouped(rows: list[Record], key: str) -> defaultdict[str | None, list[Record]]:
    groups: defaultdict[str | None, list[Record]] = defaultdict(list)
    for row in rows:
        groups[text_of(row.get(key))].append(row)
    # Rows without the key belong to nobody.
    groups.pop(None, None)
    return groups
