"""ETags: equal answers have one, different answers have different ones, and nobody gets in with one."""

from __future__ import annotations

import gzip
import time

import brotli
import httpx
import pytest
import zstandard

from geo_service.identity import Role, Viewer
from tests.geo_service.api.website import items_of, serve
from tests.geo_service.dorp import melding, write_csv
from tests.geo_service.support import change, load, settings

PATHS = [
    "/v1/", "/v1/conformance", "/v1/collections", "/v1/collections/buurten", "/v1/collections/buurten/schema",
    "/v1/collections/buurten/queryables", items_of("buurten"), f"{items_of('buurten')}/BU01530000",
    items_of("meldingen-per-gebied"),
]  # fmt: skip
NOORD = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
ZUID = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-zuid"}))
UNPACK = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}


def raw(website, path: str, **headers: str) -> tuple[httpx.Headers, bytes]:
    """The headers and the very bytes of an answer."""
    with website.client.stream("GET", path, headers=headers) as answer:
        return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize("path", PATHS)
def test_who_has_the_answer_gets_304_without_a_body(demo, path):
    first = demo.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for held in (tag, f"W/{tag}", f'"x", {tag}', f'W/"y",{tag} , "z"'):
        again = demo.get(path, headers={"If-None-Match": held})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        for name in ("vary", "cache-control"):
            assert set(again.headers[name].split(", ")) <= set(first.headers[name].split(", "))
    for other in ('"x"', "x", "", tag[:-1], tag.strip('"'), '"' + tag):
        assert demo.get(path, headers={"If-None-Match": other}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_caches_may_keep_it_but_must_ask(demo, path, viewers):
    public, own = demo.get(path), demo.get(path, viewers["onderzoeker"])
    assert public.headers["cache-control"] == "public, no-cache"
    assert own.headers["cache-control"] == "private, no-cache"
    for answer in (public, own):
        assert {"Authorization", "Accept", "Accept-Encoding"} <= set(answer.headers["vary"].split(", "))


def test_a_problem_is_never_kept(demo):
    for path in ("/v1/collections/bestaat-niet", f"{items_of('buurten')}?limit=0", f"{items_of('buurten')}/weg"):
        answer = demo.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_every_difference_that_shows_has_a_tag_of_its_own(demo, viewers):
    path = items_of("meldingen-per-gebied")
    asked = [
        demo.get(path),
        demo.get(path, f="html"),
        demo.get(path, crs="EPSG:28992"),
        demo.get(path, crs="EPSG:4326"),
        demo.get(path, limit=3),
        demo.get(path, limit=3, offset=3),
        demo.get(path, sortby="-aantal"),
        demo.get(path, properties="aantal"),
        demo.get(path, bbox="6,52,7,53"),
        demo.get(path, periode="2025"),
        demo.get(path, f="csv"),
        demo.get(path, f="geojsonseq"),
        *(demo.get(path, viewer) for viewer in (viewers["stadsdeelmanager"], NOORD, ZUID, viewers["onderzoeker"])),
        *(demo.get(path, headers={"Accept-Encoding": name}) for name in ("gzip", "br", "zstd", "identity")),
    ]
    tags = [answer.headers["etag"].removeprefix("W/") for answer in asked]
    # Without a wish of its own the client asks for what it can unpack, the first of which is zstd.
    assert len(set(tags)) == len(tags) - 1


def test_the_order_of_parameters_makes_no_difference(demo):
    one = demo.get(f"{items_of('buurten')}?limit=5&bbox=6,52,7,53&crs=EPSG:28992")
    other = demo.get(f"{items_of('buurten')}?crs=EPSG:28992&bbox=6,52,7,53&limit=5")
    assert one.headers["etag"] == other.headers["etag"]


def test_a_tag_changes_with_the_data_and_stays_without_a_change(dorp_url, tmp_path):
    path = items_of("meldingen-per-gebied")

    def tag() -> str:
        time.sleep(1.1)
        return website.get(path).headers["etag"]

    with serve(dorp_url) as website:
        before = tag()
        assert tag() == before
        load("ingest", "meldingen", write_csv(tmp_path / "a.csv", [melding(1)]), "--bron", "lijst", url=dorp_url)
        after = tag()
        assert after != before
        change(dorp_url, "update publiek.gebied set naam = 'Anders' where niveau = 'buurt'")
        assert tag() != after
        assert website.features("buurten")[0]["properties"]["gebied_naam"] == "Anders"


def test_settings_that_change_figures_change_tags(demo):
    """A threshold is no data, but decides what there is to see."""
    before = demo.get(items_of("meldingen-per-gebied")).headers["etag"]
    with settings(drempel_publiek=20):
        assert demo.get(items_of("meldingen-per-gebied")).headers["etag"] != before
    assert demo.get(items_of("meldingen-per-gebied")).headers["etag"] == before


def test_a_remembered_answer_is_a_fresh_one_to_the_byte(demo_url):
    """Two services that never saw each other give the same bytes, first and second time, in every compression."""
    with serve(demo_url) as one, serve(demo_url) as other:
        for path in ("/v1/collections", items_of("buurten"), items_of("meldingen-per-gebied")):
            for encoding in ("identity", "gzip", "br", "zstd"):
                first, again = (raw(one, path, **{"Accept-Encoding": encoding}) for _ in range(2))
                assert first[1] == again[1]
                assert first[0]["etag"] == again[0]["etag"]
                _, fresh = raw(other, path, **{"Accept-Encoding": encoding})
                assert unpacked(fresh, encoding).replace(other.address.encode(), one.address.encode()) == unpacked(
                    first[1], encoding
                )


def unpacked(body: bytes, encoding: str) -> bytes:
    return UNPACK.get(encoding, bytes)(body)


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_compressed_as_asked(demo, encoding):
    plain_headers, plain = raw(demo, items_of("buurten"), **{"Accept-Encoding": "identity"})
    headers, body = raw(demo, items_of("buurten"), **{"Accept-Encoding": encoding})
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == encoding
    assert int(headers["content-length"]) == len(body) < len(plain) / 2
    assert UNPACK[encoding](body) == plain


@pytest.mark.parametrize(
    "asked", ["gzip;q=0, br;q=0.0", "gzip; q=0.000, br;Q=0", "zstd;q=onzin", "identity", "", "deflate", "x" * 500]
)
def test_not_compressed_unless_asked(demo, asked):
    headers, _ = raw(demo, items_of("buurten"), **{"Accept-Encoding": asked})
    assert "content-encoding" not in headers


def test_a_bad_token_with_a_right_tag_is_told_first(demo):
    tag = demo.get(items_of("buurten")).headers["etag"]
    answer = demo.get(items_of("buurten"), headers={"If-None-Match": tag, "Authorization": "Bearer onzin"})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["/v1/collections/meldingen", items_of("meldingen"), f"{items_of('meldingen')}/1"])
