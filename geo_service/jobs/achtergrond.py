"""Bring figures and hotspots up to date beside a running website: in a process of its own, behind all that users ask."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import wait

import psycopg

from geo_service.errors import BuurtsignaalError
from geo_service.jobs.verversen import refresh_hotspots, release_figures

_PATIENCE = 10


def start_refreshing(url: str) -> None:
    """Start, and return at once. What is stored is whole or not there: who stops the website loses nothing."""
    multiprocessing.get_context("spawn").Process(target=_refresh, args=(url,), name="hotspots", daemon=True).start()


def _refresh(url: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(_PATIENCE)
    threading.Thread(target=_end_with_website, daemon=True).start()
    try:
        done = refresh_hotspots(url)
        released = release_figures(url, patient=True)
        # What was released just now may be told beside a hotspot.
        done += refresh_hotspots(url) if released else []
    except BuurtsignaalError as error:
        print(f"Cijfers en hotspots zijn niet bijgewerkt; de kaart laat de vorige zien. {error}", flush=True)
    except psycopg.Error as error:
        # What the database says can hold rows.
        print(
            f"Cijfers en hotspots zijn niet bijgewerkt; de kaart laat de vorige zien. ({type(error).__name__})",
            flush=True,
        )
    else:
        if done:
            print(f"De hotspots zijn bijgewerkt: {len(done)} berekeningen.", flush=True)
        if released:
            print(f"Vrijgegeven na controle: {len(released)} perioden.", flush=True)


def _end_with_website() -> None:
    website = multiprocessing.parent_process()
    if website is not None:
        wait([website.sentinel])
        os._exit(0)
