"""What a count may say: status, rate and interval, against published values and scipy's own distributions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from geo_service.domain.cijfers import Cijfer, Status, below_threshold, make_cijfer, poisson_interval

# Garwood (1936), 95 %: as tabulated by Ulm (1990), American Journal of Epidemiology 131, table 1.
PUBLISHED = {
    0: (0.0, 3.689),
    1: (0.0253, 5.572),
    2: (0.242, 7.225),
    5: (1.624, 11.668),
    10: (4.795, 18.390),
    20: (12.217, 30.888),
    50: (37.111, 65.919),
    100: (81.364, 121.627),
}

counts = st.integers(0, 5000)
shares = st.floats(0, 1)
denominators = st.one_of(st.none(), st.floats(0, 1e6))
thresholds = st.sampled_from([0, 3, 5, 10, 25])


@pytest.mark.parametrize(("count", "interval"), PUBLISHED.items())
def test_the_interval_is_the_published_one(count, interval):
    assert poisson_interval(count) == pytest.approx(interval, abs=0.0006)


@given(st.integers(1, 20_000))
def test_the_interval_is_exact(count):
    """At the lower bound this count or more has a chance of 2.5 %, at the upper bound this count or less."""
    low, high = poisson_interval(count)
    assert poisson.sf(count - 1, low) == pytest.approx(0.025, rel=1e-6)
    assert poisson.cdf(count, high) == pytest.approx(0.025, rel=1e-6)
    assert low < count < high


#  aantal, noemer, dekking, drempel -> aantal, per 1 000, status
RULES = [
    (12, 1000, 1.0, 10, 12, 12.0, "onbetrouwbaar"),  # interval 6.2 - 21.0: wider than 12
    (20, 1000, 1.0, 10, 20, 20.0, "ok"),  # interval 12.2 - 30.9: narrower than 20
    (9, 1000, 1.0, 10, None, None, "onderdrukt"),
    (10, 1000, 1.0, 10, 10, 10.0, "onbetrouwbaar"),
    (1, 1000, 1.0, 10, None, None, "onderdrukt"),
    (1, 1000, 1.0, 0, 1, 1.0, "onbetrouwbaar"),  # own area: complete, and honest about the width
    (4, 1000, 1.0, 5, None, None, "onderdrukt"),
    (5, 1000, 1.0, 5, 5, 5.0, "onbetrouwbaar"),
    (0, 1000, 1.0, 10, 0, 0.0, "ok"),  # a true, covered zero is a fact
    (0, 1000, 0.0, 10, None, None, "niet_gedekt"),  # nobody counted: never a zero
    (50, 1000, 0.0, 10, None, None, "niet_gedekt"),
    (50, 1000, 0.4, 10, 50, 50.0, "onbetrouwbaar"),
    (50, 99, 1.0, 10, 50, 505.05, "onbetrouwbaar"),
    (50, 100, 1.0, 10, 50, 500.0, "ok"),
    (0, 99, 1.0, 10, 0, 0.0, "onbetrouwbaar"),
    (50, None, 1.0, 10, 50, None, "ok"),  # no denominator: a count without a rate
    (50, 0, 1.0, 10, 50, None, "ok"),
    (50, None, 0.4, 10, 50, None, "onbetrouwbaar"),
]


@pytest.mark.parametrize(("aantal", "noemer", "dekking", "drempel", "shown", "rate", "status"), RULES)
def test_what_a_count_may_say(aantal, noemer, dekking, drempel, shown, rate, status):
    found = make_cijfer(aantal, noemer=noemer, dekking=dekking, drempel=drempel)
    assert (found.aantal, found.status) == (shown, status)
    assert found.per_1000 == (None if rate is None else pytest.approx(rate, abs=0.005))


def test_seventeen_reports_or_fewer_are_always_unreliable():
    """The exact interval is then wider than the rate itself, whatever the denominator: a fact of Poisson."""
    status = {n: make_cijfer(n, noemer=1000, dekking=1, drempel=0).status for n in range(1, 40)}
    reliable = [n for n, found in status.items() if found is Status.OK]
    assert reliable == list(range(18, 40))


@given(counts, denominators, shares, thresholds)
def test_a_value_only_when_ok_or_onbetrouwbaar(aantal, noemer, dekking, drempel):
    found = make_cijfer(aantal, noemer=noemer, dekking=dekking, drempel=drempel)
    values = (found.aantal, found.per_1000, found.laag, found.hoog)
    if found.status in (Status.OK, Status.ONBETROUWBAAR):
        assert found.aantal == aantal
        assert not below_threshold(aantal, drempel)
        assert dekking > 0
    else:
        assert values == (None, None, None, None)


@given(counts, st.floats(0.5, 1e6), st.floats(0.01, 1), thresholds)
def test_the_rate_lies_in_its_interval(aantal, noemer, dekking, drempel):
    found = make_cijfer(aantal, noemer=noemer, dekking=dekking, drempel=drempel)
    if found.per_1000 is not None:
        assert found.laag <= found.per_1000 <= found.hoog
        assert found.per_1000 == pytest.approx(1000 * aantal / noemer)


@given(counts, denominators, shares, thresholds, thresholds)
def test_a_lower_threshold_never_hides_more(aantal, noemer, dekking, one, other):
    low, high = sorted((one, other))
    strict = make_cijfer(aantal, noemer=noemer, dekking=dekking, drempel=high)
    loose = make_cijfer(aantal, noemer=noemer, dekking=dekking, drempel=low)
    assert strict == loose or strict.status is Status.ONDERDRUKT


@given(counts, shares)
def test_a_suppressed_or_uncovered_cell_reveals_nothing_of_its_count(aantal, dekking):
    """Two cells that are both hidden must be indistinguishable."""
    found = make_cijfer(aantal, noemer=700, dekking=dekking, drempel=10)
    if found.status is Status.ONDERDRUKT:
        assert found == make_cijfer(1, noemer=700, dekking=dekking, drempel=10)
    if found.status is Status.NIET_GEDEKT:
        assert found == Cijfer(None, 700, None, None, None, Status.NIET_GEDEKT, 0.0)
