"""What a scan makes of gaps, empty input and nonsense, and what it says."""

import numpy as np
import pytest

from analysis.scan import gini_max_share, space_time_scan, spatial_scan
from tests.analysis.worlds import null_world, planted_world

LINE = np.column_stack([np.arange(6) * 100.0, np.zeros(6)])


def same(first, second):
    assert [one.members.tolist() for one in first.clusters] == [one.members.tolist() for one in second.clusters]
    assert [one.p_value for one in first.clusters] == [one.p_value for one in second.clusters]
    np.testing.assert_allclose([one.llr for one in first.clusters], [one.llr for one in second.clusters])


def test_what_stands_in_an_uncovered_area_plays_no_part():
    world = null_world(3, gap=True)
    expected = spatial_scan(world.cases, world.population, world.xy, covered=world.covered, n_sim=39)
    for value in (np.nan, 0.0, 5_000.0):
        cases = np.where(world.covered, world.cases, value)
        same(expected, spatial_scan(cases, world.population, world.xy, covered=world.covered, n_sim=39))
    cases = np.where(world.covered, world.cases, np.nan)
    same(expected, spatial_scan(cases, world.population, world.xy, n_sim=39))
    same(expected, spatial_scan(world.cases, np.where(world.covered, world.population, np.nan), world.xy, n_sim=39))
    only = world.covered
    rest = spatial_scan(world.cases[only], world.population[only], world.xy[only], n_sim=39)
    assert [one.llr for one in rest.clusters] == pytest.approx([one.llr for one in expected.clusters])
    silent = set(np.flatnonzero(~world.covered).tolist())
    assert not silent & {member for one in expected.clusters for member in one.members.tolist()}


@pytest.mark.parametrize("model", ["poisson", "permutation"])
def test_what_stands_in_an_uncovered_cell_plays_no_part(model):
    world = null_world(3, periods=8, gap=True)
    people = world.population if model == "poisson" else None
    found = [
        space_time_scan(cases, people, world.xy, model=model, n_sim=39, covered=covered)
        for cases, covered in [
            (world.cases, world.covered),
            (np.where(world.covered, world.cases, 77), world.covered),
            (np.where(world.covered, world.cases, np.nan), None),
        ]
    ]
    same(found[0], found[1])
    same(found[0], found[2])
    assert found[0].clusters


def test_an_area_that_is_silent_during_a_cluster_is_no_member_of_it():
    cases = np.full((6, 6), 2)
    cases[:3, 4:] = 30
    covered = np.ones(cases.shape, dtype=bool)
    covered[1, 3:] = False
    first = space_time_scan(cases, np.ones(6), LINE, covered=covered, max_duration=2).clusters[0]
    assert (first.members.tolist(), first.start, first.end, first.cases) == ([0, 2], 4, 5, 120)


def test_coverage_per_area_holds_for_all_periods():
    world = null_world(4, periods=6)
    silent = np.arange(70) >= 10
    one = space_time_scan(world.cases, world.population, world.xy, n_sim=19, covered=silent)
    same(
        one,
        space_time_scan(world.cases, world.population, world.xy, n_sim=19, covered=np.repeat(silent[:, None], 6, 1)),
    )


def test_population_may_change_with_time():
    cases = np.array([[2, 2, 2, 2, 2, 20]] + [[2] * 6] * 5)
    people = np.where(cases == 20, 100.0, 10.0)
    assert space_time_scan(cases, np.full(6, 10.0), LINE).clusters[0].cases == 20
    assert not space_time_scan(cases, people, LINE).clusters


@pytest.mark.parametrize("prospective", [False, True])
@pytest.mark.parametrize("model", ["poisson", "permutation"])
@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1), (1, 6), (6, 1), (6, 6)])
@pytest.mark.parametrize("value", [0, 3])
def test_nothing_to_tell_apart_gives_no_clusters(shape, value, model, prospective):
    xy, people = np.arange(2 * shape[0]).reshape(-1, 2), np.ones(shape[0])
    options = {"model": model, "prospective": prospective, "n_sim": 9}
    found = space_time_scan(np.full(shape, value), people if model == "poisson" else None, xy, **options)
    assert found.clusters == []
    assert found.uitleg.startswith("Geen clusters gevonden")
    assert found.parameters["n_sim_run"] == 0


@pytest.mark.parametrize(
    ("cases", "people", "xy"),
    [
        ([], [], []),
        ([5], [10], [[0, 0]]),
        ([0, 0], [1, 1], [[0, 0], [1, 1]]),
        ([0, 0], [0, 0], [[0, 0], [1, 1]]),
        ([4, 4], [2, 2], [[0, 0], [0, 0]]),
        ([np.nan, np.nan], [2, 2], [[0, 0], [1, 0]]),
    ],
)
def test_a_map_with_nothing_to_find(cases, people, xy):
    assert spatial_scan(cases, people, xy).clusters == []
    assert gini_max_share(cases, people, xy).max_share == 0.5


