"""Who comes in: one place that turns a request into a viewer.

verzoek.py     what a request shows: cookie, bearer token, key; two of a kind are refused
kijker.py      the viewer that it stands for
sessies.py     running log-ins                    sleutels.py   keys of researchers
tokens.py      tokens of the provider             ontwikkel.py  tokens of this very machine
aanbieder.py   the provider's addresses and keys  claims.py     what its claims give
inloggen.py    the log-in of the pages            cookies.py, geheimen.py, onthouden.py, adres.py
"""
