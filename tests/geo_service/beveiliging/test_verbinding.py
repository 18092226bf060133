"""Who sends slowly, too much or nothing at all does not keep a connection."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from geo_service.protocol import MAX_HEADER_BYTES, MAX_HEADERS
from tests.geo_service.api.website import serve
from tests.geo_service.support import settings


@pytest.fixture(scope="module")
def hurried(demo, demo_url: str) -> Iterator:
    with settings(lees_seconden=1), serve(demo_url) as website:
        yield website


def answer_to(website, *parts: bytes, pause: float = 0.0) -> bytes:
    """Everything that comes back until the other side closes."""
    address = urlsplit(website.address)
    with socket.create_connection((address.hostname, address.port), timeout=20) as sent:
        for part in parts:
            sent.sendall(part)
            time.sleep(pause)
        found = b""
        while block := sent.recv(65_536):
            found += block
    return found


@pytest.fixture(scope="module")
def slow_senders(hurried) -> dict[bytes, bytes]:
    """What those get who send too slowly, by what they sent; all at once, because each is waited for."""
    halves = [
        [b"GET /gezond HTTP/1.1\r\nHost: x\r\n"],
        [b"GET /gez"],
        [b"POST /v1/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"],
        [b"POST /v1/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"],
        DROPS,
        [],
    ]
    with ThreadPoolExecutor(len(halves)) as pool:
        answers = pool.map(lambda parts: answer_to(hurried, *parts, pause=0.3), halves)
        return {b"".join(parts): answer for parts, answer in zip(halves, answers, strict=True)}


DROPS = [b"GET /gezond HTTP/1.1\r\nHost: y\r\n", *(b"X-%d: 1\r\n" % number for number in range(6))]


def test_a_request_that_does_not_come_is_not_waited_for(slow_senders):
    halves = {sent: answer for sent, answer in slow_senders.items() if sent and sent != b"".join(DROPS)}
    assert len(halves) == 4
    assert all(answer.startswith((b"HTTP/1.1 408", b"HTTP/1.1 405")) for answer in halves.values())


def test_drop_by_drop_is_no_way_to_stay(slow_senders):
    """Each byte in time, and the request as a whole too late."""
    assert slow_senders[b"".join(DROPS)].startswith(b"HTTP/1.1 408")


def test_who_says_nothing_is_let_go(slow_senders):
    assert slow_senders[b""] == b""


def test_a_good_request_is_answered_and_the_connection_kept(hurried):
    twice = b"GET /gezond HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = answer_to(hurried, twice, twice, pause=0.2)
    assert answer.count(b"HTTP/1.1 200 OK") == 2


@pytest.mark.parametrize(
    "headers",
    [
        b"".join(b"x-%d: 1\r\n" % number for number in range(MAX_HEADERS)),
        b"x: " + b"a" * MAX_HEADER_BYTES + b"\r\n",
        b"".join(b"x: " + b"a" * 1000 + b"\r\n" for _ in range(40)),
    ],
)
def test_too_many_headers_are_refused(demo, headers):
    answer = answer_to(demo, b"GET /gezond HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 431")
    assert b"content-security-policy: default-src 'none'" in answer


@pytest.mark.parametrize(
    "smuggled",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhallo!",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    ],
)
def test_two_readings_of_one_request_are_refused(demo, smuggled):
    assert answer_to(demo, smuggled).startswith(b"HTTP/1.1 400")