def test_empty_places_take_part_without_cases():
    found = spatial_scan([9, 0, 0, 1, 1, 1], [5, 0, 0, 5, 5, 5], LINE)
    assert found.clusters[0].members.tolist() == [0]
    all_inside = spatial_scan([9, 0, 0, 0, 0, 0], [5, 0, 0, 5, 5, 5], LINE)
    assert all_inside.clusters[0].relative_risk == np.inf
    assert all_inside.clusters[0].llr == pytest.approx(9 * np.log(4))


def test_the_input_is_left_alone():
    world = null_world(1, periods=4)
    kept = [part.copy() for part in (world.cases, world.population, world.xy, world.covered)]
    space_time_scan(world.cases, world.population, world.xy, covered=world.covered, n_sim=9)
    for part, before in zip((world.cases, world.population, world.xy, world.covered), kept, strict=True):
        np.testing.assert_array_equal(part, before)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cases": [[1] * 6]}, "cases"),
        ({"cases": [1, 2, 3]}, "xy must have 3 points"),
        ({"cases": [1, 2, 3, 4, 5, -1]}, "below zero"),
        ({"cases": [1, 2, 3, 4, 5, np.inf]}, "infinite"),
        ({"cases": [1, 2, 3, 4, 5, 0.5]}, "whole numbers"),
        ({"population": [1, 1, 1, 1, 1, 0]}, "above 0"),
        ({"population": [1, 1, 1, 1, 1, -2]}, "below zero"),
        ({"population": [1, 1]}, "population must have shape"),
        ({"xy": np.full((6, 2), np.nan)}, "finite"),
        ({"max_share": 0}, "max_share"),
        ({"max_share": 1.1}, "max_share"),
        ({"max_radius": -1}, "max_radius"),
        ({"max_radius": np.nan}, "max_radius"),
        ({"n_sim": 0}, "n_sim"),
        ({"n_sim": 9.5}, "n_sim"),
        ({"seed": -1}, "seed"),
        ({"covered": np.ones((6, 2), dtype=bool)}, "covered"),
        ({"covered": np.ones(6)}, "covered"),
    ],
)
def test_nonsense_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        spatial_scan(**({"cases": [1, 2, 3, 4, 5, 6], "population": np.ones(6), "xy": LINE} | wrong))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"cases": [1] * 6}, "n_periods"),
        ({"model": "bernoulli"}, "model"),
        ({"model": "permutation"}, "population"),
        ({"population": None}, "population"),
        ({"population": np.ones((6, 2))}, "population"),
        ({"max_duration": 0}, "max_duration"),
        ({"max_duration": 1.5}, "max_duration"),
    ],
)
def test_nonsense_in_time_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        space_time_scan(**({"cases": np.ones((6, 4)), "population": np.ones(6), "xy": LINE} | wrong))


def test_gini_wants_candidates():
    with pytest.raises(ValueError, match="shares"):
        gini_max_share([1, 2], [1, 1], [[0, 0], [1, 1]], shares=[])
    with pytest.raises(ValueError, match="max_share"):
        gini_max_share([1, 2], [1, 1], [[0, 0], [1, 1]], shares=[0.1, 2])


def test_what_a_scan_tells():
    world = planted_world(0, expected=60, periods=8)
    found = space_time_scan(
        world.cases, None, world.xy, model="permutation", prospective=True, max_duration=3, max_share=0.2, seed=4
    )
    assert found.parameters == {
        "model": "permutation",
        "max_share": 0.2,
        "max_radius": None,
        "max_duration": 3,
        "prospective": True,
        "n_sim": 999,
        "n_sim_run": 999,
        "seed": 4,
        "variation": 0.0,
    }
    first, last = found.clusters[0], found.clusters[-1]
    assert (first.start, first.end, first.p_value, first.recurrence_interval) == (6, 7, 0.001, pytest.approx(1000))
    assert first.uitleg.startswith(f"Hier zijn {first.cases} gevallen geteld, meer dan de {first.expected:.0f} die ")
    assert "hoogstens ongeveer 1 op de 1.000 (eens in de 1.000 perioden)" in first.uitleg
    assert "als plaats en tijd los van elkaar staan" in first.uitleg
    assert last.p_value > 0.05
    assert last.uitleg.endswith("zo'n verschil kan goed toeval zijn.")
    assert found.uitleg.startswith("1 cluster gevonden ")
    assert "zonder dekking" in found.uitleg


def test_half_of_the_periods_is_the_longest_window():
    cases = np.ones((6, 7), dtype=int)
    cases[0, 2:] = 20
    assert space_time_scan(cases, np.ones(6), LINE).parameters["max_duration"] == 3
    longest = space_time_scan(cases, np.ones(6), LINE).clusters[0]
    assert longest.end - longest.start == 2
    whole = space_time_scan(cases, np.ones(6), LINE, max_duration=99).clusters[0]
    assert (whole.start, whole.end) == (2, 6)
