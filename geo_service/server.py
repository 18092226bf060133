"""The application as a server process finds it: everything from the environment."""

from __future__ import annotations

import gc

from fastapi import FastAPI

from geo_service.app import create_app
from geo_service.beveiliging.logregels import configure_logging
from geo_service.db.connection import database_url
from geo_service.identity import read_secret
from geo_service.settings import get_settings


def make_app() -> FastAPI:
    configure_logging(requests=get_settings().toegangslog)
    app = create_app(database_url(), read_secret(), allow_tokens=get_settings().ontwikkeltokens)
    # What was made at the start stays: looking through all of it now and then would hold every request up.
    gc.collect()
    gc.freeze()
    return app
