"""A client of HTTP/1.1 that sends exactly the bytes it is given, and tells a reply from a part of one."""

import re
import socket
from typing import NamedTuple

TOKEN = re.compile(rb"t-g1\w+")  # As the emulator makes them.


class Unanswered(EOFError):
    """The connection was closed instead of a reply."""


class CutShort(EOFError):
    """The connection ended in the middle of a reply."""


class Reply(NamedTuple):
    """A whole reply; names of fields are in lower case."""

    status: int
    fields: tuple
    body: bytes

    def field(self, name):
        return next((value for key, value in self.fields if key == name), None)

    @property
    def closes(self):
        return (self.field("connection") or "").lower() == "close"

    @property
    def timeless(self):
        """The same without what differs from second to second."""
        return self._replace(fields=tuple(sorted(field for field in self.fields if field[0] != "date")))


def request(method, target, host, body=None, secret=None, fields=()):
    """The bytes of a request; a body is JSON unless a field says otherwise."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    if secret is not None:
        lines.append(f"Authorization: Bearer {secret}")
    lines += [f"{name}: {value}" for name, value in fields]
    if body is not None:
        if not any(name.lower() == "content-type" for name, _ in fields):
            lines.append("Content-Type: application/json")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def token_request(tenant, host, secret=None):
    return request("POST", f"/v1/tenants/{tenant}/token", host, b"{}", secret)


class Connection:
    """One connection, to (host, port) or to the path of a socket; `source` is the address to come from."""

    def __init__(self, address, source=None, timeout=60):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
        else:
            self.socket = socket.socket()
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if source:
                self.socket.bind((source, 0))
            self.socket.settimeout(timeout)
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self.received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def ask(self, raw):
        self.socket.sendall(raw)
        return self.reply()

    def reply(self):
        """Reads one reply. Raises Unanswered, CutShort, or ConnectionResetError where nothing of it came."""
        try:
            head = self.take_to(b"\r\n\r\n")
        except EOFError:
            raise (CutShort("in the head") if self.received else Unanswered("closed without a reply")) from None
        try:
            return self.rest(head)
        except (EOFError, ConnectionResetError):
            raise CutShort("in the body") from None

    def rest(self, head):
        start, *lines = head.decode("latin-1").split("\r\n")[:-2]
        fields = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
        reply = Reply(int(start.split(" ")[1]), fields, b"")
        if (reply.field("transfer-encoding") or "").lower() == "chunked":
            body = b""
            while size := int(self.take_to(b"\r\n").split(b";")[0], 16):
                body += self.take(size + 2)[:-2]
            self.take_to(b"\r\n")
        else:
            body = self.take(int(reply.field("content-length") or 0))
        return reply._replace(body=bytes(body))

    def take_to(self, mark):
        while (place := self.received.find(mark)) < 0:
            self.receive()
        return self.take(place + len(mark))

    def take(self, count):
        while len(self.received) < count:
            self.receive()
        taken = bytes(self.received[:count])
        del self.received[:count]
        return taken

    def receive(self):
        try:
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            if self.received:
                raise EOFError from None
            raise
        if not data:
            raise EOFError
        self.received += data
