"""Housing and key figures from real files, and visits that become figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.databases import load_cbs_2024
from tests.geo_service.dorp import GEMEENTE, ZW, melding, write_csv
from tests.geo_service.support import call_cli, fingerprint, load, rows, value

Testdata = Callable[[str], Path]
RUNS = frozenset({"intern.ingest_run"})


@pytest.fixture(scope="module")
def doesburg_url(server, worker: str, migrated: str, testdata: Testdata):
    """Doesburg's panden on a database without areas, loaded twice; and what the runs said."""
    url = server.clone(migrated, f"{worker}_doesburg")
    command = ("ingest", "woningen", testdata("bag/0221PND15092020.zip"), "--gemeente", "GM0221")
    first = load(*command, url=url)
    before = fingerprint(url, without=RUNS)
    second = load(*command, url=url)
    yield url, first, second, before
    server.drop(f"{worker}_doesburg")


def test_doesburg_13098_voorkomens_are_7797_panden(doesburg_url) -> None:
    url, first, _, _ = doesburg_url
    assert "13098 gelezen · 7797 opgeslagen · 0 ongewijzigd · 0 afgekeurd" in first
    assert value(url, "select count(*) from intern.pand") == 7797


def test_doesburg_7227_panden_stand(doesburg_url) -> None:
    url, *_ = doesburg_url
    assert rows(url, "select status, count(*) from intern.pand where in_gebruik group by 1 order by 2 desc") == [
        ("Pand in gebruik", 7204),
        ("Verbouwing pand", 14),
        ("Sloopvergunning verleend", 6),
        ("Pand in gebruik (niet ingemeten)", 3),
    ]
    assert value(url, "select count(*) from intern.pand where in_gebruik") == 7227


def test_dummy_years_are_missing_and_panden_are_never_dwellings(doesburg_url) -> None:
    url, first, *_ = doesburg_url
    assert "Een onmogelijk bouwjaar (zoals 9999) telt als onbekend. (20×)" in first
    assert value(url, "select max(bouwjaar) from intern.pand") < 2100
    assert value(url, "select count(*) from intern.woning") == 0
    assert value(url, "select count(*) from publiek.kerncijfer where indicator = 'woningvoorraad_bag'") == 0
    assert rows(url, "select indicator, waarde from publiek.kerncijfer where gebied_code = 'GM0221' order by 1") == [
        ("panden_bouwjaar_1945_1974", 2460),
        ("panden_bouwjaar_1975_1999", 3225),
        ("panden_bouwjaar_vanaf_2000", 707),
        ("panden_bouwjaar_voor_1945", 835),
    ]


def test_a_second_run_of_doesburg_stores_nothing(doesburg_url) -> None:
    url, _, second, before = doesburg_url
    assert "13098 gelezen · 0 opgeslagen · 7797 ongewijzigd" in second
    assert fingerprint(url, without=RUNS) == before


def test_cbs_2024_gives_enschede_161740_inhabitants(enschede_url: str) -> None:
    assert rows(
        enschede_url,
        "select count(*), sum(waarde) from publiek.kerncijfer where jaar = 2024 and indicator = 'inwoners' "
        "and gebied_code like 'BU%'",
    ) == [(70, 161_740)]


def test_cbs_2024_meets_106_of_the_109_buurten_of_assen(assen_url: str) -> None:
    assert (
        value(
            assen_url,
            "select count(*) from publiek.gebied g join publiek.kerncijfer k on k.gebied_code = g.code "
            "where g.niveau = 'buurt' and k.indicator = 'inwoners' and k.jaar = 2024",
        )
        == 106
    )


def test_a_second_run_of_cbs_stores_nothing(copy_of: Callable[[str], str], testdata: Testdata) -> None:
    url = copy_of("enschede")
    before = fingerprint(url, without=RUNS)
    assert "14574 gelezen · 0 opgeslagen · 70 ongewijzigd" in load_cbs_2024(url, testdata, "GM0153")
    assert fingerprint(url, without=RUNS) == before


# --- visits are figures

QUARTERS = "extract(year from datum) || '-Q' || extract(quarter from datum)"


def test_quarterly_totals_of_the_demo_are_those_of_the_visits(demo_url: str) -> None:
    truth = dict(rows(demo_url, f"select {QUARTERS}, count(*) from intern.bezoek group by 1"))
    _, *whole, _ = sorted(truth)  # the coverage starts and ends inside the outer quarters
    released = dict(
        rows(
            demo_url,
            "select periode, aantal from publiek.cijfer where bron = 'demo-bezoeken' and niveau = 'gemeente' "
            "and categorie = 'alle' and periode like '%%-Q%%'",
        )
    )
    # The newest are decided at once; older ones wait for someone with patience.
    decided = sorted(set(whole) & set(released))
    assert len(whole) > 8
    assert decided == whole[-len(decided) :] != []
    assert {quarter: released[quarter] for quarter in decided} == {quarter: truth[quarter] for quarter in decided}


def test_a_second_run_of_visits_changes_nothing(dorp_url: str, tmp_path: Path) -> None:
    path = tmp_path / "bezoeken.csv"
    lines = [f"{n},2025-03-{n % 27 + 1:02},WW-1,fysiek,wonen,{ZW},beantwoord" for n in range(40)]
    path.write_text("id,datum,wijkwijzer,kanaal,thema,herkomst,uitkomst\n" + "\n".join(lines), encoding="utf-8")
    command = ("ingest", "bezoeken", path, "--bron", "balie", "--gemeente", GEMEENTE)
    assert "40 opgeslagen" in load(*command, url=dorp_url)
    before = fingerprint(dorp_url, without=RUNS)
    assert value(dorp_url, "select sum(aantal) from intern.kubus where categorie = 'alle'") == 40
    assert "0 opgeslagen · 40 ongewijzigd" in load(*command, url=dorp_url)
    assert fingerprint(dorp_url, without=RUNS) == before


def test_visits_under_the_name_of_a_source_of_reports_are_refused(dorp_url: str, tmp_path: Path) -> None:
    lijst = write_csv(tmp_path / "lijst.csv", [melding(1)])
    load("ingest", "meldingen", lijst, "--bron", "lijst", "--gemeente", GEMEENTE, url=dorp_url)
    before = fingerprint(dorp_url, without=RUNS)
    path = tmp_path / "bezoeken.csv"
    path.write_text("id,datum,wijkwijzer\n1,2025-03-10,WW-1\n", encoding="utf-8")
    done = call_cli("ingest", "bezoeken", path, "--bron", "lijst", "--gemeente", GEMEENTE, url=dorp_url)
    assert done.returncode == 1
    assert "Bron 'lijst' heeft al meldingen" in done.stderr
    assert fingerprint(dorp_url, without=RUNS) == before
