"""The private PostGIS cluster: the embedded default when no database URL is set.

It lives in a folder of the project, listens on a unix socket only and runs as an unprivileged user: the caller,
or ``postgres`` when the caller is root. Nothing else on the machine is touched.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_service.errors import Unavailable
from geo_service.settings import get_settings

DATABASE = "buurtsignaal"
OWNER = "buurtsignaal"
PORT = 5433
ROOT_STAND_IN = "postgres"
MAX_SOCKET_DIR = 80
POSTGIS = "postgis-3"

# Bulk loads dominate: enough WAL before a checkpoint, and no WAL at all for tables made in the same transaction.
CONFIGURATION = """
listen_addresses = ''
port = {port}
unix_socket_permissions = 0700
max_connections = 300
shared_buffers = 512MB
work_mem = 64MB
maintenance_work_mem = 256MB
effective_cache_size = 2GB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 15min
random_page_cost = 1.1
jit = off
log_min_messages = warning
log_line_prefix = '%m [%p] %u@%d '
timezone = 'Europe/Amsterdam'
"""


@dataclass(frozen=True)
class Cluster:
    """Where the private cluster lives. base holds ``data`` and ``log``; socket_dir is short enough for a socket."""

    base: Path
    socket_dir: Path
    user: str

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def url(self) -> str:
        return f"postgresql://{OWNER}@/{DATABASE}?host={self.socket_dir}&port={PORT}"

    @property
    def maintenance_url(self) -> str:
        return f"postgresql://{OWNER}@/postgres?host={self.socket_dir}&port={PORT}"

    @property
    def exists(self) -> bool:
        return self._run(["test", "-f", str(self.data / "PG_VERSION")], check=False).returncode == 0

    @property
    def running(self) -> bool:
        if not self.exists:
            return False
        return self._run([_binary("pg_ctl"), "-D", str(self.data), "status"], check=False).returncode == 0

    def start(self) -> None:
        """Create the cluster when it is not there, start it when it does not run, and make the database."""
        if not self.exists:
            self._create()
        if not self.running:
            log = self.base / "log"
            # Told at each start: the folder may have been moved since it was made.
            self._make_folder(self.socket_dir)
            options = f"-k {shlex.quote(str(self.socket_dir))} {_preload()}"
            self._run(
                [_binary("pg_ctl"), "-w", "-t", "60", "-D", str(self.data), "-l", str(log), "-o", options, "start"]
            )
        self._create_database()

    def stop(self) -> None:
        if self.running:
            self._run([_binary("pg_ctl"), "-w", "-m", "fast", "-D", str(self.data), "stop"])

    def _create(self) -> None:
        self._make_folder(self.base)
        self._run(
            [_binary("initdb"), "-D", str(self.data), "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
        )
        lines = CONFIGURATION.format(port=PORT)
        config = self.data / "conf.d"
        script = f"mkdir -p {config} && cat > {config}/buurtsignaal.conf && echo \"include_dir 'conf.d'\" >> {self.data}/postgresql.conf"
        self._run(["sh", "-c", script], stdin=lines)

    def _make_folder(self, folder: Path) -> None:
        owner = pwd.getpwnam(self.user)
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        folder.chmod(0o700)

    def _create_database(self) -> None:
        command = [
            _binary("psql"),
            "-h",
            str(self.socket_dir),
            "-p",
            str(PORT),
            "-U",
            OWNER,
            "-d",
            "postgres",
            "-Atqc",
        ]
        found = self._run([*command, f"select 1 from pg_database where datname = '{DATABASE}'"]).stdout.strip()
        if not found:
            self._run([*command, f"create database {DATABASE}"])

    def _run(
        self, command: Sequence[str], *, check: bool = True, stdin: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the cluster's user; never as root."""
        if os.geteuid() == 0:
            command = ["runuser", "-u", self.user, "--", *command]
        done = subprocess.run(command, capture_output=True, text=True, input=stdin, cwd="/", check=False)
        if check and done.returncode != 0:
            raise Unavailable(
                f"De ingebouwde database in {self.base} start niet. Kijk in {self.base}/log. "
                f"Laatste regel: {(done.stderr or done.stdout).strip().splitlines()[-1:]}"
            )
        return done


def _binary(name: str) -> str:
    """A program of the newest installed PostgreSQL server."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: int(p.parts[4]), reverse=True)
    found = str(versions[0]) if versions else shutil.which(name)
    if not found:
        raise Unavailable(
            "PostgreSQL met PostGIS is niet geïnstalleerd. Voer 'make setup' uit, "
            "of zet BUURTSIGNAAL_DATABASE_URL op uw eigen database."
        )
    return found


def _preload() -> str:
    """PostGIS loaded once by the server: a connection that loads it by itself takes four times as long to its answer."""
    found = (Path(_binary("postgres")).resolve().parents[1] / "lib" / f"{POSTGIS}.so").exists()
    return f"-c shared_preload_libraries={POSTGIS}" if found else ""


def locate_cluster(base: Path | None = None) -> Cluster:
    """The private cluster of this project folder (setting ``BUURTSIGNAAL_MAP``)."""
    base = (base or get_settings().map).resolve() / "postgres"
    user = ROOT_STAND_IN if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    digest = hashlib.sha256(str(base).encode()).hexdigest()[:12]
    if os.geteuid() == 0 and not _reachable(base, user):
        # An unprivileged user cannot enter root's own folders; a folder it owns elsewhere is the honest way out.
        base = Path("/var/tmp") / f"buurtsignaal-{digest}"  # noqa: S108
    fits = len(str(base)) <= MAX_SOCKET_DIR
    socket_dir = base / "s" if fits else Path("/tmp") / f"bs-{os.getuid()}-{digest}"  # noqa: S108
    return Cluster(base, socket_dir, user)


def _reachable(base: Path, user: str) -> bool:
    parent = base
    while not parent.exists():
        parent = parent.parent
    test = ["runuser", "-u", user, "--", "test", "-x", str(parent)]
    return subprocess.run(test, capture_output=True, check=False).returncode == 0
