/// A request that no token may follow.
struct RefusedRequest: Sendable {
    let name: String
    let bytes: [UInt8]
    /// The statuses of which one is due; nil is a connection that ends without a response.
    let statuses: Set<Int?>

    /// What is wrong with a request.
    enum Kind: CaseIterable {
        case host, browser, method, contentType, secret, tenant, body, framing, length, chunk

        func requests(_ site: Site) -> [RefusedRequest] {
            switch self {
            case .host: site.hosts
            case .browser: site.browsers
            case .method: site.methods
            case .contentType: site.contentTypes
            case .secret: site.secrets
            case .tenant: site.tenants
            case .body: site.bodies
            case .framing: site.framings
            case .length: site.lengths
            case .chunk: site.chunks
            }
        }
    }

    /// A service on a port, and the secrets of its clients.
    struct Site: Sendable {
        let port: Int
        let secret: String
        let expired: String
        let revoked: String

        var host: String { "127.0.0.1:\(port)" }

        /// A request that gets a token.
        var good: RawRequest { .token("acme", host: host, secret: secret) }

        func refused(_ name: String, _ statuses: Set<Int?>, _ change: (inout RawRequest) -> Void) -> RefusedRequest {
            var request = good.last
            change(&request)
            return RefusedRequest(name: name, bytes: request.bytes, statuses: statuses)
        }

        func refused(_ name: String, _ statuses: Set<Int?>, text: String) -> RefusedRequest {
            RefusedRequest(name: name, bytes: Array(text.utf8), statuses: statuses)
        }
    }
}

/// Requests that are well-formed, and yet not to be answered with a token.
extension RefusedRequest.Site {
    /// Names that are not the service's, as a web page sends that had its own name resolve to this machine.
    var hosts: [RefusedRequest] {
        let wrong = [
            "evil.example", "evil.example:\(port)", "127.0.0.1.nip.io:\(port)", "localhost.evil.example:\(port)",
            "127.0.0.1:\(port).evil.example", "evil.example@127.0.0.1:\(port)", "127.0.0.1:\(port)@evil.example",
            "evil.example#@127.0.0.1:\(port)", "127.0.0.1:\(port), evil.example", "0.0.0.0:\(port)",
            "2130706433:\(port)", "0x7f.1:\(port)", "[::1]:80", "127.0.0.1:80", "[::ffff:8.8.8.8]:\(port)", "",
        ]
        let line = "Host: \(host)\r\n"
        let other = "Host: evil.example\r\n"
        let lines = [
            "none": "", "twice": line + line, "right, then wrong": line + other, "wrong, then right": other + line,
        ]
        return wrong.map { name in refused("Host: \(name)", [421, 400]) { $0.host = name } }
            + lines.map { name, lines in
                refused("Host: \(name)", [421, 400], text: good.last.text.replacing(line, with: lines))
            }
            + [
                // By its path it is meant for this host, by its Host for another.
                refused("an absolute URI", [421, 400]) {
                    $0.host = "evil.example"
                    $0.target = "http://\(host)\($0.target)"
                }
            ]
    }

    /// What a browser or a proxy adds.
    var browsers: [RefusedRequest] {
        let fields = [
            "Origin: http://\(host)", "Origin: https://evil.example", "Origin: null", "Origin: ",
            "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Sec-Fetch-Site: same-origin",
            "Sec-Fetch-Site: none, cross-site", "X-Forwarded-For: 127.0.0.1", "X-Forwarded-For: ",
            "Forwarded: for=127.0.0.1",
        ]
        let targets = ["/", "/healthz", "/metrics", "/v1/tenants", "/nowhere"]
        return fields.map { field in refused(field, [403]) { $0.fields = [field] } }
            + targets.map { target in
                refused("Origin on \(target)", [403]) {
                    $0 = .get(target, host: host, secret: secret).last
                    $0.fields = ["Origin: https://evil.example"]
                }
            }
    }

