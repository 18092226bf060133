"""The demo municipality: equal for equal seed, in the record columns, with its planted truth really in the
data.
"""

import json
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

import data
from data.codelists import load_categorieen, sub_categorie_codes
from data.demo import generate
from data.demo.feiten import load_feiten, months_before
from data.demo.vlakken import power_cells

MELDING = "line sleutel tijd tijd_onzeker x y buurt_code bron_categorie categorie status melder_sleutel adres_sleutel"
COLUMNS = {
    "wijkwijzers": "line sleutel naam adres openingstijden partners x y geldig_van geldig_tot",
    "bezoeken": "line sleutel wijkwijzer datum kanaal thema herkomst_buurt_code uitkomst",
    "voorzieningen": "line sleutel naam type aanbieder aanbieder_soort lijn leefgebied doelgroep "
    "openingstijden capaciteit bereik geldig_van geldig_tot x y zonder_verwijzing gevoelig",
    "woningen": "line soort sleutel status in_gebruik woonfunctie gebruiksdoelen oppervlakte bouwjaar "
    "pand_sleutels x y",
    "kerncijfers": "gebied_code jaar indicator waarde status",
    "interventies": "line sleutel naam soort doel partners gebied_codes van tot bron categorie richting "
    "kosten evaluatie_op",
    "buurten_in": "buurt_code wijk_code stadsdeel_code stadsdeel_bron",
}
FRAMES = tuple(COLUMNS)


@pytest.fixture(scope="module")
def demo():
    return generate()


@pytest.fixture(scope="module")
def located(demo):
    """All meldingen with the index of their buurt and the local day."""
    buurten = demo.gebieden[demo.gebieden.niveau == "buurt"].reset_index(drop=True)
    parts = []
    for bron, frame in demo.meldingen.items():
        tree = shapely.STRtree(buurten.geometry.values)
        inside = tree.query(shapely.points(frame[["x", "y"]]), predicate="within")
        code = pd.Series(frame.buurt_code.to_numpy(), index=frame.index, dtype=object)
        code.iloc[inside[0]] = buurten.code.to_numpy(object)[inside[1]]
        local = frame.tijd.dt.tz_convert("Europe/Amsterdam").dt.tz_localize(None)
        parts.append(frame.assign(bron=bron, code=code, dag=local.dt.normalize()))
    return pd.concat(parts, ignore_index=True)


def count(located, truth, codes, van, tot, *, whole_source=False):
    rows = located[located.code.isin(codes) & located.dag.between(pd.Timestamp(van), pd.Timestamp(tot))]
    if truth["bron"]:
        rows = rows[rows.bron == truth["bron"]]
    if truth["categorie"] and not whole_source:
        rows = rows[(rows.categorie + "-").str.startswith(truth["categorie"] + "-")]
    return len(rows)


def planted(demo, soort):
    found = [truth for truth in demo.waarheid if truth["soort"] == soort]
    assert found, soort
    return found


@pytest.mark.parametrize("frame", FRAMES)
def test_frames_have_exactly_the_columns_of_the_contract(demo, frame):
    table = getattr(demo, frame)
    assert list(table.columns) == COLUMNS[frame].split()
    assert isinstance(table.index, pd.RangeIndex)
    for column in table.select_dtypes(object):
        missing = table[column][table[column].isna()]
        assert all(value is None for value in missing), column


def test_meldingen_have_exactly_the_columns_of_the_contract(demo):
    assert sum(map(len, demo.meldingen.values())) >= 25_000
    assert len(demo.meldingen) == 4
    for frame in demo.meldingen.values():
        assert list(frame.columns) == MELDING.split()
        assert str(frame.tijd.dtype) == "datetime64[us, UTC]"
        assert frame.sleutel.is_unique
        assert frame.tijd.is_monotonic_increasing
        assert set(frame.categorie) <= sub_categorie_codes()
        assert (frame.bron_categorie.str.count("/") == 1).all()
        texts = frame.select_dtypes(object)
        assert (texts.isna() == texts.map(lambda value: value is None)).all(axis=None)
        keys = pd.concat([frame.melder_sleutel, frame.adres_sleutel]).dropna()
        assert keys.str.fullmatch("[0-9a-f]{32}").all()
        assert frame.tijd.max() < pd.Timestamp("2026-10-01", tz="Europe/Amsterdam")
        assert frame.tijd.min() >= pd.Timestamp("2023-10-01", tz="Europe/Amsterdam")


