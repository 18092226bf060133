"""The only door out: viewer + question -> what this viewer may see, with status, source, period and coverage.

Everything that leaves the service (routes, pages, maps, files) comes from here; import-linter keeps api and pages
away from the queries. Figures are judged in ``domain.cijfers``; the released lattice is made by ``jobs.vrijgave``.
"""
