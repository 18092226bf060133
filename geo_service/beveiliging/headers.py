"""The headers of every answer: what a browser may do with it, where it may be shown, and who may keep it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.errors import BuurtsignaalError, InvalidParameters, ParameterFault
from geo_service.settings import Settings, get_settings
from geo_service.web import API_VERSION
from maps.model import BaseMap

Refuse = Callable[[Request, BuurtsignaalError], Response]

# Every power that a browser knows under this header; a page of figures needs none of them.
POWERS = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "clipboard-read",
    "cross-origin-isolated",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Referrer-Policy": "same-origin",
    # Who asks with CORS is not touched by this; it keeps others from putting an answer on their page.
    "Cross-Origin-Resource-Policy": "same-origin",
    "API-Version": API_VERSION,
}
ON_PAGES = {
    "Permissions-Policy": ", ".join(f"{power}=()" for power in POWERS),
    "Cross-Origin-Opener-Policy": "same-origin",
}
_UNSAFE = re.compile(rb"[\r\n\0]")


class SecureHeaders:
    """Set the policy that lets only our own files and this response's own scripts run, and all that goes with it."""

    def __init__(self, app: ASGIApp, refuse: Refuse):
        self.app = app
        self._refuse = refuse
        fixed = FIXED | _transport_security(get_settings())
        self._on_pages = _as_bytes(fixed | ON_PAGES)
        self._elsewhere = _as_bytes(fixed | {"Content-Security-Policy": NOTHING})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(scope, message)
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        except _SplitHeader:
            fault = ParameterFault("adres", "er staan tekens in die daar niet mogen.")
            await self._refuse(Request(scope), InvalidParameters(fault))(scope, receive, with_headers)

    def _complete(self, scope: Scope, message: Message) -> None:
        given: list[tuple[bytes, bytes]] = list(message.get("headers", ()))
        if _UNSAFE.search(b"".join([part for pair in given for part in pair])):
            raise _SplitHeader
        names = dict(given)
        page = names.get(b"content-type", b"").startswith(b"text/html")
        told = {**(self._on_pages if page else self._elsewhere), **_as_bytes(scope["state"].get("limits", {}))}
        if page:
            told[b"content-security-policy"] = content_policy(_nonce(scope)).encode()
        if b"cache-control" not in names:
            told[b"cache-control"] = b"no-store"
        message["headers"] = [pair for pair in given if pair[0] not in told] + list(told.items())


def nonce_of(request: Request) -> str:
    """What only the scripts of this very answer carry."""
    return _nonce(request.scope)


def _nonce(scope: Scope) -> str:
    state: dict[str, Any] = scope.setdefault("state", {})
    if "nonce" not in state:
        state["nonce"] = secrets.token_urlsafe(16)
    return str(state["nonce"])


def _as_bytes(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    return {name.lower().encode("latin-1"): value.encode("latin-1") for name, value in headers.items()}


class _SplitHeader(BaseException):
    """A value with a line end would become a header of its own. Not for the handlers in between: nothing was sent."""


def content_policy(nonce: str) -> str:
    """What a page may load: our own files, the scripts that carry the nonce, and tiles of the base map that is set."""
    settings = get_settings()
    base = settings.achtergrondkaart_url
    tiles = f" {BaseMap(base, '', '').origin}" if base else ""
    # Logging out is a form that goes on to the provider; browsers count that as sending it there.
    provider = f" {origin_of(settings.oidc_uitgever)}" if settings.oidc_uitgever else ""
    upgrade = "; upgrade-insecure-requests" if is_https(settings) else ""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; img-src 'self'{tiles}; font-src 'self'; "
        f"connect-src 'self'; form-action 'self'{provider}; base-uri 'none'; frame-ancestors 'none'{upgrade}"
    )


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_https(settings: Settings) -> bool:
    """Whether visitors reach the service over https."""
    return urlsplit(settings.openbaar_adres or "").scheme == "https"


def _transport_security(settings: Settings) -> dict[str, str]:
    if not is_https(settings) or not settings.hsts_seconden:
        return {}
    return {"Strict-Transport-Security": f"max-age={settings.hsts_seconden}"}
