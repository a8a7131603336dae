"""The RTSP server of a box: one connection at a time in its own task, RTP in it or over UDP (RFC 2326)."""

import asyncio
import secrets
from contextlib import aclosing, suppress
from datetime import datetime
from email.utils import format_datetime

from cammon.virtual.datagrams import DatagramEnd, viewer_port
from cammon.virtual.login import STRANGER, Asked, Verdict
from cammon.virtual.media import TimedUnit
from cammon.virtual.rtp import Packetiser, interleaved
from cammon.virtual.rtsp_message import BadMessage, Request, answer, read_request
from cammon.virtual.sdp import TRACK, describe
from cammon.virtual.station import Channel, Station

SESSION_TIMEOUT_S = 60
REPORT_EVERY_S = 5.0
MAX_UNSENT = 8 * 1024 * 1024
"""Bytes that wait for a slow viewer before pictures are left out."""
_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER, SET_PARAMETER"


class RtspConnection:
    """One viewer's connection: at most one session, of one stream."""

    def __init__(self, station: Station, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._station = station
        self._stage = station.stage
        self._reader = reader
        self._writer = writer
        self._session = ""
        self._channel: Channel | None = None
        self._rtp_channel = 0
        self._datagrams: DatagramEnd | None = None
        self._playing: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Answer requests until the viewer leaves, breaks the protocol, or asks nothing for too long."""
        transport = self._writer.transport
        self._station.transports.add(transport)
        try:
            while (request := await self._next_request()) is not None:
                if self._station.silent:
                    continue
                await self._respond(request)
        except BadMessage as error:
            self._writer.write(answer(error.status, "0"))
        except TimeoutError:
            pass
        finally:
            await self._end_session()
            self._station.transports.discard(transport)
            self._writer.close()

    async def _next_request(self) -> Request | None:
        idle_s = None if self._playing else self._stage.options.idle_s
        async with asyncio.timeout(idle_s):
            return await read_request(self._reader)

    async def _respond(self, request: Request) -> None:
        channel = self._station.channel(request.uri)
        if channel is not None and self._station.shared and self._station.has(channel.camera, "mute"):
            return None
        if request.method == "OPTIONS":
            return self._say(request, 200, [("Public", _METHODS)])
        if not self._logged_in(request, channel):
            return None
        match request.method:
            case "DESCRIBE":
                await self._describe(request, channel)
            case "SETUP":
                self._setup(request, channel)
            case "PLAY":
                self._play(request)
            case "TEARDOWN":
                await self._teardown(request)
            case "GET_PARAMETER" | "SET_PARAMETER":
                self._say(request, 200)
            case "ANNOUNCE" | "RECORD" | "PAUSE" | "REDIRECT":
                self._say(request, 405, [("Allow", _METHODS)])
            case _:
                self._say(request, 501, [("Public", _METHODS)])
        return None

    def _logged_in(self, request: Request, channel: Channel | None) -> bool:
        camera = channel.camera if channel is not None else self._station.cameras[0]
        refuse = self._station.has(camera, "refuses_login")
        asked = Asked(request.method, request.uri, request.headers.get("authorization"))
        verdict = self._station.gate.judge(camera.login, asked, refuse=refuse)
        if verdict is Verdict.RIGHT:
            return True
        login = camera.login or STRANGER
        challenges = self._station.gate.challenges(login, stale=verdict is Verdict.STALE)
        headers = [("WWW-Authenticate", value) for value in challenges]
        self._say(request, 401, headers, self._station.gate.excuse(verdict, asked))
        return False

    async def _describe(self, request: Request, channel: Channel | None) -> None:
        if channel is None or self._gone(channel):
            return self._say(request, 404)
        sets = await self._stage.media.parameter_sets(channel.stream)
        session_id = int(self._now(channel).timestamp() * 1000)
        headers = [("Content-Base", request.uri.rstrip("/") + "/"), ("Content-Type", "application/sdp")]
        return self._say(request, 200, headers, describe(self._station.host, session_id, channel.stream, sets))

    def _setup(self, request: Request, channel: Channel | None) -> None:
        transport = request.headers.get("transport", "")
        if channel is None or self._gone(channel):
            return self._say(request, 404)
        if self._playing is not None:
            return self._say(request, 455)
        # A list of transports in order of liking; this server speaks one.
        udp = self._station.has(channel.camera, "udp_only")
        wanted = [part.strip() for part in transport.split(",") if _speaks(part.strip(), udp)]
        if not wanted:
            return self._say(request, 461)
        if not self._session and len(self._station.sessions) >= self._stage.options.max_sessions:
            return self._say(request, 453)
        self._station.sessions.add(self)
        self._session = self._session or secrets.token_hex(8)
        self._channel, self._rtp_channel = channel, _first_channel(wanted[0])
        if udp:
            viewer = str(self._writer.get_extra_info("peername")[0])
            self._let_go_of_datagrams()
            self._datagrams = DatagramEnd(self._station.host, viewer, viewer_port(wanted[0]) or 0)
            return self._say(request, 200, [("Transport", self._datagrams.transport)])
        pair = f"{self._rtp_channel}-{self._rtp_channel + 1}"
        return self._say(request, 200, [("Transport", f'RTP/AVP/TCP;unicast;interleaved={pair};mode="PLAY"')])

    def _play(self, request: Request) -> None:
        if not self._knows(request):
            return self._say(request, 454)
        if self._channel is None:
            return self._say(request, 455)
        if self._playing is not None:
            return self._say(request, 200)
        packetiser = Packetiser(secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))
        url = f"{request.uri.rstrip('/').removesuffix('/' + TRACK)}/{TRACK}"
        info = f"url={url};seq={packetiser.sequence};rtptime={packetiser.start}"
        self._say(request, 200, [("Range", "npt=now-"), ("RTP-Info", info)])
        self._playing = asyncio.create_task(self._stream(self._channel, packetiser))
        return None

    async def _teardown(self, request: Request) -> None:
        if not self._knows(request):
            return self._say(request, 454)
        await self._end_session()
        return self._say(request, 200)

    async def _stream(self, channel: Channel, packetiser: Packetiser) -> None:
        start_s = self._stage.clock.monotonic()
        reported_s = -REPORT_EVERY_S
        in_step = False
        async with aclosing(self._stage.media.watch(channel.camera, channel.stream)) as pictures:
            async for timed in pictures:
                at_s = max(0.0, timed.at_s - start_s)
                in_step = (in_step or timed.unit.key) and self._may_send(channel, at_s)
                if not in_step:
                    continue
                self._send(packetiser, timed, at_s)
                if at_s - reported_s >= REPORT_EVERY_S:
                    reported_s = at_s
                    self._put(True, [packetiser.sender_report(at_s, self._now(channel))])
        self._writer.close()

    def _send(self, packetiser: Packetiser, timed: TimedUnit, at_s: float) -> None:
        self._put(False, list(packetiser.packets(timed.unit, at_s)))

    def _put(self, control: bool, packets: list[bytes]) -> None:
        """RTP, or RTCP when it is `control`, the way that was agreed on."""
        if self._datagrams is not None:
            self._datagrams.send(control, packets)
        else:
            self._writer.write(b"".join(interleaved(self._rtp_channel + control, packet) for packet in packets))

    def _let_go_of_datagrams(self) -> None:
        if self._datagrams is not None:
            self._datagrams.close()
            self._datagrams = None

    def _may_send(self, channel: Channel, playing_s: float) -> bool:
        """Whether a picture gets out. After one that did not, the viewer has to wait for a key picture."""
        faults = self._stage.switchboard.of(channel.camera.id)
        if "no_packets" in faults or "mute" in faults or self._station.silent or self._gone(channel):
            return False
        if "stalls" in faults and playing_s > faults["stalls"].params["after_s"]:
            return False
        return self._writer.transport.get_write_buffer_size() < MAX_UNSENT

    def _gone(self, channel: Channel) -> bool:
        """A channel of a recorder that has lost its camera; a box of one camera is gone as a whole instead."""
        faults = self._stage.switchboard.of(channel.camera.id)
        return self._station.shared and ("offline" in faults or "power_loss" in faults)

    def _knows(self, request: Request) -> bool:
        return bool(self._session) and request.headers.get("session", "").partition(";")[0].strip() == self._session

    async def _end_session(self) -> None:
        if self._playing is not None:
            self._playing.cancel()
            with suppress(asyncio.CancelledError):
                await self._playing
        self._playing, self._channel, self._session = None, None, ""
        self._let_go_of_datagrams()
        self._station.sessions.discard(self)

    def _now(self, channel: Channel | None = None) -> datetime:
        camera = channel.camera if channel is not None else self._station.cameras[0]
        return self._stage.moments.now(camera.id)

    def _say(self, request: Request, status: int, headers: list[tuple[str, str]] | None = None, body: str = "") -> None:
        standing = [("Date", format_datetime(self._now(self._channel), usegmt=True))]
        if self._session and status == 200:
            standing.append(("Session", f"{self._session};timeout={SESSION_TIMEOUT_S}"))
        self._writer.write(answer(status, request.cseq, [*standing, *(headers or [])], body))


def _speaks(transport: str, udp: bool) -> bool:
    """Whether a camera that speaks UDP alone, or TCP alone, takes this transport."""
    return viewer_port(transport) is not None if udp else transport.upper().startswith("RTP/AVP/TCP")


def _first_channel(transport: str) -> int:
    """The first of the two interleaved channels that the viewer asks for; 0 when it does not."""
    for part in transport.split(";"):
        name, _, value = part.partition("=")
        first = value.partition("-")[0]
        if name.strip().lower() == "interleaved" and first.isdecimal() and int(first) < 255:
            return int(first)
    return 0
