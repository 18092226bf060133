"""What an intruder tries over HTTP: generated, each kind with its own idea of what would be a success."""

from __future__ import annotations

import base64
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jwt

from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.toegang.ontwikkel import ISSUER
from tests.geo_service.api.website import SECRET, token_of

GEMEENTE, NOORD = "GM0153", "GM0153-SD-noord"
REGISSEUR = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({NOORD}))
EVERYTHING = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
OUTSIDERS = {
    "niemand": None,
    "onderzoeker": Viewer(Role.ONDERZOEKER),
    "gegevensbeheerder": Viewer(Role.GEGEVENSBEHEERDER),
    "beheerder": Viewer(Role.BEHEERDER),
    "zonder stadsdeel": Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset()),
    "andere gemeente": Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN})),
}
POINTS = "/v1/collections/meldingen"
ACTIONS = "/v1/collections/interventies/items"
# Pages with a question of their own: the address, and what may stand in it.
PAGES = (
    ("/zoeken", ("q",)),
    ("/voorzieningen", ("gemeente", "type", "gebied", "open")),
    (
        "/plannen/bereik",
        ("gemeente", "soort", "minuten", "open", "gewicht", "gebied", "nieuw", "sluit", "erbij"),
    ),
    (
        "/kaart",
        ("gemeente", "niveau", "periode", "bron", "categorie", "noemer", "peiljaar", "thema", "kenmerk", "klassen"),
    ),
    ("/kaart/punten", ("gemeente", "bron", "categorie", "periode")),
    ("/getal", ("gemeente", "niveau", "periode", "bron", "categorie", "noemer", "peiljaar", "gebied", "laag")),
    ("/vergelijken", ("gemeente", "niveau", "periode", "met", "bron", "categorie", "noemer", "thema")),
    ("/vergelijken/gebieden", ("een", "ander")),
    ("/interventies", ("stadsdeel", "stand")),
    ("/interventies/demo-interventies/IV-01", ("f",)),
    ("/interventies/demo-interventies/IV-02/terugblik", ("bron", "categorie", "omgeving", "vergelijk")),
)
COLLECTIONS = (
    "stadsdelen", "wijken", "buurten", "wijkteamgebieden", "wijkwijzers", "voorzieningen", "woningvoorraad",
    "meldingen", "meldingen-per-gebied", "bezoeken-per-gebied", "hotspots", "interventies",
)  # fmt: skip
PARAMETERS = (
    "gemeente", "bron", "niveau", "gebied", "categorie", "periode", "noemer", "peiljaar", "limit", "offset", "cursor",
    "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang", "filter-crs", "properties", "sortby", "f",
    "methode",
    "count", "buurt_code", "melder",
)  # fmt: skip
INJECTIONS = (
    "' or 1=1 --", "'; drop table publiek.cijfer; --", "1) union select melder from intern.melding --",
    "%27%20or%201=1",
    "\\'; select pg_sleep(9); --", "$$ || pg_read_file('/etc/passwd') || $$", "{{7*7}}", "${jndi:ldap://x}", "\x00",
    "\ud83d",
    "../../../../etc/passwd", "..%2f..%2fgeheim", "<script>alert(1)</script>", "x\r\nSet-Cookie: rol=beheerder",
    "x%0d%0aX-Injected:%20ja", "1e999", "-0", "NaN", "９", "ﬀ", "a" * 5_000, "[]", "null", "*", "%", "_", "\\", '"',
)  # fmt: skip
FILTERS = (
    "melder is not null", "adres = 'x'", "intern.melding.melder = 'x'", "geom_web is null", "pg_sleep(9) = 1",
    "tijd > (select max(tijd) from intern.melding)", "casei(status) like '%'", "status in (select melder from melding)",
    "1 = 1 or buurt_code = 'BU01530304'", "not (buurt_code = 'x')", "buurt_code <> '' or true",
    "s_intersects(geom, bbox(-180,-90,180,90))", "current_setting('buurtsignaal.stadsdelen') = 'alle'",
    "set_config('buurtsignaal.stadsdelen', 'alle', false) = 'alle'", "buurt_code like '%' escape ''", "dblink('x') = 1",
    "a_contains(status, ('x'))", "status = 'x' union select 1", "\"melder\" is not null", "ctid = '(0,1)'", "xmin > 0",
)  # fmt: skip
FORMATS = ("json", "csv", "geojsonseq", "fgb", "parquet", "gpkg", "html")


@dataclass(frozen=True)
class Attempt:
    """One request. viewer: whose token goes along, unless headers say otherwise."""

    kind: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    viewer: Viewer | None = None
    method: str = "GET"
    body: bytes | None = None

    def all_headers(self) -> dict[str, str]:
        own = {} if self.viewer is None else {"Authorization": f"Bearer {token_of(self.viewer)}"}
        return own | self.headers


