"""What a stadsdeel may expect, at the end of its page: the forecast of the figures there, or why there is none."""

from __future__ import annotations

import numpy as np
from lxml import html as lxml_html

from analysis.forecast import forecast
from tests.geo_service.api.website import viewers_of

NOORD = "GM0153-SD-noord"
VIEWERS = viewers_of("GM0153", NOORD)


def rows(site, code, viewer=None):
    page = lxml_html.fromstring(site.get(f"/gebied/{code}", viewer, {"accept": "text/html"}).text)
    return {row.get("data-bron"): row for row in page.xpath("//section[@id='verwachting']//tr[@data-bron]")}


def check(site, code, viewer):
    """How many forecasts the page shows, each as the series of the API gives it."""
    shown = 0
    for bron, row in rows(site, code, viewer).items():
        laag = row.xpath("string(th/small)")
        series = site.get(f"/v1/gebieden/{code}/tijdreeks", viewer, laag=laag, bron=bron).json()["reeks"]
        counts = [None if one["dekking"] < 1 else one["aantal"] for one in series]
        while counts and counts[-1] is None:
            counts.pop()
        # Every trend break of the demo is on the first day of a quarter.
        breaks = [n for n, one in enumerate(series[: len(counts)]) if one["trendbreuk"]]
        found = forecast([np.nan if n is None else n for n in counts], breaks=breaks)
        assert row.get("data-toonbaar") == ("ja" if found.toonbaar else "nee"), bron
        assert row.xpath(".//@data-verwacht") == ([str(found.verwacht)] if found.toonbaar else [])
        assert found.toonbaar or found.reden in row.text_content()
        shown += found.toonbaar
    return shown


def test_the_forecast_is_that_of_the_series_of_the_api(demo):
    codes = [f"GM0153-SD-{naam}" for naam in ("noord", "oost", "zuid", "west")]
    assert sum(check(demo, code, VIEWERS["stadsdeelmanager"]) for code in codes) > 0
    check(demo, NOORD, None)


def test_other_areas_have_none(demo):
    assert rows(demo, "BU01530300") == {}


def test_who_sees_no_figures_has_none(demo):
    assert rows(demo, NOORD, VIEWERS["beheerder"]) == {}
