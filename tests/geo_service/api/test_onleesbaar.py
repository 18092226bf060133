"""What never reaches the application is told in Dutch as well."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

import pytest


def test_an_address_that_is_too_long_is_a_dutch_problem(demo):
    """Even when the client is still sending when the answer is there."""
    for length in (66_000, 1_000_000):
        connection = http.client.HTTPConnection(urlsplit(demo.address).netloc, timeout=20)
        connection.request("GET", "/v1/collections/buurten/items?filter=" + "a" * length)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type")) == (400, "application/problem+json")
        assert answer.getheader("api-version") == "0.1.0"
        assert b"langer dan 64 kB" in answer.read()
        connection.close()


@pytest.mark.parametrize("nonsense", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"HALLO DAAR\r\n\r\n"])
def test_what_is_no_http_is_a_dutch_problem(demo, nonsense):
    address = urlsplit(demo.address)
    with socket.create_connection((address.hostname, address.port), timeout=10) as sent:
        sent.sendall(nonsense)
        answer = sent.recv(4096)
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"Het verzoek is onleesbaar" in answer
