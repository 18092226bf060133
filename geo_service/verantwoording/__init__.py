"""The papers: register of processing, annex for a DPIA and register of algorithms, from what the system itself does.

    feiten.py             what is so: sources, tables, roles, thresholds, terms and parameters
    beschrijvingen.py     what each of those is, in words (the .csv and .toml files beside it)
    verwerkingsregister.py, dpia.py, algoritmeregister.py    one paper each
    schrijven.py          all of them in a folder

What nobody registered is named as missing and never made up.
"""
