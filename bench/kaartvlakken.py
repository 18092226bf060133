"""Thousands of areas on the map of tiles: how soon they are there, and how long a frame of dragging takes.

python -m bench.kaartvlakken. A municipality of 5 000 areas with crooked edges (about forty corners each), loaded by the
command line in a cluster of its own and drawn at /kaartlaag/buurten. At the first zoom all 5 000 are in view.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from bench.chromium import launch_chromium
from bench.demosite import website
from bench.harness import BenchError, run_quietly
from bench.slepen import drag_map, frames_in_words, zoom_in
from geo_service.settings import get_settings

AREAS = 5_000
GEMEENTE = "GM9050"
_COLUMNS = 100
_SIDE = 300.0
_CORNER = (200_000.0, 480_000.0)
_PER_SIDE = 10
FOLDER = Path(__file__).resolve().parent.parent / ".buurtsignaal" / "bench" / "vlakken"


def make_areas(n: int = AREAS, seed: int = 0) -> dict[str, object]:
    """GeoJSON (EPSG:28992) of n areas that fit together; equal for equal seed."""
    rng = np.random.default_rng(seed)
    rows = -(-n // _COLUMNS)
    shape = (rows * _PER_SIDE + 1, _COLUMNS * _PER_SIDE + 1)
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]] * (_SIDE / _PER_SIDE)
    shift = rng.normal(0, _SIDE / _PER_SIDE / 3, (2, *shape))
    points = np.stack([_CORNER[0] + x + shift[0], _CORNER[1] + y + shift[1]], axis=-1).round(2)
    features = []
    for number in range(n):
        row, column = (place * _PER_SIDE for place in divmod(number, _COLUMNS))
        square = points[row : row + _PER_SIDE + 1, column : column + _PER_SIDE + 1]
        ring = np.concatenate([square[0, :-1], square[:-1, -1], square[-1, :0:-1], square[:0:-1, 0], square[:1, 0]])
        code = f"{GEMEENTE[2:]}{number:04}"
        names = {"buurtcode": f"BU{code}", "buurtnaam": f"Buurt {number}", "wijkcode": f"WK{code[:6]}"}
        names |= {"gemeentecode": GEMEENTE, "gemeentenaam": "Vlakkenstad"}
        geometry = {"type": "Polygon", "coordinates": [ring.tolist()]}
        features.append({"type": "Feature", "properties": names, "geometry": geometry})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::28992"}}
    return {"type": "FeatureCollection", "crs": crs, "features": features}


def load_areas() -> str:
    """The URL of a database with these areas; made once."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ |= {"BUURTSIGNAAL_MAP": str(FOLDER)}
    os.environ.pop("BUURTSIGNAAL_DATABASE_URL", None)
    get_settings.cache_clear()
    path = FOLDER / "vlakken.geojson"
    if not path.exists():
        path.write_text(json.dumps(make_areas()), encoding="utf-8")
    run_quietly(["buurtsignaal", "ingest", "gebieden", str(path), "--gemeente", GEMEENTE, "--jaar", "2026"])
    from geo_service.db.cluster import locate_cluster

    return locate_cluster().url


def main() -> int:
    try:
        url = load_areas()
        with website(url, secrets.token_bytes(64)) as client, sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            page.goto(f"{client.base_url}/kaartlaag/buurten")
            page.wait_for_selector("[data-klaar=ja]")
            print(f"{AREAS} areas drawn after {page.evaluate('performance.now()'):.0f} ms")
            for _ in range(3):
                zoom = page.evaluate("Buurtsignaal.kaart.getZoom()")
                print(f"dragging at zoom {zoom}: {frames_in_words(drag_map(page))}")
                zoom_in(page)
            browser.close()
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        run_quietly(["buurtsignaal", "db", "stop"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
