"""Which addresses a source on the web may lead to.

The address that somebody gives to a command is theirs to choose, also inside the municipality's own network. Where an
answer from there leads to is chosen by another: that may not be an address of the own network, unless it is allowed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from urllib.request import getproxies

import httpx

from ingest.errors import SourceRefused

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
MAX_REDIRECTS = 5
_INSIDE = (
    "De bron verwijst door naar een adres in het eigen netwerk en is daarom niet gelezen. Een beheerder kan dit "
    "toestaan met BUURTSIGNAAL_INTERNE_BRONNEN."
)
_allowed: ContextVar[bool] = ContextVar("interne_bronnen", default=False)


@contextmanager
def internal_addresses(allowed: bool) -> Iterator[None]:
    """For clients that are made inside: whether a source may lead to the own network."""
    token = _allowed.set(allowed)
    try:
        yield
    finally:
        _allowed.reset(token)


def make_client(source: str, on_response: Callable[[httpx.Response], None] | None = None) -> httpx.Client:
    """A client for one source; SourceRefused when it is led to the own network.

    source: the address as it was given. on_response: called with each answer, redirects included.
    """
    guard = _Guard(httpx.URL(source).host, _allowed.get())
    hooks = [guard.check_peer] if on_response is None else [guard.check_peer, on_response]
    return httpx.Client(
        timeout=TIMEOUT,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        # Of others a few kilobytes can become gigabytes at once.
        headers={"Accept-Encoding": "gzip"},
        event_hooks={"request": [guard.check_request], "response": hooks},
    )


class _Guard:
    def __init__(self, given: str, allowed: bool):
        self._given = given
        self._allowed = allowed
        # Behind a proxy the other end of a connection is always the proxy.
        self._direct = not getproxies()

    def check_request(self, request: httpx.Request) -> None:
        if self._is_foreign(request.url):
            for address in _resolve(request.url.host):
                _refuse_inside(address)

    def check_peer(self, response: httpx.Response) -> None:
        """The name may have been resolved to something else since it was looked at."""
        stream = response.extensions.get("network_stream")
        if stream is not None and self._direct and self._is_foreign(response.request.url):
            _refuse_inside(stream.get_extra_info("server_addr")[0])

    def _is_foreign(self, url: httpx.URL) -> bool:
        return not self._allowed and url.host != self._given


def _resolve(host: str) -> list[str]:
    """The addresses of a name; none when it is unknown here: then it cannot be asked either, or a proxy knows it."""
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def _refuse_inside(address: str) -> None:
    found = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if not (mapped or found).is_global or found.is_multicast:
        raise SourceRefused(_INSIDE)