def test_a_hidden_collection_does_not_show_by_a_tag(demo, viewers, path):
    answer = demo.get(path, viewers["stadsdeelmanager"])
    assert answer.status_code == 200
    for held in (answer.headers["etag"], "*"):
        for viewer in (None, viewers["onderzoeker"], viewers["beheerder"]):
            assert demo.get(path, viewer, headers={"If-None-Match": held}).status_code == 404


def test_a_tag_of_another_viewer_says_nothing(demo, viewers):
    tag = demo.get(items_of("meldingen"), viewers["stadsdeelmanager"], limit=5).headers["etag"]
    answer = demo.get(items_of("meldingen"), NOORD, headers={"If-None-Match": tag}, limit=5)
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag


def test_any_tag_at_all_does_not_hide_that_there_is_nothing(demo):
    """``*`` would be true of every address; a question that is wrong must still be told so."""
    for path, status in ((f"{items_of('buurten')}/weg", 404), (f"{items_of('buurten')}?limit=0", 400)):
        assert demo.get(path, headers={"If-None-Match": "*"}).status_code == status


def test_files_have_a_weak_tag(demo):
    answer = demo.get(items_of("buurten"), f="csv")
    assert answer.headers["etag"].startswith('W/"')
    again = demo.get(items_of("buurten"), headers={"If-None-Match": answer.headers["etag"]}, f="csv")
    assert (again.status_code, again.content) == (304, b"")
