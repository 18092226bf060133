"""Periods: what may be written, what it means, and that they tile the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.perioden import Periode, parse_periode, perioden_tussen

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))
kinds = st.sampled_from(["jaar", "kwartaal", "maand"])

#  what is written -> first day, last day, kind, how a reader says it
WRITTEN = [
    ("2024", date(2024, 1, 1), date(2024, 12, 31), "jaar", "2024"),
    ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31), "kwartaal", "1e kwartaal 2024"),
    ("2024-q3", date(2024, 7, 1), date(2024, 9, 30), "kwartaal", "3e kwartaal 2024"),
    ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "maand", "februari 2024"),
    ("2023-02", date(2023, 2, 1), date(2023, 2, 28), "maand", "februari 2023"),
    ("2024-W07", date(2024, 2, 12), date(2024, 2, 18), "week", "week 7 van 2024"),
    ("2020-W53", date(2020, 12, 28), date(2021, 1, 3), "week", "week 53 van 2020"),
    ("2024-05-17", date(2024, 5, 17), date(2024, 5, 17), "dag", "17 mei 2024"),
    ("2024-05-17/2024-08-01", date(2024, 5, 17), date(2024, 8, 1), "bereik", "17 mei 2024 t/m 1 augustus 2024"),
    ("2024-05-17/2024-05-17", date(2024, 5, 17), date(2024, 5, 17), "bereik", "17 mei 2024 t/m 17 mei 2024"),
]


@pytest.mark.parametrize(("text", "van", "tot", "soort", "naam"), WRITTEN)
def test_what_may_be_written(text, van, tot, soort, naam):
    found = parse_periode(text)
    assert (found.van, found.tot, found.soort) == (van, tot, soort)
    assert found.naam.replace("kwartaal van ", "kwartaal ") == naam
    assert found.dagen == (tot - van).days + 1


NONSENSE = [
    "", " ", "vorig jaar", "24", "20244", "0000", "2024-Q5", "2024-Q0", "2024-Q", "2024-13", "2024-00", "2024-W00",
    "2024-W53", "2024-W54", "2023-02-29", "2024-05-17/2024-05-16", "2024-05-17/", "/2024-05-17", "/", "2024/2025",
    "2024-05-17/2024-06-01/2024-07-01", "2024-05-17T10:00", "-2024", "2024-Q3 ", "2024\n", "9999-W52", "0001-W00",
]  # fmt: skip


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused_with_examples(text):
    with pytest.raises(ValueError, match=r"is geen periode\. Schrijf 2024, 2024-Q3, 2024-05, 2024-W07"):
        parse_periode(text)


def test_a_week_without_its_hyphen_is_not_read_as_a_single_day():
    """Answering with one Monday is answering another question than the one that was meant."""
    with pytest.raises(ValueError, match="is geen periode"):
        parse_periode("2024W07")


def parsed(text: str) -> Periode | None:
    """The period; None when it was refused, after checking that the refusal helps."""
    try:
        return parse_periode(text)
    except ValueError as error:
        refusal = str(error)
    assert "is geen periode. Schrijf " in refusal
    return None


@given(st.text(max_size=30))
def test_any_text_is_a_period_or_a_dutch_refusal(text):
    found = parsed(text)
    assert found is None or found.van <= found.tot


@given(st.from_regex(r"\A[0-9]{4}(-(Q[0-9]|W[0-9]{2}|[0-9]{2}(-[0-9]{2})?))?\Z"))
def test_everything_that_looks_like_a_period_is_one_or_is_refused(text):
    found = parsed(text)
    assert found is None or found.code == text


@given(days, days, kinds)
def test_periods_between_two_days_tile_the_calendar(one, other, soort):
    van, tot = sorted((one, other))
    found = perioden_tussen(van, tot, soort)
    assert found[0].van <= van <= found[0].tot
    assert found[-1].van <= tot <= found[-1].tot
    assert all(left.tot + timedelta(days=1) == right.van for left, right in pairwise(found))
    assert all(parse_periode(periode.code) == periode for periode in found)
    assert {periode.soort for periode in found} == {soort}


@given(days, kinds)
def test_a_day_lies_in_exactly_one_period_of_a_kind(day, soort):
    (found,) = perioden_tussen(day, day, soort)
    assert found.van <= day <= found.tot


def test_no_period_when_the_range_is_empty():
    assert perioden_tussen(date(2024, 5, 2), date(2024, 5, 1), "kwartaal") == []


def test_periods_sort_by_time():
    codes = ["2024-Q3", "2023", "2024-Q1", "2024-01"]
    ordered = sorted(map(parse_periode, codes))
    assert [periode.code for periode in ordered] == ["2023", "2024-01", "2024-Q1", "2024-Q3"]
    assert isinstance(ordered[0], Periode)
