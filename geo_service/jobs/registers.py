"""Load the layers that are keyed registers, and key figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from geo_service.db.write.bronnen import bump_version, ensure_bron
from geo_service.db.write.kubus import rebuild_kubus
from geo_service.db.write.registers import (
    BEZOEK,
    INTERVENTIE,
    PAND,
    VOORZIENING,
    VOORZIENING_GEVOELIG,
    WIJKWIJZER,
    WONING,
    Register,
    move_between,
    upsert_register,
    write_kerncijfers,
)  # fmt: skip
from geo_service.db.write.run import Run
from geo_service.domain.gebieden import BuurtIndex
from geo_service.errors import Refused
from geo_service.jobs.inlezen import (
    Opdracht,
    decide_gemeente,
    load_buurt_index,
    peek,
    refresh_source,
    refuse_other_layer,
    refuse_when_all_rejected,
)
from geo_service.jobs.woningvoorraad import describe_woningen, summarise_woningen
from ingest.bezoeken import read_bezoeken
from ingest.interventies import read_interventies
from ingest.kerncijfers import read_kerncijfers
from ingest.records import Batch
from ingest.voorzieningen import read_voorzieningen
from ingest.wijkwijzers import read_wijkwijzers
from ingest.woningen import bag_gemeente, read_woningen


def store_register(run: Run, batches: Iterable[Batch], registers: dict[str, Register], opdracht: Opdracht) -> None:
    """Write a keyed register. registers: which rows go where, by a query on the frame ('' = all rows)."""
    first, frames = peek(run.take(batches))
    run.gemeente = decide_gemeente(run.connection, opdracht, first)
    refuse_other_layer(run, opdracht.laag)
    ensure_bron(run.connection, run.gemeente, run.bron, opdracht.laag)
    index = load_buurt_index(run.connection, run.gemeente)
    if len(registers) == 1:
        upsert_register(run, next(iter(registers.values())), frames, index)
    else:
        whole = list(frames)
        for query, register in registers.items():
            upsert_register(run, register, (frame.query(query).reset_index(drop=True) for frame in whole), index)
        if opdracht.laag == "voorzieningen":
            move_between(run, VOORZIENING, VOORZIENING_GEVOELIG)
            move_between(run, VOORZIENING_GEVOELIG, VOORZIENING)
    refuse_when_all_rejected(run, opdracht)
    _check_outside(run, index)
    if run.counts.opgeslagen or run.counts.gewijzigd:
        _bring_up_to_date(run, run.gemeente, opdracht)


def _bring_up_to_date(run: Run, gemeente: str, opdracht: Opdracht) -> None:
    """Visits are figures: their cube, dates, coverage and released cells change with them."""
    if opdracht.laag == "bezoeken":
        rebuild_kubus(run.connection, gemeente, run.bron)
        refresh_source(run.connection, gemeente, run.bron, opdracht.today, new_data=True)
    else:
        bump_version(run.connection, gemeente, run.bron, new_data=True)


def _check_outside(run: Run, index: BuurtIndex) -> None:
    counts = run.counts
    stored = counts.opgeslagen + counts.gewijzigd + counts.ongewijzigd
    if not index.vintages and counts.buiten:
        run.note_without_areas()
    elif counts.buiten * 2 > stored:
        raise Refused(
            f"{counts.buiten} van de {stored} punten liggen buiten {run.gemeente}. "
            "Klopt het coördinatenstelsel, of zijn lat en lon verwisseld? Er is niets opgeslagen."
        )


REGISTERS: dict[str, dict[str, Register]] = {
    "wijkwijzers": {"": WIJKWIJZER},
    "bezoeken": {"": BEZOEK},
    "voorzieningen": {"not gevoelig": VOORZIENING, "gevoelig": VOORZIENING_GEVOELIG},
    "woningen": {"soort == 'pand'": PAND, "soort == 'verblijfsobject'": WONING},
    "interventies": {"": INTERVENTIE},
}


def store_layer(run: Run, batches: Iterable[Batch], opdracht: Opdracht) -> None:
    """Write a layer other than reports and areas."""
    if opdracht.laag == "kerncijfers":
        run.gemeente = opdracht.gemeente
        write_kerncijfers(run, run.take(batches))
        return
    if opdracht.laag == "interventies":
        # The source of the signal an intervention aims at; the table's own bron is where the register came from.
        batches = (replace(batch, records=_as_register(batch.records)) for batch in batches)
    if opdracht.laag == "woningen" and opdracht.gemeente is None and opdracht.pad:
        # An extract says itself of which municipality it is.
        opdracht = replace(opdracht, gemeente=bag_gemeente(run.pad))
    store_register(run, batches, REGISTERS[opdracht.laag], opdracht)
    if opdracht.laag == "woningen" and run.gemeente:
        summarise_woningen(run.connection, run.gemeente, run.bron)
        run.regels += describe_woningen(run.connection, run.gemeente, run.bron)


def _as_register(records: pd.DataFrame) -> pd.DataFrame:
    """Interventions as the table has them; who does not draw gives no shapes."""
    renamed = records.rename(columns={"bron": "signaal_bron"})
    return renamed if "geom" in renamed else renamed.assign(geom=None)


def read_layer(opdracht: Opdracht) -> Iterator[Batch]:
    """The batches of a layer other than reports and areas."""
    if opdracht.laag == "kerncijfers":
        return read_kerncijfers(opdracht.pad, jaar=opdracht.jaar, gemeente=opdracht.gemeente)
    if opdracht.laag == "woningen":
        return read_woningen(opdracht.pad, gemeente=opdracht.gemeente)
    if opdracht.laag == "voorzieningen":
        return read_voorzieningen(opdracht.pad, mapping=opdracht.mapping)
    reader = {"bezoeken": read_bezoeken, "wijkwijzers": read_wijkwijzers, "interventies": read_interventies}[
        opdracht.laag
    ]
    return reader(opdracht.pad, mapping=opdracht.mapping, today=opdracht.today)
