"""Emergency access as two people do it: one asks on a telephone, the other sees it and ends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from geo_service.identity import Viewer
from tests.browser import Visitors, start_chromium, violations
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, token_of, viewers_of

pytestmark = pytest.mark.browser
ROLES = viewers_of(dorp.GEMEENTE, f"{dorp.GEMEENTE}-SD-noord")
REASON = "Brand in een woonblok, de collega van Zuid is ziek."


@pytest.fixture
def visitors(website: Website) -> Iterator[Visitors]:
    with start_chromium() as browser:
        yield Visitors(browser, base_url=website.address)


def enter(visitors: Visitors, viewer: Viewer, size: str) -> Page:
    page = visitors.welcome(size).page
    page.goto(f"/ontwikkel/inloggen?token={token_of(viewer)}")
    return page


def assert_good(page: Page) -> None:
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("h1").count() == 1


def test_one_asks_and_the_other_sees_it_and_ends_it(visitors: Visitors) -> None:
    page = enter(visitors, ROLES["wijkregisseur"], "telefoon")
    page.goto("/noodtoegang")
    assert_good(page)
    field = page.get_by_label("Waarom is dit nodig?")
    assert field.evaluate("e => e.getBoundingClientRect().width > 0.8 * e.form.getBoundingClientRect().width")
    # By keyboard alone: the stadsdeel, the reason, and the button.
    page.get_by_label("Stadsdeel").focus()
    page.keyboard.press("Tab")
    page.keyboard.type(REASON)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Uw noodtoegang").wait_for()
    assert_good(page)
    assert REASON in page.locator("main").inner_text()

    other = enter(visitors, ROLES["beheerder"], "telefoon")
    other.goto("/beheer")
    assert_good(other)
    row = other.get_by_role("row").filter(has_text=REASON)
    row.get_by_role("button", name="Beëindig").click()
    other.get_by_text("beëindigd").first.wait_for()
    assert_good(other)

    page.goto("/noodtoegang")
    assert page.get_by_role("heading", name="Uw noodtoegang").count() == 0
    visitors.leave()


def test_what_is_wrong_is_said_beside_the_field(visitors: Visitors) -> None:
    page = enter(visitors, ROLES["wijkregisseur"], "scherm")
    page.goto("/noodtoegang")
    page.locator("textarea").evaluate("e => { e.required = false; e.minLength = 0 }")
    page.get_by_label("Waarom is dit nodig?").fill("kort")
    page.get_by_role("button", name="toegang").click()
    page.get_by_role("alert").wait_for()
    assert_good(page)
    page.get_by_role("alert").get_by_role("link").click()
    assert page.evaluate("document.activeElement.id") in ("reden", "")
    assert page.locator("textarea").input_value() == "kort"
    visitors.leave()
