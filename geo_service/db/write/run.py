"""One run of one source: its lock, its counts, its rejects and its record."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, LiteralString

import pandas as pd
import psycopg
from psycopg.types.json import Jsonb

from geo_service.errors import Conflict
from geo_service.settings import get_settings
from ingest.records import Batch, Note, Reject

KEPT_EXAMPLES = 5


@dataclass
class Counts:
    """What happened to the records of a run; the Dutch names are what the report prints."""

    gelezen: int = 0
    opgeslagen: int = 0
    gewijzigd: int = 0
    ongewijzigd: int = 0
    hergecategoriseerd: int = 0
    dubbel: int = 0
    afgekeurd: int = 0
    buiten: int = 0
    gesloten: int = 0

    def as_dict(self) -> dict[str, int]:
        return {name: int(value) for name, value in vars(self).items()}


@dataclass
class Run:
    """A run in progress. Everything it writes belongs to the connection's one transaction."""

    connection: psycopg.Connection
    laag: str
    bron: str
    bestand: str
    sha256: str | None = None
    gemeente: str | None = None
    formaat: str | None = None
    pad: str = ""
    counts: Counts = field(default_factory=Counts)
    notes: dict[tuple[str, str], int] = field(default_factory=dict)
    reject_codes: dict[str, int] = field(default_factory=dict)
    reject_examples: list[Reject] = field(default_factory=list)
    regels: list[str] = field(default_factory=list)
    run_id: int = 0
    begonnen_op: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.monotonic)

    @property
    def seconden(self) -> float:
        return time.monotonic() - self._clock

    def add_notes(self, notes: Iterable[Note]) -> None:
        for note in notes:
            key = (note.code, note.text)
            self.notes[key] = self.notes.get(key, 0) + note.count

    def add_rejects(self, rejects: Iterable[Reject]) -> None:
        rows = list(rejects)
        if not rows:
            return
        self.counts.afgekeurd += len(rows)
        for row in rows:
            self.reject_codes[row.code] = self.reject_codes.get(row.code, 0) + 1
        self.reject_examples.extend(rows[: KEPT_EXAMPLES - len(self.reject_examples)])
        # Not by COPY: under row security that is refused to an owner who is no superuser.
        self.connection.execute(
            "insert into intern.ingest_afkeur (run_id, regel, code, reden, sleutel) "
            "select %s, * from unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])",
            (
                self.run_id,
                [row.line for row in rows],
                [row.code for row in rows],
                [row.reason for row in rows],
                [row.key.replace("\x00", "") for row in rows],
            ),
        )

    def book_upsert(self, outcomes: Sequence[tuple[Any, ...]], offered: int) -> None:
        """Count an upsert. outcomes: a row (is new,) per row written; offered: rows that were compared."""
        new = sum(bool(outcome[0]) for outcome in outcomes)
        self.counts.opgeslagen += new
        self.counts.gewijzigd += len(outcomes) - new
        self.counts.ongewijzigd += offered - len(outcomes)

    def book(self, batch: Batch) -> None:
        """Count what a batch read, keep its rejects and add its notes."""
        self.counts.gelezen += batch.read
        self.add_rejects(batch.rejects)
        self.add_notes(batch.notes)

    def take(self, batches: Iterable[Batch]) -> Iterator[pd.DataFrame]:
        """The records of each batch, after booking what was read, rejected and noted."""
        for batch in batches:
            self.book(batch)
            yield batch.records

    def note_without_areas(self) -> None:
        """Without areas nothing is outside them: everything is kept, and gets its buurt when areas are loaded."""
        text = f"Er zijn nog geen gebieden van {self.gemeente} geladen: alles is bewaard zonder buurt."
        self.add_notes([Note("geen_gebieden", text)])
        self.counts.buiten = 0

    def finish(self, uitkomst: str = "opgeslagen") -> None:
        self.connection.execute(
            "update intern.ingest_run set gemeente_code = %s, uitkomst = %s, aantallen = %s, opmerkingen = %s, "
            "seconden = %s, formaat = %s where run_id = %s",
            (
                self.gemeente,
                uitkomst,
                Jsonb(self.counts.as_dict() | {"afkeur_codes": self.reject_codes}),
                Jsonb(self.note_list()),
                self.seconden,
                self.formaat,
                self.run_id,
            ),
        )

    def note_list(self) -> list[dict[str, Any]]:
        return [{"code": code, "tekst": text, "aantal": count} for (code, text), count in self.notes.items()]


@contextmanager
def start_run(connection: psycopg.Connection, run: Run) -> Iterator[Run]:
    """Hold the source's lock and write the run's record; the caller's transaction decides whether it stays."""
    lock_source(connection, run.laag, run.bron)
    row = connection.execute(
        "insert into intern.ingest_run (laag, bron, bestand, sha256, formaat, uitkomst, aantallen, opmerkingen, begonnen_op) "
        "values (%s, %s, %s, %s, %s, 'bezig', '{}', '[]', %s) returning run_id",
        (run.laag, run.bron, run.bestand, run.sha256, run.formaat, run.begonnen_op),
    ).fetchone()
    assert row is not None  # noqa: S101  (insert returning always gives a row)
    run.run_id = row[0]
    yield run
    run.finish()


def lock_source(connection: psycopg.Connection, laag: str, bron: str) -> None:
    """One load of a source at a time, and no retention beside it; Conflict when it takes too long."""
    seconds = get_settings().wachttijd_inlezen
    take_lock(
        connection,
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
        f"inlezen:{laag}:{bron}",
        f"Er loopt al een inlezing van bron {bron!r} en die was na {seconds} seconden niet klaar. "
        "Er is niets gewijzigd; probeer het later opnieuw.",
    )


def lock_gebieden(connection: psycopg.Connection, gemeente: str, *, shared: bool) -> None:
    """Keep areas and loads of one municipality apart: a load reads the areas once, so they must not change under it."""
    kind = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    take_lock(
        connection,
        f"select {kind}(hashtextextended(%s, 0))",
        f"gebieden:{gemeente}",
        f"De gebieden van {gemeente} zijn in gebruik door een andere inlezing. Er is niets gewijzigd; "
        "probeer het later opnieuw.",
    )


def take_lock(connection: psycopg.Connection, statement: LiteralString, name: str, refusal: str) -> None:
    """Wait for an advisory lock of this transaction, at most as long as the settings say; else Conflict."""
    seconds = get_settings().wachttijd_inlezen
    connection.execute("select set_config('lock_timeout', %s, true)", (f"{max(seconds, 0.01)}s",))
    try:
        connection.execute(statement, (name,))
    except psycopg.errors.LockNotAvailable:
        raise Conflict(refusal) from None
    connection.execute("select set_config('lock_timeout', '0', true)")
