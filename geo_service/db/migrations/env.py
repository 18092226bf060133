"""Alembic's entry: it runs on the connection that ``db.migrate`` hands over, in that connection's transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table_schema="intern")
context.run_migrations()
