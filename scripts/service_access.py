"""The cases matrix and timing: each client gets the tokens of its own tenants, and learns nothing of the others; nobody
learns from the time of a refusal how much of a secret was right."""

import json
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from service_http import TOKEN, Connection, token_request
from service_site import NO_LIMIT, custom_apps, site

COUNT = 100
CONNECTIONS = 4
NOBODY = "t--"  # As long as the names that exist.


def matrix(options, bars):
    names = [f"t{number:02}" for number in range(COUNT)]
    with site(options, *custom_apps(f"cli_{name}" for name in names)) as home:
        home.add_tenant(names[0], f"cli_{names[0]}")  # Alone: it makes store and key.
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda name: home.add_tenant(name, f"cli_{name}"), names[1:]))
            secrets = dict(zip(names, pool.map(lambda name: home.add_client(f"client-{name}", name), names)))
        service = home.serve(*NO_LIMIT)
        pairs = [(client, tenant) for client in names for tenant in [*names, NOBODY]]
        random.Random(options.seed).shuffle(pairs)
        replies = {}

        def work(first):
            with Connection(service.address) as connection:
                for client, tenant in pairs[first::CONNECTIONS]:
                    replies[client, tenant] = connection.ask(token_request(tenant, service.host, secrets[client]))

        start = time.monotonic()
        threads = [threading.Thread(target=work, args=(first,)) for first in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - start

        calls = home.token_calls()
        tokens = {name: home.token(f"cli_{name}") for name in names}
        unknown = {client: replies.pop((client, NOBODY), None) for client in names}
        given = {pair for pair, reply in replies.items() if TOKEN.search(reply.body)}
        right = {
            (client, tenant) for client, tenant in given
            if client == tenant and json.loads(replies[client, tenant].body)["tenant_access_token"] == tokens[tenant]
        }
        bars.hold(len(replies) == COUNT**2, f"{len(replies):,} requests answered in {seconds:.1f} s")
        bars.hold(len(right) == COUNT, f"clients that got their own tenant's token: {len(right)} of {COUNT}")
        bars.hold(given == right, f"tokens of other tenants given: {len(given - right)} of {COUNT**2 - COUNT:,}")

        # What a refusal must look like, but for the name: the answer of a tenant that does not exist.
        def expected(client, tenant):
            reply = unknown[client].timeless
            return reply._replace(body=reply.body.replace(NOBODY.encode(), tenant.encode()))

        refused = [pair for pair in replies if pair[0] != pair[1]]
        alike = [
            pair for pair in refused
            if replies[pair].status == 404 and unknown[pair[0]] and replies[pair].timeless == expected(*pair)
        ]
        bars.hold(
            len(alike) == COUNT**2 - COUNT,
            f"refused with 404 as a tenant that does not exist: {len(alike):,} of {COUNT**2 - COUNT:,}",
        )
        bars.hold(calls == COUNT, f"calls for a token to the platform: {calls}")


SAMPLES = 20_000
PER_ADDRESS = 10  # Then an address is not listened to for a minute.
MOST = 4.5  # Of the t of Welch's test, as dudect has it.


def timing(options, bars):
    with site(options, *custom_apps(["cli_acme"])) as home:
        home.add_tenant("acme", "cli_acme")
        secret = home.add_client("script", "acme")
        service = home.serve(*NO_LIMIT)
        head, tail = secret[:21], secret[21:]  # The part that names it, and the part that nobody can guess.

        def other(digit):
            return "0" if digit != "0" else "1"

        wrong = [head + other(tail[0]) + tail[1:], head + tail[:-1] + other(tail[-1])]
        requests = [token_request("acme", service.host, text) for text in wrong]
        dice = random.Random(options.seed)
        times = [[], []]
        for number in range(SAMPLES // PER_ADDRESS):
            address = f"127.{2 + number // 60_000}.{number // 250 % 250}.{1 + number % 250}"
            with Connection(service.address, source=address) as connection:
                for _ in range(PER_ADDRESS):
                    which = dice.randrange(2)
                    start = time.perf_counter_ns()
                    status = connection.ask(requests[which]).status
                    times[which].append(time.perf_counter_ns() - start)
                    if status != 401:
                        return bars.hold(False, f"a wrong secret was answered {status}")
    # Without the slowest tenth, which the machine is to blame for.
    kept = [sorted(values)[: len(values) * 9 // 10] for values in times]
    (one, other_one), variances = map(statistics.fmean, kept), [statistics.variance(values) / len(values) for values in kept]
    t = (one - other_one) / sum(variances) ** 0.5
    bars.hold(
        abs(t) < MOST,
        f"{SAMPLES:,} wrong secrets: wrong at the first digit {one / 1e3:.1f} µs, at the last {other_one / 1e3:.1f} µs; "
        f"t = {t:.2f}, the bar is {MOST}")
