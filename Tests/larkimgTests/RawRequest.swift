/// A request for a token of `acme` that is in order, but for what a test changes.
struct RawRequest: Sendable {
    var method = "POST"
    var target = "/v1/tenants/acme/token"
    var host = "localhost"
    var secret: String?
    var contentType: String? = "application/json"
    /// Further header fields, each with its name.
    var fields: [String] = []
    var body: [UInt8]? = Array("{}".utf8)
    /// Whether the connection is closed after the response.
    var isLast = false

    /// A request for the token of a tenant.
    static func token(_ tenant: String, host: String = "localhost", secret: String? = nil) -> RawRequest {
        RawRequest(target: "/v1/tenants/\(tenant)/token", host: host, secret: secret)
    }

    /// A GET request.
    static func get(_ target: String, host: String = "localhost", secret: String? = nil) -> RawRequest {
        RawRequest(method: "GET", target: target, host: host, secret: secret, contentType: nil, body: nil)
    }

    /// What is sent.
    var bytes: [UInt8] {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: \(host)"]
        if let secret { lines.append("Authorization: Bearer \(secret)") }
        lines += fields
        if let contentType { lines.append("Content-Type: \(contentType)") }
        if let body { lines.append("Content-Length: \(body.count)") }
        if isLast { lines.append("Connection: close") }
        return Array((lines + ["", ""]).joined(separator: "\r\n").utf8) + (body ?? [])
    }

    /// What is sent, as text.
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The same, before the server closes the connection.
    var last: RawRequest {
        var request = self
        request.isLast = true
        return request
    }
}
