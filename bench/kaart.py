"""The map page in a headless Chromium: how soon it can be used, what it weighs, and how long another choice takes.

python -m bench.kaart [--keer 5] [--miljoen] [--punten]. On the demo municipality at its full size (70 buurten). First
visit: a browser that keeps nothing. Again: the same visitor, with files kept. A choice: from the change of a list until
the page has drawn the answer; choices go round, so that a question comes back only after all others, and the server
keeps no pages.
--miljoen: with a million reports behind it, as a wijkregisseur of one stadsdeel, as nobody, and as a stadsdeelmanager
of the whole municipality. What somebody sees of their own stadsdelen is counted live.
--punten: the layer of reports for staff besides, see ``bench.kaartpunten``.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from bench.chromium import launch_chromium
from bench.demosite import load, website
from bench.harness import BenchError, run_quietly
from bench.kaartpunten import measure_points, report_points
from bench.kiezen import CHOOSE
from bench.miljoen import load_million
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.toegang.ontwikkel import issue_development_token

STAFF = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({ALL_STADSDELEN}))
REGISSEUR = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))

_CHOICES = (
    ("periode", "2026-Q2"), ("niveau", "wijk"), ("niveau", "stadsdeel"), ("niveau", "buurt"), ("categorie", "afval"),
    ("categorie", "alle"), ("periode", "2026-Q3"),
)  # fmt: skip
_LAYER = """async () => {
    const box = document.querySelector(".leaflet-control-layers-overlays input");
    const begin = performance.now();
    box.click();
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 0)));
    return performance.now() - begin;
}"""
_VISIT = """() => {
    const page = performance.getEntriesByType("navigation")[0];
    const files = performance.getEntriesByType("resource");
    return {ready: performance.getEntriesByName("klaar")[0].startTime, html: page.encodedBodySize,
        raw: page.decodedBodySize, all: page.transferSize + files.reduce((sum, file) => sum + file.transferSize, 0)};
}"""
# The page says by itself when its map can be used.
_WATCH = """new MutationObserver(() => document.querySelector("[data-klaar=ja]") &&
    !performance.getEntriesByName("klaar").length && performance.mark("klaar"))
    .observe(document, {subtree: true, childList: true, attributes: true, attributeFilter: ["data-klaar"]});"""


def _visit(page: Page, address: str) -> dict[str, float]:
    page.goto(address)
    page.wait_for_selector("[data-klaar=ja]")
    found: dict[str, float] = page.evaluate(_VISIT)
    return found


def measure(browser: Browser, address: str, token: str | None = None) -> dict[str, Any]:
    """Milliseconds and bytes of one visitor. token: of who logs in first."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page.add_init_script(_WATCH)
    if token:
        page.goto(address.replace("/kaart", f"/ontwikkel/inloggen?token={token}"))
    first, again = _visit(page, address), _visit(page, address)
    for name, value in _CHOICES:
        page.evaluate(CHOOSE, [name, value])
    choices = [page.evaluate(CHOOSE, [name, value]) for name, value in _CHOICES]
    layers = [page.evaluate(_LAYER) for _ in range(4)]
    if page.locator("path.bs-gebied").count() != 70:
        raise BenchError("the map does not show 70 buurten")
    page.close()
    return {"first": first, "again": again["ready"], "choices": choices, "layers": layers}


def _visitors(browser: Browser, address: str, who: Viewer | None, secret: bytes, count: int) -> list[dict[str, Any]]:
    """One visitor to warm up, and those who count."""
    token = issue_development_token(who, secret) if who else None
    measure(browser, address, token)
    return [measure(browser, address, token) for _ in range(count)]


def _report(found: Sequence[dict[str, Any]]) -> None:
    choices = sorted(one for own in found for one in own["choices"])
    layers = statistics.median(one for own in found for one in own["layers"])
    ready = statistics.median(own["first"]["ready"] for own in found)
    again = statistics.median(own["again"] for own in found)
    first = found[0]["first"]
    print(f"first visit: can be used after {ready:.0f} ms (wanted 1500); again: {again:.0f} ms (wanted 500)")
    print(
        f"another choice: median {statistics.median(choices):.0f} ms (wanted 200), a layer on or off: {layers:.0f} ms"
    )
    print(f"slowest tenth of the choices: from {choices[len(choices) * 9 // 10]:.0f} ms")
    sizes = (first[name] / 1000 for name in ("html", "raw", "all"))
    print("page {:.0f} kB, unpacked {:.0f} kB; with its files {:.0f} kB".format(*sizes))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The map page in a headless Chromium.")
    parser.add_argument("--keer", type=int, default=5, help="visitors")
    parser.add_argument("--miljoen", action="store_true", help="a million reports, as staff")
    parser.add_argument("--punten", action="store_true", help="drag a map with 50 000 reports too")
    options = parser.parse_args(arguments)
    secret = secrets.token_bytes(64)
    points: dict[str, Any] | None = None
    try:
        url = load_million() if options.miljoen else load()
        token = issue_development_token(STAFF, secret)
        with website(url, secret) as client, sync_playwright() as playwright:
            browser = launch_chromium(playwright)
            address = f"{client.base_url}/kaart"
            asking = (REGISSEUR, None, STAFF) if options.miljoen else (None,)
            found = {who: _visitors(browser, address, who, secret, options.keer) for who in asking}
            if options.punten:
                points = measure_points(browser, address, token)
            browser.close()
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        run_quietly(["buurtsignaal", "db", "stop"])
    for who, visits in found.items():
        if options.miljoen:
            print(f"a million reports, as {who.role.value if who else 'nobody'}:")
        _report(visits)
    if points:
        report_points(points)
    return 0


if __name__ == "__main__":
    sys.exit(main())
