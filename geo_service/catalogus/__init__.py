"""The catalogue: what each collection is, where it comes from, and the same told in DCAT-AP-NL 3.0.

    model          frozen types: collection, dataset, source, publisher
    toelichtingen  what our own collections mean, in Dutch
    licenties      which licence may honestly be stated
    dcat           catalogue -> RDF graph, Turtle, JSON-LD
    metadata       dataset -> document with Dutch keys, and how to cite
    dekking        where and when a source counts, as GeoJSON

Pure: no database and no web. ``release.catalogus`` collects what a viewer may see.
"""
