"""A box on the network: its listening sockets, and the ways in which it can fail to answer.

On loopback nobody can pull a plug, so a box without power is imitated by what its viewers meet: a listening socket
whose queue is full. Linux then drops every SYN, and connecting runs into the viewer's timeout, as with a dead host.
What was connected before hangs, without an end of connection, and is reset when the power is back.
"""

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum

from aiohttp import web

from cammon.virtual.certificate import OwnCertificate
from cammon.virtual.model import CannotListen
from cammon.virtual.rtsp import RtspConnection
from cammon.virtual.rtsp_message import MAX_HEAD
from cammon.virtual.station import Station
from cammon.virtual.web import BoxWeb

BACKLOG = 64
PLUG_TRIES = 8


class Reach(StrEnum):
    """How a box is met on the network."""

    UP = "up"
    OFFLINE = "offline"
    MUTE = "mute"
    NO_POWER = "power_loss"


class Box:
    """The servers of one station, opened, closed and plugged as its faults ask."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.reach = Reach.OFFLINE
        self._servers: list[asyncio.Server] = []
        self._plugs: list[socket.socket] = []
        self._web: web.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._settling = asyncio.Lock()

    async def settle(self) -> None:
        """Bring the sockets in line with the faults that are on now. CannotListen."""
        async with self._settling:
            wanted = self._wanted()
            if wanted is self.reach:
                return
            await self._stop_listening(silence=wanted in (Reach.MUTE, Reach.NO_POWER))
            # What it is, should the next step fail.
            self.reach = Reach.OFFLINE
            if wanted is not Reach.OFFLINE:
                await self._start_listening(wanted)
            self.reach = wanted

    async def close(self) -> None:
        """Close everything."""
        async with self._settling:
            await self._stop_listening(silence=False)
            self.reach = Reach.OFFLINE
        for task in list(self._connections):
            task.cancel()
        if self._connections:
            await asyncio.wait(self._connections)

    def _wanted(self) -> Reach:
        for reach in (Reach.NO_POWER, Reach.OFFLINE, Reach.MUTE):
            if self.station.all_have(reach.value):
                return reach
        return Reach.UP

    async def _start_listening(self, wanted: Reach) -> None:
        if wanted is Reach.NO_POWER:
            self._plugs = [plug for port in self._ports() for plug in plugged(self.station.host, port)]
            return
        # What is mute says nothing to a TLS client either.
        own = None if wanted is Reach.MUTE else self.station.stage.certificate
        rtsp_tls, web_tls = (own if over_tls else None for over_tls in (self.station.rtsps, self.station.https))
        self.station.rtsp_port = await self._listen(self.station.rtsp_port, self._rtsp_factory(wanted), rtsp_tls)
        if self.station.onvif_port is not None:
            self.station.onvif_port = await self._listen(self.station.onvif_port, self._web_factory(wanted), web_tls)

    async def _listen(
        self, port: int, factory: Callable[[], asyncio.BaseProtocol], certificate: OwnCertificate | None
    ) -> int:
        loop = asyncio.get_running_loop()
        context = None if certificate is None else certificate.context
        try:
            server = await loop.create_server(
                factory, self.station.host, port, backlog=BACKLOG, reuse_address=True, ssl=context
            )
        except OSError as error:
            raise cannot_listen(self.station.host, port, error) from error
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    def _ports(self) -> list[int]:
        return [port for port in (self.station.rtsp_port, self.station.onvif_port) if port is not None]

    def _rtsp_factory(self, wanted: Reach) -> Callable[[], asyncio.BaseProtocol]:
        if wanted is Reach.MUTE:
            return lambda: _MuteProtocol(self.station)
        loop = asyncio.get_running_loop()

        def factory() -> asyncio.BaseProtocol:
            reader = asyncio.StreamReader(limit=MAX_HEAD, loop=loop)
            return asyncio.StreamReaderProtocol(reader, self._serve_rtsp, loop=loop)

        return factory

    def _web_factory(self, wanted: Reach) -> Callable[[], asyncio.BaseProtocol]:
        if wanted is Reach.MUTE:
            return lambda: _MuteProtocol(self.station)
        if self._web is None:
            self._web = web.Server(BoxWeb(self.station).handle, access_log=None, keepalive_timeout=15.0)
        return self._web

    def _serve_rtsp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(RtspConnection(self.station, reader, writer).serve())
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _stop_listening(self, *, silence: bool) -> None:
        for server in self._servers:
            server.close()
        self._servers.clear()
        for plug in self._plugs:
            plug.close()
        self._plugs.clear()
        was_up = self.reach is Reach.UP
        if silence and was_up:
            self._silence()
        else:
            self._drop()
        # One turn of the loop, so that aborted connections are gone before their ports are bound anew.
        await asyncio.sleep(0)

    def _silence(self) -> None:
        self.station.silent = True
        for transport in self._web_transports():
            transport.pause_reading()
            self.station.transports.add(transport)

    def _drop(self) -> None:
        for transport in [*self.station.transports, *self._web_transports()]:
            reset(transport)
        self.station.transports.clear()
        self.station.silent = False

    def _web_transports(self) -> list[asyncio.Transport]:
        handlers = [] if self._web is None else self._web.connections
        return [handler.transport for handler in handlers if handler.transport is not None]


def reset(transport: asyncio.WriteTransport) -> None:
    """End a connection with RST, as a host does that knows nothing of it any more; plain closing would send FIN."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


_LINGER_NOT = struct.pack("ii", 1, 0)


class _MuteProtocol(asyncio.Protocol):
    """Takes everything in and answers nothing."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._station.transports.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._station.transports.discard(self._transport)


def plugged(host: str, port: int) -> list[socket.socket]:
    """Sockets that keep a port silent: a listener that nobody accepts from, and a connection that fills its queue."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(0)
    except OSError as error:
        listener.close()
        raise cannot_listen(host, port, error) from error
    sockets = [listener]
    for _ in range(PLUG_TRIES):
        filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        filler.setblocking(False)
        sockets.append(filler)
        with suppress(BlockingIOError):
            filler.connect((host, port))
        # A queue of length 0 holds one connection; loopback completes it at once.
        if filler.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _ESTABLISHED:
            break
    return sockets


_ESTABLISHED = 1


def cannot_listen(host: str, port: int, error: OSError) -> CannotListen:
    """The clear word for a failed bind."""
    text = {
        errno.EADDRINUSE: "the port is in use by another program",
        errno.EACCES: "a port below 1024 needs special rights",
        errno.EADDRNOTAVAIL: "the address is not of this machine",
        errno.EMFILE: "too many open files (see ulimit -n)",
    }
    reason = text.get(error.errno or 0) or os.strerror(error.errno or 0)
    return CannotListen(host, port, reason)
