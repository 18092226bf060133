"""Charts: what is drawn is what is told, nothing withheld is in the drawing, and a break is a break."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from maps.figuren import BREEDTE, HOOGTE, Meting, Reeks, describe_reeks, render_reeks

PERIODEN = [f"{jaar}-Q{kwartaal}" for jaar in (2024, 2025) for kwartaal in (1, 2, 3, 4)]
waarden = st.floats(0, 5_000, allow_nan=False).map(lambda value: round(value, 3))


def meting(periode="2025-Q1", waarde=5.0, status="ok", breuk="", marge=1.0):
    laag, hoog = (None, None) if waarde is None else (max(0.0, waarde - marge), waarde + marge)
    return Meting(periode, f"kwartaal {periode}", waarde, laag, hoog, status, breuk)


def reeks(*metingen, **changes):
    return replace(Reeks("r", "Meldingen in A", "A", tuple(metingen)), **changes)


@st.composite
def series(draw):
    found = []
    for periode in PERIODEN[: draw(st.integers(1, 8))]:
        status = draw(st.sampled_from(["ok", "ok", "onbetrouwbaar", "onderdrukt", "ontbreekt", "niet_gedekt"]))
        waarde = draw(waarden) if status in ("ok", "onbetrouwbaar") else None
        breuk = draw(st.sampled_from(["", "", "ander systeem <b>"]))
        found.append(meting(periode, waarde, status, breuk, draw(st.floats(0, 9_000))))
    return reeks(*found)


def drawing(own):
    """The svg element, with every element by its class."""
    html = render_reeks(own)
    svg = etree.fromstring(html[html.index("<svg") : html.index("</svg>") + len("</svg>")])
    by_class = {}
    for element in svg.iter():
        for name in element.get("class", "").split():
            by_class.setdefault(name, []).append(element)
    return svg, by_class


def numbers(path):
    return [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", path)]


@given(series())
def test_every_period_has_one_sign_inside_the_drawing(own):
    shown = [m for m in own.metingen if m.getoond]
    if not shown:
        assert "<svg" not in render_reeks(own)
        return
    svg, found = drawing(own)
    assert svg.get("viewBox") == f"0 0 {BREEDTE} {HOOGTE}"
    assert len(found.get("bs-figuur-punt", [])) == len(shown)
    assert len(found.get("bs-figuur-verborgen", [])) == sum(m.status == "onderdrukt" for m in own.metingen)
    assert len(found.get("bs-figuur-breuk", [])) == sum(bool(m.breuk) for m in own.metingen)
    for punt in found.get("bs-figuur-punt", []):
        assert 0 <= float(punt.get("cx")) <= BREEDTE
        assert 0 <= float(punt.get("cy")) <= HOOGTE
    for path in [*found.get("bs-figuur-lijn", []), *found.get("bs-figuur-band", [])]:
        assert all(0 <= number <= BREEDTE for number in numbers(path.get("d")))


@given(series())
def test_a_line_joins_only_periods_in_a_row_without_a_break(own):
    if not any(m.getoond for m in own.metingen):
        return
    _, found = drawing(own)
    joined = sum(path.get("d").count("L") for path in found.get("bs-figuur-lijn", []))
    pairs = zip(own.metingen, own.metingen[1:], strict=False)
    assert joined == sum(a.getoond and b.getoond and not b.breuk for a, b in pairs)


def test_higher_is_higher_and_twice_is_twice_as_high():
    _, found = drawing(reeks(meting("2025-Q1", 0.0), meting("2025-Q2", 10.0), meting("2025-Q3", 20.0)))
    zero, ten, twenty = (float(punt.get("cy")) for punt in found["bs-figuur-punt"])
    assert zero - ten == pytest.approx(ten - twenty, abs=0.11)
    assert zero > twenty


def test_a_wide_interval_does_not_flatten_the_line():
    _, found = drawing(reeks(meting("2025-Q1", 2.0, marge=900.0), meting("2025-Q2", 4.0)))
    low, high = (float(punt.get("cy")) for punt in found["bs-figuur-punt"])
    assert low - high > HOOGTE / 6


def test_a_figure_that_may_not_be_shown_cannot_be_in_a_chart():
    with pytest.raises(ValueError, match="toch een waarde"):
        Meting("2025-Q1", "1e kwartaal 2025", 4.0, None, None, "onderdrukt")
    cijfer = {"periode": "2025", "periode_naam": "2025", "aantal": None, "per_1000": None, "laag": None, "hoog": None,
              "status": "onderdrukt", "trendbreuk": None}  # fmt: skip
    assert Meting.of(cijfer, "per_1000") == Meting("2025", "2025", None, None, None, "onderdrukt")


def test_a_count_without_a_rate_is_no_point_of_a_chart_of_rates():
    cijfer = {"periode": "2025", "periode_naam": "2025", "aantal": 12, "per_1000": None, "laag": None, "hoog": None,
              "status": "ok", "trendbreuk": None}  # fmt: skip
    assert Meting.of(cijfer, "per_1000").status == "ontbreekt"
    assert Meting.of(cijfer, "aantal").waarde == 12.0


def test_the_words_tell_what_the_drawing_shows():
    own = reeks(
        meting("2025-Q1", 4.04), meting("2025-Q2", None, "onderdrukt"), meting("2025-Q3", 8.0, breuk="nieuw systeem"),
        meting("2025-Q4", None, "ontbreekt"),
    )  # fmt: skip
    assert describe_reeks(own) == (
        "2 van 4 perioden hebben een cijfer, per 1.000 woningen. Laagst: 4,0 in kwartaal 2025-Q1. Hoogst: 8,0 in "
        "kwartaal 2025-Q3. Laatst: 8,0 in kwartaal 2025-Q3. 1 periode is verborgen, omdat het om weinig gaat. "
        "Trendbreuk voor kwartaal 2025-Q3: nieuw systeem."
    )
    assert describe_reeks(own) in render_reeks(own)


def test_the_legend_explains_the_signs_that_are_there_and_no_others():
    plain = render_reeks(reeks(meting()))
    assert "onzekerheid" in plain
    for word in ("hele gemeente", "onbetrouwbaar", "te weinig om te tonen", "geen cijfer", "trendbreuk"):
        assert word not in plain
    full = render_reeks(
        reeks(
            meting("2025-Q1", 3.0, "onbetrouwbaar"), meting("2025-Q2", None, "onderdrukt"),
            meting("2025-Q3", None, "niet_gedekt"), meting("2025-Q4", 4.0, breuk="ander loket"),
            vergelijking=(meting("2025-Q1", 2.0), meting("2025-Q2", 2.5)),
        )
    )  # fmt: skip
    for word in ("hele gemeente", "onbetrouwbaar", "te weinig om te tonen", "geen cijfer", "trendbreuk"):
        assert word in full


def test_texts_are_escaped():
    html = render_reeks(reeks(meting(breuk="<script>"), naam="A & <b>", titel='"x"'))
    assert "<script>" not in html
    assert "<b>" not in html.replace("<b aria-hidden", "")


def test_the_beginning_of_an_action_is_drawn_and_told():
    own = reeks(*(meting(periode) for periode in PERIODEN), begin=("2025-Q1", "begin van de aanpak"))
    _, found = drawing(own)
    (line,) = found["bs-figuur-begin"]
    before, after = (numbers(found["bs-figuur-punt"][at].get("cx"))[0] for at in (3, 4))
    assert before < numbers(line.get("d"))[0] < after
    assert "Begin van de aanpak voor kwartaal 2025-Q1." in describe_reeks(own)
    assert "begin van de aanpak" in render_reeks(own)
    _, without = drawing(replace(own, begin=None))
    assert "bs-figuur-begin" not in without


def test_a_long_row_of_months_has_labels_that_do_not_touch():
    months = [f"{jaar}-{maand:02}" for jaar in (2023, 2024, 2025) for maand in range(1, 13)]
    svg, _ = drawing(reeks(*(meting(month) for month in months)))
    names = {"jan", "feb", "mrt", "maa", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"}
    places = [float(text.get("x")) for text in svg.iter() if (text.text or "") in names]
    assert len(places) >= 12
    assert min(later - earlier for earlier, later in pairwise(places)) >= 30
    years = [text.text for text in svg.iter() if (text.text or "") in ("2023", "2024", "2025")]
    assert years == ["2023", "2024", "2025"]
