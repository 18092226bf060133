"""Which periods lie before an action and which after it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.displacement import Action, choose_windows


def windows(begin, *, end=None, breaks=(), usable=None, step="M"):
    edges = np.arange("2023-01", "2026-04", 1 if step == "M" else 3, dtype="datetime64[M]").astype("datetime64[D]")
    action = Action(np.datetime64(begin), None if end is None else np.datetime64(end))
    days = [np.datetime64(day) for day in breaks]
    return choose_windows(edges[:-1], edges[1:] - 1, action, breaks=days, usable=usable)


def test_a_whole_year_on_each_side():
    found = windows("2024-09-01")
    assert (found.before, found.after) == (tuple(range(8, 20)), tuple(range(20, 32)))
    assert (found.split, found.same_season, found.across) == (None, True, False)


def test_a_month_that_began_halfway_is_left_out():
    found = windows("2024-09-16")
    assert found.split == 20
    assert found.after == tuple(range(21, 33))
    assert 20 not in found.before
    assert sorted(index % 12 for index in found.before) == sorted(index % 12 for index in found.after)
    assert "halverwege" in found.uitleg


def test_less_than_a_year_after_is_compared_with_the_same_months():
    found = windows("2025-08-01")
    assert found.after == tuple(range(31, 38))
    assert found.before == tuple(range(19, 26))
    assert found.same_season


def test_a_short_action_is_followed_for_a_quarter():
    assert windows("2024-09-01", end="2024-09-14").after == (20, 21, 22)
    assert windows("2024-09-01", end="2025-02-28").after == tuple(range(20, 26))


def test_quarters_and_years():
    found = windows("2024-10-01", step="Q")
    assert (found.before, found.after) == ((3, 4, 5, 6), (7, 8, 9, 10))
    years = np.arange("2020", "2026", dtype="datetime64[Y]").astype("datetime64[D]")
    found = choose_windows(years[:-1], years[1:] - 1, Action(np.datetime64("2023-01-01")))
    assert (found.before, found.after) == ((2,), (3,))


@pytest.mark.parametrize(
    ("breaks", "before", "same_season", "across"),
    [
        (["2024-01-01"], tuple(range(12, 20)), True, False),
        (["2024-08-01"], tuple(range(8, 20)), True, True),
        (["2024-09-01"], tuple(range(8, 20)), True, True),
        (["2025-01-01"], tuple(range(8, 12)), True, False),
    ],
)
def test_breaks(breaks, before, same_season, across):
    found = windows("2024-09-01", breaks=breaks)
    assert (found.before, found.same_season, found.across) == (before, same_season, across)


def test_next_to_the_beginning_when_the_year_before_is_unknown():
    assert windows("2024-09-01", usable=np.arange(38) >= 14).before == tuple(range(14, 20))
    found = windows("2024-05-01", usable=np.arange(38) >= 12, breaks=["2024-08-01"])
    assert (found.before, found.after, found.same_season) == ((13, 14, 15), (16, 17, 18), False)


@pytest.mark.parametrize("begin", ["2020-01-01", "2023-02-01", "2026-03-01", "2030-01-01"])
def test_too_short(begin):
    assert windows(begin) is None


@given(st.integers(0, 1200), st.lists(st.integers(0, 1200), max_size=3), st.sampled_from(["M", "Q"]))
@settings(deadline=None, max_examples=60)
def test_windows_keep_their_promises(start, days, step):
    begin = np.datetime64("2023-01-01") + start
    breaks = [str(np.datetime64("2023-01-01") + day) for day in days]
    found = windows(str(begin), breaks=breaks, step=step)
    if found is None:
        return
    edges = np.arange("2023-01", "2026-04", 1 if step == "M" else 3, dtype="datetime64[M]").astype("datetime64[D]")
    assert len(found.before) == len(found.after) > 0
    assert (edges[np.array(found.before) + 1] <= begin).all()
    assert (edges[list(found.after)] >= begin).all()
    first, last = edges[min(found.before)], edges[max(found.after) + 1]
    assert found.across == any(first < np.datetime64(day) < last for day in breaks)


def test_further_years_before_in_the_same_season():
    edges = np.arange("2020-01", "2026-04", dtype="datetime64[M]").astype("datetime64[D]")
    action = Action(np.datetime64("2024-09-01"))
    found = choose_windows(edges[:-1], edges[1:] - 1, action, years=3)
    assert found.before == tuple(range(44, 56))
    assert found.earlier == (tuple(range(32, 44)), tuple(range(20, 32)))
    assert found.baseline == tuple(range(20, 56))
    assert found.lengths == (3, 1)
    assert "gemiddelde van 3 jaren" in found.uitleg
    assert choose_windows(edges[:-1], edges[1:] - 1, action).earlier == ()
    unknown = np.arange(74) != 25
    assert choose_windows(edges[:-1], edges[1:] - 1, action, years=3, usable=unknown).lengths == (2, 1)


def test_a_further_year_is_judged_by_all_its_periods():
    """When the action began halfway a quarter, the last of the year after has its pair before the first."""
    edges = np.arange("2020-01", "2026-07", 3, dtype="datetime64[M]").astype("datetime64[D]")
    action = Action(np.datetime64("2024-05-15"))

    def found(since=0, breaks=()):
        days = [np.datetime64(day) for day in breaks]
        return choose_windows(edges[since:-1], edges[since + 1 :] - 1, action, years=3, breaks=days)

    assert (found().before, found().split) == ((14, 15, 16, 13), 17)
    assert found().earlier == ((10, 11, 12, 9), (6, 7, 8, 5))
    # The oldest quarter of the third year on another side of a break, or not there at all.
    assert found(breaks=["2021-07-01"]).earlier == ((10, 11, 12, 9),)
    assert found(since=6).earlier == ((4, 5, 6, 3),)
