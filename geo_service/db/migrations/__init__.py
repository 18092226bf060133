"""Alembic migrations. HEAD lets every command see in one query whether there is anything to do."""

VERSIONS = ("0001", "0002", "0003", "0004", "0005")
HEAD = VERSIONS[-1]
