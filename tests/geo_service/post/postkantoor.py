"""A real mail server in a process of its own: ``python -m tests.geo_service.post.postkantoor FOLDER``.

It prints its port and keeps each mail as a file. Addresses with "weiger" are refused; for those with "breek" the
connection is cut before the answer, as when a line goes down while the mail may have arrived.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP


class Loket:
    def __init__(self, folder: Path):
        self._folder = folder
        self._numbers = itertools.count(1)

    async def handle_RCPT(self, *told: Any) -> str:
        _server, _session, envelope, address, _options = told
        if "weiger" in address:
            return "550 onbekend"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        told = {"van": envelope.mail_from, "aan": envelope.rcpt_tos, "inhoud": envelope.content.decode()}
        path = self._folder / f"{next(self._numbers):03d}.json"
        path.with_suffix(".deel").write_text(json.dumps(told), encoding="utf-8")
        path.with_suffix(".deel").rename(path)
        if any("breek" in address for address in envelope.rcpt_tos):
            server.transport.abort()
        return "250 OK"


async def main(folder: Path) -> None:
    loket, loop = Loket(folder), asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(loket, enable_SMTPUTF8=True), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
