"""The intruder, as every role, over HTTP: ten thousand attempts with the proofs, a tenth of them in every run."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.attack.attempts import EVERYTHING, GEMEENTE, NOORD, POINTS, REGISSEUR, Attempt, Loot, attempts
from tests.geo_service.api.website import Website, serve
from tests.geo_service.support import rows, settings

# What a database, a program or a file says, and no answer of ours.
TALK = (
    "psycopg", "sqlalchemy", "traceback", "syntax error", "relation \"", "pg_catalog", "root:x:0", "postgresql://",
    "[project]", "bs_dienst", "bs_toegang", "bs_werk",
)  # fmt: skip
REFUSED = ("Daar werkt u niet", "is niet geladen")
IN_NOORD = (
    "select distinct buurt_code from publiek.indeling where gemeente_code = %s and niveau = 'stadsdeel' "
    "and gebied_code = %s"
)


@pytest.fixture(scope="module")
def loot(demo_url: str) -> Loot:
    own = {code for (code,) in rows(demo_url, IN_NOORD, GEMEENTE, NOORD)}
    found = rows(demo_url, "select melding_id, buurt_code, melder::text from intern.melding where geom is not null")
    elsewhere = [(number, buurt) for number, buurt, _ in found if buurt not in own]
    return Loot(
        [number for number, _ in elsewhere],
        sorted({buurt for _, buurt in elsewhere if buurt}),
        sorted({melder for *_, melder in found if melder}),
    )


@pytest.fixture(scope="module")
def website(demo_url: str) -> Iterator[Website]:
    # The limit on failures would hide every other guard.
    with settings(mislukt_per_minuut=1_000_000), serve(demo_url) as running:
        yield running


def succeeded(attempt: Attempt, response: httpx.Response, loot: Loot) -> str | None:
    """Why this attempt was a success, None when it was not."""
    text = response.text.lower()
    if response.status_code >= 500:
        return f"status {response.status_code}"
    if told := [word for word in TALK if word in text]:
        return f"told {told}"
    if any("injected" in name.lower() or name.lower() == "rol" for name in response.headers):
        return "a header of the intruder"
    if attempt.kind == "token" and response.status_code != 401:
        return "a bad token was taken"
    outside = attempt.viewer is None or not attempt.viewer.scoped
    if attempt.kind == "rol" and outside and response.status_code not in (400, 401, 404):
        return "a hidden collection answered" if _holds_reports(response) else None
    if attempt.kind == "schrijven" and response.status_code not in (401, 403, 404):
        # Staff may know which methods there are; in an area or a gemeente of others they write nothing.
        told = attempt.viewer is not None and attempt.viewer.scoped and attempt.method == "OPTIONS"
        return None if told or any(words in response.text for words in REFUSED) else "a change was taken"
    if attempt.kind == "veld" and response.status_code == 200:
        return "a hidden field was taken"
    if any(secret in text for secret in loot.secrets[:200]):
        return "a key of a reporter"
    return _foreign_rows(response, loot)


def _holds_reports(response: httpx.Response) -> bool:
    if "json" not in response.headers.get("content-type", ""):
        return bool(response.content)
    features = response.json().get("features")
    return features is None or bool(features)


def _foreign_rows(response: httpx.Response, loot: Loot) -> str | None:
    """Reports of another stadsdeel in an answer that was to be read."""
    kind = response.headers.get("content-type", "")
    if response.status_code != 200 or "/collections/meldingen/" not in response.request.url.path:
        return None
    if "geo+json-seq" in kind:
        features = [json.loads(line.strip("\x1e")) for line in response.text.splitlines() if line.strip("\x1e ")]
        numbers = {feature["id"] for feature in features}
    elif "json" in kind:
        document = response.json()
        numbers = {feature["id"] for feature in document.get("features", [document] if "id" in document else [])}
    elif "csv" in kind:
        numbers = {int(line.split(",")[0]) for line in response.text.splitlines()[1:] if line[:1].isdigit()}
    else:
        return None
    return "reports of another stadsdeel" if numbers & set(loot.numbers) else None


def try_one(website: Website, loot: Loot, attempt: Attempt) -> str | None:
    """Make one attempt: why it was a success, empty when it was none, None when no client can send it."""
    try:
        request = website.client.build_request(
            attempt.method,
            attempt.path,
            params=attempt.params or None,
            headers=attempt.all_headers(),
            content=attempt.body,
        )
        response = website.client.send(request)
    except (httpx.InvalidURL, UnicodeEncodeError, ValueError):
        return None
    return succeeded(attempt, response, loot) or ""


def try_all(website: Website, loot: Loot, times: int) -> Counter[str]:
    """Make this many attempts; the number of each kind that was made. Fails at the first success."""
    made: Counter[str] = Counter()
    for attempt in attempts(random.Random(5), loot):
        if sum(made.values()) == times:
            return made
        why = try_one(website, loot, attempt)
        assert not why, f"{why}: {attempt}"
        if why is not None:
            made[attempt.kind] += 1
    raise AssertionError("attempts never end")


def test_an_intruder_gets_nothing(website: Website, loot: Loot) -> None:
    made = try_all(website, loot, 1_000)
    assert set(made) == {"rijen", "rol", "token", "sql", "cql2", "kop", "pad", "veld", "schrijven"}
    assert min(made.values()) > 90


@pytest.mark.proof
def test_an_intruder_with_patience_gets_nothing(website: Website, loot: Loot) -> None:
    assert try_all(website, loot, 10_000).total() == 10_000


def test_the_judge_knows_a_success(website: Website, loot: Loot) -> None:
    """Who may see everything gets what the intruder asks for: then every judgement says so."""
    for params in ({"limit": "500"}, {"f": "csv"}, {"f": "geojsonseq"}):
        attempt = Attempt("rijen", f"{POINTS}/items", params, viewer=EVERYTHING)
        response = website.client.get(attempt.path, params=attempt.params, headers=attempt.all_headers())
        assert succeeded(attempt, response, loot) == "reports of another stadsdeel"
    for kind in ("token", "rol", "veld"):
        response = website.client.get(f"{POINTS}/items", headers=Attempt(kind, "", viewer=REGISSEUR).all_headers())
        assert succeeded(Attempt(kind, f"{POINTS}/items"), response, loot) is not None
