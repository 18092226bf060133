"""What leaves of results about whole buurten, recomputed from the reports: no count, expectation or area too much."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import shapely

from geo_service.domain.perioden import kwartaal
from geo_service.jobs.analyse.blinde_vlekken import _Buurt, _tells_nothing_new
from geo_service.jobs.analyse.vondsten import INTERN, PUBLIEK, Cel, Cijfers, Drempels
from tests.geo_service.support import rows, value

LEAST = {"publiek.hotspot": 10, "intern.hotspot": 5}
AREA = shapely.box(0, 0, 100, 100)

# Reports of a result's buurten on covered days, per buurt and quarter, and from how many places.
CELLS = """
    select h.run_id, h.nummer, h.klasse, h.status, h.aantal, h.plekken, b.buurt, q.kwartaal, count(m.*) as n,
        count(distinct coalesce(m.melder::text, m.adres::text,
            floor(st_x(m.geom) / 10) || '/' || floor(st_y(m.geom) / 10))) as plekken_geteld
    from {table} h
    cross join lateral unnest(h.buurten) as b(buurt)
    cross join lateral (
        select coalesce(h.begin, h.van) as van, coalesce(h.eind, h.tot) as tot
    ) d
    cross join lateral (
        select distinct case when h.klasse = 'stil' then to_char(dag, 'YYYY-"Q"Q') else '' end as kwartaal
        from generate_series(d.van, d.tot, interval '1 day') dag
    ) q
    join publiek.categorie c on h.categorie in (c.hoofd, 'alle')
    left join intern.melding m on m.gemeente_code = h.gemeente_code and m.bron = h.bron and m.categorie = c.code
        and m.buurt_code = b.buurt and m.dag between d.van and d.tot
        and (h.klasse <> 'stil' or to_char(m.dag, 'YYYY-"Q"Q') = q.kwartaal)
        and exists (select from publiek.bron_dekking k left join publiek.indeling i on i.gemeente_code = k.gemeente_code
            and i.gebied_code = k.gebied and i.buurt_code = m.buurt_code
            where k.gemeente_code = m.gemeente_code and k.bron = m.bron and m.dag between k.van and k.tot
              and (k.gebied = m.buurt_code or i.buurt_code is not null))
    where h.methode in ('scan', 'blinde-vlekken')
    group by 1, 2, 3, 4, 5, 6, 7, 8
