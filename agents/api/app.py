"""The application: routers on a service, and the server that runs it until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from agents.api import access, approvals, documents, knowledge, orders, people, plan, problems, society, sources
from agents.api.beside import Beside
from agents.api.context import Views
from agents.api.guard import Guard
from agents.console.frame import install
from agents.console.pages import PAGES
from agents.service.running import Service
from agents.service.settings import ServiceError
from knowledge.errors import OwnedError

V1 = "/api/v1"

log = structlog.get_logger("api")


def create_app(service: Service, views: Views) -> FastAPI:
    """The API of a service that runs."""
    app = FastAPI(
        title="Society of agents",
        version="1",
        description="Customer orders in; promises, work orders, purchase orders and shipping orders out.",
        openapi_url=f"{V1}/openapi.json",
        docs_url=None,  # the page would be loaded from elsewhere
        redoc_url=None,
        responses={**problems.documented(401, 403, 413, 421)},
    )
    app.state.service, app.state.views, app.state.beside = service, views, Beside()
    app.state.quotes = set()
    for part in (documents, orders, approvals, plan, knowledge, society, sources, people):
        app.include_router(part.router, prefix=V1)
    app.include_router(society.health)
    install(app, *PAGES)
    problems.install(app)
    access.install(app)
    app.add_middleware(Guard, service=service)
    return app


class Server(uvicorn.Server):
    """A server that ends with status 0 when it is told to, and stops the service with it."""

    def __init__(self, service: Service, views: Views) -> None:
        self.service = service
        self._refused: Exception | None = None
        self.app = create_app(service, views)
        settings = service.settings
        super().__init__(
            uvicorn.Config(
                self.app,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                proxy_headers=bool(settings.forwarded_allow_ips),
                forwarded_allow_ips=settings.forwarded_allow_ips,
                ssl_certfile=settings.tls_certificate,
                ssl_keyfile=settings.tls_key,
                timeout_graceful_shutdown=settings.stop_seconds,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT stop the service gracefully; another one that comes meanwhile changes nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop, signals = asyncio.get_running_loop(), (signal.SIGTERM, signal.SIGINT)
        for each in signals:  # handled between other things: what interrupts a log's line must not write to it
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)
                signal.signal(each, signal.SIG_IGN)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take nothing more; what is under way is finished."""
        if not self.should_exit:
            log.info("stopping", signal=signal.Signals(sig).name)
            self.service.close()
            self.should_exit = True

    def serve_until_stopped(self, listening: Callable[[int], None] = lambda port: None) -> bool:
        """Open the service and serve, standing by first where somebody else writes its database; whether the society
        was well to the end.

        `listening` is told the port. Raises ServiceError where that is taken, and whatever opening raises.
        """
        heir = None
        try:
            self.service.open()
        except OwnedError:
            heir = threading.Thread(target=self._take_over, name="heir")
        try:
            bound = self._bound()
        except ServiceError:
            self.service.stop()
            raise
        log.info("listening", host=bound.getsockname()[0], port=bound.getsockname()[1])
        listening(bound.getsockname()[1])
        try:
            if heir is not None:
                heir.start()
            self.run(sockets=[bound])
        finally:
            self.service.close()
            if heir is not None:
                heir.join()
            bound.close()
            self.app.state.beside.close()
            well = self.service.stop()
        if self._refused is not None:
            raise self._refused
        return well

    def _bound(self) -> socket.socket:
        settings = self.service.settings
        try:
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            return socket.create_server((settings.host, settings.port), family=family)
        except OSError as error:
            raise ServiceError(f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}") from error

    def _take_over(self) -> None:
        try:
            self.service.stand_by()
        except Exception as error:  # nobody waits for this thread before the server ends
            self._refused = error
            self.should_exit = True
