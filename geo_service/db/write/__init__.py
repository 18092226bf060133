"""Writing: COPY into a staging table, compare, and store in one transaction per run."""
