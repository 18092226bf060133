"""Open a source, a file or an http(s) address, as one checked local file."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit

import httpx

from ingest.adressen import make_client
from ingest.archief import MAX_RATIO, RATIO_FROM_BYTES, check_zip, refuse_other_archive
from ingest.errors import SourceNotFound, SourceRefused, SourceUnreadable

MAX_DOWNLOAD_BYTES = 8 * 1024**3
_BLOCK = 1024 * 1024
_EDGE = 64 * 1024
_ENCODINGS = ("identity", "gzip", "deflate")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_NEXT_PAGE = re.compile(rb'"rel"\s*:\s*"next"|"@?odata\.nextLink"\s*:\s*"')
_SUFFIX_OF_TYPE = {
    "application/json": ".json",
    "application/geo+json": ".geojson",
    "application/zip": ".zip",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "text/csv": ".csv",
    "application/geopackage+sqlite3": ".gpkg",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A source that lies on this machine and looks like data.

    path: the file itself, or the temporary copy of a URL (gone after the context closes).
    name: file name to show and to store; without folders, user names and query of a URL.
    sha256: hex digest of the bytes. size: bytes.
    """

    path: Path
    name: str
    sha256: str
    size: int


def is_url(source: str | Path) -> bool:
    return isinstance(source, str) and source.lower().startswith(("http://", "https://"))


@contextmanager
def open_source(source: str | Path, *, client: httpx.Client | None = None) -> Iterator[LocalSource]:
    """Give the source as a local file.

    Raises SourceNotFound (missing file, unreachable URL, HTTP error) and SourceUnreadable (folder, empty,
    web page instead of data, broken zip, too large).
    """
    if not is_url(source):
        if _SCHEME.match(str(source)):
            raise SourceRefused("Alleen adressen met http of https, en bestanden op deze machine, worden gelezen.")
        path = Path(source)
        yield _check_file(path, path.name)
        return
    with TemporaryDirectory(prefix="buurtsignaal-") as folder:
        path, name = _download(str(source), Path(folder), client)
        yield _check_file(path, name)


def _download(url: str, folder: Path, client: httpx.Client | None) -> tuple[Path, str]:
    shown = _shown_url(url)
    try:
        own = client or make_client(url)
    except httpx.InvalidURL as error:
        raise SourceNotFound(f"{shown} is geen geldig adres.") from error
    try:
        with own.stream("GET", url) as response:
            if response.is_error:
                raise SourceNotFound(f"{shown} gaf foutcode {response.status_code} in plaats van gegevens.")
            name = _name_of(url, response)
            path = folder / name
            _write_limited(response, path, shown)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SourceNotFound(f"{shown} is niet bereikbaar. Controleer het adres en de verbinding.") from error
    finally:
        if client is None:
            own.close()
    return path, name


def _write_limited(response: httpx.Response, path: Path, shown: str) -> None:
    if response.headers.get("content-encoding", "identity").lower() not in _ENCODINGS:
        raise SourceUnreadable(f"{shown} is ingepakt op een manier die wij niet lezen.")
    written = 0
    with path.open("wb") as target:
        for block in response.iter_bytes(_BLOCK):
            written += len(block)
            if written > MAX_DOWNLOAD_BYTES:
                megabytes = MAX_DOWNLOAD_BYTES // 1024**2
                raise SourceUnreadable(f"{shown} is groter dan {megabytes} MB. Download het bestand eerst zelf.")
            if written > max(RATIO_FROM_BYTES, MAX_RATIO * response.num_bytes_downloaded):
                raise SourceUnreadable(f"{shown} is uitgepakt onwaarschijnlijk groot en is daarom geweigerd.")
            target.write(block)


def _shown_url(url: str) -> str:
    """The address without user name, password and query: those may hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


def _name_of(url: str, response: httpx.Response) -> str:
    # Only the last path part, so that an address can never point outside the temporary folder.
    name = Path(unquote(urlsplit(url).path)).name.replace("\x00", "")[-120:] or "bron"
    if Path(name).suffix:
        return name
    content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    return name + _SUFFIX_OF_TYPE.get(content_type, "")


def _check_file(path: Path, name: str) -> LocalSource:
    if path.is_dir():
        raise SourceUnreadable(f"{name} is een map. Geef het bestand zelf op.")
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
    except FileNotFoundError as error:
        raise SourceNotFound(f"{path} bestaat niet. Controleer de naam en de map.") from error
    except OSError as error:
        raise SourceUnreadable(f"{path} kan niet worden gelezen. Controleer de rechten.") from error
    if not head.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise SourceUnreadable(f"{name} is leeg.")
    refuse_other_archive(head, name)
    if looks_like_html(head):
        raise SourceUnreadable(f"{name} is een webpagina (HTML) en geen gegevensbestand.")
    if head[:2] == b"PK" or path.suffix.lower() in (".zip", ".xlsx"):
        check_zip(path, name)
    return LocalSource(path, name, digest, size)


def refuse_single_page(path: Path, name: str) -> None:
    """Raise SourceRefused for a JSON answer that says there is more: half a register looks whole."""
    with path.open("rb") as stream:
        head = stream.read(_EDGE)
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _EDGE))
        tail = stream.read()
    if _NEXT_PAGE.search(head) or _NEXT_PAGE.search(tail):
        raise SourceRefused(f"{name} is maar één pagina van een langere lijst. Haal eerst alle pagina's op.")


def looks_like_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
