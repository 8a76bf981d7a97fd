"""Who is at the other end of a Unix socket: the kernel says so (SO_PEERCRED), never the client."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

_PEER = struct.Struct("3i")  # pid, uid, gid: unix(7)


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end."""

    pid: int
    uid: int
    gid: int

    def __str__(self) -> str:
        return f"a client of user {self.uid} (process {self.pid})"


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end, as it was when it connected."""
    return Peer(*_PEER.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)))
