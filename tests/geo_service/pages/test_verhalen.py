"""Six stories of a Monday morning, each from the start page to its end, with a mouse and with the keys alone.

What stands out in my area, is it new or normal, who could help nearby, how was it a year ago, leave a note, and share a
view.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pikepdf
import pytest

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import Visitors, start_chromium
from tests.geo_service.api.website import Website, serve, token_of
from tests.geo_service.pages.hand import Hand, Muis, Toetsen
from tests.geo_service.pages.kaartlezer import figures_asked, from_api, question, table

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Plaats:
    """A municipality with who works there, a colleague, and the buurt and source that the stories are about."""

    site: str
    regisseur: Viewer
    colleague: Viewer
    buurt: str
    has_places: bool


def people(gemeente: str, stadsdeel: str) -> tuple[Viewer, Viewer]:
    regisseur, colleague = (
        Viewer(role, gemeente, frozenset({stadsdeel})) for role in (Role.WIJKREGISSEUR, Role.STADSDEELMANAGER)
    )
    return regisseur, colleague


DEMO = Plaats("demo", *people("GM0153", "GM0153-SD-noord"), "BU01530300", has_places=True)
ASSEN = Plaats("assen", *people("GM0106", ALL_STADSDELEN), "BU01060503", has_places=False)


@pytest.fixture(scope="module")
def sites(server, worker: str, loaded) -> Iterator[dict[str, Website]]:
    """Both municipalities, where one may write."""
    with ExitStack() as stack:
        yield {
            place.site: stack.enter_context(serve(server.clone(loaded(place.site), f"{worker}_verhaal_{place.site}")))
            for place in (DEMO, ASSEN)
        }


# What needs an event loop comes before the browser.
@pytest.fixture(scope="module")
def visitors(sites) -> Iterator[Visitors]:
    with start_chromium() as browser:
        yield Visitors(browser, reduced_motion="reduce")


@dataclass(frozen=True)
class Verhaal:
    """Somebody at work on a website, with a hand."""

    plaats: Plaats
    site: Website
    hand: Hand

    def arrive(self) -> None:
        self.hand.page.goto(f"{self.site.address}/ontwikkel/inloggen?token={token_of(self.plaats.regisseur)}")
        self.hand.page.goto(f"{self.site.address}/")

    @property
    def buurt_naam(self) -> str:
        found = self.site.get(f"/v1/collections/buurten/items/{self.plaats.buurt}").json()
        return found["properties"]["gebied_naam"]

    def link(self, name: str, **where):
        return self.hand.page.get_by_role("link", name=name, **where)

    def heading(self, name: str) -> None:
        self.hand.page.get_by_role("heading", name=name).first.wait_for()

    def drawn(self) -> None:
        self.hand.page.wait_for_selector("[data-klaar=ja]")


# Every place, size and hand is in one of the first two; the proof plays the others too.
WAYS = (
    (DEMO, "scherm", Muis), (ASSEN, "telefoon", Toetsen), (DEMO, "telefoon", Toetsen), (ASSEN, "scherm", Toetsen),
    (ASSEN, "telefoon", Muis), (DEMO, "scherm", Toetsen), (DEMO, "telefoon", Muis), (ASSEN, "scherm", Muis),
)  # fmt: skip


def ways():
    for number, (place, size, how) in enumerate(WAYS):
        marks = pytest.mark.proof if number > 1 else ()
        yield pytest.param(place, size, how, id=f"{place.site}-{size}-{how.__name__.lower()}", marks=marks)


@pytest.mark.parametrize(("plaats", "size", "how"), [*ways()])
def test_a_monday_morning(visit, sites, plaats, size, how):
    watched = visit(size)
    story = Verhaal(plaats, sites[plaats.site], how(watched.page, f"{plaats.site}-{size}-{how.__name__.lower()}"))
    story.arrive()
    story.hand.look()
    what_stands_out(story)
    new_or_normal(story)
    who_could_help(story)
    a_year_ago(story)
    leave_a_note(story)
    shared = share_a_view(story)
    the_colleague_sees_it(story, visit(size), shared)
    assert watched.errors == []
    assert [one for one in watched.requests if not one.startswith((story.site.address, "data:"))] == []


def what_stands_out(story: Verhaal) -> None:
    """From the start page to the page of the own area, and to one buurt on the map."""
    story.heading("Mijn gebied")
    story.hand.press(story.link("Open mijn kaart"))
    story.drawn()
    asked, shown = question(story.hand.page), table(story.hand.page)
    assert shown == from_api(story.site, figures_asked(asked), story.plaats.regisseur)
    assert 5 < story.hand.page.locator("path.bs-gebied").count() <= len(shown)
    story.hand.look()
    story.hand.press_area(story.hand.page.locator(f"path.bs-gebied[aria-label^='{story.buurt_naam}:']"))
    card = story.hand.page.get_by_role("dialog")
    assert card.locator(".bs-kaartje").get_attribute("data-gebied-code") == story.plaats.buurt
    story.hand.look()
    story.hand.press(card.get_by_role("link", name="Alles over"))
    story.hand.page.wait_for_url(f"**/gebied/{story.plaats.buurt}")
    assert story.hand.page.locator(".bs-opvallend").count()
    story.hand.look()


def new_or_normal(story: Verhaal) -> None:
    """The trend as a table, and how one number came about."""
    story.hand.press(story.hand.page.get_by_text("De grafiek als tabel").first)
    series = story.hand.page.get_by_role("table", name="door de tijd").first
    assert series.get_by_role("row").count() > 2
    number = story.hand.page.locator("p a.bs-hoe").first
    told = number.inner_text()
    story.hand.press(number)
    story.heading("Hoe komt dit getal tot stand")
    assert told in story.hand.page.locator("main").inner_text()
    story.hand.look()


def who_could_help(story: Verhaal) -> None:
    """Places without referral near the buurt; a municipality that loaded none reads that this is no zero."""
    story.hand.page.go_back()
    story.heading("Wie kan er dichtbij helpen")
    if not story.plaats.has_places:
        assert "Er is geen bron van plekken geladen. Dat is geen nul." in story.hand.page.locator("main").inner_text()
        return
    story.hand.press(story.link("Deze en andere plekken op de kaart"))
    story.heading("Waar kunnen mensen terecht")
    places = story.hand.page.locator("#plekken tbody tr")
    everything = places.count()
    story.hand.choose(story.hand.page.get_by_label("Leefgebied", exact=True), "Welzijn/Recreatie/vrije tijd")
    story.hand.page.wait_for_url("**leefgebied=Welzijn**")
    assert 0 < places.count() < everything
    assert story.hand.page.locator("#plekken td:nth-of-type(4)").all_inner_texts()
    story.hand.look()


def a_year_ago(story: Verhaal) -> None:
    """The same figures of the same period a year before, or the sentence that there is none."""
    story.hand.press(story.hand.page.get_by_role("navigation").get_by_role("link", name="Kaart", exact=True))
    story.drawn()
    story.hand.press(story.link("Vergelijk met een andere periode"))
    story.heading("vergelijken")
    page = story.hand.page
    now, then = (page.get_by_label(name, exact=True).input_value() for name in ("Periode", "Vergelijk met"))
    assert now > then
    assert page.get_by_role("img").count() >= 3
    assert page.locator("#bs-tabel tbody tr").count() > 5
    story.hand.look()


NOTE = "Klopt, dit speelt al sinds de zomer bij het winkelcentrum."


def leave_a_note(story: Verhaal) -> None:
    """On the page of the buurt, found by its name."""
    page = story.hand.page
    story.hand.write(page.get_by_role("searchbox"), story.buurt_naam)
    page.keyboard.press("Enter")
    story.hand.press(page.locator(f"main a[href$='/gebied/{story.plaats.buurt}']").first)
    story.hand.press(story.link("Schrijf een notitie").first)
    story.hand.press(page.get_by_role("radio").first)
    story.hand.write(page.get_by_label("Wat weet u hierover"), NOTE)
    story.hand.press(page.get_by_role("button", name="Bewaar de notitie"))
    page.get_by_text(NOTE).first.wait_for()
    story.hand.look()


def share_a_view(story: Verhaal) -> str:
    """Another choice on the map, kept under a name; the address of what is on the screen."""
    page = story.hand.page
    story.hand.press(page.get_by_role("navigation").get_by_role("link", name="Kaart", exact=True))
    story.drawn()
    level = page.get_by_label("Gebieden", exact=True)
    story.hand.choose(level, "wijk")
    page.wait_for_url("**niveau=wijk**")
    page.wait_for_function("n => document.querySelectorAll('path.bs-gebied').length < n", arg=20)
    story.hand.press(page.get_by_text("Bewaar deze weergave", exact=True).first)
    story.hand.write(page.get_by_label("Naam van de weergave"), "Maandag")
    story.hand.press(page.get_by_role("button", name="Bewaar deze weergave"))
    story.hand.press(story.link("Maandag", exact=True))
    story.drawn()
    assert question(page)["niveau"] == "wijk"
    story.hand.press(page.get_by_text("Bewaren en delen"))
    story.hand.press(page.get_by_role("button", name="Kopieer de link"))
    shared = page.locator("#bs-bewaren-adres")
    # Either it is on the clipboard, or it stands there to be copied.
    page.locator(".bs-bewaren-zegt").get_by_text("link").wait_for()
    story.hand.look()
    return shared.input_value() or page.url


def the_colleague_sees_it(story: Verhaal, watched, shared: str) -> None:
    """The same map with the colleague's own rights, and the note."""
    page = watched.page
    page.goto(f"{story.site.address}/ontwikkel/inloggen?token={token_of(story.plaats.colleague)}")
    page.goto(shared)
    page.wait_for_selector("[data-klaar=ja]")
    assert question(page)["niveau"] == "wijk"
    assert table(page) == from_api(story.site, figures_asked(question(page)), story.plaats.colleague)
    page.goto(f"{story.site.address}/gebied/{story.plaats.buurt}")
    assert NOTE in page.locator("main").inner_text()
    assert watched.errors == []


