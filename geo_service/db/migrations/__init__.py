"""Alembic migrations. HEAD lets every command see in one query whether there is anything to do."""

HEAD = "0001"
