"""Analyses as jobs: read counts, give them to ``analysis``, store what comes out as a run with its explanation.

``kader``      what is known about a municipality and a source when a run starts
``reeksen``    counts per buurt and period with coverage and distinct places, read once per question
``vondsten``   what a method finds, and in which form it may leave
``runs``       versions of results: when to compute, what replaces what, how it is stored
``kaartjes``   the Dutch card of every result
A method is one more module with ``Parameters`` and ``find``: ``punten``, ``scan``, ``opkomend``, ``blinde_vlekken``.
"""
