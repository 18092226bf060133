"""Other people's programs: GDAL reads the items and the whole service, schemathesis tries to break the description."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings

from tests.geo_service.api.website import busiest_hotspots

PLACES = {"stadsdelen": 5, "wijken": 10, "buurten": 70, "wijkteamgebieden": 9, "wijkwijzers": 9, "woningvoorraad": 70}


@pytest.fixture(scope="session")
def ogrinfo() -> Callable[..., str]:
    program = shutil.which("ogrinfo")
    if program is None:
        message = "GDAL ontbreekt: apt-get install gdal-bin"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    def run(*arguments: str) -> str:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        return done.stdout

    return run


def test_gdal_lists_the_collections(demo, ogrinfo):
    found = ogrinfo("-ro", f"OAPIF:{demo.address}/v1/")
    for collection in (*PLACES, "meldingen-per-gebied", "hotspots", "voorzieningen"):
        assert f": {collection} (title: " in found


@pytest.mark.parametrize(("collection", "count"), PLACES.items())
def test_gdal_reads_every_feature_of_a_collection(demo, ogrinfo, collection, count):
    found = ogrinfo("-ro", "-so", f"OAPIF:{demo.address}/v1/", collection, "-oo", "PAGE_SIZE=8")
    assert f"Feature Count: {count}\n" in found
    assert 'ID["EPSG",4326]' in found or "CRS84" in found or "WGS 84" in found


def test_gdal_reads_what_lies_in_a_box(demo, ogrinfo):
    inside = demo.items("buurten", bbox="6.85,52.2,6.9,52.23")["numberMatched"]
    box = ("-spat", "6.85", "52.2", "6.9", "52.23")
    found = ogrinfo("-ro", "-so", *box, f"OAPIF:{demo.address}/v1/", "buurten")
    assert 0 < inside < 70
    assert f"Feature Count: {inside}\n" in found


def test_gdal_reads_figures_with_their_types(demo, ogrinfo):
    found = ogrinfo("-ro", "-so", f"{demo.address}/v1/collections/meldingen-per-gebied/items?niveau=wijk", "-al")
    assert "Feature Count: 10\n" in found
    for line in ("aantal: Integer", "per_1000: Real", "status: String", "dekking: Real"):
        assert f"\n{line}" in found


def test_gdal_reads_hotspots(demo, demo_url, ogrinfo):
    question = busiest_hotspots(demo_url)
    query = f"bron={question['bron']}&periode={question['periode']}"
    found = ogrinfo("-ro", "-so", f"{demo.address}/v1/collections/hotspots/items?{query}", "-al")
    assert "Geometry: Polygon" in found


def test_the_description_holds_against_schemathesis(demo):
    """No 5xx, no undocumented status or content type, answers as described."""
    description = schemathesis.openapi.from_url(f"{demo.address}/v1/openapi.json")
    operations = [result.ok() for result in description.get_all_operations()]
    assert len(operations) >= 5
    for operation in operations:
        attack(operation)


def attack(operation) -> None:
    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case) -> None:
        case.call_and_validate()

    ask()
