"""Who asks: tokens good and bad, the cookie of the development log-in, and what each role reads."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import jwt
import pytest

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.toegang.cookies import DEVELOPMENT as COOKIE
from geo_service.toegang.ontwikkel import ISSUER, issue_development_token
from tests.geo_service.api.website import SECRET, serve, token_of, viewers_of

VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
REGISSEUR = VIEWERS["wijkregisseur"]
GOOD = {"iss": ISSUER, "exp": int(time.time()) + 3600, "rol": "onderzoeker", "gemeente": None, "stadsdelen": []}


def signed(secret: bytes = SECRET, algorithm: str = "HS256", **claims) -> str:
    whole = {name: value for name, value in (GOOD | claims).items() if value is not ...}
    return jwt.encode(whole, secret, algorithm=algorithm)


BAD = {
    "nonsense": "onzin",
    "three parts of nonsense": "a.b.c",
    "another secret": signed(b"een ander geheim, ook langer dan tweeendertig bytes"),
    "expired": signed(exp=1_600_000_000),
    "without an end": signed(exp=...),
    "another issuer": signed(iss="iemand-anders"),
    "no issuer": signed(iss=...),
    "an unknown role": signed(rol="burgemeester"),
    "no role": signed(rol=...),
    "unsigned": jwt.encode(GOOD, None, algorithm="none"),
    "another algorithm": signed(algorithm="HS512"),
    "scope of a strange shape": signed(rol="wijkregisseur", gemeente="GM0153", stadsdelen=[["GM0153-SD-noord"]]),
    "very long": "x" * 6000,
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
@pytest.mark.parametrize(
    "path", ["/v1/collections", "/v1/collections/meldingen-per-gebied/items", "/v1/collections/x/items"]
)
def test_a_bad_token_is_told_and_never_taken_for_the_public(demo, token, path):
    answer = demo.client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["title"] == "Het token is niet geldig"
    assert token[:40] not in answer.text


def test_a_bad_cookie_is_a_page_with_a_way_out(demo):
    answer = demo.client.get("/kaart", headers={"accept": "text/html", "cookie": f"{COOKIE}=onzin"})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "Het token is niet geldig" in answer.text


def test_a_regisseur_without_a_stadsdeel_owns_nothing(demo):
    nobody = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset())
    smallest = min(
        feature["properties"]["aantal"] or 99
        for feature in demo.features("meldingen-per-gebied", nobody, periode="2026-Q2")
        if feature["properties"]["status"] in ("ok", "onbetrouwbaar") and feature["properties"]["aantal"]
    )
    assert smallest >= 5


def test_a_stadsdeel_of_another_gemeente_opens_nothing_here(demo):
    stranger = Viewer(Role.WIJKREGISSEUR, "GM0106", frozenset({ALL_STADSDELEN, "GM0153-SD-noord"}))
    question = {"periode": "2026-Q2", "gemeente": "GM0153"}
    seen = [demo.features("meldingen-per-gebied", viewer, **question) for viewer in (stranger, None)]
    assert seen[0] == seen[1]


def test_roles_widen_what_is_seen(demo):
    def hidden(role):
        features = demo.features("meldingen-per-gebied", VIEWERS[role], periode="2026-Q2", categorie="afval")
        return {f["properties"]["gebied_code"] for f in features if f["properties"]["status"] == "onderdrukt"}

    public, staff, manager = hidden("publiek"), hidden("wijkregisseur"), hidden("stadsdeelmanager")
    assert hidden("onderzoeker") == public
    assert manager == set()
    assert staff < public
    noord = {
        feature["properties"]["gebied_code"]
        for feature in demo.features("meldingen-per-gebied", VIEWERS["stadsdeelmanager"], periode="2026-Q2")
    } & (public - staff)
    assert noord


@pytest.mark.parametrize("niveau", ["gemeente", "stadsdeel", "wijk", "buurt", "wijkteamgebied"])
@pytest.mark.parametrize("bron", ["signalen-openbare-ruimte", "buurtbemiddeling"])
def test_what_staff_may_not_see_the_public_may_not_see_either(demo, niveau, bron):
    """On the demo, at every level; and what both see is the same number."""
    question = {
        "niveau": niveau,
        "bron": bron,
        "periode": "2026-Q2",
        "categorie": "wonen" if bron[0] == "b" else "afval",
    }

    def shown(viewer):
        features = demo.features("meldingen-per-gebied", viewer, **question)
        return {f["id"]: f["properties"]["aantal"] for f in features if f["properties"]["aantal"] is not None}

    public, staff, manager = shown(None), shown(REGISSEUR), shown(VIEWERS["stadsdeelmanager"])
    assert public.items() <= staff.items() <= manager.items()
    assert manager


def test_only_who_sees_the_whole_gemeente_gets_the_row_of_what_fell_outside(assen):
    whole = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
    question = {"periode": "2026"}

    def areas(viewer):
        return {f["properties"]["gebied_code"] for f in assen.features("meldingen-per-gebied", viewer, **question)}

    assert "buiten" in areas(whole)
    for viewer in (None, VIEWERS["onderzoeker"], Viewer(Role.WIJKREGISSEUR, "GM0106", frozenset({"x"}))):
        assert "buiten" not in areas(viewer)
        if viewer is None:
            answer = assen.get("/v1/collections/meldingen-per-gebied/items", viewer, gebied="buiten")
            assert answer.status_code == 400 or answer.json()["features"] == []


def test_all_reports_of_assen_are_somewhere_for_who_sees_all(assen):
    """2 902 reports: in a buurt, inside or outside the coverage, or in none."""
    whole = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}))
    features = assen.features("meldingen-per-gebied", whole, periode="2000-01-01/2026-12-31")
    total = sum(f["properties"]["aantal"] + (f["properties"]["aantal_buiten_dekking"] or 0) for f in features)
    assert total == 2902


def test_logging_in_by_link_sets_a_guarded_cookie_and_leads_to_the_map(demo):
    answer = demo.client.get(f"/ontwikkel/inloggen?token={token_of(REGISSEUR)}")
    assert answer.status_code == 303
    assert urlsplit(answer.headers["location"]).path == "/kaart"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    demo.client.cookies.clear()


def test_logging_in_with_a_bad_link_sets_nothing(demo):
    answer = demo.client.get("/ontwikkel/inloggen?token=onzin")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_page_and_the_api_know_the_same_cookie(demo):
    cookie = {"cookie": f"{COOKIE}={token_of(REGISSEUR)}"}
    assert "U kijkt als: <strong>wijkregisseur" in demo.client.get("/kaart", headers=cookie).text
    path = "/v1/collections/meldingen-per-gebied/items?periode=2026-05"
    assert demo.client.get(path, headers=cookie).status_code == 200
    assert demo.client.get(path).status_code == 400


def test_without_development_tokens_every_token_is_refused_and_there_is_no_log_in(assen_url):
    with serve(assen_url, allow_tokens=False) as website:
        assert website.get("/v1/collections").status_code == 200
        assert website.get("/v1/collections", REGISSEUR).status_code == 401
        assert website.get("/ontwikkel/inloggen", token=token_of(REGISSEUR)).status_code == 404


@pytest.mark.parametrize(("header", "status"), [("Basic YTpi", 401), ("Bearer", 401), ("onzin", 401), ("", 200)])
def test_no_token_means_the_public_and_another_scheme_is_refused(demo, header, status):
    assert demo.client.get("/v1/collections", headers={"Authorization": header}).status_code == status


def test_a_token_lives_thirty_days():
    claims = jwt.decode(issue_development_token(REGISSEUR, SECRET), SECRET, algorithms=["HS256"], issuer=ISSUER)
    assert claims["exp"] - claims["iat"] == 30 * 86400
