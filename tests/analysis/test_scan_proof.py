"""Statistical proof of the scans: as many false alarms as promised, also with a coverage gap, and power."""

import numpy as np
import pytest
from scipy.stats import binom

from analysis.rates import usual_variation
from analysis.scan import ScanResult, space_time_scan, spatial_scan
from tests.analysis.worlds import World, null_world, planted_world

PERIODS = 12
KINDS = ["spatial", "poisson", "permutation"]
# The permutation model knows no population: the cluster itself is part of what it takes for usual.
EXPECTED = {"spatial": 60, "poisson": 60, "permutation": 80}


def scan(world: World, kind: str, **options: object) -> ScanResult:
    options = {"n_sim": 39} | options
    if kind == "spatial":
        return spatial_scan(world.cases, world.population, world.xy, **options)
    people = world.population if kind == "poisson" else None
    return space_time_scan(world.cases, people, world.xy, model=kind, prospective=True, max_duration=4, **options)


def alarms(found: ScanResult) -> bool:
    return bool(found.clusters) and found.clusters[0].p_value <= 0.05


def count_alarms(kind: str, worlds: range, *, gap: bool) -> int:
    count = 0
    for seed in worlds:
        world = null_world(seed, periods=None if kind == "spatial" else PERIODS, gap=gap)
        count += alarms(scan(world, kind, covered=world.covered, seed=seed))
    return count


@pytest.mark.parametrize("n_worlds", [100, pytest.param(1_000, marks=pytest.mark.proof)])
@pytest.mark.parametrize("gap", [False, True], ids=["covered", "gap"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_alarm_in_twenty_worlds_where_nothing_is_the_matter(kind, gap, n_worlds):
    low, high = binom.ppf([0.001, 0.999], n_worlds, 0.05)
    if n_worlds == 1_000:
        assert (low, high) == (30, 73)
    assert low <= count_alarms(kind, range(n_worlds), gap=gap) <= high


def test_zeros_in_place_of_a_gap_would_alarm_everywhere():
    alarmed = {"zero": 0, "missing": 0}
    for seed in range(0, 80, 2):
        world = null_world(seed, periods=PERIODS, per_area=30, gap=True)
        alarmed["zero"] += alarms(scan(world, "permutation"))
        alarmed["missing"] += alarms(scan(world, "permutation", covered=world.covered))
    assert alarmed["zero"] >= 21
    assert alarmed["missing"] <= binom.ppf(0.999, 40, 0.05)


@pytest.mark.parametrize("n_worlds", [60, pytest.param(600, marks=pytest.mark.proof)])
def test_usual_differences_between_areas_are_no_alarm_when_they_are_known(n_worlds):
    """Every area has a rate of its own: to the plain scan that is a cluster nearly always."""
    alarmed = {"plain": 0, "known": 0, "estimated": 0}
    for seed in range(n_worlds):
        world = null_world(seed, per_area=20)
        rng = np.random.default_rng([8, seed])
        cases = rng.poisson(20 * world.population / world.population.mean() * rng.gamma(4, 1 / 4, len(world.cases)))
        estimate = usual_variation(cases, world.population)
        for name, variation in (("plain", 0.0), ("known", 0.25), ("estimated", estimate)):
            found = spatial_scan(cases, world.population, world.xy, variation=variation, n_sim=39, seed=seed)
            alarmed[name] += alarms(found)
    low, high = binom.ppf([0.001, 0.999], n_worlds, 0.05)
    assert alarmed["plain"] > 0.9 * n_worlds
    assert low <= alarmed["known"] <= high
    # Guessed from the same map it is a little less sure.
    assert alarmed["estimated"] <= binom.ppf(0.999, n_worlds, 0.08)


@pytest.mark.parametrize("n_worlds", [20, pytest.param(200, marks=pytest.mark.proof)])
@pytest.mark.parametrize("kind", KINDS)
def test_twice_as_many_cases_are_found(kind, n_worlds):
    # At 40 expected cases no scan gets there: in one world of ten the planted window itself, drawn from a
    # Poisson distribution with mean 80, stays below the ratio that chance reaches somewhere in 1 map of 20.
    hits, precision = 0, []
    for seed in range(n_worlds):
        world = planted_world(seed, expected=EXPECTED[kind], periods=None if kind == "spatial" else PERIODS)
        found = scan(world, kind, seed=seed, max_share=0.25, n_sim=99)
        members, planted = set(found.clusters[0].members.tolist()), set(world.planted.tolist())
        both = len(members & planted)
        hits += alarms(found) and both / len(members | planted) >= 0.5
        precision.append(both / len(members))
    assert hits >= (0.95 * n_worlds if n_worlds == 200 else binom.ppf(0.01, n_worlds, 0.95))
    assert np.mean(precision) >= 0.8
