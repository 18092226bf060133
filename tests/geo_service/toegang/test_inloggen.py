"""Logging in and out at a real provider: the whole way, and every way around it."""

from __future__ import annotations

import hashlib
import time
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

from geo_service.toegang import sessies
from tests.geo_service.support import call_cli, change, rows, value
from tests.geo_service.toegang.aanbieder import log_in, log_out_form

COOKIE, RUNNING = "buurtsignaal", "buurtsignaal-inloggen"
POINTS = "/v1/collections/meldingen/items"
PLANTED = "A" * 43


def way_back(person: httpx.Client, account: str, path: str = "/inloggen") -> str:
    """Choose an account at the provider; the address that leads back here, not yet followed."""
    return log_in(person, path, account, until=str(person.base_url.join("/inloggen/terug")))


def enter(person: httpx.Client, account: str, path: str = "/inloggen") -> httpx.Response:
    """Log in; the answer that ends it."""
    return person.get(way_back(person, account, path))


def is_in(person: httpx.Client) -> bool:
    return person.get(POINTS).status_code == 200


def leave(person: httpx.Client) -> httpx.Response:
    return person.post("/uitloggen", data=log_out_form(person.get("/uitleg").text))


@pytest.fixture
def other(site):
    with httpx.Client(base_url=site.address, timeout=20, headers={"accept": "text/html"}) as client:
        yield client


def test_a_regisseur_logs_in_sees_the_own_stadsdeel_and_is_gone_after_logging_out(person):
    assert 'href="/inloggen"' in person.get("/kaart").text
    assert person.get(POINTS).status_code == 404
    answer = enter(person, "noord")
    assert (answer.status_code, answer.headers["location"]) == (303, "/kaart")
    page = person.get("/kaart").text
    assert "U kijkt als: <strong>wijkregisseur</strong>, stadsdeel Noord" in page
    assert "Ontwikkeltoken" not in page
    assert is_in(person)
    number = person.cookies[COOKIE]
    done = leave(person)
    assert done.status_code == 303
    assert done.headers["Clear-Site-Data"] == '"cache"'
    assert COOKIE not in person.cookies
    assert "U kijkt als" not in person.get("/kaart").text
    person.cookies.set(COOKIE, number)
    assert person.get("/kaart").status_code == 401


def test_logging_out_goes_on_to_the_provider_and_comes_back(person, running_aanbieder):
    enter(person, "noord")
    location = leave(person).headers["location"]
    assert location.startswith(f"{running_aanbieder.issuer}/session/end?")
    asked = dict(parse_qsl(urlsplit(location).query))
    assert asked == {"client_id": "buurtsignaal", "post_logout_redirect_uri": str(person.base_url.join("/"))}
    page = person.get(location)
    assert page.status_code == 200
    assert "logout" in page.text


def test_the_database_holds_a_hash_and_no_name(person, toegang_url):
    enter(person, "anna@gemeente.test")
    number = person.cookies[COOKIE]
    ((kijker, rol),) = rows(
        toegang_url,
        "select kijker, rol from intern.sessie where sessie_hash = %s",
        hashlib.sha256(number.encode()).digest(),
    )
    assert rol == "onderzoeker"
    assert "anna" not in kijker
    assert kijker.startswith("sub-")
    assert rows(toegang_url, "select 1 from intern.sessie s where s::text like %s", f"%{number}%") == []


def test_the_cookies_are_guarded(person):
    started = person.get("/inloggen")
    ended = enter(person, "noord")
    for answer, name in ((started, RUNNING), (ended, COOKIE)):
        (cookie,) = (
            line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=") and "=;" not in line
            and '=""' not in line
        )  # fmt: skip
        flags = {flag.strip().lower() for flag in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)
        # This machine, on plain http: the only place where it may do without.
        assert "secure" not in flags


@pytest.mark.parametrize("account", ["burgemeester", "niemand", "dubbel", "scheef", "leeg"])
def test_who_has_no_clear_role_does_not_get_in(person, account):
    answer = enter(person, account)
    assert answer.status_code == 401
    assert "Inloggen is niet gelukt" in answer.text
    assert "Vraag de beheerder" in answer.text
    assert COOKIE not in person.cookies


def test_who_refuses_at_the_provider_is_told_so(person):
    answer = enter(person, "")
    assert answer.status_code == 401
    assert "Probeer het opnieuw" in answer.text
    assert "access_denied" not in answer.text


def test_the_log_tells_who_came_and_went_by_number_only(person, toegang_url, site):
    enter(person, "noord")
    leave(person)
    asked = "select handeling from intern.logboek where actor = 'noord' and handeling in ('inloggen', 'uitloggen')"
    deadline = time.monotonic() + 20
    while (found := [line for (line,) in rows(toegang_url, f"{asked} order by dag, nummer")])[-1:] != ["uitloggen"]:
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
    assert found[-2:] == ["inloggen", "uitloggen"]


