"""Read meldingen of any format: recognise it by its content, and hand over validated batches."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from ingest.errors import SourceUnreadable
from ingest.json_stream import JsonRecords, dig
from ingest.mapping import Mapping, load_mapping
from ingest.meldingen_open311 import is_open311, read_open311
from ingest.meldingen_records import MeldingRules
from ingest.meldingen_signalen import follow_pages, is_private, is_public, read_signalen, signalen_client
from ingest.meldingen_table import looks_like_harvest, read_geojson_meldingen, read_table_meldingen
from ingest.pseudonym import check_secret
from ingest.records import Batch, Batches
from ingest.sources import LocalSource, is_url, open_source
from ingest.tables import describe_table, is_excel
from ingest.tellingen import is_telling_table, read_tellingen

Formaat = Literal["signalen", "open311", "csv", "geojson", "telling"]
FORMATEN: tuple[Formaat, ...] = ("signalen", "open311", "csv", "geojson", "telling")


@dataclass(frozen=True)
class MeldingenSource:
    """An opened source. Leave the context (or read batches to the end) to close its files.

    kind: "meldingen" (records of ingest.meldingen_records.COLUMNS) or "telling" (of
    ingest.tellingen.COLUMNS).
    key_is_content: the key is made of time and place, so the same key with another category is the same
    report recategorised.
    name, sha256, size: of the file; of the first page when a URL has several.
    bron: the source's name when the mapping fixes it.
    """

    formaat: Formaat
    kind: Literal["meldingen", "telling"]
    key_is_content: bool
    name: str
    sha256: str
    size: int
    bron: str | None
    batches: Generator[Batch, None, None]
    _stack: ExitStack

    def __enter__(self) -> MeldingenSource:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self.batches.close()
        self._stack.close()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the beginning of a file says."""

    formaat: Formaat
    is_json: bool = False
    content_key: bool = False


def read_meldingen(
    source: str | Path,
    *,
    formaat: Formaat | None = None,
    mapping: str | Path | Mapping | None = None,
    secret: bytes | None = None,
    today: date,
    chunk_rows: int = 50_000,
) -> MeldingenSource:
    """Open a file or URL of meldingen or of counts per area.

    formaat: None recognises it. secret: key of the pseudonyms of reporter and address (16 bytes or more);
    None leaves them out.
    today: rows after tomorrow are refused. Raises SourceRefused and its kinds before or while reading.
    """
    plan = load_mapping(mapping)
    rules = MeldingRules.of(plan, today=today, secret=check_secret(secret) if secret is not None else None)
    with ExitStack() as stack:
        client, nexts = stack.enter_context(signalen_client(str(source))) if is_url(source) else (None, [])
        local = stack.enter_context(open_source(source, client=client))
        seen = _recognise(local, formaat, plan)
        rules = replace(rules, content_key=seen.content_key)
        if seen.formaat == "signalen":
            pages = follow_pages(local, str(source), client, nexts) if client else iter([local.path])
            batches = read_signalen(pages, rules, chunk_rows)
        else:
            batches = _batches(local.path, seen, plan, rules, chunk_rows)
        held = stack.pop_all()
    kind: Literal["meldingen", "telling"] = "telling" if seen.formaat == "telling" else "meldingen"
    return MeldingenSource(
        formaat=seen.formaat,
        kind=kind,
        key_is_content=seen.content_key,
        name=local.name,
        sha256=local.sha256,
        size=local.size,
        bron=plan.bron,
        batches=_closing(batches, held),
        _stack=held,
    )


def _closing(batches: Batches, stack: ExitStack) -> Generator[Batch, None, None]:
    with stack:
        yield from batches


def _batches(path: Path, seen: _Seen, mapping: Mapping, rules: MeldingRules, chunk_rows: int) -> Batches:
    if seen.formaat == "telling":
        return read_tellingen(path, mapping, today=rules.today, chunk_rows=chunk_rows, is_json=seen.is_json)
    if seen.formaat == "open311":
        return read_open311(path, rules, chunk_rows)
    if seen.formaat == "geojson":
        return read_geojson_meldingen(path, mapping, rules, chunk_rows)
    return read_table_meldingen(path, mapping, rules, chunk_rows)


def _recognise(local: LocalSource, asked: Formaat | None, mapping: Mapping) -> _Seen:
    if asked is not None and asked not in FORMATEN:
        raise SourceUnreadable(f"Het formaat {asked} bestaat niet. Kies uit: {', '.join(FORMATEN)}.")
    seen = _recognise_json(local.path) if _is_json(local.path) else _recognise_table(local.path, mapping)
    if asked is None or asked == seen.formaat:
        return seen
    # A feed of Signalen is GeoJSON as well, and any table may be read as meldingen or as counts.
    if seen.is_json == (asked not in ("csv",)) and (seen.is_json or asked in ("csv", "telling")):
        return replace(seen, formaat=asked)
    raise SourceUnreadable(f"{local.name} is geen {asked}; de inhoud lijkt op {seen.formaat}.")


def _is_json(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(1024).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def _recognise_table(path: Path, mapping: Mapping) -> _Seen:
    if not is_excel(path) and path.suffix.lower() in (".zip", ".gpkg", ".xml"):
        raise SourceUnreadable(f"{path.name} is geen bestand met meldingen. Geef CSV, Excel, GeoJSON of JSON op.")
    if mapping.kolommen:
        return _Seen("telling" if "aantal" in mapping.kolommen else "csv")
    return _Seen("telling" if is_telling_table(describe_table(path).columns) else "csv")


def _recognise_json(path: Path) -> _Seen:
    with JsonRecords(path) as records:
        container = records.head.container
        first: Any = next(iter(records), None)
    if container == "features":
        if is_public(first):
            return _Seen("signalen", is_json=True, content_key=True)
        if is_private(first):
            return _Seen("signalen", is_json=True)
        return _Seen("geojson", is_json=True, content_key=looks_like_harvest(dig(first, "properties") or ()))
    if container == "service_requests" or is_open311(first):
        return _Seen("open311", is_json=True)
    if container == "results" or is_private(first):
        return _Seen("signalen", is_json=True)
    if isinstance(first, dict) and is_telling_table([str(name) for name in first]):
        return _Seen("telling", is_json=True)
    raise SourceUnreadable(
        f"{path.name} heeft geen bekende vorm. Bekend zijn Signalen, Open311, GeoJSON en tellingen per gebied."
    )