def test_there_is_enough_of_everything(demo):
    assert demo.gebieden.niveau.value_counts().to_dict() == {
        "buurt": 70,
        "wijk": 10,
        "stadsdeel": 5,
        "gemeente": 1,
    }
    assert len(demo.bezoeken) >= 20_000
    assert len(demo.voorzieningen) >= 500
    assert ((demo.woningen.soort == "verblijfsobject") & demo.woningen.woonfunctie).sum() >= 75_000
    assert len(demo.wijkwijzers) == 9
    assert len(demo.interventies) == 5
    assert len(demo.bronnen["wijkteamgebied"]) == 9


def test_equal_seeds_make_equal_towns_and_others_do_not():
    one, two, other = generate(7, 0.02), generate(7, 0.02), generate(8, 0.02)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))
    for bron, frame in one.meldingen.items():
        pd.testing.assert_frame_equal(frame, two.meldingen[bron])
        assert not frame.equals(other.meldingen[bron])
    assert one.gebieden.geometry.geom_equals(two.gebieden.geometry).all()
    assert one.waarheid == two.waarheid == other.waarheid
    assert one.bronnen == two.bronnen


def test_scale_shrinks_the_numbers_and_not_the_town(demo):
    small = generate(scale=0.1)
    for bron in ("signalen-openbare-ruimte", "politie-overlast"):
        assert len(small.meldingen[bron]) == pytest.approx(0.1 * len(demo.meldingen[bron]), rel=0.1)
    assert len(small.woningen) == pytest.approx(0.1 * len(demo.woningen), rel=0.05)
    pd.testing.assert_frame_equal(small.kerncijfers, demo.kerncijfers)
    with pytest.raises(ValueError, match="scale"):
        generate(scale=0)


def test_until_moves_everything():
    early = generate(scale=0.02, until=date(2025, 3, 15))
    for frame in early.meldingen.values():
        assert frame.tijd.max() < pd.Timestamp("2025-03-16", tz="Europe/Amsterdam")
    assert all(truth["van"] >= date(2022, 3, 16) and truth["tot"] <= date(2025, 3, 15) for truth in early.waarheid)
    assert months_before(date(2026, 9, 30), 15) == date(2025, 7, 1)
    assert months_before(date(2025, 3, 15), 36) == date(2022, 3, 16)


def test_boundaries_leave_no_gaps_and_no_overlaps(demo):
    feiten = load_feiten()
    cells = power_cells(feiten)
    assert shapely.coverage_is_valid(cells)
    assert all(cell.is_valid for cell in cells)
    assert sum(cell.area for cell in cells) / 1e6 == pytest.approx(142.72, abs=0.5)
    assert shapely.union_all(cells).area == pytest.approx(sum(cell.area for cell in cells), abs=1)
    centres = shapely.points(feiten[["x", "y"]])
    assert shapely.contains(np.array(cells), centres).all()
    assert set(demo.gebieden.geom_type) == {"MultiPolygon"}
    assert demo.gebieden.crs.to_epsg() == 28992
    for niveau in ("wijk", "stadsdeel", "gemeente"):
        area = demo.gebieden[demo.gebieden.niveau == niveau].area.sum()
        assert area == pytest.approx(sum(cell.area for cell in cells), abs=1)


def test_the_facts_are_those_of_cbs(testdata):
    import geopandas as gpd

    feiten = load_feiten()
    real = gpd.read_file(testdata("enschede/cbs_buurten_2021_enschede_28992.gpkg")).sort_values("buurtcode")
    real = real.reset_index(drop=True)
    assert feiten.code.tolist() == real.buurtcode.tolist()
    assert feiten.naam.tolist() == real.buurtnaam.tolist()
    assert feiten.inwoners.tolist() == real.aantal_inw.tolist()
    assert feiten.inwoners.sum() == 159_655
    assert feiten.huishoudens.tolist() == real.aantal_hui.tolist()
    assert shapely.contains(real.geometry.values, shapely.points(feiten[["x", "y"]])).all()


