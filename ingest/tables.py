"""Read CSV and Excel in chunks as plain text; memory stays flat in file size."""

from __future__ import annotations

import codecs
import csv
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException
from pyarrow import csv as arrow_csv

from ingest.archief import check_zip
from ingest.errors import ColumnsMissing, SourceUnreadable
from ingest.records import Note, Reject

# A record must fit in one block: a field of a million characters has to survive.
_BLOCK = 1024 * 1024
_MAX_HEADER = 1024 * 1024
_DELIMITERS = ",;\t|"
# The texts of a workbook are held in memory as a whole, and so is a JSON document.
_MAX_XLSX_BYTES = 1024**3
_MAX_JSON_BYTES = 1024**3
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class TableInfo:
    """What a table looks like before any row is read. delimiter is "" for Excel."""

    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    notes: tuple[Note, ...] = ()


def is_excel(path: Path) -> bool:
    return path.suffix.lower() in (".xlsx", ".xlsm")


def describe_table(path: Path) -> TableInfo:
    """Columns (stripped, made unique), encoding, delimiter and notes. Raises SourceUnreadable."""
    if path.suffix.lower() in (".xls", ".ods"):
        raise SourceUnreadable(f"{path.name} is een oud of ander rekenblad. Bewaar het als .xlsx of .csv.")
    if is_excel(path):
        return _describe_excel(path)
    encoding = _detect_encoding(path)
    delimiter, columns = _read_header(path, encoding)
    notes: tuple[Note, ...] = ()
    if encoding in ("cp1252", "latin-1"):
        notes = (Note("latin1", "De tekst was geen UTF-8 en is gelezen als Latin-1 (Windows-1252)."),)
    return TableInfo(columns, encoding, delimiter, notes)


