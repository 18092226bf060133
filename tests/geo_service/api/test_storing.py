"""The database disappears under the running website and comes back."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from geo_service.db.cluster import ROOT_STAND_IN, Cluster
from geo_service.db.migrate import ensure_schema
from geo_service.release.geheugen import STAND_SECONDS
from tests.geo_service.api.website import Website, serve, viewers_of
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import load_dorp, load_tellingen

WITHOUT_DATABASE = (
    "/v1/", "/v1/conformance", "/v1/openapi.json", "/v1/collections/buurten/schema",
    "/v1/collections/hotspots/queryables", "/v1/?f=html",
)  # fmt: skip
HTML = {"accept": "text/html,application/xhtml+xml"}
ITEMS = "/v1/collections/meldingen-per-gebied/items?periode=2024-Q1"
MANAGER = viewers_of(dorp.GEMEENTE, dorp.WEST)["stadsdeelmanager"]
DATABASE_WORDS = ("psycopg", "socket", "connection", "server", "postgres", "5433", "/tmp", "bs_publiek")  # noqa: S108


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of these tests alone, with the village in it; every test leaves it running."""
    user = ROOT_STAND_IN if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    base = Path(tempfile.mkdtemp(prefix="bst-", dir="/tmp"))
    made = Cluster(base, base / "s", user)
    made.start()
    ensure_schema(made.url)
    load_dorp(made.url)
    load_tellingen(made.url, {"A": 25})
    yield made
    made.stop()
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture
def website(cluster) -> Iterator[Website]:
    with serve(cluster.url) as running:
        yield running


def check_down(website: Website) -> None:
    # What was remembered is told for as long as the service does not look.
    time.sleep(STAND_SECONDS + 0.1)
    for path, viewer in ((ITEMS, None), (ITEMS, MANAGER), ("/gezond", None), ("/v1/collections/buurten/items", None)):
        began = time.monotonic()
        answer = website.get(path, viewer)
        assert time.monotonic() - began < 12
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["title"] == "Even niet beschikbaar"
        # Staff may be told first that the log cannot be kept.
        assert "niet bereikbaar" in answer.json()["detail"] or (viewer and "logboek" in answer.json()["detail"])
        assert [word for word in DATABASE_WORDS if word in answer.text.lower()] == []
    for path in ("/", "/kaart", "/uitleg"):
        page = website.client.get(path, headers=HTML)
        assert page.status_code == 503
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert int(page.headers["Retry-After"]) > 0
        assert ">Even niet beschikbaar</h1>" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert [word for word in DATABASE_WORDS if word in page.text.lower()] == []


def check_up(website: Website, before: dict[str, str]) -> None:
    """At once, without a restart of the website: the first question after the return is answered. Staff wait until the
    log is kept again."""
    for path, text in before.items():
        viewer = MANAGER if path.endswith("#manager") else None
        answer = website.get(path.removesuffix("#manager"), viewer)
        deadline = time.monotonic() + 10
        while viewer and answer.status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.2)
            answer = website.get(path.removesuffix("#manager"), viewer)
        assert answer.status_code == 200
        assert len(answer.text) == pytest.approx(len(text), abs=100)
    assert website.get("/gezond").json() == {"status": "gezond"}


def test_the_website_says_so_in_dutch_and_recovers_by_itself(cluster, website):
    before = {path: website.get(path).text for path in (ITEMS, "/kaart", "/v1/collections/buurten/items", "/")}
    before[f"{ITEMS}#manager"] = website.get(ITEMS, MANAGER).text
    for _ in range(2):
        cluster.stop()
        check_down(website)
        for path in WITHOUT_DATABASE:
            assert website.get(path).status_code == 200, path
        assert website.client.get("/toegankelijkheid", headers=HTML).status_code == 200
        cluster.start()
        check_up(website, before)


def test_a_website_started_without_a_database_answers_when_it_comes(cluster):
    cluster.stop()
    with serve(cluster.url) as website:
        assert website.get(ITEMS).status_code == 503
        cluster.start()
        assert website.get(ITEMS).status_code == 200


def test_a_crash_in_the_middle_of_a_question_is_no_stack_trace(cluster, website):
    """The connections are cut while the pool still holds them."""
    assert website.get(ITEMS).status_code == 200
    for _ in range(3):
        with psycopg.connect(cluster.maintenance_url, autocommit=True) as connection:
            connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename like 'bs_%'")
        answer = httpx.get(website.address + ITEMS)
        assert answer.status_code in (200, 503)
        assert answer.status_code == 200 or answer.json()["title"] == "Even niet beschikbaar"
    assert website.get(ITEMS).status_code == 200
