"""The application as a server process finds it: everything from the environment."""

from __future__ import annotations

from fastapi import FastAPI

from geo_service.app import create_app
from geo_service.db.connection import database_url
from geo_service.identity import read_secret
from geo_service.settings import get_settings


def make_app() -> FastAPI:
    return create_app(database_url(), read_secret(), allow_tokens=get_settings().ontwikkeltokens)
