"""The themes of the map: the same numbers as the API for everyone, honest classes, and lists that fit the theme."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html as lxml_html

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.browser import violations
from tests.geo_service.api.website import Website
from tests.geo_service.pages.kaartlezer import figures_asked, open_map, popups, question, table, text

pytestmark = pytest.mark.browser

NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
ASSEN = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
VIEWERS = pytest.mark.parametrize("viewer", [None, NOORD], ids=["publiek", "wijkregisseur"])
ROWS = """(rows, names) => rows.map(row => [row.dataset.gebiedCode,
    ...names.map(name => row.querySelector(`[data-kolom=${name}]`).dataset.waarde)])"""
LISTS = "all => all.map(list => list.name)"
LEGEND = "all => all.map(e => e.textContent)"
PANDEN = ("voor_1945", "1945_1974", "1975_1999", "vanaf_2000")


def columns(page: Any, *names: str) -> dict[str, tuple[str, ...]]:
    """The raw values of the table under the map per area."""
    return {code: tuple(rest) for code, *rest in page.locator(".bs-tabel tbody tr").evaluate_all(ROWS, list(names))}


def lists(page: Any) -> list[str]:
    return page.locator("form.bs-filter select").evaluate_all(LISTS)


def api(website: Website, collection: str, viewer: Viewer | None, **asked: str) -> dict[str, dict[str, Any]]:
    found = website.features(collection, viewer, **asked)
    return {feature["properties"]["gebied_code"]: feature["properties"] for feature in found}


def figures(page: Any) -> dict[str, str]:
    return figures_asked(question(page))


def choose(page: Any, label: str, value: str, name: str = "thema") -> None:
    page.get_by_label(label, exact=True).select_option(value)
    page.wait_for_function("([n, v]) => location.search.includes(`${n}=${v}`)", arg=[name, value])
    page.wait_for_function("() => !document.querySelector('main[aria-busy]')")


@VIEWERS
def test_all_themes_one_after_the_other_without_loading_a_page(visit, demo, viewer):
    """Each has its own lists and the numbers of the API; no rule of accessibility is broken in any of them."""
    watched = visit()
    page = open_map(watched, demo, "?categorie=afval", viewer)
    page.evaluate("window.teken = 'zelfde pagina'")
    theme = page.get_by_label("Wat wilt u zien?", exact=True)
    theme.focus()

    choose(page, "Wat wilt u zien?", "bezoeken")
    assert lists(page) == ["thema", "niveau", "periode", "bron", "categorie", "noemer", "klassen"]
    assert question(page)["categorie"] == "alle"
    visits = api(demo, "bezoeken-per-gebied", viewer, **figures(page))
    assert table(page) == {
        code: (row["status"], *(text(row[name]) for name in ("aantal", "per_1000", "laag", "hoog")))
        for code, row in visits.items()
    }
    cards = popups(page)
    assert cards == {code: table(page)[code][:3] for code in cards}
    assert len(cards) == 70
    assert "Bezoeken" in page.locator("h1").inner_text()
    assert page.locator("#opvalt").count() == 0

    choose(page, "Wat wilt u zien?", "wonen")
    assert lists(page) == ["thema", "niveau", "kenmerk"]
    assert page.evaluate("document.activeElement.id") in ("keuze-thema", "")
    for kenmerk in ("corporatie_pct", "woz_1000"):
        if kenmerk != question(page)["kenmerk"]:
            choose(page, "Kenmerk", kenmerk, "kenmerk")
        housing = api(demo, "woningvoorraad", viewer, niveau="buurt")
        assert columns(page, "waarde") == {code: (text(row[kenmerk]),) for code, row in housing.items()}
    assert violations(page) == []
    choose(page, "Kenmerk", "voor_1945_pct", "kenmerk")
    assert columns(page, "waarde") == {code: (text(share_before_1945(row)),) for code, row in housing.items()}

    choose(page, "Wat wilt u zien?", "samen")
    assert lists(page) == ["thema", "niveau", "periode", "bron", "categorie", "noemer", "kenmerk"]
    counted = api(demo, "meldingen-per-gebied", viewer, **figures(page))
    expected = {
        code: (text(row["aantal"]), text(row["per_1000"]), text(housing[code]["corporatie_pct"]))
        for code, row in counted.items()
        if code in housing
    }
    assert columns(page, "aantal", "per_1000", "waarde") == expected
    assert violations(page) == []

    choose(page, "Wat wilt u zien?", "dekking")
    assert lists(page) == ["thema", "niveau", "periode", "bron"]
    counted = api(demo, "meldingen-per-gebied", viewer, **figures(page))
    covered = {code: (row["dekking"],) for code, row in counted.items() if code != "buiten"}
    assert {code: (float(share),) for code, (share,) in columns(page, "dekking").items()} == covered
    assert violations(page) == []

    choose(page, "Wat wilt u zien?", "meldingen")
    assert lists(page) == ["thema", "niveau", "periode", "bron", "categorie", "noemer", "klassen"]
    assert page.evaluate("window.teken") == "zelfde pagina"
    page.go_back()
    page.wait_for_function("() => document.querySelector('[data-thema]').dataset.thema === 'dekking'")
    assert lists(page) == ["thema", "niveau", "periode", "bron"]
    assert watched.errors == []


def share_before_1945(row: dict[str, Any]) -> float | None:
    counts = [row[f"panden_bouwjaar_{periode}"] or 0 for periode in PANDEN]
    return round(100 * counts[0] / sum(counts), 1) if sum(counts) else None


def test_coverage_tells_where_a_source_counts_wholly_partly_and_not(visit, demo):
    page = open_map(visit("telefoon"), demo, "?thema=dekking&bron=buurtbemiddeling&niveau=wijk&periode=2023")
    shown = columns(page, "dekking")
    counts = page.locator(".bs-legenda [data-n]").evaluate_all(
        "all => Object.fromEntries(all.map(e => [e.dataset.klasse || e.dataset.status, +e.dataset.n]))"
    )
    shares = [float(share) for (share,) in shown.values()]
    assert counts["2"] == sum(share >= 1 for share in shares)
    assert counts["1"] == sum(0 < share < 1 for share in shares) > 0
    assert counts["niet_gedekt"] == sum(share == 0 for share in shares)
    assert page.locator("path.bs-klasse-1").count() == counts["1"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []


def test_fixed_classes_stay_the_same_through_time_and_for_everyone(visit, demo):
    """The bounds of two quarters, and of staff, are equal; groups of equal size say that they are not to compare."""

    def bounds(query: str, viewer: Viewer | None = None) -> list[str]:
        page = open_map(visit(), demo, query, viewer)
        return page.locator(".bs-legenda [data-klasse] .bs-legenda-tekst").evaluate_all(LEGEND)

    first = bounds("?periode=2026-Q2")
    assert first == bounds("?periode=2026-Q1") == bounds("?periode=2026-Q1", NOORD)
    assert len(first) == 5
    assert first != bounds("?periode=2025")
    assert first != bounds("?periode=2026-Q2&klassen=gelijk")
    page = open_map(visit(), demo, "?periode=2026-Q2")
    assert "elk kwartaal dezelfde" in page.locator(".bs-legenda-noot").inner_text()
    choose(page, "Klassen", "gelijk", "klassen")
    assert "alleen voor deze periode" in page.locator(".bs-legenda-noot").inner_text()


def test_both_or_none_in_the_square_of_reports_and_what_is_expected(visit, demo):
    page = open_map(visit("telefoon"), demo, "?thema=samen&periode=2026-Q1")
    cells = page.locator(".bs-vierkant [data-klasse]").evaluate_all(
        "all => all.map(e => [e.dataset.klasse, +e.dataset.n])"
    )
    assert len(cells) == 9
    rows = page.locator(".bs-tabel tbody tr").evaluate_all("all => all.map(r => [r.dataset.klasse, r.innerText])")
    for klasse, n in cells:
        assert sum(own == klasse for own, _ in rows) == n
    without = [text_ for klasse, text_ in rows if not klasse]
    assert without
    assert all("verwacht" not in text_ for text_ in without)
    assert page.locator("path.bs-gebied[class*=bs-klasse-]").count() == sum(n for _, n in cells)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_lists_of_another_theme_do_no_harm_without_script(demo):
    """A form without script sends along what was chosen for the theme before."""
    for query in ("thema=bezoeken&bron=signalen-openbare-ruimte&categorie=afval", "thema=wonen&periode=2026-Q1"):
        assert demo.client.get(f"/kaart?{query}").status_code == 200
    for query in ("thema=iets", "thema=wonen&kenmerk=iets", "thema=bezoeken&categorie=iets", "klassen=iets"):
        assert demo.client.get(f"/kaart?{query}").status_code == 400


def static_table(website: Website, viewer: Viewer | None, **asked: str) -> dict[str, dict[str, str]]:
    """The table of a page as it leaves the service: per area its status and every raw value by column."""
    answer = website.get("/kaart", viewer, **asked)
    assert answer.status_code == 200, answer.text
    found = {}
    for row in lxml_html.fromstring(answer.text).xpath("//table[@id='bs-tabel']/tbody/tr"):
        cells = row.xpath("./td[@data-waarde]")
        found[row.get("data-gebied-code")] = {cell.get("data-kolom"): cell.get("data-waarde") for cell in cells}
        found[row.get("data-gebied-code")]["status"] = row.get("data-status")
    return found


@pytest.mark.parametrize("viewer", [None, ASSEN], ids=["publiek", "manager"])
@pytest.mark.parametrize("niveau", ["buurt", "gemeente"])
def test_where_nothing_is_known_of_the_dwellings_the_map_says_so(assen, viewer, niveau):
    """Of Assen inhabitants are loaded and no features of dwellings: nothing is a zero, and reports stay."""
    housing = api(assen, "woningvoorraad", viewer, niveau=niveau)
    for kenmerk in ("corporatie_pct", "meergezins_pct", "woz_1000"):
        shown = static_table(assen, viewer, thema="wonen", kenmerk=kenmerk, niveau=niveau)
        assert {code: row["waarde"] for code, row in shown.items()} == {
            code: text(row[kenmerk]) for code, row in housing.items()
        }
        assert all((row["status"] == "ontbreekt") == (row["waarde"] == "") for row in shown.values())
    counted = api(assen, "meldingen-per-gebied", viewer, niveau=niveau)
    both = static_table(assen, viewer, thema="samen", kenmerk="woz_1000", niveau=niveau)
    assert {code: (row["aantal"], row["per_1000"]) for code, row in both.items()} == {
        code: (text(row["aantal"]), text(row["per_1000"])) for code, row in counted.items() if code in housing
    }
    assert {code: row["waarde"] for code, row in both.items()} == {
        code: text(row["woz_1000"]) for code, row in housing.items()
    }
    assert {row["waarde"] for row in both.values()} == {""}
    assert any(row["per_1000"] for row in both.values())
    assert f"is niet bekend per {niveau}" in assen.get("/kaart", viewer, thema="wonen", niveau=niveau).text
    # Without visits there is no theme of them.
    assert 'value="bezoeken"' not in assen.get("/kaart", viewer).text
    assert assen.get("/kaart", viewer, thema="bezoeken").status_code == 404
