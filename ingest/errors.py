"""Why a whole source was refused.

    IngestError
    └── SourceRefused      the file or URL as a whole cannot be used; nothing was stored
        ├── SourceNotFound     missing file, unreachable URL
        ├── SourceUnreadable   empty, broken zip, HTML instead of JSON, unknown encoding or format
        ├── ColumnsMissing     a required column is absent
        └── ColumnsForbidden   a mapping asks for origin, nationality or religion

Every message is one Dutch sentence that a gegevensbeheerder can act on.
"""


class IngestError(Exception):
    """Base of everything the readers raise on purpose."""


class SourceRefused(IngestError):
    """The source as a whole is refused; `str(error)` is the Dutch sentence to show."""


class SourceNotFound(SourceRefused):
    pass


class SourceUnreadable(SourceRefused):
    pass


class ColumnsMissing(SourceRefused):
    pass


class ColumnsForbidden(SourceRefused):
    pass
