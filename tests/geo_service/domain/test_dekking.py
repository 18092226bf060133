"""Coverage: counted against brute force over single days."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.dekking import Dekking, dekkingsgraad, gedekte_dagen, volle_weken
from geo_service.domain.perioden import bereik, parse_periode

START = date(2024, 1, 1)
day = st.integers(0, 120).map(lambda n: START + timedelta(days=n))
ranges = st.tuples(day, day).map(sorted)
buurten = st.frozensets(st.sampled_from("ABCD"))
dekkingen = st.lists(st.builds(lambda members, span: Dekking(members, span[0], span[1]), buurten, ranges), max_size=6)


def every_day(van: date, tot: date) -> list[date]:
    return [van + timedelta(days=n) for n in range((tot - van).days + 1)]


@given(dekkingen, st.sampled_from("ABCD"), ranges)
def test_covered_days_equal_a_count_day_by_day(covers, buurt, span):
    covered = [d for d in every_day(*span) if any(buurt in c.buurten and c.van <= d <= c.tot for c in covers)]
    assert gedekte_dagen(covers, buurt, bereik(*span)) == len(covered)


@given(dekkingen, st.sets(st.sampled_from("ABCD"), min_size=1), ranges)
def test_the_share_is_that_of_buurt_times_day(covers, members, span):
    periode = bereik(*span)
    covered = sum(
        any(buurt in c.buurten and c.van <= d <= c.tot for c in covers) for buurt in members for d in every_day(*span)
    )
    assert dekkingsgraad(covers, members, periode) == pytest.approx(covered / (len(members) * periode.dagen))


def test_an_area_without_buurten_is_covered_by_nothing():
    assert dekkingsgraad([Dekking(frozenset("A"), START, START)], [], parse_periode("2024")) == 0.0


#  coverage of buurt A -> covered days of February 2024 (29 days)
FEBRUARY = [
    ([], 0),
    ([("2024-01-01", "2024-12-31")], 29),
    ([("2024-02-01", "2024-02-29")], 29),
    ([("2024-02-10", "2024-02-10")], 1),
    ([("2024-01-01", "2024-01-31"), ("2024-03-01", "2024-03-31")], 0),
    ([("2024-02-01", "2024-02-10"), ("2024-02-05", "2024-02-15")], 15),  # overlap counts once
    ([("2024-02-01", "2024-02-20"), ("2024-02-05", "2024-02-06")], 20),  # one inside the other
    ([("2024-02-01", "2024-02-10"), ("2024-02-11", "2024-02-12")], 12),  # adjoining
]


@pytest.mark.parametrize(("spans", "expected"), FEBRUARY)
def test_covered_days_of_february(spans, expected):
    covers = [Dekking(frozenset("A"), date.fromisoformat(van), date.fromisoformat(tot)) for van, tot in spans]
    assert gedekte_dagen(covers, "A", parse_periode("2024-02")) == expected
    assert gedekte_dagen(covers, "B", parse_periode("2024-02")) == 0


def test_coverage_until_the_end_of_time_does_not_overflow():
    forever = [Dekking(frozenset("A"), date(year, 1, 1), date.max) for year in (2020, 2021)]
    assert gedekte_dagen(forever, "A", parse_periode("9999")) == 365


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_full_weeks_run_from_monday_to_sunday_and_leave_no_full_week_out(eerste, length):
    laatste = eerste + timedelta(days=length)
    found = volle_weken(eerste, laatste)
    whole = [d for d in every_day(eerste, laatste) if d.weekday() == 0 and d + timedelta(days=6) <= laatste]
    if not whole:
        assert found is None
    else:
        assert found == (whole[0], whole[-1] + timedelta(days=6))
