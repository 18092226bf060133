"""Read the map page as a reader does, and ask the API the same question."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from geo_service.identity import Viewer
from tests.browser import Watched
from tests.geo_service.api.website import Website, token_of

ROWS = """rows => rows.map(row => {
    const cell = name => row.querySelector(`[data-kolom=${name}]`).dataset;
    return [row.dataset.gebiedCode, row.dataset.status, cell('aantal').waarde, cell('per_1000').waarde,
        cell('interval').laag, cell('interval').hoog];
})"""


def open_map(watched: Watched, website: Website, query: str = "", viewer: Viewer | None = None) -> Page:
    """The map as a viewer sees it, drawn."""
    page = watched.page
    if viewer is not None:
        page.goto(f"{website.address}/ontwikkel/inloggen?token={token_of(viewer)}")
    page.goto(f"{website.address}/kaart{query}")
    page.wait_for_selector("[data-klaar=ja]")
    return page


def question(page: Page) -> dict[str, str]:
    """What the form says that the map shows."""
    return page.locator("form.bs-filter select").evaluate_all(
        "all => Object.fromEntries(all.map(s => [s.name, s.value]))"
    )


# What only the page knows: the API has a collection per theme, and no colours.
VAN_DE_PAGINA = frozenset({"thema", "klassen", "kenmerk"})


def figures_asked(asked: dict[str, str]) -> dict[str, str]:
    """The question of a form as the API takes it."""
    return {name: value for name, value in asked.items() if name not in VAN_DE_PAGINA}


def table(page: Page) -> dict[str, tuple[str, ...]]:
    """{code: (status, aantal, per_1000, laag, hoog)} as the table under the map has it, raw."""
    return {code: tuple(values) for code, *values in page.locator(".bs-tabel tbody tr").evaluate_all(ROWS)}


def from_api(website: Website, asked: dict[str, str], viewer: Viewer | None = None) -> dict[str, tuple[str, ...]]:
    """The same from the API."""
    return {
        feature["properties"]["gebied_code"]: (
            feature["properties"]["status"],
            *(text(feature["properties"][name]) for name in VALUES),
        )
        for feature in website.features("meldingen-per-gebied", viewer, **figures_asked(asked))
    }


VALUES = ("aantal", "per_1000", "laag", "hoog")


def text(value: Any) -> str:
    return "" if value is None else str(value)


# Every area answers its Enter key; the card is there at once, only the map still moves.
CARDS = """paths => paths.map(path => {
    path.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
    const card = [...document.querySelectorAll('.leaflet-popup .bs-kaartje')].pop().dataset;
    return [card.gebiedCode, card.status, card.aantal, card['per-1000']];
})"""


def popups(page: Page) -> dict[str, tuple[str, ...]]:
    """{code: (status, aantal, per_1000)} of the cards of all areas, opened one after the other; the last is closed."""
    found = {code: tuple(values) for code, *values in page.locator("path.bs-gebied").evaluate_all(CARDS)}
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.leaflet-popup')")
    return found
