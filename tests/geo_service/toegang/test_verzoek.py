"""What a request shows of who asks: one thing, written well, or nothing."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from geo_service.identity import Role, Viewer
from tests.geo_service.api.website import serve, token_of
from tests.geo_service.support import settings
from tests.geo_service.toegang.test_inloggen import COOKIE, enter
from tests.geo_service.toegang.test_sleutels import make

REGISSEUR = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({"GM0153-SD-noord"}))
MANAGER = Viewer(Role.STADSDEELMANAGER, "GM0153", frozenset({"alle"}))
DEVELOPMENT = "buurtsignaal_token"


def status(site, *headers: tuple[str, str]) -> int:
    """Ask with these very header lines, doubles included."""
    connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=20)
    connection.putrequest("GET", "/v1/collections")
    for name, line in headers:
        connection.putheader(name, line)
    connection.endheaders()
    found = connection.getresponse().status
    connection.close()
    return found


@pytest.fixture(scope="module")
def shown(site, toegang_url, running_aanbieder):
    """Good credentials of every kind, by name: header and value."""
    return {
        "regisseur": ("Authorization", f"Bearer {running_aanbieder.access_token('noord')}"),
        "regisseur again": ("authorization", f"Bearer {running_aanbieder.access_token('noord')}"),
        "manager": ("Authorization", f"Bearer {running_aanbieder.access_token('manager')}"),
        "key": ("X-Api-Key", make(toegang_url)),
        "development": ("Authorization", f"Bearer {token_of(REGISSEUR)}"),
        "development cookie": ("Cookie", f"{DEVELOPMENT}={token_of(REGISSEUR)}"),
        "manager cookie": ("Cookie", f"{DEVELOPMENT}={token_of(MANAGER)}"),
    }


def test_each_of_them_alone_is_good(site, shown):
    assert {name: status(site, header) for name, header in shown.items()} == dict.fromkeys(shown, 200)


@pytest.mark.parametrize(
    "names",
    [
        ("regisseur", "key"), ("key", "manager"), ("regisseur", "development cookie"), ("key", "manager cookie"),
        ("manager", "manager cookie"), ("regisseur", "regisseur"), ("regisseur", "regisseur again"),
        ("regisseur", "manager"), ("key", "key"), ("development cookie", "development cookie"),
        ("development cookie", "manager cookie"), ("development", "manager cookie"),
    ],
)  # fmt: skip
def test_two_that_disagree_or_are_double_are_refused_in_any_order(site, shown, names):
    pair = [shown[name] for name in names]
    assert (status(site, *pair), status(site, *reversed(pair))) == (401, 401)


def test_two_that_say_the_same_are_one(site, shown):
    key = shown["key"][1]
    assert status(site, shown["key"], ("Authorization", f"Bearer {key}")) == 200
    assert status(site, shown["development"], shown["development cookie"]) == 200


def test_a_good_one_does_not_make_up_for_a_bad_one(site, shown):
    for name in ("regisseur", "key", "development cookie"):
        bad = ("X-Api-Key", "bs_onzin") if name != "key" else ("Authorization", "Bearer onzin")
        assert status(site, shown[name], bad) == 401
        assert status(site, bad, shown[name]) == 401


def test_a_session_and_a_token_of_somebody_else_disagree(site, person, shown):
    enter(person, "noord")
    cookie = ("Cookie", f"{COOKIE}={person.cookies[COOKIE]}")
    assert status(site, cookie) == 200
    assert status(site, cookie, shown["regisseur"]) == 200
    assert status(site, cookie, shown["manager"]) == 401
    assert status(site, cookie, shown["development"]) == 401
    assert status(site, cookie, cookie) == 401


@pytest.mark.parametrize(
    "line",
    [
        "Basic YTpi", "Bearer", "Bearer ", "onzin", "Bearer a b", "Bearer a, Bearer b", "Bearer\ta", "Token a",
        "DPoP a", "Bearer a;b", "Bearer é", "Digest username=x", "bearer: a", "Bearer,a", "JWT a", "Negotiate YII=",
    ],
)  # fmt: skip
def test_an_odd_header_is_refused(site, line):
    assert status(site, ("Authorization", line)) == 401


def test_no_credential_means_the_public(site):
    assert status(site) == status(site, ("Authorization", "")) == status(site, ("Cookie", f"{COOKIE}=")) == 200


def test_the_plain_cookie_counts_on_this_machine_only(toegang_url, running_aanbieder, person):
    """On https a browser takes only the name that no other host can set, and we read no other."""
    enter(person, "noord")
    number = person.cookies[COOKIE]
    with settings(openbaar_adres="https://buurt.test", hosts='["127.0.0.1"]'), serve(toegang_url) as website:
        plain = website.client.get("/uitleg", headers={"cookie": f"{COOKIE}={number}"})
        guarded = website.client.get("/uitleg", headers={"cookie": f"__Host-{COOKIE}={number}"})
        begun = website.client.get("/inloggen")
    assert "U kijkt als" not in plain.text
    assert "wijkregisseur" in guarded.text
    (cookie,) = begun.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-buurtsignaal-inloggen=")
    assert "; Secure" in cookie
    assert "redirect_uri=https%3A%2F%2Fbuurt.test%2Finloggen%2Fterug" in begun.headers["location"]


def test_failures_have_a_limit_of_their_own_and_do_not_keep_others_out(toegang_url, shown):
    with settings(mislukt_per_minuut=5), serve(toegang_url) as website:
        bad = [("Authorization", f"Bearer gok-{number}") for number in range(6)]
        assert [status(website, header) for header in bad] == [401] * 5 + [429]
        assert status(website, ("X-Api-Key", "bs_x")) == 429
        assert website.client.get("/inloggen/terug?state=x&code=y").status_code == 429
        assert status(website) == status(website, shown["key"]) == status(website, shown["manager cookie"]) == 200
