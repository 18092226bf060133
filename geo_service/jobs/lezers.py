"""Which reader belongs to which layer."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.jobs.inlezen import Opdracht
from ingest.bezoeken import read_bezoeken
from ingest.interventies import read_interventies
from ingest.kerncijfers import read_kerncijfers
from ingest.records import Batch
from ingest.voorzieningen import read_voorzieningen
from ingest.wijkwijzers import read_wijkwijzers
from ingest.woningen import read_woningen


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
