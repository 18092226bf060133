"""The OpenAPI document: what this viewer can ask, made from the parameters that the routes themselves read.

A module with routes has a function ``describe(viewer)`` that gives an ``Operatie`` (``model``) for each of them and is
listed in ``document.MODULES``. A test compares the document with the routes and with what each route accepts.
"""
