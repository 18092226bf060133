"""The OpenAPI document: what this viewer can ask, made from the parameters that the routes themselves read.

For every module with routes there is one in ``document.MODULES`` with ``describe(viewer)``, which gives an ``Operatie``
(``model``) per route, and ``schemas(viewer)``, the schemas it names. A test compares the document with the routes and
with what each route accepts.
"""