def read_table(
    path: Path,
    *,
    chunk_rows: int = 50_000,
    columns: Sequence[str] | None = None,
    rejects: list[Reject] | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield frames of at most chunk_rows rows: object columns of str or None, and int64 `line` (header = 1).

    columns: read only these (stripped names); an absent one raises ColumnsMissing.
    rejects: rows with too many or too few fields are added here (``kolommen_aantal``), at the latest when the
    iterator ends; without a list such a row makes the file SourceUnreadable. Empty lines are skipped.
    Lines are physical rows; a quoted line break counts as part of its row.
    """
    info = describe_table(path)
    wanted = list(info.columns) if columns is None else list(columns)
    missing = [name for name in wanted if name not in info.columns]
    if missing:
        raise ColumnsMissing(
            f"{path.name} mist de kolom {', '.join(missing)}. Aanwezig: {', '.join(info.columns)[:300]}."
        )
    if is_excel(path):
        yield from _read_excel(path, info, wanted, chunk_rows)
    else:
        yield from _read_csv(path, info, wanted, chunk_rows, rejects)


def load_json(path: Path) -> Any:
    """The whole JSON document (UTF-8, with or without BOM). Raises SourceUnreadable with the line."""
    if path.stat().st_size > _MAX_JSON_BYTES:
        raise SourceUnreadable(f"{path.name} is te groot om als één JSON-document te lezen.")
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{path.name} is geen UTF-8 en dus geen geldige JSON.") from error
    except json.JSONDecodeError as error:
        raise SourceUnreadable(f"{path.name} is geen geldige JSON: fout op regel {error.lineno}.") from error
    except RecursionError as error:
        raise SourceUnreadable(f"{path.name} is te diep genest om te lezen.") from error


def _detect_encoding(path: Path) -> str:
    with path.open("rb") as stream:
        head = stream.read(4)
        for bom, name in _BOMS:
            if head.startswith(bom):
                return name
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        utf8, seen = True, set[int]()
        while block := stream.read(_BLOCK):
            if b"\x00" in block:
                raise SourceUnreadable(f"{path.name} is geen tekstbestand.")
            if utf8:
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    utf8 = False
            if not utf8:
                seen |= set(block)
    if utf8:
        return "utf-8"
    return "latin-1" if seen & _NOT_CP1252 else "cp1252"


def _read_header(path: Path, encoding: str) -> tuple[str, tuple[str, ...]]:
    with path.open(encoding=encoding, newline="") as stream:
        head = stream.read(_MAX_HEADER)
    first = head.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=lambda sign: _count_outside_quotes(first, sign))
    try:
        names = next(csv.reader(head.splitlines(keepends=True), delimiter=delimiter))
    except (StopIteration, csv.Error) as error:
        raise SourceUnreadable(f"{path.name} heeft geen leesbare kopregel.") from error
    if not any(name.strip() for name in names):
        raise SourceUnreadable(f"{path.name} heeft geen leesbare kopregel.")
    return delimiter, unique_names(names)


def _count_outside_quotes(text: str, sign: str) -> int:
    return sum(part.count(sign) for part in text.split('"')[::2])


def unique_names(names: Sequence[object]) -> tuple[str, ...]:
    """Column names stripped of spaces and BOM; an empty name becomes kolom_N, a repeated one gets .2, .3 …"""
    result: list[str] = []
    for number, raw in enumerate(names, start=1):
        name = str(raw if raw is not None else "").strip().lstrip("\ufeff") or f"kolom_{number}"
        unique, again = name, 2
        while unique in result:
            unique, again = f"{name}.{again}", again + 1
        result.append(unique)
    return tuple(result)


def _read_csv(
    path: Path, info: TableInfo, wanted: list[str], chunk_rows: int, rejects: list[Reject] | None
) -> Iterator[pd.DataFrame]:
    if _is_header_only(path, info.encoding):
        return
    skipped: list[int] = []

    def skip_row(row: Any) -> str:
        if rejects is None:
            return "error"
        skipped.append(row.number)
        reason = f"De regel heeft {row.actual_columns} velden; de kopregel heeft er {row.expected_columns}."
        rejects.append(Reject(row.number, "kolommen_aantal", reason))
        return "skip"

    try:
        with _open_arrow(path, info, wanted, skip_row) as reader:
            done = 0
            for batch in reader:
                for start in range(0, batch.num_rows, chunk_rows):
                    part = batch.slice(start, chunk_rows)
                    yield _frame(part, _lines(done, part.num_rows, skipped))
                    done += part.num_rows
    except pa.ArrowInvalid as error:
        raise SourceUnreadable(
            f"{path.name} is geen goede CSV: een regel heeft te veel of te weinig velden, is te lang, "
            "of een aanhalingsteken wordt niet gesloten."
        ) from error


def _is_header_only(path: Path, encoding: str) -> bool:
    """A single line without line end, which pyarrow takes for a broken record."""
    if path.stat().st_size > _MAX_HEADER:
        return False
    return len(path.read_text(encoding=encoding).splitlines()) < 2


def _open_arrow(path: Path, info: TableInfo, wanted: list[str], skip_row: Any) -> Any:
    # pyarrow drops a UTF-8 BOM itself and reads UTF-8 without transcoding, which is twice as fast.
    encoding = "utf-8" if info.encoding == "utf-8-sig" else info.encoding
    return arrow_csv.open_csv(
        path,
        # Row numbers of refused rows are known only without threads.
        read_options=arrow_csv.ReadOptions(
            use_threads=False,
            block_size=_BLOCK,
            column_names=list(info.columns),
            skip_rows_after_names=1,
            encoding=encoding,
        ),
        parse_options=arrow_csv.ParseOptions(
            delimiter=info.delimiter,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skip_row,
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types={name: pa.string() for name in info.columns},
            include_columns=wanted,
            strings_can_be_null=True,
            null_values=[""],
            quoted_strings_can_be_null=True,
        ),
    )


def _lines(done: int, count: int, skipped: list[int]) -> np.ndarray:
    """Physical row of each record: records and skipped rows share one numbering, the header is row 1."""
    lines = np.arange(done, done + count, dtype=np.int64) + 2
    for row in skipped:
        lines[lines >= row] += 1
    return lines


def _frame(batch: pa.RecordBatch, lines: np.ndarray) -> pd.DataFrame:
    data = {
        name: pd.Series(batch.column(name).to_numpy(zero_copy_only=False), dtype=object) for name in batch.schema.names
    }
    frame = pd.DataFrame(data)
    frame["line"] = lines
    # Looking for empty rows costs as much as reading: only where every column has a gap can there be one.
    if all(column.null_count for column in batch.columns):
        return _without_empty_rows(frame, list(data))
    return frame


def _without_empty_rows(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    empty = frame[names].isna().all(axis=1)
    return frame[~empty].reset_index(drop=True) if empty.any() else frame


def _open_workbook(path: Path) -> Any:
    try:
        check_zip(path, path.name, limit=_MAX_XLSX_BYTES)
        return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise SourceUnreadable(f"{path.name} is geen leesbaar Excelbestand (.xlsx).") from error


def _rows(workbook: Any) -> Iterator[tuple[int, tuple[object, ...]]]:
    sheet = workbook.worksheets[0]
    # Some programs write a wrong size in the sheet; without it openpyxl reads every row.
    sheet.reset_dimensions()
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(value is not None for value in row):
            yield line, row


def _describe_excel(path: Path) -> TableInfo:
    workbook = _open_workbook(path)
    try:
        first = next(_rows(workbook), None) if workbook.worksheets else None
        sheets = [sheet.title for sheet in workbook.worksheets]
    finally:
        workbook.close()
    if first is None:
        raise SourceUnreadable(f"{path.name} heeft geen gevuld eerste werkblad.")
    notes: tuple[Note, ...] = ()
    if len(sheets) > 1:
        notes = (Note("werkbladen", f"Alleen het eerste werkblad is gelezen: {sheets[0]}."),)
    return TableInfo(unique_names(first[1]), "utf-8", "", notes)


def _read_excel(path: Path, info: TableInfo, wanted: list[str], chunk_rows: int) -> Iterator[pd.DataFrame]:
    workbook = _open_workbook(path)
    places = [info.columns.index(name) for name in wanted]
    lines: list[int] = []
    cells: list[list[str | None]] = []
    try:
        rows = _rows(workbook)
        next(rows, None)
        for line, row in rows:
            lines.append(line)
            cells.append([_text(row[place]) if place < len(row) else None for place in places])
            if len(lines) == chunk_rows:
                yield _excel_frame(cells, wanted, lines)
                lines, cells = [], []
        if lines:
            yield _excel_frame(cells, wanted, lines)
    finally:
        workbook.close()


def _excel_frame(cells: list[list[str | None]], wanted: list[str], lines: list[int]) -> pd.DataFrame:
    frame = pd.DataFrame(cells, columns=wanted, dtype=object)
    frame["line"] = np.array(lines, dtype=np.int64)
    return _without_empty_rows(frame, wanted)


def _text(value: object) -> str | None:
    """A cell as it would stand in a CSV: whole numbers without .0, dates in ISO form."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
