"""Load sources, coverage, trend breaks, aliases and wijkteamgebieden."""

from __future__ import annotations

from geo_service.db.write.bronnen import write_bronnen
from geo_service.db.write.run import Run
from geo_service.jobs.inlezen import Opdracht, refresh_source
from ingest.bronnen import Bronnen


def store_bronnen(run: Run, bronnen: Bronnen, opdracht: Opdracht) -> None:
    run.gemeente = opdracht.gemeente
    for gemeente, bron in write_bronnen(run, bronnen):
        run.gemeente = run.gemeente or gemeente
        refresh_source(run.connection, gemeente, bron, opdracht.today, new_data=False)
