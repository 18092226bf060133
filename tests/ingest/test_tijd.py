"""Dates and times, a column at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.tijd import parse_dates, parse_times

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1))
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def column(*texts):
    return pd.Series(list(texts), dtype=object)


@settings(deadline=None)
@given(st.lists(st.tuples(MOMENTS, OFFSETS), min_size=1, max_size=5), st.booleans())
def test_iso_with_a_zone_is_exact(pairs, with_stranger):
    moments = [moment.replace(tzinfo=zone) for moment, zone in pairs]
    texts = [moment.isoformat() for moment in moments] + (["2024-01-01"] if with_stranger else [])
    times = parse_times(column(*texts))
    assert [stamp.to_pydatetime() for stamp in times.utc[: len(moments)]] == [m.astimezone(UTC) for m in moments]
    assert not times.uncertain.any()


@settings(deadline=None)
@given(MOMENTS)
def test_a_naive_time_is_dutch_and_its_first_occurrence(moment):
    times = parse_times(column(moment.isoformat(sep=" ", timespec="microseconds")))
    local = moment.replace(tzinfo=ZoneInfo("Europe/Amsterdam"), fold=0)
    back = local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None)
    if back == moment:
        assert times.utc[0].to_pydatetime() == local.astimezone(UTC)
    else:
        assert times.uncertain[0]


@settings(deadline=None)
@given(st.text(max_size=30))
def test_no_text_breaks_the_parser(text):
    times = parse_times(column(text, "2024-05-01T10:00:00Z", None))
    assert times.utc.isna().tolist()[1:] == [False, True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-18T12:40:49.939Z", "2026-05-18T12:40:49.939Z"),
        ("2026-05-18 12:40:49.939000+00:00", "2026-05-18T12:40:49.939Z"),
        ("2026-05-18T12:40:49,939+0200", "2026-05-18T10:40:49.939Z"),
        ("2026-05-18T12:40+02", "2026-05-18T10:40:00Z"),
        ("2026-05-18", "2026-05-17T22:00:00Z"),
        ("18-05-2026", "2026-05-17T22:00:00Z"),
        ("8/5/2026 14:30", "2026-05-08T12:30:00Z"),
        ("20260518", "2026-05-17T22:00:00Z"),
    ],
)
def test_notations(text, expected):
    assert parse_times(column(text)).utc[0] == pd.Timestamp(expected)


@pytest.mark.parametrize(
    "text",
    ["2026", "2026-05", "18-05-26", "45430.5", "31-02-2026", "2026-13-01", "05/18/2026", "", "nu", "12:40"],
)
def test_what_is_not_guessed(text):
    assert parse_times(column(text)).utc.isna().all()
    assert parse_times(column(text, "2026-05-18T12:40:49Z")).utc.isna().tolist() == [True, False]


def test_stated_formats_replace_the_dutch_ones():
    times = parse_times(column("05/08/2026", "2026-05-08"), formats=("%m/%d/%Y",))
    assert times.utc.tolist() == [pd.Timestamp("2026-05-07T22:00Z")] * 2
    assert parse_times(column("08-05-2026"), formats=("%m/%d/%Y",)).utc.isna().all()


def test_another_zone():
    assert parse_times(column("2026-07-01 12:00"), zone="UTC").utc[0] == pd.Timestamp("2026-07-01T12:00Z")


def test_dates_are_local_days():
    days = parse_dates(column("2026-05-18", "18-05-2026", "2026-05-17T22:30:00Z", "2026-05-18T00:00:00", None, "x"))
    assert days.astype(str).tolist()[:4] == ["2026-05-18"] * 4
    assert days.isna().tolist() == [False] * 4 + [True] * 2
    assert str(days.dtype) == "datetime64[s]"


def test_an_empty_column():
    assert len(parse_times(column()).utc) == 0
    assert parse_dates(column(None, None)).isna().all()
