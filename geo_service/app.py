"""The web application: API and pages on one address, with the pools, the guards and the errors around them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import JSONResponse, Response

from geo_service import pages
from geo_service.api import router as api_router
from geo_service.db.engine import Database
from geo_service.errors import BuurtsignaalError, InvalidParameters, NotFound, ParameterFault
from geo_service.health import router as health_router
from geo_service.web import HeadAsGet, secure_headers

log = logging.getLogger("buurtsignaal")


def create_app(url: str, secret: bytes, *, allow_tokens: bool = True) -> FastAPI:
    """The application on a database (privileged libpq URL; requests run as the two request roles).

    allow_tokens: accept development tokens; the caller refuses them on a public address.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.database = Database(url)
        yield
        await app.state.database.close()

    app = FastAPI(
        title="Buurtsignaal", version="0.1.0", lifespan=lifespan, openapi_url="/v1/openapi.json",
        docs_url=None, redoc_url=None,
        description="Overlast, wijkwijzers, voorzieningen en woningvoorraad per stadsdeel, wijk en buurt.",
    )  # fmt: skip
    app.state.secret = secret if allow_tokens else None
    app.include_router(health_router)
    app.include_router(api_router)
    pages.mount(app)
    app.middleware("http")(guard)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(HeadAsGet)
    app.add_exception_handler(BuurtsignaalError, _on_known)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    return app


async def _on_known(request: Request, error: Exception) -> Response:
    assert isinstance(error, BuurtsignaalError)  # noqa: S101  (registered for this type)
    return problem(request, error)


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101  (registered for this type)
    faults = [ParameterFault(str(item["loc"][-1]), "deze waarde is niet geldig.") for item in error.errors()]
    return problem(request, InvalidParameters(*faults))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for this type)
    if error.status_code == 404:
        return problem(request, NotFound("Dit adres bestaat niet."))
    known = BuurtsignaalError(
        "Deze manier van vragen kan hier niet." if error.status_code == 405 else "De vraag lukte niet."
    )
    known.status, known.title = error.status_code, "De vraag kan niet zo"
    return problem(request, known, error.headers)


async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Around everything: security headers on every answer, and a plain problem for an error of ours."""

    async def answer(request: Request) -> Response:
        try:
            return await call_next(request)
        except Exception as error:
            log.error("onverwachte fout op %s", request.url.path, exc_info=error)
            text = "Er ging iets mis aan onze kant. Er is niets verloren; probeer het later opnieuw."
            return problem(request, BuurtsignaalError(text))

    return await secure_headers(request, answer)


def problem(request: Request, error: BuurtsignaalError, extra: Mapping[str, str] | None = None) -> Response:
    """Every error in one place: problem+json for machines, a Dutch page for people."""
    headers = dict(extra or {}) | ({"Retry-After": "30"} if error.status == 503 else {})
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    wants_page = not request.url.path.startswith(("/v1", "/gezond")) and "text/html" in request.headers.get(
        "accept", ""
    )
    if wants_page:
        return pages.error_page(request, error, headers)
    body = error.problem() | {"instance": request.url.path}
    return JSONResponse(body, error.status, headers, media_type="application/problem+json")
