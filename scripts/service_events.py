"""The case events: the platform's events are taken, whatever somebody else makes of them is refused."""

import base64
import hashlib
import json
import random
import statistics
import threading
import time
from collections import Counter, defaultdict
from typing import NamedTuple

import lark_oapi as lark
from Crypto.Cipher import AES
from lark_oapi.core.utils.decryptor import AESCipher
from service_http import Connection, request, token_request
from service_site import site

APP_ID, ENCRYPT_KEY, TOKEN = "cli_shop", "encrypt-key-of-shop", "verification-token-of-shop"
MUTANTS = 10_000
CONNECTIONS = 4
DEEP = 10_000

# "Configure Encrypt Key": the platform's own vector, then one of ours that its SDK has agreed to.
PLATFORM_VECTOR = "test key", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=", "hello world"
SIGNED_VECTOR = (
    '{"ts":"1502199207.7171419","uuid":"bc447199585340d1f3728d26b1c0297a","token":"vt","type":"event_callback",'
    '"event":{"app_id":"cli_x","app_ticket":"tick","type":"app_ticket"}}',
    "5560192da0d130c74b524abef2b5341650e30fb35d251adbf5d56f7960c9bb52",
)


class Post(NamedTuple):
    """What is posted to an app's address; a header that is None is left out."""

    body: bytes
    timestamp: str | None
    nonce: str | None
    signature: str | None
    app: str = "shop"

    @property
    def headers(self):
        names = "X-Lark-Request-Timestamp", "X-Lark-Request-Nonce", "X-Lark-Signature"
        values = self.timestamp, self.nonce, self.signature
        return {name: value for name, value in zip(names, values) if value is not None}

    def request(self, host):
        fields = [("Content-Type", "application/json;charset=utf-8"), *self.headers.items()]
        return request("POST", f"/events/{self.app}", host, self.body, fields=fields)


def seal(text, key, iv):
    """AES-256-CBC under the SHA-256 of the Encrypt Key, padded as in PKCS7, the IV in front, in base64."""
    data = text if isinstance(text, bytes) else text.encode()
    count = 16 - len(data) % 16
    return seal_blocks(data + bytes([count]) * count, key, iv)


def seal_blocks(blocks, key, iv):
    sealed = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, iv).encrypt(blocks)
    return base64.b64encode(iv + sealed).decode()