"""


@pytest.fixture(params=["assen", "demo"])
def hotspots_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


def results(url: str, table: str) -> list[dict[str, Any]]:
    """Each stored result with its cells as counted here: {(buurt, quarter): (reports, places)}."""
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for run, nummer, klasse, status, aantal, plekken, buurt, quarter, n, places in rows(url, CELLS.format(table=table)):
        told = {"klasse": klasse, "status": status, "aantal": aantal, "plekken": plekken, "cellen": {}}
        found.setdefault((run, nummer), told)["cellen"][buurt, quarter] = (n, places)
    return list(found.values())


@pytest.mark.parametrize("table", LEAST)
def test_a_count_is_shown_only_when_each_of_its_cells_is(hotspots_url: str, table: str) -> None:
    found = results(hotspots_url, table)
    assert len(found) == value(
        hotspots_url, f"select count(*) from {table} where methode in ('scan', 'blinde-vlekken')"
    )
    assert found
    for told in found:
        counts = [n for n, _ in told["cellen"].values()]
        if told["status"] == "ok":
            assert told["aantal"] == sum(counts), told
            assert all(n == 0 or n >= LEAST[table] for n in counts), told
        else:
            assert (told["status"], told["aantal"], told["plekken"]) == ("onderdrukt", None, None)
    assert {"ok", "onderdrukt"} == {told["status"] for told in found}


@pytest.mark.parametrize("table", LEAST)
def test_a_cluster_holds_enough_reports_and_places(hotspots_url: str, table: str) -> None:
    """Even without figures: that something is high is told only of a cluster of at least so many."""
    clusters = [told for told in results(hotspots_url, table) if told["klasse"] != "stil"]
    assert clusters
    for told in clusters:
        reports, places = (sum(column) for column in zip(*told["cellen"].values(), strict=True))
        assert min(reports, places) >= LEAST[table], told
        if told["klasse"] == "hoog" and told["status"] == "ok":
            assert told["plekken"] == places


@pytest.mark.parametrize("table", LEAST)
def test_nothing_stands_beside_a_withheld_count(hotspots_url: str, table: str) -> None:
    beside = (
        f"select count(*) from {table} where status <> 'ok' "
        "and num_nonnulls(aantal, plekken, verwacht, verhouding, p_waarde) > 0"
    )
    assert value(hotspots_url, beside) == 0
    assert value(hotspots_url, f"select count(*) from {table} where status not in ('ok', 'onderdrukt')") == 0


@pytest.mark.parametrize("table", LEAST)
def test_a_card_beside_a_withheld_count_tells_no_chance_of_its_own(hotspots_url: str, table: str) -> None:
    cards = rows(
        hotspots_url,
        f"select status, kaartje ->> 'hoe_zeker', klasse from {table} where klasse in ('hoog', 'nieuw')",
    )
    withheld = {(klasse, text) for status, text, klasse in cards if status != "ok"}
    shown = {text for status, text, _ in cards if status == "ok"}
    assert withheld
    # One text per class, whatever was found.
    assert len(withheld) == len({klasse for klasse, _ in withheld})
    assert all("hoogstens 1 op de 20." in text and "uiteen" not in text for _, text in withheld)
    assert any("1 op de 1.000" in text for text in shown)


@pytest.mark.parametrize("table", LEAST)
def test_an_area_of_buurten_is_those_buurten(hotspots_url: str, table: str) -> None:
    other = (
        f"select h.run_id, h.nummer from {table} h where h.methode <> 'punten' and st_area(st_symdifference(h.geom, "
        "(select st_union(g.geom) from publiek.gebied g where g.gemeente_code = h.gemeente_code and g.niveau = 'buurt' "
        "and g.code = any(h.buurten) and g.geldig_tot is null))) > 1"
    )
    assert rows(hotspots_url, other) == []


@pytest.mark.parametrize("table", LEAST)
def test_a_class_is_shown_only_where_its_last_quarter_is(demo_url: str, table: str) -> None:
    found = rows(
        demo_url,
        f"select h.buurten, h.aantal, h.plekken, h.verwacht, count(m.*) from {table} h "
        "join publiek.categorie c on h.categorie in (c.hoofd, 'alle') left join intern.melding m "
        "on m.bron = h.bron and m.categorie = c.code and m.buurt_code = h.buurten[1] "
        "and m.dag between date_trunc('quarter', h.eind) and h.eind "
        "where h.methode = 'opkomend' group by h.run_id, h.nummer, h.buurten, h.aantal, h.plekken, h.verwacht",
    )
    assert found
    for buurten, *figures, count in found:
        assert len(buurten) == 1
        assert figures == [None, None, None]
        assert count == 0 or count >= LEAST[table]


def test_the_public_table_holds_nothing_that_staff_may_not_have(hotspots_url: str) -> None:
    hidden = "select run_id, nummer from publiek.hotspot except select run_id, nummer from intern.hotspot"
    assert rows(hotspots_url, hidden) == []


def test_a_silence_that_says_more_than_its_withheld_cells_is_for_staff(demo_url: str) -> None:
    """In the small demo the quarters of the blind spot are withheld, and silence would narrow them down."""
    silent = "select periode from {} where klasse = 'stil' and bron = 'signalen-openbare-ruimte' order by 1"
    assert rows(demo_url, silent.format("intern.hotspot")) != []
    assert rows(demo_url, silent.format("publiek.hotspot")) == []


# --- by hand: the rules themselves

Q = [kwartaal(2025, number) for number in (1, 2, 3, 4)]


def drempels(*withheld: tuple[str, str]) -> Drempels:
    """The rules with these (buurt, quarter) cells withheld from everyone."""
    kader = SimpleNamespace(
        gemeente=SimpleNamespace(code="GM", vrijgaven=[{"bron": "l", "periode": one.code} for one in Q[:4]]),
        bron=SimpleNamespace(naam="l"),
    )
    cells = [("alle", buurt, periode) for buurt, periode in withheld]
    connection = SimpleNamespace(execute=lambda *_: SimpleNamespace(fetchall=lambda: cells))
    return Drempels(connection, kader)  # type: ignore[arg-type]


def test_figures_leave_when_every_cell_is_published() -> None:
    cijfers = Cijfers([Cel("A", Q[0], 12), Cel("B", Q[0], 0)], 11, "melders", 4.2, 2.6)
    vormen = drempels().forms("alle", cijfers, AREA)
    assert {table: (vorm.aantal, vorm.plekken, vorm.status) for table, vorm in vormen.items()} == {
        PUBLIEK: (12, 11, "ok"),
        INTERN: (12, 11, "ok"),
    }


def test_one_withheld_cell_withholds_all_figures() -> None:
    cijfers = Cijfers([Cel("A", Q[0], 22), Cel("B", Q[0], 7)], 25, "melders", 4.2, 2.6)
    vormen = drempels(("B", "2025-Q1")).forms("alle", cijfers, AREA)
    public, staff = vormen[PUBLIEK], vormen[INTERN]
    assert (public.status, public.aantal, public.plekken, public.verwacht, public.verhouding) == (
        "onderdrukt", None, None, None, None,
    )  # fmt: skip
    assert (staff.status, staff.aantal) == ("ok", 29)


@pytest.mark.parametrize(
    ("reports", "places", "tables"),
    [(9, 9, {INTERN}), (10, 9, {INTERN}), (10, 10, {INTERN, PUBLIEK}), (4, 4, set()), (40, 4, set())],
)
def test_too_few_reports_or_places_do_not_leave_at_all(reports: int, places: int, tables: set[str]) -> None:
    cijfers = Cijfers([Cel("A", Q[0], reports)], places)
    assert set(drempels().forms("alle", cijfers, AREA)) == tables


def test_a_period_that_is_not_released_has_no_public_figure() -> None:
    cijfers = Cijfers([Cel("A", kwartaal(2026, 1), 40)], 40)
    assert drempels().forms("alle", cijfers, AREA)[PUBLIEK].status == "onderdrukt"


@pytest.mark.parametrize(("low", "may_leave"), [(33.0, False), (34.0, True), (60.0, True)])
def test_silence_is_told_when_it_says_no_more_than_the_withheld_cells_do(low: float, may_leave: bool) -> None:
    """Published 12 and 13 and one cell of 1 to 9: at most 34 reports, so a margin of 34 or more tells nothing new."""
    counts = np.array([[12.0, 13.0, 4.0, 0.0]])
    reeks = SimpleNamespace(buurten=("A",), perioden=Q, aantal=counts, gedekt=np.array([[True, True, True, False]]))
    result = SimpleNamespace(expected=np.array([80.0]), low=np.array([low]))
    buurt = _Buurt(0, reeks, SimpleNamespace(), result)  # type: ignore[arg-type]
    rules = drempels(("A", "2025-Q3"))
    vorm = rules.judge(PUBLIEK, "alle", buurt.cijfers, AREA)
    assert vorm.status == "onderdrukt"
    assert _tells_nothing_new(rules, buurt, vorm) is may_leave
