"""Tests lark-emulator with the platform's own SDK, larkimg with the SDK's uploads, and the SDK with the cipher and
signature of events that larkimg's tests use.

Started by scripts/conformance. Prints a line for each check and the totals; the exit status is 1 if one fails.
"""

import base64
import contextlib
import hashlib
import http.server
import json
import pathlib
import queue
import random
import subprocess
import sys
import threading
import time
import traceback
import urllib.request
import zlib

import lark_oapi as lark
from Crypto.Cipher import AES
from lark_oapi.api.im.v1 import (
    CreateImageRequest,
    CreateImageRequestBody,
    GetImageRequest,
    GetMessageRequest,
    GetMessageResourceRequest,
    ListMessageRequest,
)
from lark_oapi.core.exception import ObtainAccessTokenException
from lark_oapi.core.token import TokenManager
from lark_oapi.core.utils.decryptor import AESCipher


class Checks:
    """Runs checks one by one and counts them."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    @contextlib.contextmanager
    def check(self, name):
        try:
            yield
        except Exception:  # A check may fail in any way; the next one still runs.
            self.failed += 1
            print(f"failed  {name}")
            traceback.print_exc()
        else:
            self.passed += 1
            print(f"ok      {name}")


class Emulator:
    """The emulator's control endpoints."""

    def __init__(self, url):
        self.url = url

    def change(self, **members):
        request = urllib.request.Request(
            f"{self.url}/_emulator/faults", data=json.dumps(members).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)["data"]

    def count(self, api):
        with urllib.request.urlopen(f"{self.url}/_emulator/journal?api={api}", timeout=10) as reply:
            return len(json.load(reply)["entries"])


def png(red, green, blue):
    """A PNG of one pixel."""

    def chunk(kind, data):
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    size = (1).to_bytes(4, "big") * 2
    pixel = zlib.compress(bytes([0, red, green, blue]))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size + bytes([8, 2, 0, 0, 0]))
        + chunk(b"IDAT", pixel)
        + chunk(b"IEND", b"")
    )


