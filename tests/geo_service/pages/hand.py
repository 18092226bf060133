"""How somebody works with a page: with a mouse, or with nothing but the keys."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from pathlib import Path

from playwright.sync_api import Locator, Page

# Set to a folder: every look at a page is kept there as a picture.
PICTURES = os.environ.get("BUURTSIGNAAL_PLAATJES")
MOST_STOPS = 500
# -1: the thing is before what has the focus, 1: after it, 0: it has the focus.
DIRECTION = """thing => thing === document.activeElement ? 0
    : document.activeElement.compareDocumentPosition(thing) & Node.DOCUMENT_POSITION_PRECEDING ? -1 : 1"""
# A point of the screen where a finger meets this shape and nothing that lies over it.
FREE_SPOT = """shape => {
    const before = shape.getBoundingClientRect();
    window.scrollBy({top: before.top + before.height / 2 - innerHeight / 2, behavior: 'instant'});
    const box = shape.getBoundingClientRect();
    for (let part = 1; part < 400; part++) {
        const x = box.left + box.width * ((part * 0.618) % 1), y = box.top + box.height * ((part * 0.7549) % 1);
        if (document.elementFromPoint(x, y) === shape) return [x, y];
    }
}"""


class Hand(ABC):
    """One way of working. ``look`` is what the eyes do meanwhile."""

    def __init__(self, page: Page, name: str):
        self.page, self._name, self._looks = page, name, 0

    def look(self) -> None:
        if PICTURES:
            self._looks += 1
            self.page.screenshot(path=Path(PICTURES) / f"{self._name}-{self._looks:02}.png", full_page=True)

    @abstractmethod
    def press(self, thing: Locator) -> None:
        """A link, a button, a heading that folds out, a box to tick."""

    @abstractmethod
    def press_area(self, area: Locator) -> None:
        """An area on the map."""

    @abstractmethod
    def choose(self, options: Locator, value: str) -> None:
        """An option of a list, and show what was chosen."""

    @abstractmethod
    def write(self, field: Locator, words: str) -> None: ...

    def shut(self) -> None:
        """Close what lies over the page."""
        self.page.keyboard.press("Escape")


class Muis(Hand):
    def press(self, thing: Locator) -> None:
        thing.click()

    def press_area(self, area: Locator) -> None:
        self.page.mouse.click(*area.evaluate(FREE_SPOT))

    def choose(self, options: Locator, value: str) -> None:
        options.select_option(value)
        form = options.locator("xpath=ancestor::form")
        if form.get_attribute("data-vanzelf") is None:
            form.locator("button[type=submit]").click()

    def write(self, field: Locator, words: str) -> None:
        field.click()
        self.page.keyboard.insert_text(words)


class Toetsen(Hand):
    """Tab, Enter, arrows and letters; the mouse is in a drawer."""

    def press(self, thing: Locator) -> None:
        self._reach(thing)
        kind = thing.evaluate("thing => thing.type || thing.localName")
        self.page.keyboard.press("Space" if kind in ("radio", "checkbox") else "Enter")

    def press_area(self, area: Locator) -> None:
        self.press(area)

    def choose(self, options: Locator, value: str) -> None:
        self._reach(options)
        wanted = options.locator("option").evaluate_all("(all, value) => all.findIndex(o => o.value === value)", value)
        now = options.evaluate("list => list.selectedIndex")
        for _ in range(abs(wanted - now)):
            self.page.keyboard.press("ArrowDown" if wanted > now else "ArrowUp")
        assert options.input_value() == value
        self.press(options.locator("xpath=ancestor::form").locator("button[type=submit]"))

    def write(self, field: Locator, words: str) -> None:
        self._reach(field)
        self.page.keyboard.insert_text(words)

    def _reach(self, thing: Locator) -> None:
        for _ in range(MOST_STOPS):
            direction = thing.evaluate(DIRECTION)
            if not direction:
                return
            self.page.keyboard.press("Tab" if direction > 0 else "Shift+Tab")
        raise AssertionError(f"met Tab niet te bereiken: {thing}")
