"""``buurtsignaal serve``, ``demo`` and ``token``."""

from __future__ import annotations

import os
import pwd
import socket
import sys
import tempfile
from pathlib import Path

import typer
from rich.console import Console

from geo_service.beveiliging.logregels import configure_logging
from geo_service.cli.analyse import watching
from geo_service.cli.database import prepared_url
from geo_service.db.cluster import ROOT_STAND_IN, locate_cluster
from geo_service.db.migrate import check_ready
from geo_service.errors import Refused
from geo_service.identity import ALL_STADSDELEN, Role, Viewer, read_secret
from geo_service.settings import get_settings
from geo_service.toegang.adres import is_local
from geo_service.toegang.ontwikkel import issue_development_token

console = Console(soft_wrap=True, highlight=False)
NO_CONTACT = (
    "Let op: er is geen adres om een lek te melden. Zet BUURTSIGNAAL_BEVEILIGING_CONTACT, dan komt het in security.txt."
)
Port = typer.Option(8000, "--port", min=1, max=65535, help="Poort van de website.")
Host = typer.Option("127.0.0.1", "--host", help="Adres waarop de website luistert.")


def register(app: typer.Typer) -> None:
    app.command("demo", help="Start alles met de demo-gemeente: database, gegevens, website en API.")(demo)
    app.command("serve", help="Start de website en de API op de geladen gegevens.")(serve)
    app.command("token", help="Geef een ontwikkeltoken waarmee u als een rol kijkt.")(token)


def serve(
    host: str = Host,
    port: int = Port,
    workers: int = typer.Option(1, "--workers", min=1, max=32, help="Aantal processen."),
) -> None:
    from geo_service.jobs.achtergrond import start_refreshing

    url = prepared_url()
    check_ready(url)
    _become_website(url, host, port, tokens=get_settings().ontwikkeltokens)
    start_refreshing(url)
    _listen(host, port, workers)


def demo(
    host: str = Host,
    port: int = Port,
    alleen_laden: bool = typer.Option(False, "--alleen-laden", help="Laad de demo-gemeente en stop dan."),
    schaal: float = typer.Option(1.0, "--schaal", min=0.01, max=10, help="Omvang van de demo-gemeente."),
) -> None:
    from geo_service.jobs.achtergrond import start_refreshing
    from geo_service.jobs.demo import GEMEENTE, demo_loaded, load_demo
    from geo_service.jobs.verversen import refresh_hotspots

    if not alleen_laden:
        _check_port(host, port)
    url = prepared_url()
    if not demo_loaded(url):
        load_demo(
            url,
            say=lambda text: console.print(f"· {text}"),
            scale=schaal,
            truth=get_settings().map / "demo-waarheid.json",
        )
    console.print("· Hotspots berekenen")
    with watching() as watch:
        refresh_hotspots(url, watch=watch)
    check_ready(url)
    if alleen_laden:
        return
    _print_tokens(host, port, GEMEENTE)
    _become_website(url, host, port, tokens=True)
    start_refreshing(url)
    _listen(host, port, 1)


def _print_tokens(host: str, port: int, gemeente: str) -> None:
    base = f"http://{host}:{port}"
    console.print(f"\n[bold]Klaar.[/] Kaart: {base}/kaart · API: {base}/v1/ · Stoppen: Ctrl+C\n")
    console.print("Kijken als een rol (ontwikkeltokens, alleen op deze machine):")
    scopes = {Role.WIJKREGISSEUR: f"{gemeente}-SD-noord", Role.STADSDEELMANAGER: ALL_STADSDELEN}
    for role in Role:
        viewer = Viewer(role, gemeente, frozenset({scopes[role]}) if role in scopes else frozenset())
        where = f" ({scopes[role]})" if role in scopes else ""
        typer.echo(
            f"  {role.value}{where}: {base}/ontwikkel/inloggen?token={issue_development_token(viewer, read_secret())}"
        )
    console.print("")


def token(
    rol: Role = typer.Argument(..., help="De rol."),
    gemeente: str = typer.Option(None, "--gemeente", help="Gemeentecode van de kijker."),
    stadsdeel: list[str] = typer.Option(None, "--stadsdeel", help="Stadsdeelcode (mag vaker), of 'alle'."),
) -> None:
    if rol in (Role.WIJKREGISSEUR, Role.STADSDEELMANAGER) and not (gemeente and stadsdeel):
        raise Refused(f"Een {rol.value} heeft --gemeente en --stadsdeel nodig (of --stadsdeel alle).")
    typer.echo(issue_development_token(Viewer(rol, gemeente, frozenset(stadsdeel or ())), read_secret()))


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(f"Poort {port} op {host} is bezet of niet toegestaan. Kies een andere met --port.") from error


def _become_website(url: str, host: str, port: int, *, tokens: bool) -> None:
    """Go on as an unprivileged user, with in the environment what a server needs."""
    _check_port(host, port)
    os.environ["BUURTSIGNAAL_DATABASE_URL"] = url
    os.environ["BUURTSIGNAAL_GEHEIM"] = read_secret().decode()
    allow = tokens and is_local(host)
    os.environ["BUURTSIGNAAL_ONTWIKKELTOKENS"] = str(allow).lower()
    get_settings.cache_clear()  # the server reads what was just set, not what this command started with
    if tokens and not allow:
        console.print("Ontwikkeltokens staan uit: de website luistert op een adres dat anderen kunnen bereiken.")
    _drop_privileges()


def _listen(host: str, port: int, workers: int) -> None:
    import uvicorn

    settings = get_settings()
    if settings.beveiliging_contact is None:
        console.print(NO_CONTACT)
    configure_logging(requests=settings.toegangslog)
    uvicorn.run(
        "geo_service.server:make_app",
        factory=True,
        http="geo_service.protocol:PlainSpoken",
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        # Lines of our own, without values.
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.vertrouwde_proxys),
        forwarded_allow_ips=settings.vertrouwde_proxys,
        timeout_keep_alive=settings.lees_seconden,
    )


def _drop_privileges() -> None:
    """As root: go on as the unprivileged user that owns the private cluster, when it can read our code."""
    if os.geteuid() != 0:
        return
    cluster = locate_cluster()
    own = cluster.exists
    user = pwd.getpwnam(cluster.user if own else ROOT_STAND_IN)
    roots = (
        Path(__file__).resolve(),
        Path(sys.prefix).resolve() / "lib",
        Path(sys.base_prefix).resolve() / "lib",
    )
    closed = next(
        (folder for root in roots for folder in root.parents if os.stat(folder).st_mode & 0o005 != 0o005),
        None,
    )
    if closed is not None:
        console.print(f"Let op: de website draait als root, omdat een gewone gebruiker {closed} niet kan lezen.")
        return
    os.chdir("/")
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = "/"
    # Compiled code is kept where this user may write and nobody else.
    os.environ["NUMBA_CACHE_DIR"] = str(cluster.base / "numba") if own else tempfile.mkdtemp(prefix="buurtsignaal-")
    if (numba := sys.modules.get("numba")) is not None:
        # It has been working for root, and read its settings then.
        numba.config.reload_config()
