"""Meldingen of Signalen: the public geography feed and the private list of signals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ingest.adressen import make_client
from ingest.columns import unread_notes
from ingest.errors import SourceUnreadable
from ingest.json_rows import Row, json_rows
from ingest.json_stream import JsonRecords, dig, point_of, text_of
from ingest.meldingen_records import MeldingRules, build_batch
from ingest.records import Batches
from ingest.sources import LocalSource, open_source

_MAX_PAGES = 10_000
_PUBLIC_ROLES = ("tijd", "lon", "lat", "hoofdcategorie", "categorie")
_PRIVATE_ROLES = (*_PUBLIC_ROLES, "sleutel", "buurt_code", "status")
_PERSONAL_ROLES = ("melder", "adres")
_READ = {"id", "category", "created_at", "incident_date_start", "status", "location"}
_TECHNICAL = {"_links", "_display"}
_ADDRESS = ("openbare_ruimte", "huisnummer", "huisletter", "huisnummer_toevoeging", "postcode", "woonplaats")


def is_public(record: Any) -> bool:
    """A feature with a category in the public shape, which carries no id."""
    return isinstance(dig(record, "properties", "category"), dict) and text_of(dig(record, "properties", "id")) is None


def is_private(record: Any) -> bool:
    signal = dig(record, "properties") or record
    return isinstance(dig(signal, "category"), dict) and text_of(dig(signal, "id")) is not None


def read_signalen(pages: Iterator[Path], rules: MeldingRules, chunk_rows: int) -> Batches:
    """Batches over all pages; records are numbered through. rules.content_key says which of the two shapes
    it is."""
    number = 1
    said: set[str] = set()
    for page in pages:
        with JsonRecords(page) as records:
            numbered = enumerate(records, start=number)
            while chunk := list(islice(numbered, chunk_rows)):
                number += len(chunk)
                fresh = _unread([record for _, record in chunk], rules) - said
                said |= fresh
                rows = _rows(chunk, rules)
                yield build_batch(replace(rows, notes=unread_notes(sorted(fresh))), rules)


@contextmanager
def signalen_client(source: str) -> Iterator[tuple[httpx.Client, list[str]]]:
    """A client that remembers the address of the next page of each answer ("" when there is none)."""
    nexts: list[str] = []

    def remember(response: httpx.Response) -> None:
        if not response.is_redirect:
            nexts.append(urljoin(str(response.url), response.links.get("next", {}).get("url", "")))
            if "next" not in response.links:
                nexts[-1] = ""

    with make_client(source, remember) as client:
        yield client, nexts


def follow_pages(first: LocalSource, url: str, client: httpx.Client, nexts: list[str]) -> Iterator[Path]:
    """The first page and every next one, each as a file that lives until the following one is asked for.

    Raises SourceUnreadable when a page points to another server, to itself, or when there is no end.
    """
    yield first.path
    seen = {url}
    while nexts and nexts[-1]:
        address = nexts[-1]
        if urlsplit(address).hostname != urlsplit(url).hostname:
            raise SourceUnreadable(
                "De volgende pagina van Signalen staat op een andere server. Dat is niet toegestaan."
            )
        if address in seen or len(seen) >= _MAX_PAGES:
            raise SourceUnreadable(
                "De pagina's van Signalen verwijzen in een kring. Probeer een kleiner gebied (bbox)."
            )
        seen.add(address)
        with open_source(address, client=client) as page:
            yield page.path


def _rows(chunk: Sequence[tuple[int, Any]], rules: MeldingRules) -> Any:
    if rules.content_key:
        return json_rows(chunk, _public_row, _PUBLIC_ROLES)
    if rules.secret is None:
        return json_rows(chunk, _private_row, _PRIVATE_ROLES)
    return json_rows(chunk, _personal_row, (*_PRIVATE_ROLES, *_PERSONAL_ROLES))


def _public_row(record: Any) -> Row | None:
    properties = dig(record, "properties")
    if not isinstance(properties, dict):
        return None
    lon, lat = point_of(record.get("geometry"))
    return {
        "tijd": text_of(properties.get("created_at")),
        "lon": lon,
        "lat": lat,
        "hoofdcategorie": text_of(dig(properties, "category", "parent", "slug")),
        "categorie": text_of(dig(properties, "category", "slug")) or text_of(dig(properties, "category", "name")),
    }


def _private_row(record: Any) -> Row | None:
    signal = dig(record, "properties") or record
    if not isinstance(signal, dict):
        return None
    lon, lat = point_of(dig(signal, "location", "geometrie") or dig(record, "geometry"))
    return {
        "sleutel": text_of(signal.get("id")),
        # The moment of reporting, as in the public feed; the incident itself may be months older.
        "tijd": text_of(signal.get("created_at")) or text_of(signal.get("incident_date_start")),
        "lon": lon,
        "lat": lat,
        "buurt_code": text_of(dig(signal, "location", "buurt_code")),
        "hoofdcategorie": text_of(dig(signal, "category", "main_slug")) or text_of(dig(signal, "category", "main")),
        "categorie": text_of(dig(signal, "category", "sub_slug")) or text_of(dig(signal, "category", "sub")),
        "status": text_of(dig(signal, "status", "state")) or text_of(signal.get("status")),
    }


def _personal_row(record: Any) -> Row | None:
    """As _private_row, with the reporter and the address for their pseudonyms."""
    row = _private_row(record)
    if row is None:
        return None
    signal = dig(record, "properties") or record
    row["melder"] = text_of(dig(signal, "reporter", "email")) or text_of(dig(signal, "reporter", "phone"))
    address = dig(signal, "location", "address")
    parts = [text_of(dig(address, part)) for part in _ADDRESS]
    row["adres"] = " ".join(part for part in parts if part) or text_of(dig(signal, "location", "address_text"))
    return row


def _unread(records: Sequence[Any], rules: MeldingRules) -> set[str]:
    names: set[str] = set()
    for record in records:
        signal = dig(record, "properties") or record
        names.update(signal if isinstance(signal, dict) else ())
    return names - _READ - _TECHNICAL - ({"reporter"} if rules.secret else set())
