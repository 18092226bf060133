"""The spatial API under ``/v1``: OGC API – Features, tiles, figures and the catalogue, all through ``release``."""

from starlette.routing import BaseRoute

from geo_service.api import catalogus, collections, gebieden, items, landing, schrijven, tiles, uitleg
from geo_service.api.openapi import routes as openapi

__all__ = ["collections", "routes"]
_MODULES = (items, schrijven, tiles, landing, openapi, uitleg, catalogus, gebieden)


def routes() -> list[BaseRoute]:
    """What is asked most comes first: every request walks along the routes in this order.

    To stand in the application itself: a route in a router in a router is looked for three times.
    """
    return [route for module in _MODULES for route in module.router.routes]
