"""No line of output tells a token, a person or a place, whatever is asked and whatever goes wrong."""

from __future__ import annotations

import logging
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg
import pytest

from geo_service.beveiliging.logregels import ACCESS, HIDDEN, PlainFormatter, describe_error, redact
from tests.geo_service.server import Server
from tests.geo_service.support import EXECUTABLE, call_cli, cli_environment, run_cli

# What could be about somebody, in every shape in which it comes by.
PLANTED = {
    "token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXVy",
    "sleutel": "bs_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978",
    "pseudoniem": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "postcode": "7511 GE",
    "mail": "anna.de.vries@voorbeeld.nl",
    "graden": "6.893521",
    "meters": "257961.34",
    "bsn": "123456782",
    "tekst": "buurvrouw-van-nummer-twaalf-schreeuwt",
}
DAYS_AFTER = "2026-01-05T10:00:00Z"


def leaks(text: str) -> list[str]:
    return [name for name, value in PLANTED.items() if value.lower() in text.lower() or value.split("@")[0] in text]


@pytest.mark.parametrize("name", [name for name in PLANTED if name != "tekst"])
def test_a_line_of_somebody_else_is_cleaned(name: str):
    line = redact(f"could not read '{PLANTED[name]}' at all")
    assert HIDDEN in line
    assert leaks(line) == []


def test_free_text_is_only_in_queries_and_in_errors():
    assert leaks(redact(f"GET /v1/x?naam={PLANTED['tekst']} failed")) == []
    assert (
        redact("database away, waiting 30 seconds (attempt 2 of 5)")
        == "database away, waiting 30 seconds (attempt 2 of 5)"
    )


def test_an_error_is_told_by_its_kind_and_place():
    def inner() -> None:
        raise ValueError(PLANTED["tekst"])

    try:
        try:
            inner()
        except ValueError as error:
            raise psycopg.errors.UniqueViolation(f"DETAIL: Key (melder)=({PLANTED['pseudoniem']})") from error
    except psycopg.Error as error:
        told = describe_error(type(error), error, error.__traceback__)
    assert leaks(told) == []
    assert re.search(r"test_logregels\.py:\d+ inner\nbuiltins\.ValueError", told)
    assert told.endswith("psycopg.errors.UniqueViolation (sqlstate 23505)")


def test_every_logger_is_cleaned(caplog):
    record = logging.LogRecord("uvicorn.error", 40, "x", 1, "token %s", (PLANTED["token"],), None)
    assert leaks(PlainFormatter().format(record)) == []
    ours = logging.LogRecord(ACCESS.name, 20, "x", 1, "GET /kaart 200 3ms %s", ("a1b2c3d4",), None)
    assert PlainFormatter().format(ours).endswith("INFO buurtsignaal.toegang GET /kaart 200 3ms a1b2c3d4")


@pytest.fixture(scope="module")
def output(server: Server, worker: str, loaded: Callable[[str], str], tmp_path_factory) -> str:
    """Everything that the real website says while it is asked with planted values, among them questions that fail."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = tmp_path_factory.mktemp("log") / "uitvoer.txt"
    url = server.clone(loaded("dorp"), f"{worker}_logregels")
    with path.open("wb") as target:
        website = subprocess.Popen(
            [EXECUTABLE, "serve", "--port", str(port)],
            stdout=target, stderr=subprocess.STDOUT, env=cli_environment(url, toegangslog="true"),
        )  # fmt: skip
        try:
            _ask_everything(f"http://127.0.0.1:{port}", website)
        finally:
            website.terminate()
            website.wait(30)
    return path.read_text(encoding="utf-8")


def _ask_everything(address: str, website: subprocess.Popen) -> None:
    with httpx.Client(base_url=address, timeout=30) as client:
        deadline = time.monotonic() + 60
        while not _answers(client):
            assert website.poll() is None, "de website is niet gestart"
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert "server" not in client.get("/gezond").headers
        forged = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.7", "x-forwarded-host": "kwaad.example"}
        assert f'"{address}/v1/' in client.get("/v1/", headers=forged).text
        for value in PLANTED.values():
            for path in ("/kaart", "/v1/collections/buurten/items", "/inloggen", "/ontwikkel/inloggen"):
                for name in ("token", "bron", "filter", "bbox", "cursor", "code", "naam"):
                    client.get(path, params={name: value})
            client.get(f"/gebied/{value}")
            client.get(f"/v1/collections/{value}/items/{value}")
            client.get(f"/{value}/{value}")
            client.get("/v1/", headers={"authorization": f"Bearer {value}", "cookie": f"buurtsignaal_token={value}"})
            client.get("/v1/", headers={"x-api-key": value, "referer": f"http://x/?{value}", "user-agent": value})
            client.post("/uitloggen", data={"csrf": value, "reden": value})
        _send_raw(address, b"GET /?x=" + PLANTED["tekst"].encode() + b" HTTP/9.9\r\n\r\n")


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/gezond").status_code == 200
    except httpx.TransportError:
        return False


def _send_raw(address: str, data: bytes) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as sent:
        sent.sendall(data)
        sent.recv(4096)


def test_the_website_tells_nothing_of_what_was_asked(output: str):
    assert leaks(output) == []


def test_the_website_has_one_line_for_each_request(output: str):
    lines = re.findall(r"^\S+ \S+ INFO buurtsignaal\.toegang (.*)$", output, re.MULTILINE)
    assert len(lines) > 250
    assert [line for line in lines if not re.fullmatch(r"[A-Z]+ \S+( adres\))? \d{3} \d+ms [0-9a-f]{8}", line)] == []
    assert any(line.startswith("GET /v1/collections/{") for line in lines)
    assert any(line.startswith("GET (onbekend adres) 404") for line in lines)


def test_the_start_says_once_that_nobody_can_report_a_leak(output: str):
    assert output.count("BUURTSIGNAAL_BEVEILIGING_CONTACT") == 1


@pytest.mark.parametrize("name", PLANTED)
def test_a_load_that_fails_tells_no_value(copy_of, tmp_path: Path, name: str):
    """Each value in each column in turn, where it does not belong."""
    url = copy_of("dorp")
    header = ("id", "created_at", "lon", "lat", "category", "reporter", "address", "text")
    good = ("1", DAYS_AFTER, "6.85", "52.2", "afval-dumping", "m", "a", "t")
    for place in range(len(header)):
        path = tmp_path / "meldingen.csv"
        row = [PLANTED[name] if place == number else value for number, value in enumerate(good)]
        path.write_text(",".join(header) + "\n" + ",".join(row) + "\n", encoding="utf-8")
        done = call_cli("ingest", "meldingen", path, "--bron", "lijst", url=url)
        assert leaks(done.stdout + done.stderr) == [], (header[place], done.stdout, done.stderr)


def test_a_crash_tells_no_value(url: str, tmp_path: Path, monkeypatch):
    """An error that nobody thought of, in a process of its own."""
    script = tmp_path / "sitecustomize.py"
    script.write_text(
        "import geo_service.cli.verantwoording as v\n"
        f"def crash(): raise RuntimeError({PLANTED['tekst']!r})\n"
        "v.prepared_url = crash\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run_cli("verantwoording", tmp_path / "map", url=url)
    assert done.returncode == 1
    assert leaks(done.stdout + done.stderr) == []
    assert "builtins.RuntimeError" in done.stderr
    assert "Er ging iets mis in het programma" in done.stderr
