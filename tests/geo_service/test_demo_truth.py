"""Every method on what the demo municipality hides on purpose, through the database, at its full size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from analysis.displacement import Verdict, verdict, wdd
from data.demo import generate
from data.demo.plan import plan_effects
from geo_service.db.connection import privileged_connection
from geo_service.db.engine import Database
from geo_service.domain.hotspots import BLINDE_VLEKKEN, METHODEN, OPKOMEND, SCAN
from geo_service.domain.perioden import bereik
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.jobs.analyse.kader import INWONERS, Kader, load_kader
from geo_service.jobs.analyse.parameters import configure
from geo_service.jobs.analyse.reeksen import Lezer, Reeks
from geo_service.jobs.demo import load_demo
from geo_service.jobs.verversen import compute
from geo_service.jobs.vrijgave.vrijgeven import release_source
from geo_service.release.geheugen import Geheugen
from geo_service.release.terugblik import Terugblik, TerugblikVraag, terugblik
from tests.geo_service.server import Server
from tests.geo_service.support import rows, settings, value

GEMEENTE = "GM0153"
SIGNALEN, WOONOVERLAST, POLITIE = "signalen-openbare-ruimte", "meldpunt-woonoverlast", "politie-overlast"
NEWEST = "2026-Q3"
# Of Politie also the quarters in which stadsdeel Zuid delivered nothing, and one after the gap.
IN_THE_GAP = ("2025-Q1", "2025-Q3", "2025-Q4")
Truth = Mapping[str, list[dict[str, Any]]]
Row = tuple[Any, ...]


@pytest.fixture(scope="session")
def heel_url(server: Server, worker: str, migrated: str) -> str:
    """The demo at its full size, with all methods of the newest quarter: in a smaller one some effects are chance."""

    def build(url: str) -> None:
        load_demo(url, say=lambda _: None)
        # What is asked of quarters in the gap, a website decides behind the requests.
        with settings(vrijgave_direct=5_000), privileged_connection(url) as connection:
            release_source(connection, GEMEENTE, POLITIE, today=date.today())
        for bron in (SIGNALEN, WOONOVERLAST, POLITIE):
            compute(url, (GEMEENTE, bron), asked=NEWEST)
        compute(url, (GEMEENTE, SIGNALEN), asked="2024-Q4", methoden=configure(SCAN))
        for periode in IN_THE_GAP:
            compute(url, (GEMEENTE, POLITIE), asked=periode, methoden=configure(SCAN, OPKOMEND, BLINDE_VLEKKEN))

    return server.clone(server.shared("heel", build, migrated), f"{worker}_heel", read_only=True)


@pytest.fixture(scope="session")
def truth(tmp_path_factory: pytest.TempPathFactory) -> Truth:
    """What was planted, as the truth file of the demo tells it, by kind."""
    path = tmp_path_factory.mktemp("waarheid") / "waarheid.json"
    generate(scale=0.01).write_truth(path)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        by_kind.setdefault(row["soort"], []).append(row)
    return by_kind


def found(url: str, condition: str, *values: Any) -> list[Row]:
    """Results for staff: (bron, periode, methode, klasse, categorie, buurten)."""
    query = f"select bron, periode, methode, klasse, categorie, buurten from intern.hotspot where {condition}"
    return rows(url, query, *values)


@pytest.mark.parametrize("which", range(3))
def test_a_planted_hotspot_is_higher_than_expected_in_its_own_category(heel_url: str, truth: Truth, which: int) -> None:
    planted = truth["hotspot"][which]
    head = planted["categorie"].split("-")[0]
    clusters = found(
        heel_url,
        "klasse = 'hoog' and bron = %s and periode = %s and categorie = %s and buurten && %s",
        planted["bron"], NEWEST, head, planted["gebieden"],
    )  # fmt: skip
    assert len(clusters) == 1
    # Not half the town with it.
    assert len(clusters[0][-1]) <= 4


def test_what_began_this_year_is_new_or_growing_and_says_so(heel_url: str, truth: Truth) -> None:
    """The newest of the three: in its place, by the course of the quarters and against its own past."""
    planted = truth["hotspot"][0]
    told = found(
        heel_url,
        "bron = %s and periode = %s and categorie = 'afval' and buurten && %s and methode in ('scan', 'opkomend')",
        planted["bron"], NEWEST, planted["gebieden"],
    )  # fmt: skip
    assert {"hoog", "nieuw"} <= {row[3] for row in told}


def test_one_caller_is_no_hotspot_by_any_method(heel_url: str, truth: Truth) -> None:
    """Nothing says that his buurt is high or new, and no area of points lies on his door."""
    (planted,) = truth["een-melder"]
    (buurt,) = planted["gebieden"]
    ((reports, x, y), (others, *_)) = rows(
        heel_url,
        "select count(*), min(st_x(geom)), min(st_y(geom)) from intern.melding where bron = %s and buurt_code = %s "
        "and dag >= %s and melder is not null group by melder order by 1 desc limit 2",
        planted["bron"], buurt, planted["van"],
    )  # fmt: skip
    assert reports >= 40 > 8 * others, "the caller is not in the data, or not alone"
    everywhere = found(heel_url, "bron = %s and periode = %s", planted["bron"], NEWEST)
    assert everywhere
    high = [row for row in everywhere if buurt in row[-1] and row[2] != "punten"]
    assert [row for row in high if row[3] in ("hoog", "nieuw") or row[3].endswith("-hoog")] == []
    on_his_door = found(
        heel_url,
        "bron = %s and methode = 'punten' and st_dwithin(geom, st_setsrid(st_makepoint(%s, %s), 28992), 25)",
        planted["bron"], x, y,
    )  # fmt: skip
    assert on_his_door == []


@pytest.fixture(scope="module")
def zuid(heel_url: str, truth: Truth) -> list[str]:
    """The buurten where Politie delivered nothing for a while."""
    (planted,) = truth["dekkingsgat"]
    codes = "select buurt_code from publiek.indeling where gebied_code = any(%s)"
    buurten = [code for (code,) in rows(heel_url, codes, planted["gebieden"])]
    during = "select count(*) from intern.melding where bron = %s and buurt_code = any(%s) and dag between %s and %s"
    assert value(heel_url, during, planted["bron"], buurten, planted["van"], planted["tot"]) == 0, "there is no gap"
    return buurten


@pytest.mark.parametrize("periode", [*IN_THE_GAP, NEWEST])
def test_a_coverage_gap_is_never_cold_and_never_silent(heel_url: str, zuid: list[str], periode: str) -> None:
    runs = "select count(*) from intern.hotspot_run where bron = %s and periode = %s and resultaat ->> 'reden' is null"
    assert value(heel_url, runs, POLITIE, periode) >= 3
    quiet = "bron = %s and periode = %s and buurten && %s and (klasse = 'stil' or klasse like '%%-laag')"
    assert found(heel_url, quiet, POLITIE, periode, zuid) == []


def test_buurten_without_coverage_have_no_result_at_all(heel_url: str, zuid: list[str]) -> None:
    inside = "bron = %s and periode in ('2025-Q1', '2025-Q3') and klasse <> 'stil' and buurten && %s"
    assert found(heel_url, inside, POLITIE, zuid) == []


@pytest.mark.parametrize("bron", [SIGNALEN, WOONOVERLAST, POLITIE])
def test_the_blind_spot_is_found_and_nothing_else_is_called_silent(heel_url: str, truth: Truth, bron: str) -> None:
    silent = found(heel_url, "methode = 'blinde-vlekken' and bron = %s and periode = %s", bron, NEWEST)
    assert [row[-1] for row in silent] == [truth["blinde-vlek"][0]["gebieden"]]


def test_a_trend_break_is_not_called_a_trend(heel_url: str, truth: Truth) -> None:
    """All series start after it, so that a level that jumped everywhere is new or rising nowhere."""
    datum = date.fromisoformat(truth["trendbreuk"][0]["van"])
    between = "select count(*) from intern.melding where bron = %s and dag between %s and %s"
    before = value(heel_url, between, SIGNALEN, datum - timedelta(days=90), datum - timedelta(days=1))
    assert value(heel_url, between, SIGNALEN, datum, datum + timedelta(days=89)) > 1.15 * before, "there is no jump"
    runs = rows(heel_url, "select periode || methode, resultaat from intern.hotspot_run where bron = %s", SIGNALEN)
    kept = dict(runs)
    assert kept[NEWEST + OPKOMEND]["alle"]["van"] == "2024-Q3"
    assert date.fromisoformat(kept["2024-Q4" + SCAN]["nieuw"]["van"]) >= datum
    # Who is silent is judged across the map, in which all buurten jumped alike.
    assert found(heel_url, "bron = %s and begin < %s and klasse <> 'stil'", SIGNALEN, datum) == []
    rising = found(heel_url, "bron = %s and klasse in ('nieuw', 'nieuw-hoog', 'stijgend-hoog')", SIGNALEN)
    assert len({buurt for row in rising for buurt in row[-1]}) < 12


# --- actions


@pytest.fixture(scope="module")
def signalen(heel_url: str) -> tuple[Kader, dict[str, Reeks]]:
    """A year before and a year after the actions began, per category; both lie after the trend break."""
    kader = asyncio.run(load_kader(heel_url, GEMEENTE, SIGNALEN, None))
    years = [bereik(date(2024, 7, 1), date(2025, 6, 30)), bereik(date(2025, 7, 1), date(2026, 6, 30))]
    with privileged_connection(heel_url) as connection:
        return kader, Lezer(connection, kader).reeksen(years, 2021)


@pytest.fixture(scope="module")
def judge(signalen: tuple[Kader, dict[str, Reeks]], truth: Truth) -> Callable[[dict[str, Any]], Verdict]:
    """The verdict on a planted action: near and around it, each against half of the buurten that were left alone."""
    kader, reeksen = signalen
    inwoners = {row["gebied_code"]: row["waarde"] for row in kader.kerncijfers if row["indicator"] == INWONERS}
    touched = {
        code
        for kind in truth.values()
        for row in kind
        if row["soort"] not in ("trendbreuk", "dekkingsgat")
        for code in (*row["gebieden"], *row["naar"])
    }

    def of(action: dict[str, Any]) -> Verdict:
        reeks = reeksen[action["categorie"]]
        assert reeks.gedekt.all()
        free = [buurt for buurt in reeks.buurten if buurt not in touched]
        arms = [free[::2], action["gebieden"], *([free[1::2], action["naar"]] if action["naar"] else [])]
        counts = [reeks.aantal[[reeks.buurten.index(code) for code in codes]].sum(axis=0) for codes in arms]
        sizes = [sum(inwoners[code] for code in codes) for codes in arms]
        # Each control is made as large as what it is compared with.
        weights = [size / sizes[index | 1] for index, size in enumerate(sizes)]
        return verdict(wdd(*counts, area_weights=weights))

    return of


@pytest.mark.parametrize(
    ("soort", "kind"),
    [
        ("aanpak-geslaagd", "afgenomen"),
        ("aanpak-verplaatst", "verplaatst"),
        ("aanpak-geen-effect", "niet vast te stellen"),
    ],
)
def test_an_action_is_judged_as_it_was_planted(
    judge: Callable[[dict[str, Any]], Verdict], truth: Truth, soort: str, kind: str
) -> None:
    assert judge(truth[soort][0]).kind == kind


def test_all_methods_ran_on_the_newest_quarter(heel_url: str) -> None:
    without_reason = "select bron, methode from intern.hotspot_run where periode = %s and resultaat ->> 'reden' is null"
    expected = {(bron, methode) for bron in (SIGNALEN, WOONOVERLAST, POLITIE) for methode in METHODEN}
    assert set(rows(heel_url, without_reason, NEWEST)) == expected


# --- the same actions, as staff look back on them


@pytest.fixture(scope="module")
def looking_back(heel_url: str) -> Callable[..., Terugblik]:
    """``looking_back("geslaagd")``: the answer to who sees all stadsdelen; with stadsdelen, to who sees those."""

    def of(soort: str, *stadsdelen: str, **asked: Any) -> Terugblik:
        ((sleutel,),) = rows(
            heel_url,
            "select sleutel from intern.interventie where string_to_array(gebied_codes, ';') @> %s",
            list(PLANTED[soort]),
        )
        viewer = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset(stadsdelen) or frozenset({ALL_STADSDELEN}))
        vraag = TerugblikVraag(("demo-interventies", sleutel), **asked)

        async def ask() -> Terugblik:
            database = Database(heel_url)
            try:
                return await terugblik(database, viewer, vraag, Geheugen(database, answer_bytes=1_000_000))
            finally:
                await database.close()

        return asyncio.run(ask())

    return of


PLANTED = {effect.soort: effect.gebieden for effect in plan_effects(date(2026, 9, 30))}


@pytest.mark.parametrize(
    ("soort", "kinds"),
    [
        ("aanpak-geslaagd", {"afgenomen"}),
        ("aanpak-verplaatst", {"verplaatst"}),
        ("aanpak-geen-effect", {"niet veranderd", "niet vast te stellen"}),
    ],
)
def test_staff_who_look_back_get_the_planted_verdict(
    looking_back: Callable[..., Terugblik], truth: Truth, soort: str, kinds: set[str]
) -> None:
    """With comparison areas chosen by themselves and the buurten that border on it as surroundings."""
    found = looking_back(soort)
    planted = truth[soort][0]
    assert found.uitkomst.kind in kinds
    assert set(found.aanpak.buurten) == set(planted["gebieden"])
    assert set(planted["naar"]) <= set(found.arm("displacement_treated"))
    assert found.uitkomst.supported is not False
    assert set(found.uitkomst.left_out.values()) <= {"sprong"}
    assert found.perioden[0].soort == "maand"
    # The other actions are on other signals or elsewhere; nothing treated or near serves for comparison.
    others = set(found.arm("control")) | set(found.arm("displacement_control"))
    assert not others & (set(found.aanpak.buurten) | found.omgeving["grenzend"])
    # The trend break of the source, a year before, is not crossed.
    assert not found.uitkomst.windows.across
    assert "minder dan" in found.uitkomst.detectable.uitleg


def test_staff_of_one_stadsdeel_are_told_what_they_cannot_see(
    looking_back: Callable[..., Terugblik], truth: Truth
) -> None:
    """The displaced action borders on three stadsdelen: what was moved there is not theirs to see complete."""
    found = looking_back("aanpak-verplaatst", "GM0153-SD-noord")
    own = {code for code, stadsdeel in found.gemeente.stadsdeel_van(2021).items() if stadsdeel == "GM0153-SD-noord"}
    taking_part = {code for arm in found.uitkomst.arms for code in found.arm(arm)}
    told = {tabel.periode.code: {rij.gebied_code: rij.cijfer for rij in tabel.rijen} for tabel in found.tabellen}
    used = [found.perioden[index].code for index in found.uitkomst.windows.all]
    assert all(told[periode][code].aantal is not None for periode in used for code in taking_part)
    lacking = set(truth["aanpak-verplaatst"][0]["naar"]) - taking_part
    assert not lacking & own
    assert {found.gemeente.gebied_naam(code) for code in lacking} <= set(found.ontbreekt(found.omgeving["grenzend"]))
    assert found.uitkomst.kind in ("verplaatst", "afgenomen", "niet vast te stellen")
