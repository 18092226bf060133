"""Who comes in: running log-ins, and keys of researchers. Of either only a hash of what opens the door.

No request role has a right on these tables; ``bs_toegang`` works through functions of the owner (migration 0007).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Date, DateTime, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from geo_service.db.schema.columns import Key, intern, internal_table, vertrouwelijk

sessie = internal_table(
    "sessie",
    intern("nummer", BigInteger, Identity(always=True), primary_key=True, nullable=False),
    vertrouwelijk("sessie_hash", LargeBinary, nullable=False),
    vertrouwelijk("kijker", Key, nullable=False),
    intern("rol", Key, nullable=False),
    intern("gemeente_code", Key),
    intern("stadsdelen", ARRAY(Text), nullable=False),
    intern("begonnen_op", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    intern("gebruikt_op", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    intern("eindigt_op", DateTime(timezone=True), nullable=False),
    intern("stil_seconden", Integer, nullable=False),
)
Index("sessie_hash", sessie.c.sessie_hash, unique=True)

api_sleutel = internal_table(
    "api_sleutel",
    intern("sleutel_id", Key, primary_key=True, nullable=False),
    vertrouwelijk("sleutel_hash", LargeBinary, nullable=False),
    vertrouwelijk("naam", Text, nullable=False),
    intern("rol", Key, nullable=False),
    intern("gemeente_code", Key),
    intern("stadsdelen", ARRAY(Text), nullable=False),
    intern("gemaakt_op", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    intern("eindigt_op", DateTime(timezone=True), nullable=False),
    intern("ingetrokken_op", DateTime(timezone=True)),
    intern("gebruikt_op", Date),
)
