"""An application over the fake desk: asked in-process, and served to a real browser."""

import re
import shutil
from collections.abc import Callable, Iterator
from threading import Event, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, sync_playwright
from waitress import wasyncore
from waitress.server import create_server

from cammon_web.app import create_app
from tests.web.fake_desk import FakeDesk

PASSWORD = "correct horse battery"
CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


def make_app(desk: FakeDesk, **settings) -> Flask:
    return create_app(desk, secret_key=b"k" * 32, **({"secure_cookies": False, "login_limit": "100/minute"} | settings))


@pytest.fixture
def app(desk: FakeDesk) -> Flask:
    return make_app(desk)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A client that has not logged in."""
    return app.test_client()


def csrf_token(client: FlaskClient, path: str = "/login") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found, f"{path} has no form"
    return found.group(1)


def log_in(client: FlaskClient, name: str = "王班长", password: str = PASSWORD, **form):
    return client.post("/login", data={"csrf_token": csrf_token(client), "name": name, "password": password} | form)


@pytest.fixture
def client(stranger: FlaskClient) -> FlaskClient:
    """A client that has logged in as an operator, reading English."""
    assert log_in(stranger).status_code == 302
    stranger.set_cookie("cammon_language", "en")
    return stranger


# -- a real browser on a real server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """While it is open an event loop runs in this thread: no longer than the tests of one file."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


class Served:
    """The application behind waitress on a port of its own; `stop` takes it away from its readers."""

    def __init__(self, app: Flask) -> None:
        self._server = create_server(app, host="127.0.0.1", port=0, threads=8)
        self.address = f"http://127.0.0.1:{self._server.effective_port}"
        self._stopped = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Closes its sockets in the thread that waits on them."""
        while not self._stopped.is_set():
            wasyncore.loop(timeout=0.1, map=self._server._map, count=1)
        wasyncore.close_all(self._server._map)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(5)
        self._server.task_dispatcher.shutdown()


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(desk: FakeDesk, **settings) -> Served:
        started.append(Served(make_app(desk, **settings)))
        return started[-1]

    yield start
    for served in started:
        served.stop()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages that fail the test on any error of theirs and on any request to another origin."""
    contexts, wrong = [], []

    def start(address: str, *, width: int = 1440, height: int = 900, locale: str = "zh-CN", login: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("request", lambda request: request.url.startswith(address) or wrong.append(f"left for {request.url}"))
        page.on("console", lambda message: _console(message, wrong))
        if login:
            page.goto(f"{address}/login")
            page.fill("#name", "王班长")
            page.fill("#password", PASSWORD)
            page.click("main button")
            page.wait_for_url(f"{address}/")
        return page

    yield start
    for context in contexts:
        context.close()
    assert not wrong


def _console(message, wrong: list[str]) -> None:
    """Policy violations and script errors show as console errors; a failed fetch is what some tests cause."""
    if message.type == "error" and "Failed to load resource" not in message.text:
        wrong.append(f"console: {message.text}")
