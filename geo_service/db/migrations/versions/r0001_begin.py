"""The first schema: registers and released figures in publiek, microdata in intern, two request roles."""

from pathlib import Path

from alembic import op

from data.codelists import load_categorieen

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("create schema if not exists publiek")
    op.execute("create sequence intern.melding_id_seq as bigint")
    statements = Path(__file__).with_name("0001_begin.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)
    op.get_bind().exec_driver_sql(
        "insert into publiek.categorie (code, hoofd, naam, volgorde) values (%(code)s, %(hoofd)s, %(naam)s, %(volgorde)s)",
        [
            {"code": row.code, "hoofd": row.hoofd, "naam": row.naam, "volgorde": position}
            for position, row in enumerate(load_categorieen())
        ],
    )
    op.execute("grant usage on schema publiek to bs_publiek, bs_dienst")
    op.execute("grant select on all tables in schema publiek to bs_publiek, bs_dienst")
    # Staff read sums and hotspots; the reports themselves stay closed until row-level scoping opens them.
    op.execute("grant usage on schema intern to bs_dienst")
    op.execute("grant select on intern.kubus, intern.hotspot, intern.hotspot_run to bs_dienst")