@dataclass(frozen=True)
class Loot:
    """What lies elsewhere: numbers and buurten of reports that are not of NOORD, and what no answer may hold."""

    numbers: list[int]
    buurten: list[str]
    secrets: list[str]


def attempts(rng: random.Random, loot: Loot) -> Iterator[Attempt]:
    """Attempts without end, of every kind in turn."""
    kinds = (other_rows, other_roles, bad_tokens, injections, filters, odd_headers, paths, hidden_fields, writing)
    while True:
        for kind in kinds:
            yield kind(rng, loot)


def other_rows(rng: random.Random, loot: Loot) -> Attempt:
    """Reports of another stadsdeel, by number, buurt, box, filter, tile, period or cursor."""
    number, buurt = rng.choice(loot.numbers), rng.choice(loot.buurten)
    path, params = rng.choice(
        [
            (f"{POINTS}/items/{number}", {}),
            (f"{POINTS}/items", {"buurt_code": buurt}),
            (f"{POINTS}/items", {"filter": f"buurt_code = '{buurt}' or melding_id = {number}"}),
            (f"{POINTS}/items", {"filter": f"not (buurt_code <> '{buurt}')", "sortby": "-melding_id"}),
            (f"{POINTS}/items", {"melding_id": str(number)}),
            (f"{POINTS}/items", {"bbox": "6.7,52.1,7.0,52.3", "limit": "500", "offset": str(rng.randrange(3_000))}),
            (f"{POINTS}/items", {"f": rng.choice(("csv", "geojsonseq")), "filter": f"buurt_code = '{buurt}'"}),
            (
                f"{POINTS}/items",
                {"gemeente": GEMEENTE, "bron": rng.choice(("politie-overlast", "signalen-openbare-ruimte"))},
            ),
        ]
    )
    return Attempt("rijen", path, params, viewer=REGISSEUR)


def other_roles(rng: random.Random, loot: Loot) -> Attempt:
    """Reports for who may not see that they exist."""
    viewer = OUTSIDERS[rng.choice(sorted(OUTSIDERS))]
    tail = rng.choice(
        ["", "/items", f"/items/{rng.choice(loot.numbers)}", "/schema", "/queryables", "/metadata", "/tiles",
        "/styles/maplibre",
         "/tiles/WebMercatorQuad/12/1346/2123", "/items?f=csv", "/items?f=parquet", "/items?count=false"]
    )  # fmt: skip
    return Attempt("rol", POINTS + tail, viewer=viewer)