def signature(timestamp, nonce, key, body):
    return hashlib.sha256((timestamp + nonce + key).encode() + body).hexdigest()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Platform:
    """Makes events as the platform does."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, ticket="forged", age=0.0, **changes):
        """An app_ticket event before encryption; a change to None takes the member away."""
        event = {
            "ts": f"{time.time() - age:.7f}",
            "uuid": self.random.randbytes(16).hex(),
            "token": TOKEN,
            "type": "event_callback",
            "event": {"app_id": APP_ID, "app_ticket": ticket, "type": "app_ticket"},
        }
        return compact({name: value for name, value in (event | changes).items() if value is not None})

    def challenge(self, challenge="challenge", token=TOKEN):
        return compact({"challenge": challenge, "token": token, "type": "url_verification"})

    def envelope(self, text, key=ENCRYPT_KEY):
        return compact({"encrypt": seal(text, key, self.random.randbytes(16))}).encode()

    def sign(self, body, key=ENCRYPT_KEY, timestamp=None):
        """The post of this body with a right signature."""
        timestamp = str(int(time.time())) if timestamp is None else timestamp
        nonce = self.random.randbytes(5).hex()
        return Post(body, timestamp, nonce, signature(timestamp, nonce, key, body))

    def post(self, text):
        return self.sign(self.envelope(text))


def mutants(platform):
    """The ways to go wrong: a name, and what makes a post of that kind."""
    draw = platform.random

    def good(**changes):
        return platform.post(platform.text(**changes))

    def with_bit(data):
        """Another data of the same length."""
        changed = bytearray(data)
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
        return bytes(changed)

    def with_visible_bit(text):
        """Another text of the same length that a header can carry."""
        while True:
            changed = with_bit(text.encode())
            if all(0x21 <= byte <= 0x7E for byte in changed):
                return changed.decode()

    def changed(name, change):
        post = good()
        return post._replace(**{name: change(getattr(post, name))})

    def timed(timestamp):
        return platform.sign(platform.envelope(platform.text()), timestamp=timestamp)

    def sealed(text):
        return platform.post(text)

    def enclosing(value):
        return platform.sign(compact({"encrypt": value}).encode())

    def blocks(data):
        return enclosing(seal_blocks(data, ENCRYPT_KEY, draw.randbytes(16)))

    def cut(count):
        """What `encrypt` holds, cut to so many bytes."""
        return enclosing(base64.b64encode(base64.b64decode(seal("x" * 40, ENCRYPT_KEY, bytes(16)))[:count]).decode())

    def unsigned(post):
        return post._replace(timestamp=None, nonce=None, signature=None)

    def bad_padding():
        text = platform.text().encode()
        return blocks(text + bytes(-(len(text) + 1) % 16) + draw.choice((b"\x00", b"\x11", b"\xff", b"\x02")))

    def reserialised():
        """The signature of the same JSON written another way."""
        post = good()
        other = json.dumps(json.loads(post.body)).encode()
        return post._replace(signature=signature(post.timestamp, post.nonce, ENCRYPT_KEY, other))

    def now(change=0):
        return int(time.time()) + change

    kinds = {
        "a bit of the body": lambda: changed("body", with_bit),
        "a bit of the timestamp": lambda: changed("timestamp", with_visible_bit),
        "a bit of the nonce": lambda: changed("nonce", with_visible_bit),
        "a bit of the signature": lambda: changed("signature", with_visible_bit),
        "no timestamp": lambda: good()._replace(timestamp=None),
        "no nonce": lambda: good()._replace(nonce=None),
        "no signature": lambda: good()._replace(signature=None),
        "no header": lambda: unsigned(good()),
        "no header, bad padding": lambda: unsigned(bad_padding()),
        "signature: empty": lambda: good()._replace(signature=""),
        "signature: upper case": lambda: changed("signature", str.upper),
        "signature: 63 digits": lambda: changed("signature", lambda text: text[:-1]),
        "signature: 65 digits": lambda: changed("signature", lambda text: text + "0"),
        "signature: of another key": lambda: platform.sign(platform.envelope(platform.text()), key="another"),
        "signature: of JSON written another way": reserialised,
        "signature: of the text before encryption": lambda: good()._replace(
            signature=signature("", "", ENCRYPT_KEY, platform.text().encode())
        ),
        "timestamp: 6 min ago": lambda: timed(str(now(-360))),
        "timestamp: 8 h ago": lambda: timed(str(now(-28_800))),
        "timestamp: in 6 min": lambda: timed(str(now(360))),
        "timestamp: milliseconds": lambda: timed(str(now() * 1000)),
        "timestamp: empty": lambda: timed(""),
        "timestamp: 30 digits": lambda: timed("9" * 30),
        "timestamp: 1e9": lambda: timed("1e9"),
        "timestamp: negative": lambda: timed(f"-{now()}"),
        "timestamp: no number": lambda: timed("now"),
        "token: another": lambda: good(token="another"),
        "token: none": lambda: good(token=None),
        "token: empty": lambda: good(token=""),
        "token: a number": lambda: good(token=1),
        "token: of a challenge, another": lambda: sealed(platform.challenge(token="another")),
        "token: of an unsigned challenge, another": lambda: unsigned(sealed(platform.challenge(token="another"))),
        "token: of an unsigned challenge, none": lambda: unsigned(sealed(platform.challenge(token=None))),
        "body: empty": lambda: platform.sign(b""),
        "body: plain JSON": lambda: platform.sign(platform.text().encode()),
        "body: a plain challenge": lambda: unsigned(platform.sign(platform.challenge().encode())),
        "body: no JSON": lambda: platform.sign(b"hello"),
        "body: a list": lambda: platform.sign(b"[]"),
        "body: cut": lambda: platform.sign(platform.envelope(platform.text())[:-1]),
        "body: nested deep": lambda: platform.sign(b'{"encrypt":' + b"[" * DEEP + b"]" * DEEP + b"}"),
        "body: a lone surrogate": lambda: platform.sign(rb'{"encrypt":"\ud800"}'),
        "encrypt: no base64": lambda: enclosing("*** no base64 ***"),
        "encrypt: a number": lambda: enclosing(1),
        "encrypt: null": lambda: enclosing(None),
        "encrypt: empty": lambda: enclosing(""),
        "encrypt: 15 bytes": lambda: cut(15),
        "encrypt: the IV only": lambda: cut(16),
        "encrypt: no whole blocks": lambda: cut(41),
        "encrypt: under another key": lambda: platform.sign(platform.envelope(platform.text(), key="another")),
        "encrypt: bad padding": bad_padding,
        "inside: no JSON": lambda: sealed("hello world"),
        "inside: nothing": lambda: sealed(""),
        "inside: a list": lambda: sealed("[]"),
        "inside: cut": lambda: sealed(platform.text()[:-2]),
        "inside: not UTF-8": lambda: sealed(platform.text("TICKET").encode().replace(b"TICKET", b"\xff\xfe")),
        "inside: nested deep": lambda: sealed("[" * DEEP + "]" * DEEP),
        "inside: a lone surrogate": lambda: sealed(platform.text("\ud800")),
        "inside: another app's id": lambda: good(
            event={"app_id": "cli_other", "app_ticket": "forged", "type": "app_ticket"}
        ),
        "inside: a ticket that is a number": lambda: good(
            event={"app_id": APP_ID, "app_ticket": 1, "type": "app_ticket"}
        ),
    }
    for app in ("other", "sho", "SHOP", "shop%00", "%2a", "x" * 100):
        kinds[f"app: {app[:10]}"] = lambda app=app: good()._replace(app=app)
    return kinds


def prove_by_sdk(bars, platform):
    """The platform's own SDK opens what we seal and takes what we sign, and nothing else."""
    key, sealed, text = PLATFORM_VECTOR
    bars.hold(
        seal(text, key, base64.b64decode(sealed)[:16]) == sealed and AESCipher(key).decrypt_str(sealed) == text,
        "the platform's vector of encryption: the same bytes",
    )
    text, expected = SIGNED_VECTOR
    body = compact({"encrypt": seal(text, "test key", bytes(range(16)))}).encode()
    bars.hold(signature("1700000000", "nonce1", "test key", body) == expected, "the vector of the signature: the same")

    tickets = []
    handler = (
        lark.EventDispatcherHandler.builder(ENCRYPT_KEY, TOKEN, lark.LogLevel.CRITICAL)
        .register_p1_customized_event("app_ticket", lambda event: tickets.append(event.event["app_ticket"]))
        .build()
    )

    def status(post):
        asked = lark.RawRequest()
        asked.uri, asked.headers, asked.body = "/events/shop", post.headers, post.body
        return handler.do(asked).status_code

    posts = [platform.post(platform.text(f"ticket-{number}")) for number in range(100)]
    opened = [AESCipher(ENCRYPT_KEY).decrypt_str(json.loads(post.body)["encrypt"]) for post in posts]
    taken = [status(post) for post in posts].count(200)
    kinds = mutants(platform)
    forged = [kinds[f"a bit of the {part}"]() for part in ("timestamp", "nonce", "signature") for _ in range(30)]
    refused = sum(status(post) != 200 for post in forged)
    bars.hold(
        taken == 100 and tickets == [json.loads(text)["event"]["app_ticket"] for text in opened],
        f"lark-oapi takes {taken} of 100 events as they are made here",
    )
    bars.hold(refused == len(forged), f"lark-oapi refuses {refused} of {len(forged)} with a bit changed")


