"""The spatial API under ``/v1``: OGC API – Features, tiles, figures and the catalogue, all through ``release``."""

from fastapi import APIRouter

from geo_service.api import catalogus, collections, gebieden, items, landing, schrijven, tiles, uitleg
from geo_service.api.openapi import routes as openapi

router = APIRouter(prefix="/v1")
# What is asked most comes first: every request walks along the routes in this order.
for module in (items, schrijven, tiles, landing, openapi, uitleg, catalogus, gebieden):
    router.include_router(module.router)

__all__ = ["collections", "router"]
