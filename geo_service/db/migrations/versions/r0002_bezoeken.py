"""Visits become figures. Those loaded before are counted at once and released when the service starts."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    statements = Path(__file__).with_name("0002_bezoeken.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)
    op.execute("grant select on publiek.bezoek_thema to bs_publiek, bs_dienst")
