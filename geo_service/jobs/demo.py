"""Load the demo municipality through the same writers as real sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from data.demo import Demo, generate
from geo_service.db.connection import privileged_connection
from geo_service.jobs.bronnen import store_bronnen
from geo_service.jobs.gebieden import store_gebieden
from geo_service.jobs.inlezen import Opdracht, loading
from geo_service.jobs.meldingen import store_meldingen
from geo_service.jobs.registers import store_layer
from ingest.bronnen import parse_bronnen
from ingest.records import Batch

GEMEENTE = "GM0153"
JAAR = 2021
LAYERS = ("wijkwijzers", "bezoeken", "voorzieningen", "woningen", "interventies")
CHUNK = 50_000
Say = Callable[[str], None]


def demo_loaded(url: str) -> bool:
    with privileged_connection(url) as connection:
        row = connection.execute("select exists (select from intern.ingest_run where laag = 'demo')").fetchone()
    return bool(row and row[0])


def load_demo(url: str, *, say: Say, seed: int = 20260101, scale: float = 1.0, truth: Path | None = None) -> None:
    """Generate and store the demo municipality; each source in a transaction of its own, a mark at the end."""
    say("Demo-gemeente maken")
    demo = generate(seed=seed, scale=scale)
    today = date.today()

    def task(laag: str, bron: str) -> Opdracht:
        return Opdracht(laag, "", bron, GEMEENTE, jaar=JAAR, today=today)

    say("Gebieden, kerncijfers en bronnen laden")
    areas = SimpleNamespace(
        gebieden=demo.gebieden, buurten_in=demo.buurten_in, kerncijfers=demo.kerncijfers, notes=(), rejects=()
    )
    with loading(url, task("gebieden", "gebieden")) as run:
        store_gebieden(run, areas, task("gebieden", "gebieden"), benaderd=True)
    with loading(url, task("bronnen", "bronnen")) as run:
        store_bronnen(run, parse_bronnen(demo.bronnen), task("bronnen", "bronnen"))
    for bron, frame in demo.meldingen.items():
        say(f"Meldingen van {bron} laden ({len(frame)})")
        opdracht = task("meldingen", bron)
        with loading(url, opdracht) as run:
            store_meldingen(run, _batches(frame), "meldingen", opdracht)
    for laag in LAYERS:
        frame = getattr(demo, laag)
        say(f"{laag.capitalize()} laden ({len(frame)})")
        opdracht = task(laag, f"demo-{laag}")
        with loading(url, opdracht) as run:
            store_layer(run, _batches(frame), opdracht)
    with loading(url, task("demo", "demo")):
        say("Demo-gemeente geladen")
    if truth is not None:
        _write_truth(demo, truth)


def _batches(frame: pd.DataFrame) -> Iterator[Batch]:
    for start in range(0, len(frame), CHUNK):
        part = frame.iloc[start : start + CHUNK].reset_index(drop=True)
        yield Batch(part, len(part))


def _write_truth(demo: Demo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    demo.write_truth(path)
