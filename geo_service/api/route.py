"""Routes of the API: their functions read the request themselves."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import request_response

from geo_service.web import API


class OwnReader(APIRoute):
    """Hands the request to the function as it is; looking for parameters takes a tenth of a short answer."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.app = request_response(self.endpoint)


def make_router() -> APIRouter:
    """For the routes of one module, with addresses as they are in the whole application."""
    return APIRouter(prefix=API, route_class=OwnReader)