def attack(service, posts):
    """Posts them all over a few connections. Returns for each its reply and the seconds it took, or None."""
    replies = [None] * len(posts)

    def work(first):
        connection = None
        for number in range(first, len(posts), CONNECTIONS):
            try:
                connection = connection or Connection(service.address)
                start = time.perf_counter()
                reply = connection.ask(posts[number].request(service.host))
                replies[number] = reply, time.perf_counter() - start
            except (OSError, EOFError):
                connection = None
            else:
                connection = None if reply.closes else connection

    threads = [threading.Thread(target=work, args=(first,)) for first in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return replies


def check_mutants(bars, service, platform):
    kinds = mutants(platform)
    names = [platform.random.choice(list(kinds)) for _ in range(MUTANTS)]
    posts = [kinds[name]() for name in names]
    replies = attack(service, posts)
    answered = [(name, *reply) for name, reply in zip(names, replies) if reply]
    mute = Counter(name for name, reply in zip(names, replies) if not reply)
    bars.hold(not mute, f"{MUTANTS:,} forged events of {len(kinds)} kinds; not answered {mute.total():,}{told(mute)}")
    if not answered:
        return
    accepted = Counter(name for name, reply, _ in answered if reply.status == 200)
    bars.hold(not accepted, f"accepted {accepted.total()}{told(accepted)}")
    distinct = Counter((reply.status, reply.body) for _, reply, _ in answered)
    (usual, _), *_ = distinct.most_common(1)
    odd = Counter(f"{name}: {reply.status}" for name, reply, _ in answered if (reply.status, reply.body) != usual)
    bars.hold(len(distinct) == 1 and usual[0] == 400, f"distinct replies {len(distinct)}, status {usual[0]}{told(odd)}")
    heads = len({reply.timeless.fields for _, reply, _ in answered})
    bars.hold(heads == 1, f"distinct headers, but for the date: {heads}")
    times = defaultdict(list)
    for name, _, seconds in answered:
        times[name].append(seconds)
    pair = [statistics.median(times[name]) * 1e6 for name in ("no header", "no header, bad padding")]
    bars.tell("without a signature: {:.0f} µs in the median where the padding is right, {:.0f} where not".format(*pair))


def told(counts):
    """The most frequent ones, where there are any."""
    return "".join(f"; {name} ({count})" for name, count in counts.most_common(8))


def add_app(home):
    files = {"app-secret": "secret", "verification-token": TOKEN, "encrypt-key": ENCRYPT_KEY}
    words = []
    for name, text in files.items():
        with open(f"{home.folder}/{name}", "w") as file:
            file.write(text)
        words += [f"--{name}-file", f"{home.folder}/{name}"]
    home.larkimg("app", "add", "shop", "--app-id", APP_ID, *words, "--host", home.platform, "--no-verify")
    home.larkimg("tenant", "add", "one", "--app", "shop", "--tenant-key", "tenant1", "--no-verify")


def take_from_emulator(bars, home, service):
    """Lets the emulator push its own events. Returns its ticket."""

    def delivered():
        pushes = home.journal()["pushes"]
        return [push["body"] for push in pushes if any(delivery["succeeded"] for delivery in push["deliveries"])]

    home.control(events_url=f"http://{service.host}/events/shop")
    home.wait_for(lambda: len(delivered()) >= 2, "the emulator's challenge and app_ticket", seconds=10)
    home.control(events_url="")
    bars.tell("the emulator's challenge and app_ticket are taken")
    return next(json.loads(body)["event"]["app_ticket"] for body in delivered() if "app_ticket" in body)


def events(options, bars):
    platform = Platform(options.seed)
    prove_by_sdk(bars, platform)
    emulator = ["--store-app", f"{APP_ID}:secret", "--installed", f"{APP_ID}:tenant1"]
    emulator += ["--verification-token", f"{APP_ID}:{TOKEN}", "--encrypt-key", f"{APP_ID}:{ENCRYPT_KEY}"]
    with site(options, *emulator) as home:
        add_app(home)
        secret = home.add_client("script", "one")
        service = home.serve()
        ticket = take_from_emulator(bars, home, service)

        def standing():
            return json.loads(home.larkimg("app", "show", "shop", "--json"))

        def send(post):
            with Connection(service.address) as connection:
                return connection.ask(post.request(service.host))

        word = 'a "challenge" of \\ and é'
        asked = platform.post(platform.challenge(word))
        unsigned = asked._replace(timestamp=None, nonce=None, signature=None)
        echoes = [send(post) for post in (asked, unsigned)]
        echoed = [reply.status == 200 and json.loads(reply.body) == {"challenge": word} for reply in echoes]
        bars.hold(all(echoed), f"challenges given back, signed and not: {echoed.count(True)} of 2")

        time.sleep(1.1)  # Times are shown in seconds.
        before = standing()
        text = platform.text(ticket)
        first = platform.post(text)
        status, after = send(first).status, standing()
        members = sorted(name for name in before | after if before.get(name) != after.get(name))
        what = ", ".join(members) or "nothing"
        bars.hold(status == 200 and members, f"a newer app_ticket: {status}; of app show it changes {what}")

        time.sleep(1.1)
        other = platform.text(event={"app_id": APP_ID, "tenant_key": "tenant1", "type": "contact_changed"})
        late = {
            "the same event again": first,
            "the same event, sealed anew": platform.post(text),
            "an older app_ticket": platform.post(platform.text("older", age=3600)),
            "an event of another type": platform.post(other),
        }
        for name, post in late.items():
            status = send(post).status
            bars.hold(status == 200 and standing() == after, f"{name}: {status}, and changes nothing")

        check_mutants(bars, service, platform)
        bars.hold(standing() == after, "after all of them the app stands as before")
        with Connection(service.address) as connection:
            status = connection.ask(token_request("one", service.host, secret)).status
        used = [json.loads(entry["body"]).get("app_ticket") for entry in home.journal("app_access_token")["entries"]]
        bars.hold(status == 200 and used == [ticket], f"a token of the app's tenant by the platform's ticket: {status}")
