"""Serving one site until the process is asked to end: the service, the pages, the signals."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from types import FrameType

import waitress.server

from cammon.clock import Clock
from cammon.desk import SiteDesk
from cammon.problem import UserError
from cammon.process import ready_for_pictures
from cammon.service.service import Service
from cammon.sitefiles.model import Site
from cammon.store import accounts, settings
from cammon.store.opening import Store
from cammon_web.app import create_app

log = logging.getLogger(__name__)

PAGE_THREADS = 8
END_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the pages answer."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The address as a browser takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


def serve_site(
    site: Site,
    store: Store,
    clock: Clock,
    address: Address,
    *,
    metrics_token: str | None,
    say: Callable[[str], object],
    ended: Event | None = None,
    proxies: int = 0,
    before_looking: Callable[[], None] = lambda: None,
) -> None:
    """Run until SIGINT or SIGTERM (or until `ended` is set), then write what came and end the process' work.

    `proxies`: reverse proxies in front that speak TLS and whose X-Forwarded-* headers are believed.
    `before_looking` is called when the pages are up and no camera was looked at yet; what it raises ends it all.
    Raises UserError when the address cannot be had.
    """
    ready_for_pictures()
    bound = bind(address)
    service = Service(site, store, clock)
    desk = SiteDesk(service, store, metrics_token)
    with store.engine.begin() as connection:
        secret = settings.secret(connection, "session_key")
        token = accounts.new_first_login_token(connection) if accounts.none_yet(connection) else None
    app = create_app(desk, secret_key=secret, secure_cookies=proxies > 0, trusted_proxies=proxies)
    pages = waitress.server.create_server(
        app, sockets=[bound], threads=PAGE_THREADS, channel_request_lookahead=1, ident=None
    )
    stop = ended or Event()
    on_signals(stop)
    Thread(target=pages.run, name="pages", daemon=True).start()
    _greet(site, address, token, say)
    before_looking()
    service.start()
    stop.wait()
    # The pages end with the process: closed while one is being served, waitress would complain with a traceback.
    service.stop(END_WITHIN_S)


def bind(address: Address) -> socket.socket:
    """A listening socket. Raises UserError when the port is in use or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((address.host, address.port))
        found.listen(128)
    except OSError as error:
        found.close()
        raise UserError(
            f"{address.host}:{address.port}: cannot serve the page there ({error.strerror or error}); "
            "name another one with --host and --port"
        ) from error
    return found


def on_signals(stop: Event) -> None:
    """SIGINT and SIGTERM ask for the end; a second one takes it."""

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)


def _greet(site: Site, address: Address, token: str | None, say: Callable[[str], object]) -> None:
    say(f"cammon watches {site.name}: {len(site.cameras)} cameras, {len(site.scene.key_places)} key places")
    if token is not None:
        say(f"first login (once): {address.url}first-login/{token}")
    say(f"ready: {address.url}")
    sys.stdout.flush()
