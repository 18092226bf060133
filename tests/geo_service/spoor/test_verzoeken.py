"""Requests in the log of a running service: who is followed, what a line holds, and when it cannot be written."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from geo_service.identity import Role, Viewer
from geo_service.spoor.sleutel import Ondertekenaar
from tests.geo_service import dorp
from tests.geo_service.api.website import SECRET, Website, bearer, items_of, serve, viewers_of
from tests.geo_service.support import call_cli, change, rows, value

NOORD = f"{dorp.GEMEENTE}-SD-noord"
VIEWERS = viewers_of(dorp.GEMEENTE, NOORD)
REGISSEUR, BEHEERDER = VIEWERS["wijkregisseur"], VIEWERS["beheerder"]
FIGURES = items_of("meldingen-per-gebied")
LINES = (
    "select actor, rol, handeling, object, uitkomst, herkomst from intern.logboek where rol <> 'eigenaar' "
    "order by dag, nummer"
)


def until(found: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is so; the log is written behind the requests."""
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "het is er niet van gekomen"
        time.sleep(0.05)


def lines(url: str, least: int = 1) -> list[tuple[str, ...]]:
    """What stands in the log of requests, once there is that much."""
    until(lambda: len(rows(url, LINES)) >= least)
    return rows(url, LINES)


def proved(url: str) -> bool:
    """Whether the log is whole; the services of the tests have another secret than their commands."""
    key = Ondertekenaar(SECRET).publiek.hex()
    return call_cli("logboek", "controleer", "--sleutel", key, url=url).returncode == 0


def test_every_look_of_staff_is_written_down_and_none_of_the_public(site_url: str, website: Website) -> None:
    for viewer in (None, VIEWERS["onderzoeker"], REGISSEUR):
        assert website.get(FIGURES, viewer, niveau="buurt", limit=1).status_code == 200
    assert website.get("/statisch/beeld/merk.svg", REGISSEUR).status_code == 200
    assert lines(site_url) == [
        ("ontwikkel-wijkregisseur", "wijkregisseur", "lezen", f"{FIGURES}?limit&niveau=buurt", "200", "127.0.0.0/24")
    ]


def test_an_answer_from_memory_and_one_that_the_client_has_are_written_down_too(
    site_url: str, website: Website
) -> None:
    first = website.get(FIGURES, REGISSEUR, limit=1)
    website.get(FIGURES, REGISSEUR, limit=1)
    held = website.get(FIGURES, REGISSEUR, headers={"If-None-Match": first.headers["ETag"]}, limit=1)
    assert held.status_code == 304
    website.client.head(FIGURES, headers=first.request.headers)
    assert [line[4] for line in lines(site_url, 4)] == ["200", "200", "304", "200"]


def test_files_pages_tiles_and_what_is_not_there_are_written_down(site_url: str, website: Website) -> None:
    asked = {
        f"{items_of('meldingen')}?f=csv": 200,
        "/kaart": 200,
        "/v1/collections/meldingen/tiles/WebMercatorQuad/8/84/132": 200,
        f"{items_of('meldingen')}/999999999": 404,
        f"{FIGURES}?periode=onzin": 400,
        "/bestaat/niet": 404,
    }
    for path, status in asked.items():
        assert website.client.get(path, headers=bearer(REGISSEUR)).status_code in (status, 204), path
    # An address that does not exist looks at nobody.
    found = lines(site_url, len(asked) - 1)
    assert [line[3] for line in found] == [path for path in asked if path != "/bestaat/niet"]
    assert {line[2] for line in found} == {"lezen"}


def test_a_line_holds_no_free_text_and_no_place(site_url: str, website: Website) -> None:
    question = {"filter": "buurt_code = 'GEHEIM-1'", "bbox": "6.8,52.2,6.9,52.3", "buurt_code": "GEHEIM-2"}
    website.get(items_of("meldingen"), REGISSEUR, datetime="2025-01-01/..", GEHEIM="x", **question)
    ((*_, object_, status, _),) = lines(site_url)
    assert (object_, status) == (f"{items_of('meldingen')}?GEHEIM&bbox&buurt_code&datetime&filter", "400")


def test_refusals_of_anyone_are_written_down(site_url: str, website: Website) -> None:
    assert website.get(FIGURES, headers={"Authorization": "Bearer eyJ.verzonnen.token"}).status_code == 401
    ((actor, rol, handeling, object_, status, _),) = lines(site_url)
    assert (actor, rol, handeling, object_, status) == ("onbekend", "publiek", "geweigerd", FIGURES, "401")


