"""The spatial API under ``/v1``: collections with GeoJSON items, all through ``release``."""

from fastapi import APIRouter

from geo_service.api import collections, items, landing

router = APIRouter(prefix="/v1")
router.include_router(landing.router)
router.include_router(items.router)

__all__ = ["collections", "router"]
