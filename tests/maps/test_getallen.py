"""Numbers as text: Dutch separators, honest small rates."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.getallen import format_cijfer, format_dagen, format_getal, format_kans, round_getal, shown_value


@pytest.mark.parametrize(
    ("value", "eenheid", "text"),
    [
        (0, "aantal", "0"),
        (1204, "aantal", "1.204"),
        (1234567, "aantal", "1.234.567"),
        (0.0, "per_1000", "0,0"),
        (8.25, "per_1000", "8,3"),
        (8.24, "per_1000", "8,2"),
        (1204.06, "per_1000", "1.204,1"),
        (0.42, "per_1000", "0,42"),
        (0.994, "per_1000", "0,99"),
        (0.995, "per_1000", "1,0"),
        (0.005, "per_1000", "0,01"),
        (0.004, "per_1000", "minder dan 0,01"),
    ],
)
def test_a_figure_reads_as_dutch(value, eenheid, text):
    assert format_cijfer(value, eenheid) == text


def test_rounding_is_half_up_and_never_minus_zero():
    assert [round_getal(v, 0) for v in (0.5, 1.5, 2.5, -0.5)] == [1, 2, 3, -1]
    assert math.copysign(1, round_getal(-0.01, 0)) == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(ValueError, match="geen getal"):
        format_getal(value)


@given(st.floats(0, 1e7), st.floats(0, 1e7), st.sampled_from(["per_1000", "aantal"]))
def test_equal_shown_values_have_equal_texts_and_order_is_kept(a, b, eenheid):
    shown = shown_value(a, eenheid), shown_value(b, eenheid)
    if a <= b:
        assert shown[0] <= shown[1]
    if shown[0] == shown[1] and min(a, b) >= 0.005:
        assert format_cijfer(a, eenheid) == format_cijfer(b, eenheid)


@pytest.mark.parametrize(
    ("p", "text"), [(0.05, "5,0%"), (0.0234, "2,3%"), (0.001, "0,1%"), (7e-15, "minder dan 0,1%"), (1, "100,0%")]
)
def test_a_chance_is_never_nothing(p, text):
    assert format_kans(p) == text


@pytest.mark.parametrize(
    ("begin", "eind", "text"),
    [
        ("2026-07-01", "2026-09-30", "1 juli t/m 30 september 2026"),
        ("2025-10-01", "2026-09-30", "1 oktober 2025 t/m 30 september 2026"),
        (None, "2026-09-30", ""),
        ("2026-07-01", None, ""),
    ],
)
def test_days_read_as_a_dutch_reader_expects(begin, eind, text):
    assert format_dagen(begin, eind) == text
