"""Development tokens: marked on every page, and worth nothing to whoever comes from elsewhere."""

from __future__ import annotations

import httpx
import pytest

from geo_service.identity import Role, Viewer
from tests.geo_service.api.website import bearer, serve, token_of
from tests.geo_service.support import settings
from tests.geo_service.toegang.aanbieder import log_out_form

VIEWER = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({"alle"}))
PAGES = ["/", "/kaart", "/uitleg", "/toegankelijkheid", "/v1/collections?f=html"]


@pytest.fixture
def developer(site):
    with httpx.Client(base_url=site.address, headers={"accept": "text/html"}, timeout=20) as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_it_is_a_development_token(developer, path):
    assert "Ontwikkeltoken" not in developer.get(path).text
    developer.get("/ontwikkel/inloggen", params={"token": token_of(VIEWER)})
    page = developer.get(path).text
    assert "Ontwikkeltoken." in page
    assert "stadsdeelmanager</strong>, alle stadsdelen" in page


def test_the_link_without_a_token_and_the_button_both_make_one_the_public_again(developer):
    for way_out in (
        lambda: developer.get("/ontwikkel/inloggen"),
        lambda: developer.post("/uitloggen", data=log_out_form(developer.get("/uitleg").text)),
    ):
        developer.get("/ontwikkel/inloggen", params={"token": token_of(VIEWER)})
        assert "Ontwikkeltoken" in developer.get("/uitleg").text
        assert way_out().status_code == 303
        assert "U kijkt als" not in developer.get("/uitleg").text


FORWARDED = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host"]


@pytest.mark.parametrize("header", FORWARDED)
def test_behind_a_web_server_development_tokens_are_refused(site, header):
    """The service listens on this machine only, but somebody passes the questions of others on."""
    elsewhere = {header: "for=203.0.113.9" if header == "Forwarded" else "203.0.113.9"}
    assert site.client.get("/v1/collections", headers=bearer(VIEWER)).status_code == 200
    assert site.client.get("/v1/collections", headers=bearer(VIEWER) | elsewhere).status_code == 401
    link = site.client.get("/ontwikkel/inloggen", params={"token": token_of(VIEWER)}, headers=elsewhere)
    assert link.status_code == 404


def test_switched_off_they_are_refused_and_the_provider_still_counts(toegang_url, running_aanbieder, site):
    good = {"Authorization": f"Bearer {running_aanbieder.access_token('noord')}"}
    with serve(toegang_url, allow_tokens=False) as website:
        assert website.client.get("/v1/collections", headers=bearer(VIEWER)).status_code == 401
        assert website.client.get("/v1/collections", headers=good).status_code == 200


def test_without_a_provider_nobody_logs_in_and_no_token_of_one_counts(toegang_url, running_aanbieder, site):
    good = {"Authorization": f"Bearer {running_aanbieder.access_token('noord')}"}
    with settings(oidc_uitgever=None), serve(toegang_url) as website:
        assert website.client.get("/inloggen").status_code == 404
        assert "/inloggen" not in website.client.get("/uitleg").text
        assert website.client.get("/v1/collections", headers=good).status_code == 401
    with settings(oidc_publiek=None), serve(toegang_url) as website:
        assert website.client.get("/v1/collections", headers=good).status_code == 401
        assert website.client.get("/inloggen").status_code == 303
