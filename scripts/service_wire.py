"""The case wire: requests that no token may follow, byte by byte, and connections that TLS must refuse."""

import contextlib
import os
import shutil
import signal
import sqlite3
import ssl
import subprocess
import sys
import time

from service_http import TOKEN, Connection, CutShort, request, token_request
from service_site import Failure, custom_apps, site

PATIENCE = 3  # Seconds for a reply, where one may also not come.
TARGET = "/v1/tenants/acme/token"
# What is no request is refused, or the connection is closed or left to its end without a reply.
MALFORMED = (400, None)


def token_with(host, secret, fields=(), method="POST", target=TARGET, body=b"{}", kind="application/json"):
    """A request for a token that is in order, but for what is changed."""
    kinds = [("Content-Type", kind)] if kind is not None else []
    raw = request(method, target, host, body, secret, [*fields, *kinds])
    return raw if kind is not None else raw.replace(b"Content-Type: application/json\r\n", b"")


def hosts(host, secret):
    """Names that are not the service's, as a page would send that had its own name lead here."""
    port = host.rpartition(":")[2]
    wrong = [
        "evil.example", f"evil.example:{port}", f"127.0.0.1.nip.io:{port}", f"localhost.evil.example:{port}",
        f"127.0.0.1:{port}.evil.example", f"evil.example@127.0.0.1:{port}", f"127.0.0.1:{port}@evil.example",
        f"evil.example#@127.0.0.1:{port}", f"127.0.0.1:{port}, evil.example", f"0.0.0.0:{port}", f"2130706433:{port}",
        f"0x7f.1:{port}", "[::1]:80", "127.0.0.1:80", f"[::ffff:8.8.8.8]:{port}",
    ]
    for name in wrong:
        yield f"Host: {name}", token_with(name, secret), (421, 400)
    whole = token_with(host, secret)
    line = f"Host: {host}\r\n".encode()
    yield "Host: empty", token_with("", secret), (421, 400)
    yield "Host: none", whole.replace(line, b""), (421, 400)
    yield "Host: twice", whole.replace(line, line * 2), (421, 400)
    yield "Host: right, then wrong", whole.replace(line, line + b"Host: evil.example\r\n"), (421, 400)
    yield "Host: wrong, then right", whole.replace(line, b"Host: evil.example\r\n" + line), (421, 400)
    # By its path and its Host: whoever sends it is no browser.
    yield "absolute URI", token_with("evil.example", secret, target=f"http://{host}{TARGET}"), (421, 400)


def browsers(host, secret):
    """What a browser or a proxy adds."""
    fields = [
        ("Origin", f"http://{host}"), ("Origin", "https://evil.example"), ("Origin", "null"), ("Origin", ""),
        ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Site", "same-origin"),
        ("Sec-Fetch-Site", "none, cross-site"), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", ""),
        ("Forwarded", "for=127.0.0.1"),
    ]
    for field in fields:
        yield "{}: {}".format(*field), token_with(host, secret, [field]), (403,)
    for target in ("/", "/healthz", "/metrics", "/v1/tenants", "/nowhere"):
        yield f"Origin on {target}", request("GET", target, host, secret=secret, fields=fields[1:2]), (403,)
    yield "Sec-Fetch-Site on /", request("GET", "/", host, secret=secret, fields=fields[4:5]), (403,)


def methods(host, secret):
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        yield f"method: {method}", token_with(host, secret, method=method), (405,)
    for method in ("TRACE", "CONNECT", "BREW", "post", "P OST"):
        yield f"method: {method}", token_with(host, secret, method=method), (405, 404, 501, *MALFORMED)
    kinds = [
        None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/jsonx", "application/json-seq", "text/plain; application/json",
    ]
    for kind in kinds:
        yield f"Content-Type: {kind}", token_with(host, secret, kind=kind), (415,)