def test_every_point_lies_in_the_town(demo, located):
    with_point = located[located.x.notna()]
    assert with_point.code.notna().all()
    town = demo.gebieden[demo.gebieden.niveau == "gemeente"].geometry.iloc[0]
    for frame in (demo.woningen, demo.voorzieningen, demo.wijkwijzers):
        assert shapely.contains_xy(town, frame.x, frame.y).all()
    by_code = located[located.x.isna()]
    assert set(by_code.bron) == {"buurtbemiddeling"}
    assert by_code.buurt_code.notna().all()


def test_nothing_lies_outside_the_coverage_of_its_source(demo, located):
    divisions = demo.buurten_in.set_index("buurt_code")
    covered = pd.Series(False, index=located.index)
    for entry in demo.bronnen["dekking"]:
        codes = located.code
        inside = (codes == entry["gebied"]) | (codes.map(divisions.stadsdeel_code) == entry["gebied"])
        inside |= entry["gebied"] == "GM0153"
        period = located.dag.between(pd.Timestamp(entry["van"]), pd.Timestamp(entry["tot"]))
        covered |= inside & period & (located.bron == entry["bron"])
    assert covered.all()


@pytest.mark.parametrize("which", [0, 1, 2])
def test_hotspots_are_in_the_data(demo, located, which):
    truth = planted(demo, "hotspot")[which]
    assert len(planted(demo, "hotspot")) == 3
    own = count(located, truth, truth["gebieden"], truth["van"], truth["tot"], whole_source=True)
    people = load_feiten().set_index("code").inwoners
    city = count(located, truth, people.index, truth["van"], truth["tot"], whole_source=True)
    expected = city * people[truth["gebieden"]].sum() / people.sum()
    assert expected >= 40
    assert own / expected > 0.75 * truth["sterkte"]


def test_the_single_caller_is_one_key_at_one_door(demo):
    truth = planted(demo, "een-melder")[0]
    frame = demo.meldingen[truth["bron"]]
    caller = frame[frame.melder_sleutel == frame.melder_sleutel.value_counts().index[0]]
    assert len(caller) == truth["sterkte"] == 40
    assert caller[["x", "y", "adres_sleutel"]].drop_duplicates().shape[0] == 1


def test_actions_work_move_or_do_nothing(demo, located):
    year = timedelta(days=365)

    def change(truth, codes):
        start = truth["van"]
        before = count(located, truth, codes, start - year, start - timedelta(days=1))
        return count(located, truth, codes, start, start + year - timedelta(days=1)) / before

    won, moved, idle = (planted(demo, f"aanpak-{kind}")[0] for kind in ("geslaagd", "verplaatst", "geen-effect"))
    assert 0.35 < change(won, won["gebieden"]) < 0.65
    assert 0.08 < change(moved, moved["gebieden"]) < 0.35
    assert change(moved, moved["naar"]) > 1.2
    assert 0.65 < change(idle, idle["gebieden"]) < 1.4
    assert set(demo.interventies.gebied_codes[:3]) == {";".join(t["gebieden"]) for t in (won, moved, idle)}


def test_blind_spot_gap_and_break_are_in_the_data(demo, located):
    people = load_feiten().set_index("code").inwoners
    blind = planted(demo, "blinde-vlek")[0]
    rate = located.groupby("code").size() / people
    assert rate[blind["gebieden"][0]] < 0.45 * len(located) / people.sum()
    gap = planted(demo, "dekkingsgat")[0]
    zuid = demo.buurten_in[demo.buurten_in.stadsdeel_code == gap["gebieden"][0]].buurt_code
    assert count(located, gap, zuid, gap["van"], gap["tot"]) == 0
    year = timedelta(days=365)
    assert count(located, gap, zuid, gap["van"] - year, gap["tot"] - year) > 50
    broken = planted(demo, "trendbreuk")[0]
    before = count(located, broken, people.index, broken["van"] - timedelta(days=180), broken["van"])
    later = count(located, broken, people.index, broken["van"] + timedelta(days=185), broken["van"] + year)
    assert later / before == pytest.approx(broken["sterkte"], abs=0.12)


