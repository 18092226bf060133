"""Changes to reports move counts in the daily cube; the cube always equals a recount of the reports."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.geo_service.dorp import GEMEENTE, NO, NW, ZO, ZW, melding, write_csv, write_gebieden
from tests.geo_service.support import change, fingerprint, load, rows, value

RUNS = frozenset({"intern.ingest_run"})
RECOUNT = """
    select gemeente_code, bron, coalesce(buurt_code, 'buiten'), categorie, dag, dag, count(*)::int
    from intern.melding group by 1, 2, 3, 4, 5
    union all
    select gemeente_code, bron, gebied_code, categorie, van, tot, sum(aantal)::int
    from intern.telling group by 1, 2, 3, 4, 5, 6 having sum(aantal) > 0
    union all
    select b.gemeente_code, b.bron, coalesce(herkomst_buurt_code, 'buiten'), d.categorie, datum, datum, count(*)::int
    from intern.bezoek b
    left join publiek.bezoek_thema t on t.gemeente_code = b.gemeente_code and t.bron = b.bron and t.naam = b.thema
    cross join lateral (values ('alle'), ('kanaal-' || kanaal), ('uitkomst-' || uitkomst),
        (case when thema is null then 'thema-onbekend' else coalesce(t.code, 'thema-overig') end)) d(categorie)
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5, 6
"""
CUBE = (
    "select gemeente_code, bron, gebied_code, categorie, dag, tot, aantal from intern.kubus order by 1, 2, 3, 4, 5, 6"
)


def assert_cube_equals_recount(url: str) -> None:
    assert rows(url, CUBE) == rows(url, RECOUNT)


def cube(url: str) -> dict[tuple[str, str, str], int]:
    found = rows(url, "select gebied_code, categorie, dag::text, aantal from intern.kubus")
    return {(gebied, categorie, dag): aantal for gebied, categorie, dag, aantal in found}


class Lijst:
    """Loads lists of one source into a database and gives the counts of the run."""

    def __init__(self, url: str, folder: Path, bron: str = "lijst"):
        self.url, self._folder, self._bron = url, folder, bron
        self._numbers = itertools.count()

    def load(self, *melding_rows: dict, volledig: bool = False) -> dict[str, int]:
        path = write_csv(self._folder / f"{self._bron}-{next(self._numbers)}.csv", melding_rows)
        options = ["--volledig"] if volledig else []
        load("ingest", "meldingen", path, "--bron", self._bron, "--gemeente", GEMEENTE, *options, url=self.url)
        return value(self.url, "select aantallen from intern.ingest_run order by run_id desc limit 1")


@pytest.fixture
def lijst(dorp_url: str, tmp_path: Path) -> Lijst:
    return Lijst(dorp_url, tmp_path)


CHANGES = {
    "category": ({"category": "wonen-geluid"}, {(ZW, "wonen-geluid", "2025-03-10"): 1}),
    "status": ({"status": "afgehandeld"}, {(ZW, "afval-dumping", "2025-03-10"): 1}),
    "day": ({"created_at": "2025-03-12T12:00:00Z"}, {(ZW, "afval-dumping", "2025-03-12"): 1}),
    "year": ({"created_at": "2024-03-12T12:00:00Z"}, {(ZW, "afval-dumping", "2024-03-12"): 1}),
    "place": ({"buurt": NO}, {(NO, "afval-dumping", "2025-03-10"): 1}),
    "place within the buurt": ({"at": (200_501, 500_500)}, {(ZW, "afval-dumping", "2025-03-10"): 1}),
    "to outside": ({"buurt": None}, {("buiten", "afval-dumping", "2025-03-10"): 1}),
}


@pytest.mark.parametrize(("changes", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_one_report_moves_it_in_the_cube(lijst: Lijst, changes: dict, expected: dict) -> None:
    others = [melding(f"ander-{n}", buurt=NW) for n in range(3)]
    first = lijst.load(melding("a"), *others)
    assert (first["opgeslagen"], first["gewijzigd"], first["ongewijzigd"]) == (4, 0, 0)
    again = lijst.load(melding("a", **changes), *others)
    assert (again["opgeslagen"], again["gewijzigd"], again["ongewijzigd"]) == (0, 1, 3)
    assert cube(lijst.url) == expected | {(NW, "afval-dumping", "2025-03-10"): 3}
    assert_cube_equals_recount(lijst.url)
    assert value(lijst.url, "select count(*) from intern.melding") == 4
    unchanged = lijst.load(melding("a", **changes), *others)
    assert (unchanged["opgeslagen"], unchanged["gewijzigd"], unchanged["ongewijzigd"]) == (0, 0, 4)


def test_the_report_that_changed_is_the_newest_one(lijst: Lijst) -> None:
    lijst.load(melding("a"))
    lijst.load(melding("a", status="afgehandeld", category="wonen-geluid"))
    assert rows(lijst.url, "select status, categorie from intern.melding") == [("afgehandeld", "wonen-geluid")]


def test_equal_keys_of_two_sources_are_two_reports(lijst: Lijst, tmp_path: Path) -> None:
    lijst.load(melding("a"))
    Lijst(lijst.url, tmp_path, "andere").load(melding("a"))
    assert value(lijst.url, "select count(*) from intern.melding") == 2
    assert value(lijst.url, "select sum(aantal) from intern.kubus") == 2


def test_the_same_row_twice_in_a_file_is_one_report(lijst: Lijst) -> None:
    counts = lijst.load(melding("a"), melding("a"))
    assert (counts["gelezen"], counts["opgeslagen"], counts["dubbel"], counts["afgekeurd"]) == (2, 1, 1, 0)
    assert_cube_equals_recount(lijst.url)


def test_the_same_key_with_another_category_in_a_file_is_recategorised(lijst: Lijst) -> None:
    counts = lijst.load(melding("a"), melding("a", category="wonen-geluid"))
    assert (counts["opgeslagen"], counts["hergecategoriseerd"], counts["afgekeurd"]) == (1, 1, 0)
    assert cube(lijst.url) == {(ZW, "wonen-geluid", "2025-03-10"): 1}


def test_every_row_read_is_accounted_for(lijst: Lijst) -> None:
    lijst.load(melding("blijft"), melding("wijzigt"))
    counts = lijst.load(
        melding("blijft"), melding("wijzigt", status="afgehandeld"), melding("nieuw"), melding("dubbel"),
        melding("dubbel"), melding("her"), melding("her", category="wonen-geluid"),
        melding("fout", created_at="1990-01-01"), melding("her", created_at="2025-01-01T00:00:00Z"),
    )  # fmt: skip
    parts = ("opgeslagen", "gewijzigd", "ongewijzigd", "dubbel", "hergecategoriseerd", "afgekeurd")
    assert [counts[name] for name in parts] == [3, 1, 1, 1, 1, 2]
    assert sum(counts[name] for name in parts) == counts["gelezen"] == 9


def test_a_row_that_repeats_what_is_stored_and_then_changes_it_ends_as_the_last(lijst: Lijst) -> None:
    lijst.load(melding("a"))
    lijst.load(melding("a", category="wonen-geluid"), melding("a"))
    assert cube(lijst.url) == {(ZW, "afval-dumping", "2025-03-10"): 1}


# --- a whole list


def corners() -> list[dict]:
    return [melding("hoek-1", at=(200_010, 500_010)), melding("hoek-2", at=(201_990, 501_990))]


def statuses(url: str) -> dict[str, tuple[str | None, bool]]:
    found = rows(
        url,
        "select sleutel, status, gesloten_op is not null from intern.melding "
        "join intern.melding_sleutel using (melding_id)",
    )
    return {key: (status, closed) for key, status, closed in found}


def test_a_whole_list_closes_what_is_absent_and_keeps_it_counted(lijst: Lijst) -> None:
    lijst.load(*corners(), melding("weg"), volledig=True)
    counts = lijst.load(*corners(), volledig=True)
    assert counts["gesloten"] == 1
    # What the source said last stays; that it is closed is a fact of its own.
    assert statuses(lijst.url)["weg"] == ("gemeld", True)
    assert statuses(lijst.url)["hoek-1"] == ("gemeld", False)
    assert value(lijst.url, "select count(*) from intern.melding") == 3
    assert_cube_equals_recount(lijst.url)
    assert lijst.load(*corners(), volledig=True)["gesloten"] == 0


def test_without_volledig_absence_says_nothing(lijst: Lijst) -> None:
    lijst.load(*corners(), melding("weg"))
    assert lijst.load(*corners())["gesloten"] == 0
    assert statuses(lijst.url)["weg"] == ("gemeld", False)


def test_a_whole_list_says_nothing_of_what_lies_outside_its_bounding_box(lijst: Lijst) -> None:
    lijst.load(*corners(), melding("ver", at=(201_500, 501_500)), volledig=True)
    counts = lijst.load(melding("hoek-1", at=(200_010, 500_010)), melding("b", at=(200_500, 500_500)), volledig=True)
    assert counts["gesloten"] == 0
    assert statuses(lijst.url)["ver"] == ("gemeld", False)


def test_a_whole_list_of_one_source_does_not_close_another_source(lijst: Lijst, tmp_path: Path) -> None:
    Lijst(lijst.url, tmp_path, "andere").load(melding("van-ander"))
    lijst.load(*corners(), volledig=True)
    assert statuses(lijst.url)["van-ander"] == ("gemeld", False)


def test_a_report_that_comes_back_is_open_again_with_its_own_status(lijst: Lijst) -> None:
    lijst.load(*corners(), melding("terug"), volledig=True)
    lijst.load(*corners(), volledig=True)
    counts = lijst.load(*corners(), melding("terug"), volledig=True)
    assert statuses(lijst.url)["terug"] == ("gemeld", False)
    assert counts["opgeslagen"] == 0


def test_a_closed_report_that_comes_back_without_volledig_is_open_again(lijst: Lijst) -> None:
    lijst.load(*corners(), melding("terug"), volledig=True)
    lijst.load(*corners(), volledig=True)
    lijst.load(melding("terug", status="in_behandeling"))
    assert statuses(lijst.url)["terug"] == ("in_behandeling", False)


def test_a_rejected_row_of_a_whole_list_is_not_absent(lijst: Lijst) -> None:
    """Its key is in the list: that the row could not be used this time does not close the report."""
    lijst.load(*corners(), melding("fout"), volledig=True)
    lijst.load(*corners(), melding("fout", created_at="gisteren"), volledig=True)
    assert statuses(lijst.url)["fout"] == ("gemeld", False)


def test_an_empty_whole_list_closes_nothing(lijst: Lijst) -> None:
    lijst.load(*corners(), volledig=True)
    before = fingerprint(lijst.url, without=RUNS)
    lijst.load(volledig=True)
    assert fingerprint(lijst.url, without=RUNS) == before


# --- counts per area


def load_tellingen(url: str, path: Path, lines: list[str]) -> dict[str, int]:
    path.write_text("gebied_code,van,tot,categorie,aantal\n" + "\n".join(lines) + "\n", encoding="utf-8")
    load("ingest", "meldingen", path, "--bron", "telling", "--gemeente", GEMEENTE, url=url)
    return value(url, "select aantallen from intern.ingest_run order by run_id desc limit 1")


def test_a_restated_count_replaces_the_old_one(dorp_url: str, tmp_path: Path) -> None:
    path = tmp_path / "telling.csv"
    first = f"{ZW},2025-01-01,2025-03-31,wonen-geluid,12"
    load_tellingen(dorp_url, path, [first, f"{ZO},2025-01-01,2025-03-31,wonen-geluid,7"])
    counts = load_tellingen(dorp_url, path, [first, f"{ZO},2025-01-01,2025-03-31,wonen-geluid,0"])
    assert (counts["opgeslagen"], counts["gewijzigd"], counts["ongewijzigd"]) == (0, 1, 1)
    assert rows(dorp_url, "select gebied_code, aantal from intern.kubus") == [(ZW, 12)]
    assert_cube_equals_recount(dorp_url)


def test_a_file_with_buurten_and_their_sums_counts_once(dorp_url: str, tmp_path: Path) -> None:
    period = "2025-01-01,2025-03-31,wonen-geluid"
    load_tellingen(
        dorp_url,
        tmp_path / "telling.csv",
        [f"{ZW},{period},5", f"{ZO},{period},6", f"WK900100,{period},11", f"{GEMEENTE},{period},11"],
    )
    assert value(dorp_url, "select sum(aantal) from intern.kubus") == 11


def test_counts_of_a_coarser_level_later_do_not_count_double(dorp_url: str, tmp_path: Path) -> None:
    period = "2025-01-01,2025-03-31,wonen-geluid"
    load_tellingen(dorp_url, tmp_path / "buurten.csv", [f"{ZW},{period},5", f"{ZO},{period},6"])
    load_tellingen(dorp_url, tmp_path / "wijken.csv", [f"WK900100,{period},11"])
    assert value(dorp_url, "select sum(aantal) from intern.kubus") == 11


# --- any sequence of loads

ROW = st.tuples(
    st.integers(0, 7),
    st.sampled_from([ZW, ZO, NW, NO, None]),
    st.sampled_from(["afval-dumping", "wonen-geluid", "verkeer-parkeren"]),
    st.sampled_from(["2024-12-31T23:30:00Z", "2025-03-10T12:00:00Z", "2025-03-11T12:00:00Z"]),
    st.sampled_from(["gemeld", "afgehandeld"]),
)
LOADS = st.lists(st.tuples(st.lists(ROW, min_size=1, max_size=8), st.booleans()), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def reused_url(server, worker: str, loaded: Callable[[str], str]):
    """One village for all examples: a copy per example would take most of the time."""
    yield server.clone(loaded("dorp"), f"{worker}_reeks")
    server.drop(f"{worker}_reeks")


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(loads=LOADS)
def test_after_any_sequence_of_loads_the_cube_equals_a_recount(
    reused_url: str, tmp_path_factory: pytest.TempPathFactory, loads: list
) -> None:
    for table in ("melding", "melding_sleutel", "kubus"):
        change(reused_url, f"delete from intern.{table}")
    lijst = Lijst(reused_url, tmp_path_factory.mktemp("reeks"))
    # Two rows well inside keep "more than half outside" from refusing a list.
    anchors = [melding(f"vast-{n}", buurt=ZW) for n in range(9)]
    expected: dict[int, tuple] = {}
    for list_rows, volledig in loads:
        used = [melding(key, buurt=b, category=c, created_at=t, status=s) for key, b, c, t, s in list_rows]
        counts = lijst.load(*anchors, *used, volledig=volledig)
        parts = ("opgeslagen", "gewijzigd", "ongewijzigd", "dubbel", "hergecategoriseerd", "afgekeurd")
        assert sum(counts[name] for name in parts) == counts["gelezen"]
        assert_cube_equals_recount(reused_url)
        first: dict[int, tuple] = {}
        for key, buurt, categorie, tijd, _ in list_rows:
            if first.setdefault(key, (buurt, tijd)) == (buurt, tijd):
                expected[key] = (buurt or "buiten", categorie)
    stored = rows(
        reused_url,
        "select sleutel, coalesce(buurt_code, 'buiten'), categorie from intern.melding join intern.melding_sleutel "
        "using (melding_id) where sleutel not like 'vast%'",
    )
    assert {int(key): (buurt, categorie) for key, buurt, categorie in stored} == expected
    assert len(stored) == len(expected)


def test_a_thousand_random_reports_in_three_shuffles_are_the_same_thousand(lijst: Lijst) -> None:
    random_ = random.Random(20260101)
    reports = [
        melding(n, at=(random_.uniform(200_000, 202_000), random_.uniform(500_000, 502_000))) for n in range(1000)
    ]
    lijst.load(*reports)
    before = fingerprint(lijst.url, without=RUNS)
    for _ in range(2):
        random_.shuffle(reports)
        counts = lijst.load(*reports)
        assert (counts["opgeslagen"], counts["ongewijzigd"]) == (0, 1000)
    assert fingerprint(lijst.url, without=RUNS) == before


def test_moving_the_border_moves_the_reports(lijst: Lijst, tmp_path: Path) -> None:
    """The same areas with the line between west and east moved 400 m: reports between the two lines change buurt."""
    lijst.load(melding("tussen", at=(201_200, 500_500)), melding("west"), melding("oost", buurt=ZO))
    assert cube(lijst.url) == {(ZW, "afval-dumping", "2025-03-10"): 1, (ZO, "afval-dumping", "2025-03-10"): 2}
    moved = write_gebieden(tmp_path / "verlegd.geojson", border=1400)
    load("ingest", "gebieden", moved, "--jaar", 2021, url=lijst.url)
    assert cube(lijst.url) == {(ZW, "afval-dumping", "2025-03-10"): 2, (ZO, "afval-dumping", "2025-03-10"): 1}
    assert_cube_equals_recount(lijst.url)


# --- visits

VISIT = st.tuples(
    st.integers(0, 15),
    st.sampled_from([ZW, ZO, NW, NO, ""]),
    st.sampled_from(["2024-12-31", "2025-03-10"]),
    st.sampled_from(["fysiek", "digitaal", ""]),
    st.sampled_from(["wonen", "geld", ""]),
    st.sampled_from(["0e_lijn", "beantwoord", ""]),
)
VISIT_LOADS = st.lists(st.lists(VISIT, min_size=1, max_size=30, unique_by=lambda v: v[0]), min_size=1, max_size=3)
VISIT_COLUMNS = ("id", "herkomst_buurt_code", "datum", "kanaal", "thema", "uitkomst", "wijkwijzer")


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(loads=VISIT_LOADS)
def test_after_any_sequence_of_loads_the_cube_has_every_visit_once_per_dimension(
    reused_url: str, tmp_path_factory: pytest.TempPathFactory, loads: list
) -> None:
    for table in ("bezoek", "kubus", "melding", "melding_sleutel"):
        change(reused_url, f"delete from intern.{table}")
    expected: dict[int, tuple] = {}
    for number, visits in enumerate(loads):
        path = tmp_path_factory.mktemp("bezoeken") / f"{number}.csv"
        listed = [dict(zip(VISIT_COLUMNS, (*visit, "WW-1"), strict=True)) for visit in visits]
        load("ingest", "bezoeken", write_csv(path, listed, VISIT_COLUMNS), "--bron", "balie",
             "--gemeente", GEMEENTE, url=reused_url)  # fmt: skip
        expected |= {visit[0]: visit for visit in visits}
        assert_cube_equals_recount(reused_url)
    counted = dict(
        rows(reused_url, "select split_part(categorie, '-', 1), sum(aantal)::int from intern.kubus group by 1")
    )
    assert counted == dict.fromkeys(("alle", "kanaal", "uitkomst", "thema"), len(expected))
    known = sum(1 for visit in expected.values() if visit[1])
    found = value(reused_url, "select coalesce(sum(aantal), 0) from intern.kubus "
                  "where categorie = 'alle' and gebied_code <> 'buiten'")  # fmt: skip
    assert found == known


def test_visits_survive_a_change_of_areas(dorp_url: str, tmp_path: Path) -> None:
    visits = [dict(zip(VISIT_COLUMNS, (n, ZW, "2025-03-10", "fysiek", "", "", "WW-1"), strict=True)) for n in range(3)]
    path = write_csv(tmp_path / "bezoeken.csv", visits, VISIT_COLUMNS)
    load("ingest", "bezoeken", path, "--bron", "balie", "--gemeente", GEMEENTE, url=dorp_url)
    Lijst(dorp_url, tmp_path).load(melding("tussen", at=(201_200, 500_500)))
    before = rows(dorp_url, f"select * from ({CUBE}) k where bron = 'balie'")
    load("ingest", "gebieden", write_gebieden(tmp_path / "verlegd.geojson", border=1400), "--jaar", 2021, url=dorp_url)
    assert rows(dorp_url, f"select * from ({CUBE}) k where bron = 'balie'") == before
    assert_cube_equals_recount(dorp_url)
