"""Where a new place helps most, and the page that answers what if, on a town of 3 000 points and on the demo.

python -m bench.bereik [--keer 5] [--zonder-website]. Siting: 3 000 demand points, 300 candidates and 20 places,
the best choice and those as good, wanted within 2 s. The page: from the choice of a place that closes or comes until
the map is drawn again in a headless Chromium, wanted within 1 s, on the demo municipality at its full size.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from analysis.access import walking_minutes_within
from analysis.siting import max_cover, swaps
from bench.chromium import launch_chromium
from bench.demosite import load, website
from bench.harness import BenchError, run_quietly
from bench.kiezen import CHOOSE
from geo_service.release.bereik import MARGE, MEESTE_GELIJKE, SPEED_KMH
from geo_service.release.plekken import OMWEG

POINTS, CANDIDATES, EXISTING = 3000, 300, 20
# Metres across: a town, and a part of it where candidates lie so close that much is nearly as good.
SIDES = (12_000, 6_000)


def make_town(side: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Dwellings per point, the points (n, 2) and the places (m, 2) in RD metres, those that exist first."""
    rng = np.random.default_rng(seed)
    corner = (250_000, 465_000)
    xy, places = (corner + rng.uniform(0, side, (n, 2)) for n in (POINTS, EXISTING + CANDIDATES))
    return rng.integers(1, 60, POINTS).astype(float), xy, places


def measure_siting(side: int, minutes: int, n_sites: int) -> tuple[float, float]:
    """Seconds of the best choice, and of those as good."""
    demand, xy, places = make_town(side)
    start = time.perf_counter()
    cost = walking_minutes_within(xy, places, minutes, detour=OMWEG, speed=SPEED_KMH)
    best = max_cover(demand, cost, service_distance=minutes, n_sites=n_sites, existing=range(EXISTING))
    middle = time.perf_counter()
    swaps(demand, cost, best, margin=MARGE, limit=MEESTE_GELIJKE)
    if not len(best.sites):
        raise BenchError("no new place helps: nothing was measured")
    return middle - start, time.perf_counter() - middle


def measure_page(browser: Browser, address: str) -> list[float]:
    """Milliseconds of choices of one visitor: places that close, that come, and both."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.goto(f"{address}/plannen/bereik?soort=inloop")
    page.wait_for_selector("[data-klaar=ja]")
    closing, adding = (_values(page, name)[1:4] for name in ("sluit", "erbij"))
    found = []
    for name, value in [
        *(("sluit", v) for v in closing),
        *(("erbij", v) for v in adding),
        ("sluit", ""),
        ("erbij", ""),
    ]:
        found.append(page.evaluate(CHOOSE, [name, value]))
        shown = page.locator("[data-wat-als]").count()
        if bool(shown) != any(
            page.evaluate("[...document.querySelectorAll('#keuze-sluit, #keuze-erbij')].map(l => l.value)")
        ):
            raise BenchError("the page does not answer what was chosen")
    page.close()
    return found


def _values(page: Page, name: str) -> list[str]:
    found: list[str] = page.locator(f"#keuze-{name} option").evaluate_all("all => all.map(one => one.value)")
    return found


def _report_siting() -> None:
    for side in SIDES:
        for n_sites in (1, 3, 5):
            seconds = [measure_siting(side, minutes, n_sites) for minutes in (5, 10, 15)]
            best, others = max(s[0] for s in seconds), max(s[1] for s in seconds)
            told = f"{n_sites} new in {side // 1000} km, the slowest of 5, 10 and 15 minutes"
            print(f"{told}: best {best:.2f} s, as good {others:.2f} s")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.bereik", description=__doc__)
    parser.add_argument("--keer", type=int, default=5, help="visitors")
    parser.add_argument("--zonder-website", action="store_true", help="siting only")
    options = parser.parse_args(arguments)
    try:
        _report_siting()
        if options.zonder_website:
            return 0
        url = load()
        with website(url, secrets.token_bytes(64)) as client, sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            measure_page(browser, str(client.base_url))
            found = sorted(one for _ in range(options.keer) for one in measure_page(browser, str(client.base_url)))
            browser.close()
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if not options.zonder_website:
            run_quietly(["buurtsignaal", "db", "stop"])
    print(
        f"what if: median {statistics.median(found):.0f} ms, slowest of {len(found)}: {found[-1]:.0f} ms (wanted 1000)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
