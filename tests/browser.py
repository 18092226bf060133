"""A real Chromium that can reach no other host, its visitors, and the accessibility rules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.chromium import launch_chromium
from bench.harness import BenchError

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
SIZES = {"scherm": (1280, 900), "telefoon": (390, 844)}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
# A visitor who has had the guided visit of the map; a page without an address has no place to remember that.
BEEN_GUIDED = "try { localStorage.setItem('bs-rondleiding', 'gezien'); } catch { /* about:blank */ }"
# Every rule on every element; of what is in order only that the rule was there, which saves describing each element.
RUN = """async rules => {
    const found = await axe.run({runOnly: rules, resultTypes: ['violations']});
    return [found.passes.length, found.violations.flatMap(rule =>
        rule.nodes.map(node => `${rule.impact} ${rule.id}: ${node.html.slice(0, 200)}`))];
}"""


def skip_aloud(message: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@cache
def axe_source() -> str:
    if not AXE.exists():
        skip_aloud("axe-core ontbreekt: npm ci")
    return AXE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Broken accessibility rules, best practices included. Through the debugger, which the policy does not stop."""
    # What is written there already may still have no style.
    page.wait_for_load_state()
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe_source())
    passes, broken = page.evaluate(RUN, RULES)
    assert passes > 10
    return broken


def set_size(page: Page, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})


@contextmanager
def start_chromium() -> Iterator[Browser]:
    """Not for a whole session: while Playwright runs, no other test in this process can start an event loop."""
    closed = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        try:
            browser = launch_chromium(playwright, closed)
        except BenchError as error:
            skip_aloud(str(error))
        yield browser
        browser.close()


@dataclass
class Watched:
    """A page with everything that went wrong on it and every request it made."""

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Visitors:
    """Visitors of one browser, each without cookies, a page or a past.

    The first visitor of a test sits in the chair of the first of the test before: a tab that is new has to read and
    compile every script again, which takes longer than most tests. The pages keep nothing in a browser but cookies.
    """

    def __init__(self, browser: Browser, **options: Any):
        self._browser, self._options = browser, {"locale": "nl-NL", **options}
        self._tab: tuple[BrowserContext, Watched] | None = None
        self._others: list[BrowserContext] = []
        self._taken = False

    def welcome(self, size: str = "scherm") -> Watched:
        if self._taken:
            context, found = self._new()
            self._others.append(context)
        else:
            self._taken = True
            self._tab = self._tab or self._new()
            context, found = self._tab
            found.page.goto("about:blank")
            context.clear_cookies()
            found.errors.clear()
            found.requests.clear()
        set_size(found.page, size)
        return found

    def leave(self) -> None:
        """The end of a test."""
        for context in self._others:
            context.close()
        self._others.clear()
        self._taken = False

    def _new(self) -> tuple[BrowserContext, Watched]:
        context = self._browser.new_context(**self._options)
        context.add_init_script(BEEN_GUIDED)
        found = Watched(context.new_page())
        found.page.on("console", lambda m: found.errors.append(m.text) if m.type in ("error", "warning") else None)
        found.page.on("pageerror", lambda error: found.errors.append(str(error)))
        found.page.on("request", lambda request: found.requests.append(request.url))
        return context, found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with start_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def visitors(chromium: Browser) -> Visitors:
    return Visitors(chromium)


@pytest.fixture
def watched(visitors: Visitors) -> Iterator[Watched]:
    """A new visitor, with everything that goes wrong written down."""
    yield visitors.welcome()
    visitors.leave()
