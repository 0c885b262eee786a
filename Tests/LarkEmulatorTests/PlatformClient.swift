import AsyncHTTPClient
import FoundationEssentials
import LarkEmulator
import NIOCore
import NIOHTTP1

/// Calls an emulator as an app would, with nothing of the client that the emulator is there to test.
struct PlatformClient: Sendable {
    struct Reply: Sendable {
        var status: Int
        var headers: [(name: String, value: String)]
        var bytes: [UInt8]

        var json: JSONValue? {
            try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        }

        var code: Int? {
            json?["code"]?.int
        }

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        var text: String {
            String(decoding: bytes, as: UTF8.self)
        }
    }

    static let auth = "/open-apis/auth/v3"
    private static let http = HTTPClient(
        eventLoopGroupProvider: .singleton,
        configuration: HTTPClient.Configuration(redirectConfiguration: .disallow)
    )

    let port: Int

    func send(
        _ method: String,
        _ path: String,
        headers: [(String, String)] = [],
        body: [UInt8]? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers)
        if let body {
            request.body = .bytes(body)
        }
        let response = try await Self.http.execute(request, timeout: .seconds(300))
        let buffer = try await response.body.collect(upTo: 64 << 20)
        return Reply(
            status: Int(response.status.code),
            headers: response.headers.map { ($0.name, $0.value) },
            bytes: Array(buffer.readableBytesView)
        )
    }

    func post(_ path: String, _ json: JSONValue, headers: [(String, String)] = []) async throws -> Reply {
        try await send("POST", path, headers: headers, body: Array(try JSONEncoder().encode(json)))
    }

    func askToken(_ appID: String = "cli_a", secret: String = "s") async throws -> Reply {
        try await post(
            "\(Self.auth)/tenant_access_token/internal",
            ["app_id": .text(appID), "app_secret": .text(secret)]
        )
    }

    func token(_ appID: String = "cli_a", secret: String = "s") async throws -> String {
        try await askToken(appID, secret: secret).json?["tenant_access_token"]?.string ?? ""
    }

    func image(_ key: String, token: String, headers: [(String, String)] = []) async throws -> Reply {
        try await send(
            "GET",
            "/open-apis/im/v1/images/\(key)",
            headers: [("Authorization", "Bearer \(token)")] + headers
        )
    }

    /// Calls a message API; the path begins after `messages`.
    func messages(_ path: String = "", token: String) async throws -> Reply {
        try await send(
            "GET", "/open-apis/im/v1/messages\(path)", headers: [("Authorization", "Bearer \(token)")])
    }

    func resource(_ message: String, _ key: String, type: String? = "image", token: String) async throws -> Reply {
        let query = type.map { "?type=\($0)" } ?? ""
        return try await send(
            "GET",
            "/open-apis/im/v1/messages/\(message)/resources/\(key)\(query)",
            headers: [("Authorization", "Bearer \(token)")]
        )
    }

    /// Uploads as the Python SDK does: the image part has neither a file name nor a type.
    func upload(_ bytes: [UInt8], type: String = "message", token: String) async throws -> Reply {
        let head = """
            --b\r\nContent-Disposition: form-data; name="image_type"\r\n\r\n\(type)\r\n\
            --b\r\nContent-Disposition: form-data; name="image"\r\n\r\n
            """
        return try await send(
            "POST",
            "/open-apis/im/v1/images",
            headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "multipart/form-data; boundary=b")],
            body: Array(head.utf8) + bytes + Array("\r\n--b--\r\n".utf8)
        )
    }
}
