"""The cookies of a log-in: their names and their flags."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import Request, Response

from geo_service.settings import get_settings
from geo_service.toegang.adres import is_local

SESSION = "buurtsignaal"
RUNNING = "buurtsignaal-inloggen"
DEVELOPMENT = "buurtsignaal_token"
# A browser takes this from https only, and never from or for another host.
PREFIX = "__Host-"
RUNNING_SECONDS = 600
DEVELOPMENT_SECONDS = 30 * 86_400


def is_secure(request: Request) -> bool:
    """Everywhere but on plain http of this very machine."""
    public = get_settings().openbaar_adres
    if public is not None and public.startswith("https://"):
        return True
    if request.scope["scheme"] != "http":
        return True
    return not is_local(_hostname(request.headers.get("host")) or (request.scope.get("server") or ("",))[0])


@lru_cache(maxsize=1_024)
def _hostname(host: str | None) -> str | None:
    """The name in the header Host, without a port."""
    return urlsplit(f"//{host}").hostname if host else None


def name_of(request: Request, cookie: str) -> str:
    return f"{PREFIX}{cookie}" if is_secure(request) else cookie


def values_of(request: Request, name: str) -> list[str]:
    """Every value that came under this name; a browser of good will sends one."""
    pairs = (pair.partition("=") for line in request.headers.getlist("cookie") for pair in line.split(";"))
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == name]


def put(request: Request, response: Response, cookie: str, value: str, *, seconds: int | None = None) -> None:
    """A cookie that no script and no other site reads; without seconds it ends with the browser."""
    response.set_cookie(
        name_of(request, cookie), value, max_age=seconds, path="/", secure=is_secure(request), httponly=True,
        samesite="lax",
    )  # fmt: skip


def drop(request: Request, response: Response, cookie: str) -> None:
    response.delete_cookie(name_of(request, cookie), path="/", secure=is_secure(request), httponly=True, samesite="lax")


def drop_all(request: Request, response: Response) -> None:
    """Nobody is logged in here any more."""
    drop(request, response, SESSION)
    drop_development(response)


def put_development(response: Response, token: str) -> None:
    """Only on this machine, so without the flags of https."""
    response.set_cookie(DEVELOPMENT, token, httponly=True, samesite="strict", max_age=DEVELOPMENT_SECONDS)


def drop_development(response: Response) -> None:
    response.delete_cookie(DEVELOPMENT, httponly=True, samesite="strict")
