"""All tables. Schema ``publiek`` is safe for everyone; schema ``intern`` holds microdata and is for staff and jobs.

Every column carries a disclosure class: ``openbaar``, ``intern`` or ``vertrouwelijk`` (a test checks it).
Coordinates are EPSG:28992. Every key holds gemeente_code, so that municipalities live side by side.
"""

from geo_service.db.schema import intern, logboek, publiek, toegang, vrijgave, werk
from geo_service.db.schema.columns import metadata

__all__ = ["intern", "logboek", "metadata", "publiek", "toegang", "vrijgave", "werk"]