def bearers(host, secret, expired, revoked):
    wrong = {
        "none": None, "empty": "", "its id, another secret": secret[:-1] + ("0" if secret[-1] != "0" else "1"),
        "its id only": secret.rpartition("_")[0], "upper case": secret.upper(), "one digit less": secret[:-1],
        "one digit more": secret + "0", "10 KB": "x" * 10_240, "a list of two": f"{secret}, {secret}",
        "expired": expired, "revoked": revoked,
    }
    for name, value in wrong.items():
        yield f"bearer: {name}", token_with(host, value), (401,)
    whole = token_with(host, secret)
    line = f"Authorization: Bearer {secret}\r\n".encode()
    bad = b"Authorization: Bearer lkc_0\r\n"
    basic = b"Authorization: Basic c2NyaXB0OnNlY3JldA==\r\n"
    yield "bearer: without a scheme", whole.replace(b"Bearer ", b""), (401,)
    yield "bearer: the scheme only", whole.replace(line, b"Authorization: Bearer\r\n"), (401,)
    yield "bearer: Basic", whole.replace(line, basic), (401,)
    yield "bearer: right, then wrong", whole.replace(line, line + bad), (401, 400)
    yield "bearer: wrong, then right", whole.replace(line, bad + line), (401, 400)
    yield "bearer: with NUL", whole.replace(line, line[:-2] + b"\0\r\n"), (401, *MALFORMED)
    yield "bearer: in the query", token_with(host, None, target=f"{TARGET}?access_token={secret}"), (401,)
    yield "bearer: in a cookie", token_with(host, None, [("Cookie", f"token={secret}")]), (401,)
    for target in ("/", "/metrics", "/v1/tenants", "/v1/tenants/acme"):
        yield f"bearer: none on {target}", request("GET", target, host), (401,)


def tenants(host, secret):
    names = [
        "other", "nobody", "", "*", "%2a", "ACME", "acme%00", "acme%00b", "acme%20", "acme;a", "acme,other",
        "acme%2fother", "a/../b", "acme/../other", "nobody/../acme", "..%2facme", "%2e%2e/acme", "%zz", "%c0%ae",
        "acme%e2%80%ae", "acme?", "acme%", "x" * 300,
    ]
    for name in names:
        target = f"/v1/tenants/{name}/token"
        yield f"tenant: {name[:20]}", token_with(host, secret, target=target), (404, 400, 405)
    yield "tenant: other, its state", request("GET", "/v1/tenants/other", host, secret=secret), (404,)
    yield "a path in upper case", token_with(host, secret, target=TARGET.upper()), (404,)
    yield "a path with another slash", token_with(host, secret, target="/" + TARGET), (404, 400)


def bodies(host, secret):
    wrong = {
        "empty": b"", "no JSON": b"hello", "a list": b"[]", "null": b"null", "cut": b"{", "two": b"{}{}",
        "not UTF-8": b'{"a":"\xff"}', "nested deep": b"[" * 10_000, "min_ttl -1": b'{"min_ttl":-1}',
        "min_ttl 1801": b'{"min_ttl":1801}', "min_ttl as text": b'{"min_ttl":"300"}',
        "min_ttl 1e400": b'{"min_ttl":1e400}', "min_ttl NaN": b'{"min_ttl":NaN}',
    }
    for name, body in wrong.items():
        yield f"body: {name}", token_with(host, secret, body=body), (400,)
    yield "body: 65 KiB", token_with(host, secret, body=b" " * (65 << 10) + b"{}"), (413,)


