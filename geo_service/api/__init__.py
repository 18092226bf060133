"""The spatial API under ``/v1``: OGC API – Features, tiles, figures and the catalogue, all through ``release``."""

from fastapi import APIRouter

from geo_service.api import catalogus, collections, gebieden, items, landing, uitleg
from geo_service.api.openapi import routes as openapi

router = APIRouter(prefix="/v1")
for module in (landing, openapi, uitleg, catalogus, gebieden, items):
    router.include_router(module.router)

__all__ = ["collections", "router"]
