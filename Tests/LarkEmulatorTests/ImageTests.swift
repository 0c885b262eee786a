import LarkEmulator
import Testing

@Suite("Images")
struct ImageTests {
    @Test("What was uploaded comes back byte for byte")
    func roundTrip() async throws {
        try await withPlatform { _, client in
            let token = try await client.token()
            let bytes = png(padding: 200_000)
            let upload = try await client.upload(bytes, token: token)
            #expect(upload.status == 200)
            #expect(upload.json?["msg"] == "success")
            let key = try #require(upload.json?["data"]?["image_key"]?.string)
            #expect(key.hasPrefix("img_v3_02ao_"))
            #expect(key.hasSuffix("g"))
            let download = try await client.image(key, token: token)
            #expect(download.status == 200)
            #expect(download.bytes == bytes)
            #expect(download.header("Content-Type") == "image/png")
            #expect(download.header("Content-Length") == String(bytes.count))
            #expect(download.header("Content-Disposition") == nil)
        }
    }

    struct Upload: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var type = "message"
        var code: Int
    }

    @Test(
        "Uploads that are refused",
        arguments: [
            Upload(testDescription: "empty", bytes: [], code: 234010),
            Upload(testDescription: "text", bytes: Array("hello".utf8), code: 234011),
            Upload(testDescription: "too wide", bytes: png(width: 12001), code: 234039),
            Upload(testDescription: "too wide for an avatar", bytes: png(width: 4097), type: "avatar", code: 234039),
            Upload(testDescription: "too large", bytes: png(padding: 10 << 20), code: 234006),
            Upload(testDescription: "another image_type", bytes: png(), type: "sticker", code: 234001),
        ]
    )
    func refusedUploads(_ upload: Upload) async throws {
        try await withPlatform { _, client in
            let token = try await client.token()
            let reply = try await client.upload(upload.bytes, type: upload.type, token: token)
            #expect(reply.status == 400)
            #expect(reply.code == upload.code)
        }
    }

    @Test("Downloads that are refused")
    func refusedDownloads() async throws {
        try await withPlatform { emulator, client in
            let token = try await client.token()
            func code(_ key: String) async throws -> Int? {
                let reply = try await client.image(key, token: token)
                #expect(reply.status == 400)
                return reply.code
            }
            #expect(try await code("img_unknown") == 234001)
            #expect(try await code("img%20x") == 234001)
            let fromUser = emulator.seedImage(appID: "cli_a", bytes: png(), sentBy: .user)
            #expect(try await code(fromUser) == 234001)
            let foreign = emulator.seedImage(appID: "cli_b", bytes: png())
            #expect(try await code(foreign) == 234008)
            let avatar = emulator.seedImage(appID: "cli_a", bytes: png(), type: .avatar)
            #expect(try await code(avatar) == 234008)
            let own = emulator.seedImage(appID: "cli_a", bytes: png())
            emulator.setBot(false, appID: "cli_a")
            #expect(try await code(own) == 234007)
            emulator.deleteImage(own)
            #expect(try await code(own) == 234005)
        }
    }

    @Test("A TIFF comes back as a JPEG")
    func converted() async throws {
        try await withPlatform { _, client in
            let token = try await client.token()
            let upload = try await client.upload([0x49, 0x49, 0x2A, 0, 1, 2, 3], token: token)
            let key = try #require(upload.json?["data"]?["image_key"]?.string)
            let download = try await client.image(key, token: token)
            #expect(download.header("Content-Type") == "image/jpeg")
            #expect(download.bytes.starts(with: [0xFF, 0xD8, 0xFF]))
        }
    }

    @Test("Content-Disposition comes to requests with a JSON Content-Type, and when the switch says so")
    func disposition() async throws {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            let token = try await client.token()
            let json = [("Content-Type", "application/json; charset=utf-8")]
            let asked = try await client.image(key, token: token, headers: json)
            #expect(asked.header("Content-Disposition") == #"attachment; filename="image""#)
            emulator.setBehaviour { $0.contentDisposition = .never }
            #expect(try await client.image(key, token: token, headers: json).header("Content-Disposition") == nil)
        }
    }

    @Test("Range is ignored, or honoured when the switch says so")
    func range() async throws {
        try await withPlatform { emulator, client in
            let bytes = png()
            let key = emulator.seedImage(appID: "cli_a", bytes: bytes)
            let token = try await client.token()
            let range = [("Range", "bytes=4-7")]
            #expect(try await client.image(key, token: token, headers: range).bytes == bytes)
            emulator.setBehaviour { $0.honoursRange = true }
            let part = try await client.image(key, token: token, headers: range)
            #expect(part.status == 206)
            #expect(part.header("Content-Range") == "bytes 4-7/\(bytes.count)")
            #expect(part.bytes == Array(bytes[4...7]))
            let beyond = try await client.image(key, token: token, headers: [("Range", "bytes=900-")])
            #expect(beyond.status == 416)
        }
    }

    @Test("Chunked images and Inner_file_data_meta are switches")
    func chunked() async throws {
        try await withPlatform { emulator, client in
            let key = emulator.seedImage(appID: "cli_a", bytes: png())
            emulator.setBehaviour {
                $0.chunksImages = true
                $0.sendsInnerFileDataMeta = true
            }
            let reply = try await client.image(key, token: try await client.token())
            #expect(reply.header("Content-Length") == nil)
            #expect(reply.header("Inner_file_data_meta") == #"{"FileName":"image","Mime":"image/png"}"#)
            #expect(reply.bytes == png())
        }
    }
}
