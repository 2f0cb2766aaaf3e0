"""Chromium with a watch over what its pages do: errors in the console, and requests that would leave this machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Route, WebSocket

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# Chromium looks for updates and Google's hosts on its own; these keep it at home.
CHROMIUM_FLAGS = [
    "--no-sandbox",  # root cannot have the sandbox
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--force-color-profile=srgb",
]


def launch(playwright: Playwright) -> Browser:
    """The system's Chromium, so that no browser has to be downloaded."""
    return playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=CHROMIUM_FLAGS)


@dataclass
class Watch:
    """What a page did that it should not have done."""

    console_errors: list[str] = field(default_factory=list)
    left_localhost: list[str] = field(default_factory=list)

    def on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(f"{message.text} ({message.location.get('url', '')})")

    def on_page_error(self, error: Exception) -> None:
        self.console_errors.append(f"uncaught: {error}")

    def on_route(self, route: Route) -> None:
        """Let requests to this machine pass; note the others and stop them."""
        if stays_here(route.request.url):
            route.continue_()
        else:
            self.left_localhost.append(route.request.url)
            route.abort()

    def on_websocket(self, socket: WebSocket) -> None:
        if not stays_here(socket.url):
            self.left_localhost.append(socket.url)

    def assert_clean(self) -> None:
        assert self.console_errors == []
        assert self.left_localhost == []


def stays_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob", "file", "about") or parts.hostname in ("localhost", "127.0.0.1")


def watched_page(browser: Browser, width: int = 1280, height: int = 900) -> tuple[Page, Watch]:
    """A page in a browser profile of its own, and the watch over it."""
    context = browser.new_context(viewport={"width": width, "height": height})
    watch = Watch()
    context.route("**/*", watch.on_route)
    page = context.new_page()
    page.on("console", watch.on_console)
    page.on("pageerror", watch.on_page_error)
    page.on("websocket", watch.on_websocket)
    return page, watch
