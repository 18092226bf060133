"""Read key figures of CBS per area: OData v3 and v4 JSON, and CSV of either shape."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ingest.adressen import make_client
from ingest.errors import SourceRefused, SourceUnreadable
from ingest.indicatoren import KERNCIJFER_COLUMNS, empty_kerncijfers
from ingest.kerncijfers_rijen import RowReader, Rows, columns_to_read
from ingest.records import Batch, Reject
from ingest.sources import LocalSource, is_url, open_source, refuse_single_page
from ingest.tables import describe_table, load_json, read_table

__all__ = ["KERNCIJFER_COLUMNS", "read_kerncijfers"]

_YEAR_OF_TABLE = {
    "86165NED": 2025,
    "85984NED": 2024,
    "85618NED": 2023,
    "85318NED": 2022,
    "85039NED": 2021,
    "84799NED": 2020,
    "84583NED": 2019,
    "84286NED": 2018,
    "83765NED": 2017,
}
_MAX_PAGES = 5000


def read_kerncijfers(source: str | Path, *, jaar: int | None = None, gemeente: str | None = None) -> Iterator[Batch]:
    """Batches with columns gebied_code, jaar, indicator, waarde, status (KERNCIJFER_COLUMNS).

    jaar: of the figures; None looks in the rows, then in the name of the file or address. gemeente: keep the
    areas of this one (GM0153). A URL is followed along its nextLink. Batch.read counts rows of the source.
    Raises SourceRefused (no year known) and its kinds.
    """
    if is_url(source):
        yield from _read_url(str(source), jaar, gemeente)
        return
    with open_source(source) as local:
        refuse_single_page(local.path, local.name)
        reader = RowReader(jaar, _year_in(local.name), gemeente)
        yield from _read_file(local, reader)


def _read_url(url: str, jaar: int | None, gemeente: str | None) -> Iterator[Batch]:
    with make_client(url) as client:
        reader = RowReader(jaar, _year_in(url), gemeente, _measure_titles(url, client))
        following: str | None = url
        visited: set[str] = set()
        while following is not None:
            if following in visited or len(visited) >= _MAX_PAGES:
                raise SourceUnreadable("De bron verwijst in een kring naar volgende pagina's.")
            visited.add(following)
            with open_source(following, client=client) as local:
                link = yield from _read_file(local, reader)
            following = _next_page(following, link)


def _read_file(local: LocalSource, reader: RowReader) -> Generator[Batch, None, str | None]:
    """Batches of one file or page; returns the link to the next page, if any."""
    with local.path.open("rb") as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith((b"{", b"[")):
        yield from _read_table(local, reader)
        return None
    document = load_json(local.path)
    rows = _rows_of(document, local.name)
    if rows:
        yield reader.read_json(rows, local.name)
    return _next_link(document)


def _read_table(local: LocalSource, reader: RowReader) -> Iterator[Batch]:
    info = describe_table(local.path)
    wanted = columns_to_read(info.columns, reader.year)
    notes = (*info.notes, *reader.column_notes(info.columns))
    rejects: list[Reject] = []
    for frame in read_table(local.path, columns=wanted, rejects=rejects):
        ragged, rejects[:] = tuple(rejects), []
        yield reader.read_frame(Rows(frame, local.name, notes, ragged))
        notes = ()
    if rejects or notes:
        yield Batch(empty_kerncijfers(), len(rejects), tuple(rejects), notes)


def _year_in(text: str) -> int | None:
    """The year in a name; else the year of the CBS table that it names."""
    years = re.findall(r"(?<![0-9])(?:20[0-4][0-9]|199[0-9])(?![0-9])", text)
    if years:
        return int(years[-1])
    return next((year for table, year in _YEAR_OF_TABLE.items() if table in text), None)


def _rows_of(document: Any, name: str) -> list[dict[str, Any]]:
    rows = document.get("value") if isinstance(document, dict) else document
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceUnreadable(f"{name} heeft niet de vorm van CBS OData: een lijst 'value' met rijen ontbreekt.")
    return rows


def _next_link(document: Any) -> str | None:
    if not isinstance(document, dict):
        return None
    link = document.get("@odata.nextLink") or document.get("odata.nextLink")
    return link if isinstance(link, str) else None


def _next_page(current: str, link: str | None) -> str | None:
    if not link:
        return None
    following = urljoin(current, link)
    if urlsplit(following).hostname != urlsplit(current).hostname:
        raise SourceRefused("De volgende pagina ligt op een andere server en is daarom niet gevolgd.")
    return following


def _measure_titles(url: str, client: httpx.Client) -> dict[str, str]:
    """OData v4 names measures by code; the list beside Observations says what they are."""
    parts = urlsplit(url)
    if not parts.path.rstrip("/").endswith("/Observations"):
        return {}
    codes = parts._replace(path=parts.path.rstrip("/").removesuffix("Observations") + "MeasureCodes", query="")
    with open_source(codes.geturl(), client=client) as local:
        rows = _rows_of(load_json(local.path), local.name)
    return {str(row.get("Identifier", "")).strip(): str(row.get("Title", "")) for row in rows}
