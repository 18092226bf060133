"""A person with a real browser: in, around, out, and back with the back button."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Locator

from tests.browser import Watched, start_chromium, violations
from tests.geo_service.api.website import token_of
from tests.geo_service.toegang.test_ontwikkel import VIEWER

pytestmark = pytest.mark.browser
BAD = ("error", "warning")


@pytest.fixture
def watched(site) -> Iterator[Watched]:
    def is_ours(message: ConsoleMessage) -> bool:
        return message.location.get("url", "").startswith(site.address)

    with start_chromium() as browser:
        page = browser.new_page(locale="nl-NL", base_url=site.address)
        found = Watched(page)
        # The pages of the provider are not ours to judge.
        page.on("console", lambda m: found.errors.append(m.text) if is_ours(m) and m.type in BAD else None)
        page.on("pageerror", lambda error: found.errors.append(str(error)))
        yield found


def assert_readable(item: Locator) -> None:
    """Signs in the colour of the header itself are no broken rule to a machine, and invisible to a person."""
    colours = "e => [getComputedStyle(e).color, getComputedStyle(e.closest('.bs-kop')).backgroundColor]"
    own, behind = item.evaluate(colours)
    assert own != behind


def test_logging_in_and_out_with_buttons_and_then_the_back_button(site, watched):
    page = watched.page
    page.goto("/toegankelijkheid")
    assert_readable(page.get_by_role("link", name="Inloggen"))
    page.get_by_role("link", name="Inloggen").click()
    page.get_by_role("button", name="noord", exact=True).click()
    page.wait_for_url("**/toegankelijkheid")
    assert page.locator(".bs-rol").inner_text() == "U kijkt als: wijkregisseur, stadsdeel Noord"
    assert violations(page) == []
    assert_readable(page.get_by_role("button", name="Uitloggen"))
    page.goto("/kaart")
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url("**/session/end?*")
    page.go_back()
    page.wait_for_load_state()
    assert page.locator(".bs-rol").count() == 0
    assert page.get_by_role("link", name="Inloggen").is_visible()
    assert watched.errors == []


def test_a_development_token_is_marked_and_readable(site, watched):
    watched.page.goto(f"/ontwikkel/inloggen?token={token_of(VIEWER)}")
    assert watched.page.get_by_role("complementary", name="Ontwikkeltoken").is_visible()
    assert violations(watched.page) == []
    assert watched.errors == []