# --- ways around it


def test_the_number_that_a_browser_brings_is_never_the_session(person, toegang_url):
    """Session fixation: a planted number opens nothing before, and is not what opens afterwards."""
    assert not gets_in_with_a_planted_number(person)
    assert PLANTED not in {cookie.value for cookie in person.cookies.jar if cookie.domain.startswith("127.")}
    planted = hashlib.sha256(PLANTED.encode()).digest()
    assert value(toegang_url, "select count(*) from intern.sessie where sessie_hash = %s", planted) == 0


def gets_in_with_a_planted_number(person: httpx.Client) -> bool:
    """Whether an attacker who gave a person a cookie is logged in once that person is."""
    person.cookies.set(COOKIE, PLANTED)
    assert person.get("/kaart").status_code == 401
    person.cookies.set(COOKIE, PLANTED)
    enter(person, "noord")
    with httpx.Client(base_url=person.base_url, cookies={COOKIE: PLANTED}) as attacker:
        return attacker.get(POINTS).status_code == 200


def test_an_attacker_gets_in_where_the_number_is_not_a_new_one(person, monkeypatch):
    """The same attack on a service that keeps the number of the browser."""
    monkeypatch.setattr(sessies, "secrets", SimpleNamespace(token_urlsafe=lambda _: PLANTED))
    assert gets_in_with_a_planted_number(person)


def test_logging_in_again_ends_the_session_of_before(person, other):
    enter(person, "noord")
    first = person.cookies[COOKIE]
    enter(person, "noord")
    assert person.cookies[COOKIE] != first
    assert is_in(person)
    other.cookies.set(COOKIE, first)
    assert other.get("/uitleg").status_code == 401


def test_a_log_in_ends_in_the_browser_where_it_began(person, other):
    """Somebody's link back, followed in another browser, or in one that began a log-in of its own."""
    link = way_back(other, "manager")
    assert person.get(link).status_code == 401
    person.get("/inloggen")
    assert person.get(link).status_code == 401
    assert COOKIE not in person.cookies
    assert other.get(link).status_code == 303


def test_a_link_back_works_once(person):
    link = way_back(person, "noord")
    running = person.cookies[RUNNING]
    assert person.get(link).status_code == 303
    assert person.get(link).status_code == 401
    person.cookies.set(RUNNING, running)
    assert person.get(link).status_code == 401


def test_the_code_of_another_log_in_is_refused(person, other):
    """The state is one's own, the code somebody else's: neither verifier nor nonce fits."""
    mine, theirs = (urlsplit(way_back(*who)) for who in ((person, "noord"), (other, "manager")))
    asked = dict(parse_qsl(mine.query)) | {"code": dict(parse_qsl(theirs.query))["code"]}
    assert person.get(f"/inloggen/terug?{urlencode(asked)}").status_code == 401
    assert COOKIE not in person.cookies


@pytest.mark.parametrize(
    "changes", [{"state": "x"}, {"state": ""}, {"code": ""}, {"iss": "https://iemand.anders.test"}]
)
def test_a_link_back_that_was_changed_is_refused(person, changes):
    asked = dict(parse_qsl(urlsplit(way_back(person, "noord")).query)) | changes
    assert person.get(f"/inloggen/terug?{urlencode(asked)}").status_code == 401
    assert COOKIE not in person.cookies


@pytest.mark.parametrize("cookie", ["", "onzin", "gAAAAABk", "x" * 3000])
def test_a_running_log_in_cannot_be_made_up(person, cookie):
    link = way_back(person, "noord")
    person.cookies.clear()
    person.cookies.set(RUNNING, cookie)
    assert person.get(link).status_code == 401


def test_the_state_of_a_log_in_cannot_be_read_from_its_cookie(person):
    location = person.get("/inloggen").headers["location"]
    asked = dict(parse_qsl(urlsplit(location).query))
    assert asked["code_challenge_method"] == "S256"
    for name in ("state", "nonce"):
        assert len(asked[name]) == 43
        assert asked[name] not in person.cookies[RUNNING]


OWN = ["/uitleg", "/kaart?periode=2024&niveau=wijk", "/v1/collections", "/"]
FOREIGN = [
    "//evil.test", "/\\evil.test", "\\\\evil.test", "https://evil.test", "https:evil.test", "javascript:alert(1)",
    "/\t/evil.test", "/%0d%0aset-cookie:x=y\r\nx:y", " //evil.test", "evil.test", "", "/kaart\r\nlocation: x",
    "http:///evil.test", "/" + "x" * 2000, "/inloggen?terug=/inloggen", "/ontwikkel/inloggen?token=x", "///evil.test",
]  # fmt: skip


