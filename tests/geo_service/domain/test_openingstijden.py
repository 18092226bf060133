"""Opening hours: what is understood is right, and what is not understood is never guessed."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.openingstijden import DAGEN, Open, is_open, read_openingstijden


def hours(days, van, tot):
    return tuple(Open(day, van * 60, tot * 60) for day in days)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ma-vr 9.00-17.00", hours(range(5), 9, 17)),
        ("dagelijks 8.00-20.00", hours(range(7), 8, 20)),
        ("ma, wo, vr 9.00-12.00", hours((0, 2, 4), 9, 12)),
        ("wo en za 10.00-16.00", hours((2, 5), 10, 16)),
        ("Maandag t/m vrijdag van 9 tot 17 uur", hours(range(5), 9, 17)),
        ("vr-ma 10:00 - 12:00 uur", hours((0, 4, 5, 6), 10, 12)),
        ("weekend 10-16 uur", hours((5, 6), 10, 16)),
        ("ma 9-12, 13-17", tuple(sorted((*hours([0], 9, 12), *hours([0], 13, 17)), key=lambda o: (o.dag, o.van)))),
        ("ma-do 9-17; vr 9-12", (*hours(range(4), 9, 17), *hours([4], 9, 12))),
        ("di en do 9-12 en 13-16", (Open(1, 540, 720), Open(1, 780, 960), Open(3, 540, 720), Open(3, 780, 960))),
    ],
)  # fmt: skip
def test_what_people_write(text, expected):
    assert read_openingstijden(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "op afspraak", "ma-vr", "9.00-17.00", "ma 9.00", "ma 17-9", "ma 9-25", "ma 9.75-12", "maa 9-12",
        "ma-vr 9.00-17.00 behalve in de zomer", "even weken ma 9-12", "eerste ma van de maand 9-12", "ma 9-12 (inloop)",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_not_guessed(text):
    assert read_openingstijden(text) is None
    assert is_open(text, datetime(2026, 11, 23, 10)) is None


@given(st.text(max_size=60))
def test_any_text_gives_hours_within_a_day_or_nothing(text):
    found = read_openingstijden(text)
    assert found is None or all(0 <= own.dag < 7 and 0 <= own.van < own.tot <= 24 * 60 for own in found)


@given(
    st.lists(st.sampled_from(range(7)), min_size=1, unique=True),
    st.integers(0, 22).flatmap(lambda van: st.tuples(st.just(van), st.integers(van + 1, 24))),
    st.sampled_from([", ", " en ", " "]),
    st.booleans(),
)
def test_days_and_hours_in_many_spellings(days, span, between, full):
    names = [DAGEN[day] if full else DAGEN[day][:2] for day in days]
    text = f"{between.join(names)} {span[0]}.00-{span[1]}.00 uur"
    assert read_openingstijden(text) == hours(sorted(days), *span)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 11, 23, 8, 59), False),
        (datetime(2026, 11, 23, 9, 0), True),
        (datetime(2026, 11, 23, 16, 59), True),
        (datetime(2026, 11, 23, 17, 0), False),
        (datetime(2026, 11, 22, 12, 0), False),  # a Sunday
    ],
)
def test_open_from_the_first_minute_up_to_the_last(moment, expected):
    assert is_open("ma-vr 9.00-17.00", moment) is expected


def test_unknown_hours_are_unknown():
    assert is_open(None, datetime(2026, 11, 23, 12)) is None
