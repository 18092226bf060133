"""Which collections a viewer finds. One that they may not read does not exist for them."""

from __future__ import annotations

from geo_service.errors import NotFound
from geo_service.identity import Viewer
from geo_service.release.collecties import COLLECTIES, Collectie


def visible_collections(viewer: Viewer) -> list[Collectie]:
    return [collectie for collectie in COLLECTIES.values() if collectie.visible_to(viewer)]


def find_collection(identifier: str, viewer: Viewer) -> Collectie:
    collectie = COLLECTIES.get(identifier)
    if collectie is None or not collectie.visible_to(viewer):
        raise NotFound(f"Collectie {identifier[:60]!r} bestaat niet.")
    return collectie