def test_a_manager_finds_a_gap_plans_looks_back_and_briefs_the_council(visit, sites, tmp_path):
    """From what stands out to a drawing on the map, an old action and two pages for the council."""
    site, watched = sites["demo"], visit()
    page, hand = watched.page, Muis(watched.page, "manager")
    manager = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({ALL_STADSDELEN}))
    page.goto(f"{site.address}/ontwikkel/inloggen?token={token_of(manager)}")
    hand.press(page.get_by_role("navigation").get_by_role("link", name="Plannen"))
    hand.press(page.get_by_role("main").get_by_role("link", name="Zuid", exact=True))
    hand.look()
    card = page.locator(".bs-kaarten > li").first
    gap = card.get_by_role("heading").inner_text()
    hand.press(card.get_by_role("link", name="Plan een interventie"))
    draw_around_the_middle(page)
    name = f"Schoon in {gap}"
    hand.write(page.get_by_label("Naam", exact=True), name)
    page.get_by_label("Doel", exact=True).select_option("5")
    page.get_by_label("Begin", exact=True).fill("2027-01-01")
    hand.look()
    hand.press(page.get_by_role("button", name="Bewaar"))
    page.get_by_role("heading", name=name, level=1).wait_for()
    hand.look()
    hand.press(page.get_by_role("link", name="Interventies"))
    page.get_by_role("link", name=name).wait_for()
    hand.press(page.get_by_role("link", name="Samen schoon Glanerbrug"))
    hand.press(page.get_by_role("link", name="Terugblik"))
    page.get_by_role("heading", name="Werkte het, of verschoof het?").wait_for()
    hand.look()
    page.go_back()
    hand.press(page.get_by_role("navigation").get_by_role("link", name="Plannen"))
    hand.press(page.get_by_role("main").get_by_role("link", name="Oost", exact=True))
    hand.press(page.get_by_role("link", name="Wijkbrief"))
    hand.look()
    with page.expect_download(timeout=60_000) as download:
        hand.press(page.get_by_role("link", name="Twee bladzijden als PDF"))
    kept = tmp_path / "brief.pdf"
    download.value.save_as(kept)
    with pikepdf.open(kept) as brief:
        assert len(brief.pages) == 2
    assert watched.errors == []
    assert [one for one in watched.requests if not one.startswith((site.address, "data:"))] == []


def draw_around_the_middle(page) -> None:
    """A square on the map of the form, by clicking its corners."""
    page.get_by_label("Tekenen op de kaart").check()
    page.get_by_role("button", name="Teken", exact=True).click()
    chart = page.get_by_role("application")
    chart.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    box = chart.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for dx, dy in ((-30, -30), (30, -30), (30, 30), (-30, 30), (-30, -30)):
        page.mouse.move(x + dx - 3, y + dy - 3)
        page.mouse.move(x + dx, y + dy)
        page.mouse.click(x + dx, y + dy)
    page.locator("[data-proef]").get_by_text("hectare in").wait_for()
