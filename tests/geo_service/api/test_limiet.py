"""How often one may ask: per token for who is logged in, per address for everyone else, bad tokens included."""

from __future__ import annotations

import pytest

from tests.geo_service.api.website import serve, token_of, viewers_of

VIEWERS = viewers_of("GM0153", "GM0153-SD-noord")
LIMIT = 10
PATH = "/v1/collections"


@pytest.fixture
def guarded(demo_url):
    with serve(demo_url, per_minute=LIMIT) as website:
        yield website


def ask(website, authorization: str | None = None) -> int:
    headers = {} if authorization is None else {"Authorization": authorization}
    return website.client.get(PATH, headers=headers).status_code


def test_who_asks_too_often_waits(guarded):
    answers = [guarded.client.get(PATH) for _ in range(LIMIT + 1)]
    assert [answer.status_code for answer in answers] == [200] * LIMIT + [429]
    left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert left == [*(f"r={number}" for number in reversed(range(LIMIT))), "r=0"]
    refused = answers[-1]
    assert refused.headers["Retry-After"] == "60"
    assert refused.headers["content-type"] == "application/problem+json"
    assert "Wacht een minuut" in refused.json()["detail"]


def test_tokens_are_counted_apart_from_each_other_and_from_the_address(guarded):
    first, second = (f"Bearer {token_of(VIEWERS[name])}" for name in ("wijkregisseur", "stadsdeelmanager"))
    assert [ask(guarded, first) for _ in range(LIMIT + 1)][-1] == 429
    assert [ask(guarded, second), ask(guarded)] == [200, 200]


def test_another_way_of_writing_the_same_token_counts_on(guarded):
    token = token_of(VIEWERS["wijkregisseur"])
    ways = [f"Bearer {token}", f"bearer {token}", f"BEARER   {token}", f"bearer  {token}", f"bEaReR  {token}"]
    assert [ask(guarded, way) for way in ways * (LIMIT // len(ways))] == [200] * LIMIT
    assert ask(guarded, f"beareR {token}") == 429


def test_guessing_tokens_counts_for_the_address(guarded):
    assert [ask(guarded, f"Bearer gok-{number}") for number in range(LIMIT)] == [401] * LIMIT
    assert ask(guarded, "Bearer nog-een-gok") == 429
    assert ask(guarded) == 429