@pytest.mark.parametrize("path", OWN)
def test_one_comes_back_where_one_was(person, path):
    answer = enter(person, "noord", f"/inloggen?{urlencode({'terug': path})}")
    assert answer.headers["location"] == path


@pytest.mark.parametrize("path", FOREIGN)
def test_nobody_is_sent_elsewhere(person, path):
    answer = enter(person, "noord", f"/inloggen?{urlencode({'terug': path})}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/kaart")


def test_the_page_one_came_from_is_where_one_returns(person):
    for referer, path in (
        (str(person.base_url.join("/uitleg?a=1")), "/uitleg?a=1"),
        ("https://evil.test/uitleg", "/kaart"),
    ):
        person.headers["referer"] = referer
        begun = person.get("/inloggen")
        del person.headers["referer"]
        link = log_in(person, begun.headers["location"], "noord", until=str(person.base_url.join("/inloggen/terug")))
        assert person.get(link).headers["location"] == path


# --- logging out


@pytest.mark.parametrize("form", [{}, {"csrf": ""}, {"csrf": "onzin"}, {"csrf": "a.b"}])
def test_another_site_cannot_log_somebody_out(person, form):
    enter(person, "noord")
    assert person.post("/uitloggen", data=form).status_code == 403
    assert is_in(person)


def test_the_form_of_somebody_else_is_refused(person, other):
    enter(person, "noord")
    enter(other, "noord")
    theirs = log_out_form(other.get("/uitleg").text)
    assert person.post("/uitloggen", data=theirs).status_code == 403
    assert is_in(person)
    assert person.get("/uitloggen").status_code == 405


# --- the end of a session


def sessions_of(url):
    return value(url, "select count(*) from intern.sessie")


@pytest.mark.parametrize(
    "passed", ["eindigt_op = now() - interval '1 second'", "gebruikt_op = now() - interval '2 hours'"]
)
def test_a_session_ends_by_itself(person, toegang_url, passed):
    """After its last hour, and after an hour without use; here before the service has seen it."""
    answer = enter(person, "noord")
    assert answer.status_code == 303
    hashed = hashlib.sha256(person.cookies[COOKIE].encode()).digest()
    assert change(toegang_url, f"update intern.sessie set {passed} where sessie_hash = %s", hashed) == 1
    gone = person.get("/kaart")
    assert gone.status_code == 401
    assert "U bent niet meer ingelogd" in gone.text
    assert 'href="/inloggen"' in gone.text
    # The cookie is taken away, so that the next page is the public's.
    assert COOKIE not in person.cookies
    assert person.get("/kaart").status_code == 200


def test_dead_sessions_are_cleared_away(person, toegang_url):
    enter(person, "noord")
    change(toegang_url, "update intern.sessie set eindigt_op = now() - interval '1 second'")
    person.cookies.clear()
    enter(person, "noord")
    assert sessions_of(toegang_url) == 1


def test_use_keeps_a_session_alive(person, toegang_url):
    enter(person, "noord")
    hashed = hashlib.sha256(person.cookies[COOKIE].encode()).digest()
    mine = "from intern.sessie where sessie_hash = %s"
    change(toegang_url, "update intern.sessie set gebruikt_op = now() - interval '50 minutes'")
    assert value(toegang_url, f"select now() - gebruikt_op > interval '49 minutes' {mine}", hashed) is True
    assert is_in(person)
    assert value(toegang_url, f"select now() - gebruikt_op < interval '1 minute' {mine}", hashed) is True


def test_the_owner_ends_sessions_from_the_command_line(person, other, toegang_url):
    change(toegang_url, "delete from intern.sessie")
    for who in (person, other):
        enter(who, "noord")
    listed = call_cli("sessies", "lijst", url=toegang_url).stdout.splitlines()
    assert [line.split()[1:3] for line in listed] == [["wijkregisseur", "noord"]] * 2
    newest = listed[0].split()[0]
    assert call_cli("sessies", "beeindig", newest, url=toegang_url).returncode == 0
    assert (person.get("/uitleg").status_code, other.get("/uitleg").status_code) == (200, 401)
    again = call_cli("sessies", "beeindig", newest, url=toegang_url)
    assert (again.returncode, again.stderr) == (1, "Geweigerd: Er is geen sessie met dit nummer.\n")
    assert call_cli("sessies", "beeindig", url=toegang_url).returncode == 1
    assert call_cli("sessies", "beeindig", "--alle", url=toegang_url).stdout == "Beëindigd: 1.\n"
    assert call_cli("sessies", "lijst", url=toegang_url).stdout == "Er is niemand ingelogd.\n"
