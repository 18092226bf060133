"""Load reports or counts per area, and bring everything derived from them up to date."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

from geo_service.db.write.bronnen import ensure_bron
from geo_service.db.write.meldingen import prepare, write_meldingen
from geo_service.db.write.run import Run
from geo_service.db.write.tellingen import write_tellingen
from geo_service.jobs.inlezen import (
    Opdracht,
    decide_gemeente,
    load_buurt_index,
    peek,
    refresh_source,
    refuse_other_layer,
    refuse_when_all_rejected,
)
from geo_service.jobs.prefetch import prefetch
from ingest.records import Batch


def store_meldingen(run: Run, batches: Iterable[Batch], kind: str, opdracht: Opdracht) -> None:
    """Write reports or counts per area, then bring the source's facts and released figures up to date."""
    first, batches = peek(iter(batches))
    run.gemeente = decide_gemeente(run.connection, opdracht, None if first is None else first.records)
    refuse_other_layer(run, "meldingen")
    ensure_bron(run.connection, run.gemeente, run.bron, "meldingen")
    if kind == "telling":
        write_tellingen(run, run.take(batches))
    else:
        _store_points(run, batches, opdracht)
    refuse_when_all_rejected(run, opdracht)
    if run.counts.opgeslagen or run.counts.gewijzigd or run.counts.gesloten:
        refresh_source(run.connection, run.gemeente, run.bron, opdracht.today, new_data=True)


def _store_points(run: Run, batches: Iterable[Batch], opdracht: Opdracht) -> None:
    """Read, prepare and store, each in a thread of its own: three steps on two cores and a database.

    Both threads have stopped when this returns or raises, before anyone closes the source they read.
    """
    index = load_buurt_index(run.connection, run.gemeente or "")
    with (
        closing(prefetch(batches)) as read_ahead,
        closing(prefetch(prepare(batch, index) for batch in read_ahead)) as ready,
    ):
        write_meldingen(run, ready, areas_known=bool(index.vintages), volledig=opdracht.volledig)
    if not index.vintages:
        run.note_without_areas()