def expect(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def client(emulator, app_id, secret, store=False, ticket=None):
    builder = lark.Client.builder().app_id(app_id).app_secret(secret).domain(emulator.url)
    if store:
        builder = builder.app_type(lark.AppType.ISV)
    if ticket:
        builder = builder.app_ticket(ticket)
    return builder.log_level(lark.LogLevel.CRITICAL).build()


def upload(sdk, path, option=None):
    with open(path, "rb") as file:
        body = CreateImageRequestBody.builder().image_type("message").image(file).build()
        return sdk.im.v1.image.create(CreateImageRequest.builder().request_body(body).build(), option)


def download(sdk, key, option=None):
    return sdk.im.v1.image.get(GetImageRequest.builder().image_key(key).build(), option)


def resource(sdk, message_id, key, kind="image"):
    request = GetMessageResourceRequest.builder().message_id(message_id).file_key(key).type(kind).build()
    return sdk.im.v1.message_resource.get(request)


def get_message(sdk, message_id, cards=None):
    request = GetMessageRequest.builder().message_id(message_id)
    if cards:
        request = request.card_msg_content_type(cards)
    return sdk.im.v1.message.get(request.build())


def list_messages(sdk, container_id, kind="chat", **options):
    request = ListMessageRequest.builder().container_id_type(kind).container_id(container_id)
    for name, value in options.items():
        request = getattr(request, name)(value)
    return sdk.im.v1.message.list(request.build())


def message(message_id, second, kind, content, **members):
    return {"message_id": message_id, "create_time": f"{second}000", "msg_type": kind, "content": content, **members}


@contextlib.contextmanager
def event_server(handler):
    """Serves the SDK's event handler; yields its address."""

    class Webhook(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            request = lark.RawRequest()
            request.uri = self.path
            request.headers = dict(self.headers.items())
            request.body = self.rfile.read(int(self.headers["Content-Length"]))
            reply = handler.do(request)
            self.send_response(reply.status_code)
            self.send_header("Content-Length", str(len(reply.content)))
            self.end_headers()
            self.wfile.write(reply.content)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/events"
    finally:
        server.shutdown()
        server.server_close()


def forget_tokens():
    """Empties the token cache that all clients of the SDK share in a process."""
    for name, value in list(vars(TokenManager.cache).items()) + list(vars(type(TokenManager.cache)).items()):
        if isinstance(value, dict):
            value.clear()


def check_images(checks, emulator, sdk, picture):
    """Uploads and downloads, and how both are refused. Returns the key of the upload."""
    key = None
    with checks.check("an upload gets an image_key"):
        reply = upload(sdk, picture)
        expect((reply.code, reply.msg), (0, "success"))
        key = reply.data.image_key
    with checks.check("a download gives the same bytes"):
        reply = download(sdk, key)
        expect(reply.code, 0)
        expect(reply.file.read(), picture.read_bytes())
        expect(reply.raw.headers["Content-Type"], "image/png")
    with checks.check("the SDK finds the file name and the log id"):
        emulator.change(switches={"contentDisposition": "always"})
        reply = download(sdk, key)
        expect(reply.file_name, "image")
        expect(len(reply.get_log_id()), 34)
        emulator.change(switches={"contentDisposition": "whenJSONRequested"})
    with checks.check("one token serves all calls"):
        expect(emulator.count("tenant_access_token/internal"), 1)
    with checks.check("another app's image is 234008"):
        foreign = emulator.change(
            seed_image={"app_id": "cli_other", "base64": base64.b64encode(png(0, 0, 0)).decode()}
        )["image_key"]
        expect(download(sdk, foreign).code, 234008)
    with checks.check("a deleted image is 234005"):
        gone = upload(sdk, picture).data.image_key
        emulator.change(delete_image=gone)
        reply = download(sdk, gone)
        expect((reply.raw.status_code, reply.code), (400, 234005))
        expect(len(reply.get_log_id()), 34)
    with checks.check("an unknown key is 234001"):
        expect(download(sdk, "img_unknown").code, 234001)
    with checks.check("text is no image: 234011"):
        text = picture.with_name("text.png")
        text.write_text("no image")
        expect(upload(sdk, text).code, 234011)
    return key


def check_messages(checks, emulator, sdk):
    sent = png(1, 2, 3)
    encoded = base64.b64encode(sent).decode()
    seeded = emulator.change(
        seed_image={"app_id": "cli_conf", "base64": encoded, "sent_by": "user"},
        seed_message={"app_id": "cli_conf", "resources": [{"key": "img_sent", "base64": encoded}]},
    )
    with checks.check("a user's image is 234001 as an image"):
        expect(download(sdk, seeded["image_key"]).code, 234001)
    with checks.check("a user's image comes as a message resource"):
        reply = resource(sdk, seeded["message_id"], "img_sent")
        expect(reply.code, 0)
        expect(reply.file.read(), sent)


def seed_chat(emulator):
    """A chat with a message a second: a text, an image, a thread of two, a container, a card, a recalled message."""
    child = message("om_conf_child", 90, "image", {"image_key": "img_child"})
    card = {"schema": "2.0", "body": {"elements": [{"tag": "img", "img_key": "img_card"}]}}
    messages = [
        message("om_conf_text", 100, "text", {"text": "hello"}, sender={"type": "user", "id": "ou_conf"}),
        message("om_conf_image", 101, "image", {"image_key": "img_conf"}),
        message("om_conf_root", 102, "text", {"text": "first"}, thread_id="omt_conf"),
        message("om_conf_reply", 103, "text", {"text": "second"}, thread_id="omt_conf", root_id="om_conf_root"),
        {"message_id": "om_conf_forward", "create_time": "104000", "msg_type": "merge_forward", "children": [child]},
        {"message_id": "om_conf_card", "create_time": "105000", "card": {"user": card}},
        message("om_conf_recalled", 106, "text", {"text": "gone"}, deleted=True),
    ]
    emulator.change(seed_chat={"app_id": "cli_conf", "chat_id": "oc_conf", "messages": messages})


def check_message_get(checks, sdk):
    with checks.check("a message comes with its sender, chat and content"):
        item = get_message(sdk, "om_conf_text").data.items[0]
        expect((item.message_id, item.chat_id, item.msg_type), ("om_conf_text", "oc_conf", "text"))
        expect((item.sender.id, item.sender.id_type, item.sender.sender_type), ("ou_conf", "open_id", "user"))
        expect(json.loads(item.body.content), {"text": "hello"})
        expect((item.create_time, item.deleted, item.updated), ("100000", False, False))
    with checks.check("a container comes with its children in one list"):
        container, child = get_message(sdk, "om_conf_forward").data.items
        expect((container.upper_message_id, child.upper_message_id), (None, "om_conf_forward"))
        expect(json.loads(child.body.content), {"image_key": "img_child"})
    with checks.check("a recalled message comes without content"):
        item = get_message(sdk, "om_conf_recalled").data.items[0]
        expect((item.deleted, item.body), (True, None))
    with checks.check("a card 2.0 shows its image only in the forms that are asked for"):
        names = (None, "user_card_content", "raw_card_content")
        forms = [get_message(sdk, "om_conf_card", name).data.items[0].body.content for name in names]
        expect(["img_card" in form for form in forms], [False, True, True])
        images = json.loads(json.loads(forms[2])["json_attachment"])["images"]
        expect([image["origin_key"] for image in images.values()], ["img_card"])


def check_message_list(checks, sdk):
    with checks.check("a chat comes in pages, without the replies in its threads"):
        ids, token = [], None
        while True:
            data = list_messages(sdk, "oc_conf", page_size=2, **({"page_token": token} if token else {})).data
            ids += [item.message_id for item in data.items]
            token = data.page_token
            if not data.has_more:
                break
        names = ["text", "image", "root", "forward", "card", "recalled"]
        expect(ids, [f"om_conf_{name}" for name in names])
    with checks.check("a window is in seconds, and the order can be turned"):
        data = list_messages(sdk, "oc_conf", start_time="101", end_time="102", sort_type="ByCreateTimeDesc").data
        expect([item.message_id for item in data.items], ["om_conf_root", "om_conf_image"])
    with checks.check("a thread comes with its first message"):
        data = list_messages(sdk, "omt_conf", "thread").data
        expect([item.message_id for item in data.items], ["om_conf_root", "om_conf_reply"])
    with checks.check("a recalled message is in a list with a fixed text"):
        data = list_messages(sdk, "oc_conf", start_time="106").data
        expect(data.items[0].body.content, "This message was recalled")


def check_message_resources(checks, emulator, sdk):
    with checks.check("the image of a message comes with the message's id"):
        reply = resource(sdk, "om_conf_image", "img_conf")
        expect((reply.code, reply.raw.headers["Content-Type"]), (0, "image/gif"))
    with checks.check("the image of a forwarded message comes with the container's id, not with its own (234003)"):
        expect(resource(sdk, "om_conf_forward", "img_child").code, 0)
        expect(resource(sdk, "om_conf_child", "img_child").code, 234003)
    with checks.check("containers can refuse theirs: 234043"):
        emulator.change(switches={"forwardedResources": "refuse"})
        expect(resource(sdk, "om_conf_forward", "img_child").code, 234043)
        emulator.change(switches={"forwardedResources": "container"})
    with checks.check("the image of a card is 234043, or comes with the card's id"):
        expect(resource(sdk, "om_conf_card", "img_card").code, 234043)
        emulator.change(switches={"cardResources": "serve"})
        expect(resource(sdk, "om_conf_card", "img_card").code, 0)
        emulator.change(switches={"cardResources": "refuse"})
    with checks.check("a foreign key is 234003, a recalled message 230110"):
        expect(resource(sdk, "om_conf_image", "img_child").code, 234003)
        expect(resource(sdk, "om_conf_recalled", "img_conf").code, 230110)


def check_message_refusals(checks, emulator, sdk):
    with checks.check("an unknown message, a page of 51 and a wrong container are 230001"):
        replies = [get_message(sdk, "om_none"), list_messages(sdk, "oc_conf", page_size=51)]
        replies.append(list_messages(sdk, "oc_conf", "message"))
        expect([(reply.raw.status_code, reply.code) for reply in replies], [(400, 230001)] * 3)
    refusals = {
        "without the bot": ({"bot": False}, 230002, 230002, 234004),
        "of others": ({"external": True}, 230027, 230027, 234009),
        "in restricted mode": ({"restricted": True}, 0, 231203, 234038),
        "with hidden history": ({"history_from": 200000}, 230050, 0, 234040),
    }
    for name, (members, get, listed, download) in refusals.items():
        with checks.check(f"a group {name} has its codes"):
            emulator.change(seed_chat={"app_id": "cli_conf", "chat_id": "oc_conf", **members})
            expect(get_message(sdk, "om_conf_image").code, get)
            expect(list_messages(sdk, "oc_conf").code, listed)
            expect(resource(sdk, "om_conf_image", "img_conf").code, download)
    emulator.change(seed_chat={"app_id": "cli_conf", "chat_id": "oc_conf"})
    with checks.check("without a scope it is 99991672"):
        emulator.change(app={"app_id": "cli_conf", "scopes": ["im:resource"]})
        expect([get_message(sdk, "om_conf_text").code, list_messages(sdk, "oc_conf").code], [99991672] * 2)
        emulator.change(app={"app_id": "cli_conf", "scopes": ["im:resource", "im:message", "im:message.group_msg"]})


def check_message_events(checks, emulator):
    """The SDK's handler takes the messages of a custom app, encrypted."""
    received = queue.Queue()
    handler = (
        lark.EventDispatcherHandler.builder("conf-key", "conf-token", lark.LogLevel.CRITICAL)
        .register_p2_im_message_receive_v1(received.put)
        .register_p1_customized_event("app_ticket", lambda event: None)
        .build()
    )
    emulator.change(app={"app_id": "cli_conf", "encrypt_key": "conf-key", "verification_token": "conf-token"})
    with event_server(handler) as url, checks.check("the SDK's event handler takes a message"):
        emulator.change(events_url=url)
        sent = message("om_conf_event", 110, "image", {"image_key": "img_event"}, chat_id="oc_conf")
        emulator.change(seed_message={"app_id": "cli_conf", "push": {}, **sent})
        event = received.get(timeout=10).event
        expect((event.message.message_id, event.message.chat_type), ("om_conf_event", "group"))
        expect(json.loads(event.message.content), {"image_key": "img_event"})
    emulator.change(events_url="")


def check_refusals(checks, emulator, sdk, key):
    with checks.check("a quota is 99991400 under 429, with its headers"):
        emulator.change(quota={"enforced": True, "per_second": 1, "per_minute": 1})
        download(sdk, key)
        reply = download(sdk, key)
        expect((reply.raw.status_code, reply.code), (429, 99991400))
        if not 1 <= int(reply.raw.headers["x-ogw-ratelimit-reset"]) <= 60:
            raise AssertionError(reply.raw.headers)
    emulator.change(quota={"enforced": False})
    with checks.check("a revoked token is 99991663, and stays in the SDK's cache"):
        emulator.change(revoke_tokens={"app_id": "cli_conf"})
        expect([download(sdk, key).code for _ in range(2)], [99991663, 99991663])
        forget_tokens()
        expect(download(sdk, key).code, 0)
    with checks.check("a wrong secret is 10014"):
        forget_tokens()
        try:
            download(client(emulator, "cli_conf", "wrong"), key)
        except ObtainAccessTokenException as error:
            expect(error.code, 10014)
        else:
            raise AssertionError("the SDK got a token")
    forget_tokens()


def check_store_app(checks, emulator, picture):
    """A store app: the ticket in an encrypted event, the app token, a token for each tenant."""
    tickets = queue.Queue()
    handler = (
        lark.EventDispatcherHandler.builder("conf-key", "conf-token", lark.LogLevel.CRITICAL)
        .register_p1_customized_event("app_ticket", lambda event: tickets.put(event.event["app_ticket"]))
        .build()
    )
    ticket = None
    with event_server(handler) as url:
        with checks.check("the SDK's event handler takes the challenge and the app_ticket"):
            emulator.change(events_url=url)
            ticket = tickets.get(timeout=10)
        with checks.check("a store app uploads and downloads in its tenant"):
            sdk = client(emulator, "cli_store", "secret", store=True, ticket=ticket)
            first = lark.RequestOption.builder().tenant_key("tenant1").app_ticket(ticket).build()
            key = upload(sdk, picture, first).data.image_key
            first = lark.RequestOption.builder().tenant_key("tenant1").app_ticket(ticket).build()
            expect(download(sdk, key, first).file.read(), picture.read_bytes())
            second = lark.RequestOption.builder().tenant_key("tenant2").app_ticket(ticket).build()
            expect(download(sdk, key, second).code, 234008)


def check_events(checks):
    """The SDK accepts events that are made as larkimg's tests make them, and none with a changed digit."""
    key, token = "conf-key", "conf-token"
    draw = random.Random(1)

    def seal(text, key, vector):
        count = 16 - len(text.encode()) % 16
        cipher = AES.new(hashlib.sha256(key.encode()).digest(), AES.MODE_CBC, vector)
        return base64.b64encode(vector + cipher.encrypt(text.encode() + bytes([count]) * count)).decode()

    def signature(timestamp, nonce, key, body):
        return hashlib.sha256((timestamp + nonce + key).encode() + body).hexdigest()

    def envelope(sealed):
        return json.dumps({"encrypt": sealed}, separators=(",", ":")).encode()

    with checks.check("events: the documented text is sealed to the same bytes"):
        sealed = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
        expect(seal("hello world", "test key", base64.b64decode(sealed)[:16]), sealed)
        expect(AESCipher("test key").decrypt_str(sealed), "hello world")
    with checks.check("events: the signature that larkimg's tests expect"):
        text = (
            '{"ts":"1502199207.7171419","uuid":"bc447199585340d1f3728d26b1c0297a","token":"vt","type":"event_callback",'
            '"event":{"app_id":"cli_x","app_ticket":"tick","type":"app_ticket"}}'
        )
        body = envelope(seal(text, "test key", bytes(range(16))))
        expected = "5560192da0d130c74b524abef2b5341650e30fb35d251adbf5d56f7960c9bb52"
        expect(signature("1700000000", "nonce1", "test key", body), expected)

    tickets = []
    handler = (
        lark.EventDispatcherHandler.builder(key, token, lark.LogLevel.CRITICAL)
        .register_p1_customized_event("app_ticket", lambda event: tickets.append(event.event["app_ticket"]))
        .build()
    )

    def status(ticket, changed=None):
        event = {"app_id": "cli_store", "app_ticket": ticket, "type": "app_ticket"}
        text = json.dumps({"ts": "1", "uuid": ticket, "token": token, "type": "event_callback", "event": event})
        body = envelope(seal(text, key, draw.randbytes(16)))
        values = {"Timestamp": str(int(time.time())), "Nonce": draw.randbytes(5).hex()}
        values["Signature"] = signature(values["Timestamp"], values["Nonce"], key, body)
        if changed:
            place = draw.randrange(len(values[changed]))
            digit = "1" if values[changed][place] == "0" else "0"
            values[changed] = values[changed][:place] + digit + values[changed][place + 1 :]
        request = lark.RawRequest()
        request.uri, request.body = "/events/store", body
        request.headers = {
            "X-Lark-Request-Timestamp": values["Timestamp"],
            "X-Lark-Request-Nonce": values["Nonce"],
            "X-Lark-Signature": values["Signature"],
        }
        return handler.do(request).status_code

    with checks.check("events: the SDK takes a hundred"):
        names = [f"ticket-{number}" for number in range(100)]
        expect({status(name) for name in names}, {200})
        expect(tickets, names)
    with checks.check("events: the SDK refuses those with a changed digit"):
        for changed in ("Timestamp", "Nonce", "Signature"):
            expect([status("forged", changed) for _ in range(20)].count(200), 0)


def check_larkimg(checks, scratch, picture, key):
    with checks.check("larkimg downloads what the SDK uploaded, byte for byte"):
        output = scratch / "fetched.png"
        subprocess.run(["larkimg", "fetch", "--tenant", "conf", key, "-o", output], check=True, timeout=60)
        expect(output.read_bytes(), picture.read_bytes())


def check_history(checks, emulator, scratch):
    """The recipe of the guide to messages: a chat's history by the SDK, piped into larkimg."""
    guide = pathlib.Path("Sources/larkimg/larkimg.docc/Messages.md").read_text(encoding="utf-8")
    section = guide.split("### A chat's history")[1].split("### ")[0]
    pathlib.Path(scratch, "history.py").write_text(
        section.split("```python\n")[1].split("```")[0], encoding="utf-8")
    recipe = section.split("```sh\n")[1].split("```")[0]
    recipe = recipe.replace("python3", sys.executable).replace("acme", "conf").replace("oc_1", "oc_history")
    messages = [
        message(f"om_history_{number}", 60 + number, "image", {"image_key": f"img_history_{number}"})
        for number in range(60)
    ]
    emulator.change(seed_chat={"app_id": "cli_conf", "chat_id": "oc_history", "messages": messages})
    with checks.check("the history of a chat, listed by the SDK, becomes files"):
        subprocess.run(["bash", "-euo", "pipefail", "-c", recipe], check=True, cwd=scratch, timeout=60)
        expect(len(list(pathlib.Path(scratch, "history").iterdir())), len(messages))


def main():
    checks = Checks()
    emulator, scratch = Emulator(sys.argv[1]), pathlib.Path(sys.argv[2])
    picture = scratch / "picture.png"
    picture.write_bytes(png(200, 100, 50))
    key = check_images(checks, emulator, client(emulator, "cli_conf", "secret"), picture)
    check_messages(checks, emulator, client(emulator, "cli_conf", "secret"))
    seed_chat(emulator)
    sdk = client(emulator, "cli_conf", "secret")
    check_message_get(checks, sdk)
    check_message_list(checks, sdk)
    check_message_resources(checks, emulator, sdk)
    check_message_refusals(checks, emulator, sdk)
    check_message_events(checks, emulator)
    check_refusals(checks, emulator, sdk, key)
    check_store_app(checks, emulator, picture)
    check_events(checks)
    check_larkimg(checks, scratch, picture, key)
    check_history(checks, emulator, scratch)
    print(f"conformance: {checks.passed} passed, {checks.failed} failed")
    raise SystemExit(1 if checks.failed else 0)


if __name__ == "__main__":
    main()
