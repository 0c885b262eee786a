"""The cases slow and bodies: clients that hold connections, or send without end, cost the others nothing."""

import asyncio
import multiprocessing
import select
import threading
import time
from collections import defaultdict

from service_http import Connection, CutShort, token_request
from service_site import NO_LIMIT, Failure, custom_apps, percentile, raise_file_limit, site

SLOW = 2000
KINDS = "idle", "a byte of the head each second", "a byte of the body each second"
PATIENCE = 40  # Seconds after which the slow ones are counted.
SECONDS, RATE, CLIENTS = 10, 50, 4
SLOWEST = 0.050

GIGABYTE = 1 << 30
GROWTH = 20 << 20


# Slow clients.


async def hold_open(kind, beginning, address, opened, permits):
    """One slow connection. Returns the seconds until it was cut, or None where it was not."""
    async with permits:
        reader, writer = await asyncio.open_connection(*address)
    opened.release()
    start = time.monotonic()
    writer.write(beginning)
    try:
        while (left := start + PATIENCE - time.monotonic()) > 0:
            if kind != KINDS[0]:
                writer.write(b"x")
            try:
                while await asyncio.wait_for(reader.read(1 << 12), min(1, left)):
                    pass  # It may say why before it closes.
                return time.monotonic() - start
            except TimeoutError:
                continue
        return None
    except ConnectionError:
        return time.monotonic() - start
    finally:
        writer.transport.abort()


async def hold_all(beginnings, address, pipe):
    opened, permits = asyncio.Semaphore(0), asyncio.Semaphore(64)
    kinds = [KINDS[number % len(KINDS)] for number in range(SLOW)]
    tasks = [asyncio.create_task(hold_open(kind, beginnings[kind], address, opened, permits)) for kind in kinds]
    for _ in range(SLOW):
        await opened.acquire()
    pipe.send("open")
    results = defaultdict(list)
    for kind, task in zip(kinds, tasks):
        results[kind].append(await task)
    pipe.send(dict(results))


def ask_steadily(service, secret):
    """Requests by a timetable. Returns the seconds from each one's time to its reply, and how many failed."""
    times, failures = [], []

    def work(number):
        connection = Connection(service.address)
        start = time.monotonic() + number / RATE
        for turn in range(SECONDS * RATE // CLIENTS):
            due = start + turn * CLIENTS / RATE
            time.sleep(max(0, due - time.monotonic()))
            try:
                reply = connection.ask(token_request("acme", service.host, secret))
                times.append(time.monotonic() - due)
                if reply.status != 200:
                    failures.append(reply.status)
            except (OSError, EOFError) as error:
                failures.append(error)
                connection.close()
                connection = Connection(service.address)
        connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, failures


def slow(options, bars):
    raise_file_limit(SLOW + 500)
    with site(options, *custom_apps(["cli_acme"])) as home:
        home.add_tenant("acme", "cli_acme")
        quick, dribbling = home.add_client("quick", "acme"), home.add_client("dribbling", "acme")
        service = home.serve(*NO_LIMIT)
        with Connection(service.address) as connection:
            connection.ask(token_request("acme", service.host, quick))
        whole = token_request("acme", service.host, dribbling)
        beginnings = {
            KINDS[0]: b"",
            KINDS[1]: whole.partition(b"\r\n\r\n")[0] + b"\r\nX-Slow: ",
            KINDS[2]: whole.replace(b"Content-Length: 2\r\n", b"Content-Length: 1000\r\n").removesuffix(b"{}"),
        }
        alone, _ = ask_steadily(service, quick)
        bars.tell(f"alone: p50 {percentile(alone, 0.5) * 1e3:.1f} ms, p99 {percentile(alone, 0.99) * 1e3:.1f} ms")

        # A process of its own, which does not disturb the clock of this one.
        pipe, theirs = multiprocessing.Pipe()
        clients = multiprocessing.Process(
            target=lambda: asyncio.run(hold_all(beginnings, service.address, theirs)), daemon=True
        )
        clients.start()
        if not pipe.poll(30):
            raise Failure(f"{SLOW:,} connections were not opened within 30 s")
        pipe.recv()
        files = service.open_files()
        times, failures = ask_steadily(service, quick)
        p50, p99 = percentile(times, 0.5), percentile(times, 0.99)
        bars.hold(
            p99 < SLOWEST and not failures,
            f"beside {SLOW:,} slow connections: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms,"
            f" failed {len(failures)} of {len(times)}; open files of the service {files:,}",
        )
        if not pipe.poll(PATIENCE + 20):
            raise Failure("the slow clients did not end")
        for kind, results in pipe.recv().items():
            cut = [seconds for seconds in results if seconds is not None]
            when = f", the first after {min(cut):.0f} s, the last after {max(cut):.0f} s" if cut else ""
            bars.tell(f"{kind}: cut within {PATIENCE} s {len(cut)} of {len(results)}{when}")
        clients.join()
        bars.hold(service.answers(), f"afterwards it answers; open files {service.open_files()}")


# Large bodies.


def pour(service, head, piece):
    """Sends pieces until the connection is closed or a gigabyte is out. Returns bytes, status and whether it closed."""
    sent, status = 0, None
    with Connection(service.address, timeout=20) as connection:
        try:
            connection.socket.sendall(head)
            while sent < GIGABYTE:
                if status is None and select.select([connection.socket], [], [], 0)[0]:
                    status = connection.reply().status
                connection.socket.sendall(piece)
                sent += len(piece)
            if status is None and b"Content-Length" in head:
                status = connection.reply().status
        except CutShort:
            raise Failure("a reply cut short") from None
        except TimeoutError:
            return sent, status, False  # It reads no more, and does not say so.
        except (OSError, EOFError):
            if status is None:
                try:
                    status = connection.reply().status  # Sent before it closed.
                except (OSError, EOFError):
                    pass
            return sent, status, True
    return sent, status, False


def bodies(options, bars):
    with site(options, *custom_apps(["cli_acme"])) as home:
        home.add_tenant("acme", "cli_acme")
        secret = home.add_client("script", "acme")
        service = home.serve(*NO_LIMIT)
        for _ in range(100):
            with Connection(service.address) as connection:
                connection.ask(token_request("acme", service.host, secret))
        before = service.memory("VmRSS")
        service.forget_peak()
        piece = bytes([0x20]) * (1 << 16)
        chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        common = f"Host: {service.host}\r\nAuthorization: Bearer {secret}\r\nContent-Type: application/json\r\n"
        for target in ("/v1/tenants/acme/token", "/v1/tenants/acme/quota", "/events/shop", "/nowhere"):
            for name, length, sent in (
                ("1 GB", f"Content-Length: {GIGABYTE}", piece),
                ("endless chunks", "Transfer-Encoding: chunked", chunk),
            ):
                head = f"POST {target} HTTP/1.1\r\n{common}{length}\r\n\r\n".encode()
                count, status, closed = pour(service, head, sent)
                expected = (404, 413) if target == "/nowhere" else (413,)
                ended = closed or sent is piece and count >= GIGABYTE
                bars.hold(
                    status in expected and ended or status is None and closed,
                    f"{name} to {target}: {status or 'no status'} after {count / 1e6:.1f} MB,"
                    f" {'closed' if closed else 'not closed'}",
                )
        growth = service.memory("VmHWM") - before
        bars.hold(growth < GROWTH, f"memory grew by {growth / 1e6:.1f} MB at most, from {before / 1e6:.1f} MB")
        bars.hold(service.answers(), "afterwards it answers")
