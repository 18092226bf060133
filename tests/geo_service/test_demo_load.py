"""The demo municipality in the database: everything the generator made, through the same writers as real sources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data.demo import Demo, generate
from geo_service.jobs.demo import demo_loaded, load_demo
from tests.databases import DEMO_SCALE, DEMO_SEED, load_enschede_gebieden
from tests.geo_service.support import call_cli, rows, settings, value
from tests.geo_service.test_cube import assert_cube_equals_recount


@pytest.fixture
def undecided() -> Iterator[None]:
    """No figure is asked for here, and to decide about them takes longer than to load them."""
    with settings(vrijgave_direct=0):
        yield


@pytest.fixture(scope="module")
def demo() -> Demo:
    return generate(seed=DEMO_SEED, scale=DEMO_SCALE)


def test_all_areas_are_there_and_marked_as_approximate(demo_url: str) -> None:
    assert rows(
        demo_url,
        "select niveau, count(*), bool_and(benaderd) from publiek.gebied group by 1 order by 1",
    ) == [
        ("buurt", 70, True),
        ("gemeente", 1, True),
        ("stadsdeel", 5, True),
        ("wijk", 10, True),
        ("wijkteamgebied", 9, True),
    ]


def test_every_report_of_the_generator_is_stored_once(demo_url: str, demo: Demo) -> None:
    stored = dict(rows(demo_url, "select bron, count(*) from intern.melding group by 1"))
    assert stored == {bron: len(frame) for bron, frame in demo.meldingen.items()}
    assert len(stored) == 4
    assert_cube_equals_recount(demo_url)


@pytest.mark.parametrize("laag", ["wijkwijzers", "bezoeken", "interventies"])
def test_every_register_is_stored_whole(demo_url: str, demo: Demo, laag: str) -> None:
    table = {"wijkwijzers": "publiek.wijkwijzer", "bezoeken": "intern.bezoek", "interventies": "intern.interventie"}
    assert value(demo_url, f"select count(*) from {table[laag]}") == len(getattr(demo, laag)) > 0


def test_sensitive_voorzieningen_are_kept_apart(demo_url: str, demo: Demo) -> None:
    sensitive = int(demo.voorzieningen["gevoelig"].sum())
    assert sensitive > 0
    assert value(demo_url, "select count(*) from publiek.voorziening") == len(demo.voorzieningen) - sensitive
    assert value(demo_url, "select count(*) from intern.voorziening_gevoelig") == sensitive
    names = set(demo.voorzieningen.loc[demo.voorzieningen["gevoelig"], "naam"])
    public = {name for (name,) in rows(demo_url, "select naam from publiek.voorziening")}
    assert not names & public


def test_dwellings_are_the_denominator_and_not_the_panden(demo_url: str, demo: Demo) -> None:
    dwellings = demo.woningen.query("soort == 'verblijfsobject' and in_gebruik and woonfunctie")
    assert value(
        demo_url,
        "select waarde from publiek.kerncijfer where indicator = 'woningvoorraad_bag' and gebied_code = 'GM0153'",
    ) == len(dwellings)


def test_sources_have_their_own_coverage_and_the_break_is_there(demo_url: str) -> None:
    assert value(demo_url, "select count(*) from publiek.bron where geregistreerd and houder is not null") >= 4
    assert value(demo_url, "select count(*) from publiek.trendbreuk") >= 1
    different = "select count(distinct (gebied, van, tot)) from publiek.bron_dekking where not afgeleid"
    assert value(demo_url, different) >= 4


def test_no_run_of_the_demo_rejected_anything(demo_url: str) -> None:
    outcomes = rows(demo_url, "select laag, uitkomst, (aantallen ->> 'afgekeurd')::int from intern.ingest_run")
    assert {(uitkomst, rejected) for _, uitkomst, rejected in outcomes} == {("opgeslagen", 0)}
    assert demo_loaded(demo_url)


def test_real_boundaries_replace_the_demo_with_one_command(
    copy_of: Callable[[str], str], testdata: Callable[[str], Path], undecided: None
) -> None:
    url = copy_of("demo")
    before = value(url, "select sum(aantal) from intern.kubus")
    load_enschede_gebieden(url, testdata)
    assert rows(
        url,
        "select niveau, bool_or(benaderd), round(sum(oppervlakte_ha)::numeric / 100, 2)::float from publiek.gebied "
        "where niveau <> 'wijkteamgebied' group by 1 order by 1",
    ) == [(niveau, False, 142.72) for niveau in ("buurt", "gemeente", "stadsdeel", "wijk")]
    assert value(url, "select count(*) from publiek.gebied where niveau = 'wijkteamgebied' and not benaderd") == 9
    assert value(url, "select sum(aantal) from intern.kubus") == before
    assert_cube_equals_recount(url)


def test_a_demo_that_broke_off_is_completed_by_the_next_start(url: str, undecided: None) -> None:
    """Each source is a transaction of its own; the mark that it is complete comes last."""

    def break_off(text: str) -> None:
        if "Bezoeken" in text:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_demo(url, say=break_off, seed=DEMO_SEED, scale=0.02)
    assert not demo_loaded(url)
    assert value(url, "select count(*) from intern.melding") > 0
    load_demo(url, say=lambda _: None, seed=DEMO_SEED, scale=0.02)
    assert demo_loaded(url)
    assert value(url, "select count(*) from intern.bezoek") > 0
    assert_cube_equals_recount(url)


@pytest.fixture
def truth_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "eigen"
    folder.mkdir()
    return folder


def test_the_command_loads_once_and_writes_the_truth(url: str, truth_folder: Path, undecided: None) -> None:
    first = call_cli("demo", "--alleen-laden", "--schaal", "0.02", url=url, map=truth_folder)
    assert first.returncode == 0, first.stderr
    assert "Demo-gemeente geladen" in first.stdout
    truth = json.loads((truth_folder / "demo-waarheid.json").read_text(encoding="utf-8"))
    assert truth
    stored = value(url, "select count(*) from intern.melding")
    again = call_cli("demo", "--alleen-laden", "--schaal", "0.02", url=url, map=truth_folder)
    assert again.returncode == 0, again.stderr
    assert "laden (" not in again.stdout
    assert value(url, "select count(*) from intern.melding") == stored


def test_a_port_that_is_taken_is_told_before_anything_is_loaded(url: str) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = call_cli("demo", "--port", taken.getsockname()[1], url=url)
    assert done.returncode == 1
    assert "is bezet" in done.stderr
    assert value(url, "select count(*) from intern.ingest_run") == 0
