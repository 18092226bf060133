"""Meldingen in the shape of Open311 GeoReport v2 (requests.json)."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from ingest.columns import unread_notes
from ingest.json_rows import Row, json_rows
from ingest.json_stream import JsonRecords, text_of
from ingest.meldingen_records import MeldingRules, build_batch
from ingest.records import Batches

_ROLES = ("sleutel", "tijd", "lon", "lat", "categorie", "status")
_READ = {"service_request_id", "status", "service_name", "service_code", "requested_datetime", "lat", "long"}


def is_open311(record: Any) -> bool:
    return isinstance(record, dict) and "service_request_id" in record


def read_open311(path: Path, rules: MeldingRules, chunk_rows: int) -> Batches:
    """Batches of a list of requests, bare or under service_requests."""
    said: set[str] = set()
    with JsonRecords(path) as records:
        numbered = enumerate(records, start=1)
        while chunk := list(islice(numbered, chunk_rows)):
            fresh = {name for _, record in chunk if isinstance(record, dict) for name in record} - _READ - said
            said |= fresh
            rows = json_rows(chunk, _row, _ROLES)
            yield build_batch(replace(rows, notes=unread_notes(sorted(fresh))), rules)


def _row(record: Any) -> Row | None:
    if not isinstance(record, dict):
        return None
    return {
        "sleutel": text_of(record.get("service_request_id")),
        "tijd": text_of(record.get("requested_datetime")),
        "lon": _coordinate(record.get("long")),
        "lat": _coordinate(record.get("lat")),
        # Codes are often mere numbers; the name is what other municipalities share.
        "categorie": text_of(record.get("service_name")) or text_of(record.get("service_code")),
        "status": text_of(record.get("status")),
    }


def _coordinate(value: Any) -> str | None:
    return repr(value) if isinstance(value, float) else text_of(value)