def bad_tokens(rng: random.Random, loot: Loot) -> Attempt:
    """Tokens that nobody issued."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": ISSUER, "iat": now, "exp": now + 3_600, "rol": "stadsdeelmanager", "gemeente": GEMEENTE,
        "stadsdelen": ["alle"]
    }  # fmt: skip
    good = token_of(REGISSEUR)
    head, body, signature = good.split(".")
    forged = _part(claims)
    wrong = rng.randbytes(64)
    flipped = list(signature)
    at = rng.randrange(len(flipped) - 2)
    flipped[at] = "A" if flipped[at] != "A" else "B"
    token = rng.choice(
        [
            f"{_part({'alg': 'none', 'typ': 'JWT'})}.{forged}.",
            f"{_part({'alg': rng.choice(('None', 'nOnE', '')), 'typ': 'JWT'})}.{forged}.{signature}",
            f"{head}.{forged}.{signature}",
            f"{head}.{body}.{''.join(flipped)}",
            f"{head}.{body}",
            jwt.encode(claims, wrong, algorithm=rng.choice(("HS256", "HS384", "HS512"))),
            jwt.encode(claims | {"exp": now - rng.randrange(1, 10**6)}, SECRET, algorithm="HS256"),
            jwt.encode(claims | {"iss": rng.choice(("", "x", ISSUER + "2"))}, SECRET, algorithm="HS256"),
            jwt.encode({"iss": ISSUER, "rol": "beheerder"}, SECRET, algorithm="HS256"),
            jwt.encode({"iss": ISSUER, "exp": now + 60}, SECRET, algorithm="HS256"),
            jwt.encode(claims | {"rol": rng.choice(("root", "", "beheerder ", "ALLE"))}, SECRET, algorithm="HS256"),
            jwt.encode(
                claims, wrong, algorithm="HS256", headers={"kid": "../../dev/null", "jku": "http://127.0.0.1:1/"}
            ),
            "bs_" + base64.urlsafe_b64encode(rng.randbytes(rng.randrange(4, 48))).decode().rstrip("="),
        ]
    )
    return Attempt("token", f"{POINTS}/items", headers={"Authorization": f"Bearer {token}"})


def _part(told: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def injections(rng: random.Random, loot: Loot) -> Attempt:
    """Pieces of SQL, templates, headers and paths in every parameter of every collection."""
    viewer = rng.choice([None, REGISSEUR, *OUTSIDERS.values()])
    text = rng.choice(INJECTIONS)
    collection = rng.choice(COLLECTIONS)
    if rng.random() < 0.3:
        return Attempt("sql", f"/v1/collections/{_quoted(text)}/items/{_quoted(rng.choice(INJECTIONS))}", viewer=viewer)
    if rng.random() < 0.3:
        path, named = rng.choice(PAGES)
        return Attempt("sql", path, {rng.choice(named): text}, viewer=viewer)
    return Attempt("sql", f"/v1/collections/{collection}/items", {rng.choice(PARAMETERS): text}, viewer=viewer)


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace")[:300])


def filters(rng: random.Random, loot: Loot) -> Attempt:
    """CQL2 that asks for what is not there to ask for."""
    joined = rng.choice((" or ", " and ")).join(rng.sample(FILTERS, rng.randrange(1, 4)))
    return Attempt("cql2", f"{POINTS}/items", {"filter": joined, "limit": "200"}, viewer=REGISSEUR)


def odd_headers(rng: random.Random, loot: Loot) -> Attempt:
    """Headers that would make somebody else of the viewer."""
    headers = rng.choice(
        [
            {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-User": "beheerder"},
            {"X-Remote-User": "beheerder", "X-Role": "stadsdeelmanager"},
            {"X-HTTP-Method-Override": "PUT"},
            {"X-Original-URL": "/v1/collections/meldingen/items", "X-Rewrite-URL": "/beheer"},
            {"Cookie": "buurtsignaal=x; buurtsignaal=y"},
            {"Cookie": f"buurtsignaal_token={token_of(EVERYTHING)[:-3]}xyz"},
            {"Authorization": "Basic YmVoZWVyZGVyOmJlaGVlcmRlcg=="},
            {"X-Api-Key": "bs_x_" + "a" * rng.randrange(1, 60)},
            {"Origin": "https://kwaad.example", "Sec-Fetch-Site": "cross-site"},
            {"If-None-Match": '*, W/"x"'},
        ]
    )
    path = rng.choice((f"{POINTS}/items", "/beheer", "/noodtoegang", "/kaart"))
    return Attempt("kop", path, headers=headers, method=rng.choice(("GET", "GET", "HEAD", "POST", "PUT", "DELETE")))


def paths(rng: random.Random, loot: Loot) -> Attempt:
    """Files that are no pages."""
    root = rng.choice(("/statisch", "/statisch/beeld", "/v1", "", "/statisch/..", "/gebied", "/v1/collections"))
    climb = rng.choice(("../", "..%2f", "%2e%2e/", "..%5c", "....//", "%252e%252e%252f")) * rng.randrange(1, 9)
    target = rng.choice(
        ("etc/passwd", ".buurtsignaal/geheim", "pyproject.toml", "geo_service/settings.py", "proc/self/environ")
    )
    return Attempt("pad", f"{root}/{climb}{target}", viewer=rng.choice([None, REGISSEUR]))


def hidden_fields(rng: random.Random, loot: Loot) -> Attempt:
    """Columns that are in the table and in no answer."""
    name = rng.choice(("melder", "adres", "gesloten_op", "geom_web", "sleutel", "inhoud_hash", "*", "melding.melder"))
    params = rng.choice(
        [
            {"properties": f"status,{name}"},
            {"sortby": name},
            {name: "x"},
            {"filter": f"{name} = 'x'"},
            {"filter": json.dumps({"op": "isNull", "args": [{"property": name}]}), "filter-lang": "cql2-json"},
        ]
    )
    return Attempt("veld", f"{POINTS}/items", params | {"limit": "5"}, viewer=REGISSEUR)


def writing(rng: random.Random, loot: Loot) -> Attempt:
    """An intervention of others, or in an area of others. None of these could be stored by anyone: a goal is wrong."""
    viewer = rng.choice([None, REGISSEUR, *OUTSIDERS.values()])
    properties = {"naam": "x", "doel": 9, "van": "2026-01-01", "gebied_codes": rng.choice(loot.buurten)}
    body = {"type": "Feature", "geometry": None, "properties": properties | {"tekening": None}}
    method = "POST" if viewer is REGISSEUR else rng.choice(("POST", "PUT", "DELETE", "OPTIONS"))
    own = rng.choice(("interventielogboek.x", "demo-interventies.IV-01", "interventielogboek.%27%20or%201=1"))
    headers = {"Content-Type": "application/geo+json", "If-Match": rng.choice(("*", f'"1-{"0" * 32}"'))}
    cookie = {"Cookie": f"buurtsignaal_token={token_of(EVERYTHING)[:-3]}xyz"} if viewer is None else {}
    address = ACTIONS if method == "POST" else f"{ACTIONS}/{own}"
    return Attempt("schrijven", address, {}, headers | cookie, viewer, method, json.dumps(body).encode())
