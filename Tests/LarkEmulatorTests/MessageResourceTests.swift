import LarkEmulator
import Testing

@Suite("Message resources")
struct MessageResourceTests {
    @Test("A user's image comes by its message")
    func userImage() async throws {
        try await withPlatform { emulator, client in
            let bytes = png()
            let resource = SeededMessage.Resource(key: "img_u", bytes: bytes)
            let message = emulator.seedMessage(SeededMessage(resources: [resource]), appID: "cli_a")
            let token = try await client.token()
            let reply = try await client.resource(message, "img_u", token: token)
            #expect(reply.status == 200)
            #expect(reply.bytes == bytes)
            #expect(reply.header("Content-Type") == "image/png")
            #expect(try await client.resource(message, "img_v", token: token).code == 234003)
            #expect(try await client.resource(message, "img_u", type: "file", token: token).code == 234003)
            #expect(try await client.resource(message, "img_u", type: nil, token: token).code == 234001)
            #expect(try await client.resource("om_none", "img_u", token: token).code == 234001)
            let other = try await client.token("cli_b")
            #expect(try await client.resource(message, "img_u", token: other).code == 234001)
        }
    }

    @Test(
        "What stands in the way has its code",
        arguments: zip(
            SeededMessage.AccessDenial.allCases,
            [230110, 234004, 234009, 234019, 234037, 234038, 234040, 234043]
        )
    )
    func accessDenials(_ denial: SeededMessage.AccessDenial, _ code: Int) async throws {
        try await withPlatform { emulator, client in
            let resource = SeededMessage.Resource(key: "img_u", bytes: png())
            let seeded = SeededMessage(resources: [resource], accessDenial: denial)
            let message = emulator.seedMessage(seeded, appID: "cli_a")
            let reply = try await client.resource(message, "img_u", token: try await client.token())
            #expect(reply.status == 400)
            #expect(reply.code == code)
        }
    }

    @Test(
        "Every documented code can be had by a fault of one line",
        arguments: [
            (230110, 400), (232096, 400), (234001, 400), (234002, 401), (234003, 400), (234004, 400), (234005, 400),
            (234006, 400), (234007, 400), (234008, 400), (234009, 400), (234010, 400), (234011, 400), (234019, 400),
            (234037, 400), (234038, 400), (234039, 400), (234040, 400), (234041, 400), (234042, 400), (234043, 400),
        ]
    )
    func codes(_ code: Int, _ status: Int) async throws {
        try await withPlatform { emulator, client in
            emulator.addFault(Fault(.imagesGet, .code(code)))
            let reply = try await client.image("img_x", token: "t-x")
            #expect(reply.status == status)
            #expect(reply.code == code)
        }
    }
}