def framing(host, secret):
    """Requests of which two readers would see different ends, with a good one hidden behind each."""
    hidden = token_with(host, secret)
    head = hidden.partition(b"Content-Length")[0]

    def framed(*lines, body=b"{}"):
        return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body

    length, chunked, zero = b"Content-Length: 2", b"Transfer-Encoding: chunked", b"0\r\n\r\n"
    unread = framed(b"Content-Length: %d" % len(zero + hidden), chunked, body=zero + hidden)
    yield "length and chunks", unread, MALFORMED
    yield "chunks and length", framed(chunked, length, body=zero + hidden), MALFORMED
    yield "two lengths, the same", framed(length, length), MALFORMED
    yield "two lengths", framed(length, b"Content-Length: %d" % (2 + len(hidden)), body=b"{}" + hidden), MALFORMED
    for text in (b"+2", b"-2", b"0x2", b"2, 2", b"2 2", b"", b"2.0", b"9" * 30, b"18446744073709551618"):
        yield f"length: {text.decode()}", framed(b"Content-Length: " + text), (413, *MALFORMED)
    for text in (b"xchunked", b"chunked, identity", b"identity", b"chunked\x0b", b"\"chunked\""):
        name = f"Transfer-Encoding: {text.decode()!a}"
        yield name, framed(b"Transfer-Encoding: " + text, body=zero + hidden), (501, *MALFORMED)
    for text in (b"F" * 16, b"F" * 17, b"-2", b"+2", b"0x2", b"2 ", b"", b"2;" + b"x" * 2_000_000):
        body = text + b"\r\n{}\r\n" + zero
        yield f"chunk of size {text[:20].decode()}", framed(chunked, body=body), (413, 431, *MALFORMED)
    yield "chunk longer than its size", framed(chunked, body=b"2\r\n{}x\r\n" + zero), MALFORMED
    whole = framed(length)
    yield "bare LF", whole.replace(b"\r\n", b"\n"), MALFORMED
    yield "bare CR", whole.replace(b"\r\n", b"\r"), MALFORMED
    yield "space before a colon", framed(b"Content-Length : 2"), MALFORMED
    yield "a folded field", framed(length, b"X-A: b", b" c"), MALFORMED
    yield "a field without a name", framed(length, b": b"), MALFORMED
    yield "a field without a colon", framed(length, b"X-A"), MALFORMED
    yield "NUL in a field", framed(length, b"X-A: \0"), MALFORMED
    yield "NUL in the path", whole.replace(b"/token", b"/token\0"), MALFORMED
    yield "a field of 100 KB", framed(length, b"X-A: " + b"x" * 100_000), (413, 431, *MALFORMED)
    yield "10,000 fields", framed(length, *[b"X-%d: 1" % number for number in range(10_000)]), (413, 431, *MALFORMED)
    yield "a path of 100 KB", whole.replace(b"/token", b"/" + b"x" * 100_000), (404, 413, 414, 431, *MALFORMED)
    yield "HTTP/0.9", b"GET /v1/tenants\r\n\r\n", MALFORMED
    yield "HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (505, *MALFORMED)
    yield "HTTP/9.9", whole.replace(b"HTTP/1.1", b"HTTP/9.9"), (505, *MALFORMED)
    yield "TLS", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03\r\n\r\n", MALFORMED
    yield "a second request without a secret", request("GET", "/healthz", host) + token_with(host, None), (200,)
    yield "1,000 requests at once", request("GET", "/healthz", host) * 1000, (200,)


def send(address, raw, source):
    """Sends it. Returns the status and body of the first reply, None where there was none, and all bytes that came."""
    with Connection(address, source, PATIENCE) as connection:
        status, body = None, b""
        with contextlib.suppress(OSError):  # It may refuse before it has read all.
            connection.socket.sendall(raw)
        try:
            reply = connection.reply()
            status, body = reply.status, reply.body
            connection.socket.settimeout(0.05)
            while True:
                connection.receive()  # What else comes, to a request that was hidden in this one.
        except CutShort:
            raise Failure(f"a reply cut short: {bytes(connection.received)[:200]}") from None
        except (OSError, EOFError):
            pass
        return status, body, body + bytes(connection.received)


