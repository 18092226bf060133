"""Addresses: what is this machine only, where a log-in comes back, and where it may lead to."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import Request

from geo_service.errors import Refused
from geo_service.settings import get_settings

HOME = "/kaart"
MAX_PATH = 1024
# A path of ours. A second slash or a backslash at the start would be another host to a browser.
OWN_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
# Logging in in order to come back here would go round in circles.
ROUNDABOUT = ("/inloggen", "/uitloggen", "/ontwikkel/")
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")


@lru_cache(maxsize=1_024)
def is_local(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def from_this_machine(request: Request) -> bool:
    """Whether the question was asked here, straight to a service that listens here: nobody stands in between."""
    server = request.scope.get("server")
    ends = (request.client.host if request.client else "", str(server[0]) if server else "")
    return all(map(is_local, ends)) and not any(name in request.headers for name in FORWARDED)


def base_address(request: Request) -> str:
    """The address of the service for the provider; the Host of a request is only believed on this very machine."""
    public = get_settings().openbaar_adres
    if public is not None:
        return public.rstrip("/")
    if not is_local(request.url.hostname or ""):
        raise Refused("Inloggen kan pas als BUURTSIGNAAL_OPENBAAR_ADRES is ingesteld. Vraag het de beheerder.")
    return str(request.base_url).rstrip("/")


def own_path(asked: str) -> str:
    """The address to go on to: a path of this service, else the map."""
    good = len(asked) <= MAX_PATH and OWN_PATH.fullmatch(asked) and not asked.startswith(ROUNDABOUT)
    return asked if good else HOME


def asked_from(request: Request) -> str:
    """The page of ours that a link was followed on; the map when it was none of ours."""
    page = urlsplit(request.headers.get("referer", ""))
    if not page.netloc or page.netloc != request.headers.get("host"):
        return HOME
    return own_path(f"{page.path}?{page.query}" if page.query else page.path)
