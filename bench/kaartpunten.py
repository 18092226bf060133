"""Reports as points on the map: how soon 50 000 of them are there, and how long a frame of dragging takes.

Used by ``python -m bench.kaart --punten``. The points are made here and answered in place of the service: who may see
how many is not the question. Most lie in twenty crowds, as reports do. A frame is the time between two drawings while
the mouse drags the map; the first of each drag is left out.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, Route

from bench.slepen import STOP_WATCHING, WATCH_FRAMES, drag_map, frames_in_words, zoom_in

POINTS = 50_000
_MIDDLE = (6.89, 52.22)
_CROWDS = 20


def make_answer(n: int = POINTS, seed: int = 0) -> dict[str, Any]:
    """An answer of ``/kaart/punten`` with n points in and around crowds; equal for equal seed."""
    rng = np.random.default_rng(seed)
    crowds = rng.normal(_MIDDLE, (0.04, 0.02), (_CROWDS, 2))
    where = crowds[rng.integers(0, _CROWDS, n)] + rng.normal(0, (0.008, 0.005), (n, 2))
    where[: n // 5] = rng.normal(_MIDDLE, (0.05, 0.025), (n // 5, 2))
    return {
        "bron": "bench",
        "periode": "2026",
        "eerste": "2026-01-01",
        "herkomst": "",
        "onderwerpen": ["Afval", "Geluid", "Verkeer"],
        "id": list(range(n)),
        "lon": np.round(where[:, 0], 5).tolist(),
        "lat": np.round(where[:, 1], 5).tolist(),
        "onderwerp": rng.integers(0, 3, n).tolist(),
        "dag": rng.integers(0, 365, n).tolist(),
    }


def measure_points(browser: Browser, address: str, token: str) -> dict[str, Any]:
    """Seconds until the points are there, and milliseconds of frames of a drag per zoom."""
    body = json.dumps(make_answer())
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.set_extra_http_headers({"Authorization": f"Bearer {token}"})

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=body)

    page.route("**/kaart/punten*", answer)
    page.goto(address)
    page.wait_for_selector("[data-klaar=ja]")
    box = page.get_by_label("Meldingen als punten")
    page.evaluate(WATCH_FRAMES)
    begin: float = page.evaluate("performance.now()")
    box.check()
    page.wait_for_function("n => document.querySelector('.bs-punten p').textContent.includes(n)", arg="50.000")
    page.wait_for_selector(".bs-tros-meldingen")
    ready: float = page.evaluate("performance.now()") - begin
    loading = max(page.evaluate(STOP_WATCHING))
    zooms = [_drag(page) for _ in range(4)]
    page.close()
    return {"ready": ready, "loading": loading, "zooms": zooms}


def _drag(page: Page) -> dict[str, Any]:
    """The frames of a drag, then two steps closer."""
    drawn = page.locator(".leaflet-marker-pane > *").count()
    found = drag_map(page)
    zoom_in(page)
    return {"markers": drawn, "frames": found}


def report_points(found: dict[str, Any]) -> None:
    print(
        f"50.000 points: there after {found['ready']:.0f} ms, longest frame while they load {found['loading']:.0f} ms"
    )
    for zoom in found["zooms"]:
        print(f"dragging with {zoom['markers']} markers drawn: {frames_in_words(zoom['frames'])}")