def test_sensitive_places_are_marked_and_types_are_known(demo):
    listed = pd.read_csv(Path(data.__file__).with_name("voorziening_typen.csv")).set_index("code")
    frame = demo.voorzieningen
    assert set(frame.type) <= set(listed.index)
    assert (frame.gevoelig == (frame.type.map(listed.gevoelig) == "ja")).all()
    assert (frame.lijn == frame.type.map(listed.lijn)).all()
    assert (frame.leefgebied == frame.type.map(listed.leefgebied)).all()
    assert frame[frame.gevoelig].type.value_counts()["doorstroomwoning"] == 6
    assert frame[frame.gevoelig].openingstijden.isna().all()
    assert set(frame[frame.gevoelig].zonder_verwijzing) == {False}


def test_visits_refer_to_wijkwijzers_and_known_areas(demo):
    visits = demo.bezoeken
    assert set(visits.wijkwijzer) == set(demo.wijkwijzers.sleutel)
    assert set(visits.herkomst_buurt_code.dropna()) <= set(demo.buurten_in.buurt_code)
    assert 0.3 < visits.herkomst_buurt_code.isna().mean() < 0.5
    assert visits.datum.dt.day_of_week.max() == 4
    assert set(visits.kanaal) == {"fysiek", "digitaal", "telefonisch", "onbekend"}
    assert set(visits.uitkomst) == {"beantwoord", "0e_lijn", "1e_lijn", "2e_lijn", "onbekend"}


def test_dwellings_stand_in_their_panden(demo):
    panden = demo.woningen[demo.woningen.soort == "pand"].set_index("sleutel")
    objects = demo.woningen[demo.woningen.soort == "verblijfsobject"]
    own = panden.loc[objects.pand_sleutels]
    np.testing.assert_array_equal(own.x.to_numpy(), objects.x.to_numpy())
    np.testing.assert_array_equal(own.bouwjaar.to_numpy(), objects.bouwjaar.to_numpy())
    assert not panden.woonfunctie.any()
    assert demo.woningen.sleutel.str.fullmatch("[0-9]{16}").all()
    assert demo.woningen.sleutel.is_unique


def test_key_figures_name_what_is_missing(demo):
    figures = demo.kerncijfers
    assert (figures.waarde.isna() == (figures.status == "ontbreekt")).all()
    assert (figures.status == "ontbreekt").any()
    wide = figures.pivot(index="gebied_code", columns="indicator", values="waarde")
    assert wide.inwoners.sum() == 159_655
    shares = wide[["koop_pct", "corporatie_pct", "overige_verhuur_pct"]].dropna()
    np.testing.assert_array_equal(shares.sum(axis=1), 100)
    assert (shares >= 0).all(axis=None)


def test_the_register_reads_as_a_bronnen_toml(demo, tmp_path):
    from ingest.bronnen import read_bronnen

    def write(value):
        if isinstance(value, date):
            return value.isoformat()
        return json.dumps(value, ensure_ascii=False)

    text = "\n".join(
        "\n".join([f"[[{name}]]", *(f"{key} = {write(value)}" for key, value in table.items())])
        for name, tables in demo.bronnen.items()
        for table in tables
    )
    assert tomllib.loads(text) == demo.bronnen
    path = tmp_path / "bronnen.toml"
    path.write_text(text, encoding="utf-8")
    register = read_bronnen(path)
    assert {bron.naam for bron in register.bronnen} == set(demo.meldingen)
    served = [code for team in register.wijkteamgebieden for code in team.buurtcodes]
    assert sorted(served) == sorted(demo.buurten_in.buurt_code)


def test_truth_can_be_written_and_read(demo, tmp_path):
    path = tmp_path / "waarheid.json"
    demo.write_truth(path)
    read = json.loads(path.read_text(encoding="utf-8"))
    assert len(read) == len(demo.waarheid)
    for entry, truth in zip(read, demo.waarheid, strict=True):
        assert datetime.fromisoformat(entry["van"]).date() == truth["van"]
        assert {**entry, "van": None, "tot": None} == {**truth, "van": None, "tot": None}
    names = {categorie.code for categorie in load_categorieen()}
    assert {truth["categorie"] for truth in demo.waarheid} - {None} <= names