    var methods: [RefusedRequest] {
        ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"].map { method in refused(method, [405]) { $0.method = method } }
            + ["TRACE", "CONNECT", "BREW", "post", "P OST"]
            .map { method in refused(method, [405, 404, 501, 400, nil]) { $0.method = method } }
    }

    var contentTypes: [RefusedRequest] {
        let wrong = [
            nil, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            "application/jsonx", "application/json-seq", "text/plain; application/json",
        ]
        return wrong.map { type in refused("Content-Type: \(type ?? "none")", [415]) { $0.contentType = type } }
    }

    var secrets: [RefusedRequest] {
        let wrong: [String: String?] = [
            "none": nil, "empty": "", "another end": secret.dropLast() + (secret.hasSuffix("0") ? "1" : "0"),
            "its id only": String(secret.prefix(20)), "upper case": secret.uppercased(),
            "one digit less": String(secret.dropLast()), "one digit more": secret + "0",
            "10 KB": String(repeating: "x", count: 10_240), "a list of two": "\(secret), \(secret)",
            "expired": expired, "removed": revoked,
        ]
        let line = "Authorization: Bearer \(secret)\r\n"
        let other = "Authorization: Bearer lkc_0\r\n"
        let lines: [(String, Set<Int?>, String)] = [
            ("without a scheme", [401], "Authorization: \(secret)\r\n"),
            ("the scheme only", [401], "Authorization: Bearer\r\n"),
            ("Basic", [401], "Authorization: Basic c2NyaXB0OnNlY3JldA==\r\n"),
            ("right, then wrong", [401, 400], line + other), ("wrong, then right", [401, 400], other + line),
            ("with NUL", [401, 400, nil], "Authorization: Bearer \(secret)\0\r\n"),
            ("in a cookie", [401], "Cookie: token=\(secret)\r\n"),
        ]
        return wrong.map { name, value in refused("secret: \(name)", [401]) { $0.secret = value } }
            + lines.map { name, statuses, lines in
                refused("secret: \(name)", statuses, text: good.last.text.replacing(line, with: lines))
            }
            + ["/", "/metrics", "/v1/tenants", "/v1/tenants/acme"]
            .map { target in refused("no secret on \(target)", [401]) { $0 = .get(target, host: host).last } }
            + [
                refused("secret: in the query", [401]) {
                    $0.secret = nil
                    $0.target += "?access_token=\(secret)"
                }
            ]
    }

    var tenants: [RefusedRequest] {
        let names = [
            "other", "nobody", "", "*", "%2a", "ACME", "acme%00", "acme%00b", "acme%20", "acme;a", "acme,other",
            "acme%2fother", "a/../b", "acme/../other", "nobody/../acme", "..%2facme", "%2e%2e/acme", "%zz", "%c0%ae",
            "acme%e2%80%ae", "acme?", "acme%", String(repeating: "x", count: 300),
        ]
        return names.map { name in
            refused("tenant: \(name.prefix(20))", [404, 400, 405]) { $0.target = "/v1/tenants/\(name)/token" }
        } + [
            refused("the state of a tenant of others", [404]) {
                $0 = .get("/v1/tenants/other", host: host, secret: secret).last
            },
            refused("a path in upper case", [404]) { $0.target = $0.target.uppercased() },
            refused("a path with another slash", [404, 400]) { $0.target = "/" + $0.target },
        ]
    }

    var bodies: [RefusedRequest] {
        let wrong = [
            "", "hello", "[]", "null", "{", "{}{}", #"{"min_ttl":-1}"#, #"{"min_ttl":1801}"#, #"{"min_ttl":"300"}"#,
            #"{"min_ttl":1e400}"#, #"{"min_ttl":NaN}"#, String(repeating: "[", count: 10_000),
        ]
        return wrong.map { body in refused("body: \(body.prefix(20))", [400]) { $0.body = Array(body.utf8) } }
            + [
                refused("body: not UTF-8", [400]) { $0.body = Array(#"{"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8) },
                refused("body: 65 KiB", [413]) { $0.body = Array(repeating: 0x20, count: 65 << 10) },
            ]
    }
}