def check_requests(bars, service, secrets):
    host, secret = service.host, secrets["script"]
    port = host.rpartition(":")[2]
    for name in (f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"):
        _, _, received = send(service.address, token_with(name, secret), None)
        bars.hold(TOKEN.search(received), f"in order, Host: {name}: a token")

    groups = [
        *hosts(host, secret), *browsers(host, secret), *methods(host, secret),
        *bearers(host, secret, secrets["expired"], secrets["revoked"]), *tenants(host, secret), *bodies(host, secret),
        *framing(host, secret),
    ]
    given = failed = odd = 0
    unauthorized = set()
    for number, (name, raw, expected) in enumerate(groups):
        # Each from an address of its own: wrong secrets in a row lock an address out.
        status, body, received = send(service.address, raw, f"127.1.{number // 200}.{number % 200 + 1}")
        if TOKEN.search(received):
            given += 1
            bars.hold(False, f"{name}: a token")
        if status not in expected:
            odd += 1
            bars.hold(False, f"{name}: {status}, where {' or '.join(map(str, expected))} is due; {body[:200]}")
        failed += status is not None and status >= 500 and status not in (501, 505)
        if status == 401:
            unauthorized.add(body)
        if service.process.poll() is not None:
            raise Failure(f"{name}: the service ended: {service.tail()}")
    bars.hold(
        not given and not failed,
        f"{len(groups)} requests out of order: tokens {given}, faults of the service {failed}, other answers {odd}",
    )
    bars.hold(len(unauthorized) == 1, f"distinct bodies of 401: {len(unauthorized)}")


def check_lockout(bars, service, secret):
    """More than ten wrong secrets in a minute are too many from one address, and from that one only."""
    wrong = [send(service.address, token_with(service.host, "lkc_0"), "127.0.0.9")[0] for _ in range(12)]
    bars.hold(wrong == [401] * 10 + [429] * 2, f"wrong secrets in a row: {', '.join(map(str, wrong))}")
    status, _, received = send(service.address, token_with(service.host, secret), None)
    bars.hold(status == 200 and TOKEN.search(received), f"afterwards it answers from elsewhere: {status}")


# TLS.


def make_certificates(folder):
    """Two authorities, ca and evil; by the first certificates for server and client, by the other one for stranger."""

    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]
    for name in ("ca", "evil"):
        openssl("req", "-x509", *key, "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", "-days", "2",
                "-subj", f"/CN=larkimg {name}", "-addext", "basicConstraints=critical,CA:TRUE",
                "-addext", "keyUsage=critical,keyCertSign")
    with open(f"{folder}/names", "w") as file:
        file.write("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    for name, authority in {"server": "ca", "client": "ca", "stranger": "evil"}.items():
        files = ["-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.csr"]
        openssl("req", *key, *files, "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{folder}/{name}.csr", "-out", f"{folder}/{name}.pem", "-days", "2",
                "-CA", f"{folder}/{authority}.pem", "-CAkey", f"{folder}/{authority}.key", "-CAcreateserial",
                "-extfile", f"{folder}/names")


def ask_over_tls(service, folder, raw, certificate=None, authority="ca"):
    """The status of the reply, or None where there is none."""
    context = ssl.create_default_context(cafile=f"{folder}/{authority}.pem")
    if certificate:
        context.load_cert_chain(f"{folder}/{certificate}.pem", f"{folder}/{certificate}.key")
    connection = Connection(service.address, timeout=PATIENCE)
    with connection:
        try:
            connection.socket = context.wrap_socket(connection.socket, server_hostname="localhost")
            return connection.ask(raw).status
        except (OSError, EOFError):  # An ssl.SSLError is an OSError.
            return None


def negotiates(service, folder, version):
    """Whether openssl agrees with it on that version, and nothing is too weak for openssl itself."""
    command = ["openssl", "s_client", "-connect", service.host, f"-{version}", "-cipher", "DEFAULT@SECLEVEL=0",
               "-CAfile", f"{folder}/ca.pem"]
    done = subprocess.run(command, input="", capture_output=True, text=True, timeout=20)
    return done.returncode == 0 and "Cipher is (NONE)" not in done.stdout


def check_reload(bars, service, folder, raw):
    """After SIGHUP another certificate is shown; one that cannot be read leaves the one before in place."""

    def replace(name):
        for ending in ("pem", "key"):
            shutil.copyfile(f"{folder}/{name}.{ending}", f"{folder}/shown.{ending}")
        service.process.send_signal(signal.SIGHUP)

    def shows(authority):
        end = time.monotonic() + 10
        while ask_over_tls(service, folder, raw, authority=authority) != 200:
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    replace("stranger")
    changed = shows("evil")
    with open(f"{folder}/shown.pem", "w") as file:
        file.write("no certificate")
    service.process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    kept = shows("evil")
    replace("server")
    bars.hold(changed and kept and shows("ca"), f"certificates after SIGHUP: changed {changed}, kept when spoilt {kept}")


def check_tls(bars, home, secret):
    folder = home.folder
    make_certificates(folder)
    for ending in ("pem", "key"):
        shutil.copyfile(f"{folder}/server.{ending}", f"{folder}/shown.{ending}")
    words = ["--tls-cert", f"{folder}/shown.pem", "--tls-key", f"{folder}/shown.key"]
    service = home.serve(*words)
    agreed = [version for version in ("tls1", "tls1_1", "tls1_2", "tls1_3") if negotiates(service, folder, version)]
    bars.hold(agreed == ["tls1_2", "tls1_3"], f"versions of TLS it agrees on: {', '.join(agreed)}")
    raw = token_request("acme", service.host, secret)
    status, _, received = send(service.address, raw, None)
    bars.hold(status is None and not TOKEN.search(received), f"plain HTTP to TLS: {status or 'closed'}")
    bars.hold(ask_over_tls(service, folder, raw) == 200, "TLS with a secret: a token")
    check_reload(bars, service, folder, raw)
    service.end(signal.SIGTERM)

    service = home.serve(*words, "--client-ca", f"{folder}/ca.pem")
    raw = token_request("acme", service.host, secret)
    for certificate, expected in {None: None, "stranger": None, "client": 200}.items():
        status = ask_over_tls(service, folder, raw, certificate)
        name = f"the certificate {certificate}" if certificate else "no certificate"
        bars.hold(status == expected, f"--client-ca, {name}: {status or 'refused'}")
    bare = token_request("acme", service.host)
    status = ask_over_tls(service, folder, bare, "client")
    bars.hold(status == 401, f"--client-ca, the certificate client without a secret: {status}")
    service.end(signal.SIGTERM)


# Other users of this machine.


def check_users(bars, home):
    """A user who is not in the socket's group cannot connect, and is not served if somebody opened the socket to all."""
    if os.geteuid() != 0:
        return bars.tell("other users: only root can try that")
    os.chmod(home.folder, 0o755)
    folder = f"{home.folder}/run"
    service = home.serve(socket=f"{folder}/larkimg.sock")
    raw = token_request("acme", "localhost").decode()
    script = (
        "import os, socket, sys; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.settimeout(10); s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode())\n"
        "sys.stdout.buffer.write(s.recv(9000))"
    )

    def outcome():
        done = subprocess.run(
            [sys.executable, "-c", script, service.address, raw], capture_output=True, text=True, timeout=30)
        if TOKEN.search(done.stdout.encode()):
            return "a token"
        return done.stderr.strip().split("\n")[-1].split(":")[0] or "closed without a word"

    shut = outcome()
    os.chmod(folder, 0o755)
    os.chmod(service.address, 0o666)
    opened = outcome()
    bars.hold(shut == "PermissionError", f"another user: {shut}")
    bars.hold("token" not in opened, f"another user, where the socket was opened to all: {opened}")
    service.end(signal.SIGTERM)


def wire(options, bars):
    with site(options, *custom_apps(["cli_acme", "cli_other"])) as home:
        for name in ("acme", "other"):
            home.add_tenant(name, f"cli_{name}")
        secrets = {name: home.add_client(name, "acme") for name in ("script", "expired", "revoked")}
        home.larkimg("client", "remove", "revoked")
        with contextlib.closing(sqlite3.connect(f"{home.folder}/home/store.sqlite")) as store, store:
            store.execute("UPDATE client_secret SET expires_at = 1 WHERE client = 'expired'")
        service = home.serve()
        check_requests(bars, service, secrets)
        check_lockout(bars, service, secrets["script"])
        service.end(signal.SIGTERM)
        check_tls(bars, home, secrets["script"])
        check_users(bars, home)
