"""The running service, and addresses of every kind that it answers."""

from __future__ import annotations

from tests.geo_service.api.conftest import assen, demo, viewers

__all__ = ["assen", "demo", "viewers"]