def test_a_line_carries_the_mark_that_the_visitor_got(site_url: str, website: Website) -> None:
    mark = website.get(FIGURES, REGISSEUR, limit=1).headers["X-Request-Id"]
    lines(site_url)
    assert value(site_url, "select kenmerk from intern.logboek where rol <> 'eigenaar'") == mark


def test_who_governs_the_service_is_followed(site_url: str, website: Website) -> None:
    assert website.get("/beheer", BEHEERDER).status_code == 200
    assert lines(site_url)[0][1:5] == ("beheerder", "lezen", "/beheer", "200")


def test_without_a_log_staff_get_nothing_and_the_public_goes_on(site_url: str, website: Website) -> None:
    change(site_url, "revoke execute on function intern.noteer(jsonb) from bs_toegang")
    assert website.get(FIGURES, REGISSEUR, limit=1).status_code == 200
    until(lambda: website.get(FIGURES, REGISSEUR, limit=1).status_code == 503)
    refused = website.get("/kaart", REGISSEUR)
    assert refused.status_code == 503
    answer = website.get(FIGURES, REGISSEUR, limit=2)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json()["detail"].startswith("Het logboek kan nu niet worden bijgehouden.")
    assert website.get(FIGURES, limit=1).status_code == 200
    assert "Het logboek kan nu niet worden bijgehouden" in website.get("/beheer", BEHEERDER).text
    change(site_url, "grant execute on function intern.noteer(jsonb) to bs_toegang")
    until(lambda: website.get(FIGURES, REGISSEUR, limit=1).status_code == 200)
    # The first look came before anyone knew; it is there all the same.
    assert lines(site_url)[0][2:5] == ("lezen", f"{FIGURES}?limit", "200")


def test_what_is_waiting_is_written_when_the_service_ends(site_url: str) -> None:
    with serve(site_url) as running:
        for _ in range(20):
            running.get(FIGURES, REGISSEUR, limit=1)
    assert len(rows(site_url, LINES)) == 20
    assert proved(site_url)


def test_two_services_write_one_chain(site_url: str) -> None:
    with serve(site_url) as first, serve(site_url) as second:
        for _ in range(3):
            for running in (first, second):
                with httpx.Client(base_url=running.address, headers=bearer(REGISSEUR)) as client:
                    assert [client.get("/v1/").status_code for _ in range(5)] == [200] * 5
            time.sleep(0.7)
    assert len(rows(site_url, LINES)) == 30
    assert proved(site_url)


def test_commands_stand_in_the_log_with_who_gave_them(site_url: str) -> None:
    for words in (
        ("ingest", "meldingen", "map/weg.csv", "--bron", "lijst", "--mapping", "geheim.toml"),
        ("ingest", "meldingen", "https://x.nl/a.csv?token=GEHEIM"),
        ("hotspots", "--gemeente", "GM9001", "--van", "2025-01-01"),
        ("db", "migrate"),
        ("db", "status"),
        ("token", "onderzoeker"),
        ("bestaatniet",),
        ("hotspots", "--help"),
    ):
        call_cli(*words, url=site_url)
    found = rows(
        site_url,
        "select object, uitkomst, actor from intern.logboek where handeling = 'opdracht' order by nummer desc limit 5",
    )
    assert [line[:2] for line in reversed(found)] == [
        ("ingest meldingen weg.csv --bron=lijst --mapping", "geweigerd"),
        ("ingest meldingen a.csv", "geweigerd"),
        ("hotspots --gemeente=GM9001 --van=2025-01-01", "geweigerd"),
        ("db migrate", "gelukt"),
        ("token onderzoeker", "gelukt"),
    ]
    assert all(actor.startswith("opdracht:") for *_, actor in found)


def test_a_command_that_cannot_be_written_down_does_not_end_well(site_url: str) -> None:
    change(site_url, "drop function intern.noteer(jsonb)")
    done = call_cli("db", "migrate", url=site_url)
    assert done.returncode == 1
    assert "kon niet worden vastgelegd" in done.stderr


def test_after_a_reset_the_new_log_says_where_the_old_one_ended(site_url: str) -> None:
    call_cli("db", "migrate", url=site_url)
    newest = "select dag, nummer, encode(hash, 'hex') from intern.logboek order by 1 desc, 2 desc limit 1"
    ((dag, nummer, last),) = rows(site_url, newest)
    assert call_cli("db", "reset", "--ja", url=site_url).returncode == 0
    assert rows(site_url, "select nummer, object from intern.logboek") == [
        (1, f"db reset --ja (vorig logboek tot {dag} regel {nummer}, {last})")
    ]


def test_every_role_that_reads_internal_rows_is_followed() -> None:
    assert {role.value for role in Role if Viewer(role).scoped} == {"wijkregisseur", "stadsdeelmanager"}
