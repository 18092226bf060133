"""The web application: API and pages on one address, with the pools, the guards and the errors around them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette_compress import CompressMiddleware

from geo_service import pages
from geo_service.api import routes as api_routes
from geo_service.api.antwoord import prefers_page
from geo_service.beveiliging.headers import SecureHeaders
from geo_service.beveiliging.logregels import RequestLog, kind_of_address
from geo_service.beveiliging.poort import Gate
from geo_service.beveiliging.security_txt import router as security_router
from geo_service.beveiliging.tijd import TimeLimit
from geo_service.db.engine import Database
from geo_service.errors import BuurtsignaalError, InvalidParameters, NotFound, ParameterFault
from geo_service.formats.gereed import prepare
from geo_service.health import router as health_router
from geo_service.release.geheugen import Geheugen
from geo_service.settings import Settings, get_settings
from geo_service.spoor.verzoek import Followed, Spoor
from geo_service.toegang.cookies import drop_all
from geo_service.toegang.fouten import DeadCookie
from geo_service.toegang.kijker import Toegang
from geo_service.toegang.verzoek import KEY_HEADER
from geo_service.web import API, Dienst, HeadAsGet, RequestLimit

log = logging.getLogger("buurtsignaal")

# Seconds after which asking again makes sense.
RETRY = {429: "60", 503: "30"}
# Headers that a page of another host may send, and may read of an answer. Cookies never come along.
ASKED = ["Authorization", KEY_HEADER, "If-None-Match"]
TOLD = [
    "ETag",
    "Link",
    "Content-Crs",
    "API-Version",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Content-Disposition",
    "X-Request-Id",
]


def create_app(url: str, secret: bytes, *, allow_tokens: bool = True) -> FastAPI:
    """The application on a database (privileged libpq URL; requests run as the roles of ``db.connection.Role``).

    allow_tokens: accept development tokens; the caller refuses them on a public address. How many requests, files and
    bytes it holds is what the settings say when it is made, not when it starts.
    """
    app = FastAPI(
        title="Buurtsignaal",
        lifespan=partial(_serving, url=url, secret=secret, settings=get_settings(), allow_tokens=allow_tokens),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.router.routes.extend(api_routes())
    app.include_router(health_router)
    app.include_router(security_router)
    pages.mount(app)
    _guard(app)
    app.add_exception_handler(BuurtsignaalError, _on_known)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    return app


@asynccontextmanager
async def _serving(
    app: FastAPI, *, url: str, secret: bytes, settings: Settings, allow_tokens: bool
) -> AsyncIterator[None]:
    """The pools, the memory and the log, from the first request to the last."""
    database = Database(url)
    geheugen = Geheugen(database, answer_bytes=settings.geheugen_megabytes * 1_000_000)
    files = asyncio.Semaphore(settings.export_tegelijk)
    toegang = Toegang(database, secret, development=allow_tokens)
    limits = (RequestLimit(settings.verzoeken_per_minuut), RequestLimit(settings.mislukt_per_minuut))
    app.state.dienst = Dienst(database, geheugen, toegang, secret, *limits, files)
    app.state.spoor = Spoor.make(database, secret)
    app.state.spoor.schrijver.start()
    ready = asyncio.create_task(asyncio.to_thread(prepare))
    yield
    await ready
    await app.state.spoor.schrijver.stop()
    await toegang.close()
    await database.close()


def _guard(app: FastAPI) -> None:
    """The last one added is the first that a request meets."""
    app.add_middleware(CompressMiddleware, minimum_size=1000)
    app.add_middleware(Unexpected)
    app.add_middleware(Followed)
    app.add_middleware(TimeLimit, refuse=problem)
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "HEAD"], allow_headers=ASKED, expose_headers=TOLD
    )
    app.add_middleware(Gate, refuse=problem)
    app.add_middleware(SecureHeaders, refuse=problem)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestLog)


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
        path = request.url.path
        if path == API:
            return RedirectResponse(f"{API}/")
        # An address of the API is exactly one; a page that was typed with a slash behind it is found all the same.
        if path.endswith("/") and not path.startswith(API) and path.strip("/"):
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(f"/{path.strip('/')}{query}")
        return problem(request, NotFound("Dit adres bestaat niet."))
    known = BuurtsignaalError(
        "Deze manier van vragen kan hier niet." if error.status_code == 405 else "De vraag lukte niet."
    )
    known.status, known.title = error.status_code, "De vraag kan niet zo"
    return problem(request, known, error.headers)


class Unexpected:
    """An error of ours becomes a plain problem; its text goes to the log and to nobody else."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            log.error("onverwachte fout op %s", kind_of_address(scope), exc_info=error)
            text = "Er ging iets mis aan onze kant. Er is niets verloren; probeer het later opnieuw."
            await problem(Request(scope), BuurtsignaalError(text))(scope, receive, send)


def problem(request: Request, error: BuurtsignaalError, extra: Mapping[str, str] | None = None) -> Response:
    """Every error in one place: problem+json for machines, a Dutch page for people."""
    headers = dict(extra or {}) | ({"Retry-After": RETRY[error.status]} if error.status in RETRY else {})
    if error.status == 405:
        # Every address that answers GET answers HEAD.
        headers["Allow"] = headers.get("Allow", "GET").replace("GET", "GET, HEAD")
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    response: Response
    if request.url.path != "/gezond" and prefers_page(request):
        response = pages.error_page(request, error, headers)
    else:
        body = error.problem() | {"instance": request.url.path}
        response = JSONResponse(body, error.status, headers, media_type="application/problem+json")
    if isinstance(error, DeadCookie):
        drop_all(request, response)
    return response
