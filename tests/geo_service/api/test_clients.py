"""Other people's programs on the API: GDAL, QGIS and OWSLib find everything, and let the server do the filtering."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from owslib.ogcapi.features import Features
from PIL import Image

from geo_service.identity import Viewer
from tests.geo_service.api.website import Website, bearer, busiest_hotspots, items_of, links_of, query_of

PLACES = {"stadsdelen": 5, "wijken": 10, "buurten": 70, "wijkteamgebieden": 9, "wijkwijzers": 9, "woningvoorraad": 70}
QGIS_PYTHON, QGIS_SCRIPT = "/usr/bin/python3", Path(__file__).with_name("qgis_laag.py")


def find(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        message = f"{program} ontbreekt: apt-get install {package}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


Gdal = Callable[..., str]


@pytest.fixture(scope="session")
def ogrinfo() -> Gdal:
    program = find("ogrinfo", "gdal-bin")

    def run(*arguments: str, viewer: Viewer | None = None) -> str:
        headers = {"GDAL_HTTP_HEADERS": f"Authorization: {bearer(viewer)['Authorization']}"} if viewer else {}
        done = subprocess.run(
            [program, "-ro", *arguments],
            capture_output=True, text=True, timeout=120, check=False, env=os.environ | headers,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "ERROR" not in done.stderr
        return done.stdout

    return run


def service(website: Website, **question: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in question.items())
    return f"OAPIF:{website.address}/v1/{'?' if query else ''}{query}"


def asked_of(website: Website, collection: str) -> list[dict[str, str]]:
    """The questions for features of a collection that reached the service."""
    return [query_of(asked) for asked in website.asked if asked.partition("?")[0] == items_of(collection)]


def layers(text: str) -> dict[str, tuple[int, str]]:
    """Count and rest of the description per layer of ``ogrinfo -al -so``."""
    found = {}
    for part in text.split("Layer name: ")[1:]:
        name, _, rest = part.partition("\n")
        count = next(line for line in rest.splitlines() if line.startswith("Feature Count: "))
        found[name] = int(count.removeprefix("Feature Count: ")), rest
    return found


@pytest.mark.parametrize("role", [None, "wijkregisseur", "stadsdeelmanager"])
def test_gdal_lists_the_collections_of_the_viewer_with_their_counts(demo, viewers, ogrinfo, role):
    viewer = viewers[role] if role else None
    listed = [found["id"] for found in demo.get("/v1/collections", viewer).json()["collections"]]
    found = layers(ogrinfo("-al", "-so", service(demo), viewer=viewer))
    assert list(found) == listed
    assert ("meldingen" in found) == (role is not None)
    for name, (count, text) in found.items():
        assert count == demo.items(name, viewer, limit=1)["numberMatched"], name
        assert 'ID["EPSG",4326]' in text or "CRS84" in text or 'GEOGCRS["WGS 84"' in text


@pytest.mark.parametrize(("collection", "count"), PLACES.items())
def test_gdal_reads_every_feature_of_a_collection(demo, ogrinfo, collection, count):
    found = ogrinfo("-al", "-q", service(demo), collection, "-oo", "PAGE_SIZE=8")
    assert found.count(f"OGRFeature({collection})") == count


def test_gdal_knows_the_fields_with_their_types(demo, viewers, ogrinfo):
    found = ogrinfo("-so", service(demo), "meldingen", viewer=viewers["stadsdeelmanager"])
    for line in (
        "tijd: DateTime", "dag: Date", "tijd_onzeker: Integer(Boolean)", "categorie: String", "buurt_code: String",
        "Geometry: Point",
    ):  # fmt: skip
        assert f"\n{line}" in found
    areas = ogrinfo("-so", service(demo), "buurten")
    for line in ("peiljaar: Integer", "oppervlakte_ha: Real", "benaderd: Integer(Boolean)", "geldig_van: Date"):
        assert f"\n{line}" in areas
    assert "Geometry: Multi Polygon" in areas


def test_gdal_lets_the_server_look_for_a_box(demo, ogrinfo):
    inside = demo.items("buurten", bbox="6.85,52.2,6.9,52.23")["numberMatched"]
    demo.asked.clear()
    found = ogrinfo("-so", "-spat", "6.85", "52.2", "6.9", "52.23", service(demo), "buurten")
    assert 0 < inside < 70
    assert f"Feature Count: {inside}\n" in found
    boxes = [question["bbox"] for question in asked_of(demo, "buurten") if "bbox" in question]
    assert boxes
    assert [list(map(float, box.split(","))) for box in boxes] == [[6.85, 52.2, 6.9, 52.23]] * len(boxes)


@pytest.mark.parametrize(
    ("collection", "where", "pushed"),
    [
        ("buurten", "gebied_naam = 'City'", {"gebied_naam": "City"}),
        ("voorzieningen", "bereik = 'buurt' AND lijn = '0e_lijn'", {"bereik": "buurt", "lijn": "0e_lijn"}),
        ("woningvoorraad", "peiljaar = 2021 AND inwoners > 3000", {"peiljaar": "2021"}),
    ],
)
def test_gdal_lets_the_server_look_for_a_property(demo, ogrinfo, collection, where, pushed):
    demo.asked.clear()
    found = layers(ogrinfo("-so", service(demo), collection, "-where", where))
    filtered = [question for question in asked_of(demo, collection) if question.keys() & pushed.keys()]
    assert filtered
    assert all(question.items() >= pushed.items() for question in filtered)
    expected = demo.items(collection, filter=where)["numberMatched"]
    assert 0 < expected == found[collection][0]


def test_gdal_lets_the_server_look_for_a_time(demo, viewers, ogrinfo):
    manager = viewers["stadsdeelmanager"]
    demo.asked.clear()
    where = "tijd >= '2025/03/01 00:00:00' AND tijd <= '2025/03/07 23:59:59'"
    found = layers(ogrinfo("-so", service(demo), "meldingen", "-where", where, viewer=manager))
    span = "2025-03-01T00:00:00Z/2025-03-07T23:59:59Z"
    assert span in [question.get("datetime") for question in asked_of(demo, "meldingen")]
    assert found["meldingen"][0] == demo.items("meldingen", manager, datetime=span)["numberMatched"] > 10


def test_gdal_reads_a_hundred_thousand_features_once_each(groot, groot_viewer, ogrinfo, tmp_path):
    groot.asked.clear()
    path = tmp_path / "alles.csv"
    program = find("ogr2ogr", "gdal-bin")
    headers = {"GDAL_HTTP_HEADERS": f"Authorization: {bearer(groot_viewer)['Authorization']}"}
    options = ("-oo", "PAGE_SIZE=10000", "-lco", "GEOMETRY=AS_XY", "-select", "dag")
    command = [program, "-f", "CSV", str(path), service(groot), "meldingen", *options]
    subprocess.run(command, check=True, timeout=120, env=os.environ | headers)
    places = np.loadtxt(path, delimiter=",", skiprows=1, usecols=(0, 1))
    assert len(places) == 100_000
    assert len(np.unique(places, axis=0)) == 100_000
    pages = [question for question in asked_of(groot, "meldingen") if "cursor" in question]
    assert len(pages) == 9


def test_gdal_reads_the_answer_to_a_question(demo, ogrinfo):
    """Any address of items is a GeoJSON file to GDAL."""
    question = f"{demo.address}{items_of('meldingen-per-gebied')}?niveau=wijk&periode=2026-Q2"
    found = ogrinfo("-so", question, "-al")
    assert "Feature Count: 10\n" in found
    for line in ("aantal: Integer", "per_1000: Real", "status: String", "dekking: Real"):
        assert f"\n{line}" in found


def test_gdal_reads_hotspots(demo, demo_url, ogrinfo):
    asked = "&".join(f"{name}={value}" for name, value in busiest_hotspots(demo_url).items())
    found = ogrinfo("-so", f"{demo.address}{items_of('hotspots')}?{asked}", "-al")
    assert "Geometry: Multi Polygon" in found


def test_gdal_passes_the_municipality_on(assen, ogrinfo):
    """What stands behind the address of the service goes along with every question."""
    assen.asked.clear()
    found = layers(ogrinfo("-so", service(assen, gemeente="GM0106"), "buurten"))
    assert found["buurten"][0] == 95
    assert {question["gemeente"] for question in asked_of(assen, "buurten")} == {"GM0106"}


@pytest.mark.parametrize("naam", ["fgb", "gpkg", "csv"])
def test_gdal_reads_the_files(demo, ogrinfo, naam, tmp_path):
    path = tmp_path / f"buurten.{naam}"
    path.write_bytes(demo.get(items_of("buurten"), f=naam, crs="EPSG:28992").content)
    found = ogrinfo("-al", "-so", str(path))
    assert "Feature Count: 70\n" in found
    assert naam == "csv" or 'ID["EPSG",28992]' in found


# --- OWSLib


def test_owslib_walks_it(demo):
    client = Features(f"{demo.address}/v1/")
    listed = [found["id"] for found in demo.get("/v1/collections").json()["collections"]]
    assert client.feature_collections() == listed
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in client.conformance()["conformsTo"]
    assert client.api()["openapi"].startswith("3.")
    assert client.collection("buurten")["itemType"] == "feature"
    schema, queryables = client.collection_schema("buurten"), client.collection_queryables("buurten")
    assert {"gebied_code", "geometry"} <= set(schema["properties"]) & set(queryables["properties"])
    found = client.collection_items("buurten", limit=3, filter="oppervlakte_ha > 100", bbox=[6, 52, 7, 53])
    assert found["numberMatched"] == demo.items("buurten", filter="oppervlakte_ha > 100")["numberMatched"] > 3
    assert len(found["features"]) == 3
    first = found["features"][0]
    assert client.collection_item("buurten", first["id"])["properties"] == first["properties"]


def test_owslib_pages_to_the_end(demo, viewers):
    manager = viewers["stadsdeelmanager"]
    client = Features(f"{demo.address}/v1/", headers=bearer(manager))
    assert "meldingen" in client.feature_collections()
    question = {"limit": 40, "datetime_": "2025-05-01/2025-05-31"}
    page = client.collection_items("meldingen", **question)
    seen = [feature["id"] for feature in page["features"]]
    while following := links_of(page).get("next"):
        page = client.collection_items("meldingen", **question, cursor=query_of(following)["cursor"])
        seen += [feature["id"] for feature in page["features"]]
    assert len(seen) == len(set(seen)) == page["numberMatched"] > 80


# --- QGIS


@pytest.fixture(scope="session")
def qgis() -> Callable[..., dict]:
    """QGIS is no part of what the tests set up; where it is there, it must work."""
    probe = [QGIS_PYTHON, "-c", "import qgis.core"]
    if not Path(QGIS_PYTHON).exists() or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("QGIS ontbreekt: apt-get install python3-qgis")

    def run(*arguments: str) -> dict:
        done = subprocess.run(
            [QGIS_PYTHON, str(QGIS_SCRIPT), *arguments],
            capture_output=True, text=True, timeout=120, check=False, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_qgis_loads_a_collection_and_draws_it(demo, qgis, tmp_path):
    picture = tmp_path / "buurten.png"
    demo.asked.clear()
    told = qgis(demo.address, "buurten", str(picture))
    features = demo.features("buurten")
    assert told["valid"], told["error"]
    assert told["count"] == 70
    assert told["codes"] == sorted(feature["id"] for feature in features)
    assert told["inside"] == demo.items("buurten", bbox="6.85,52.2,6.9,52.23")["numberMatched"]
    kinds = {"gebied_code": "String", "peiljaar": "Integer", "oppervlakte_ha": "Real", "benaderd": "Boolean"}
    assert told["fields"].items() >= kinds.items()
    assert any("bbox" in question for question in asked_of(demo, "buurten"))
    assert drawn_share(picture) > 0.3


def drawn_share(picture: Path) -> float:
    """The part of a picture that is not background."""
    pixels = np.asarray(Image.open(picture).convert("RGB"))
    return float((pixels != 255).any(axis=2).mean())
