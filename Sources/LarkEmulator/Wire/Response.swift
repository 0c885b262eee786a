import FoundationEssentials
import NIOCore

/// A response before it is sent.
struct Response: Sendable {
    /// A header field in the letter case in which it is sent.
    struct Field: Sendable {
        var name: String
        var value: String
    }

    enum Body: Sendable {
        case json(JSONValue)
        case buffer(ByteBuffer)
        /// That many bytes, generated while they are sent.
        case generated(Int)
    }

    static let jsonType = "application/json; charset=utf-8"

    var status: Int
    var fields: [Field]
    var body: Body
    /// Whether the body comes in chunks instead of with a Content-Length.
    var isChunked = false
    /// Whether fields that are added while it is sent have names in lower case too.
    var hasLowerCaseFields = false

    static func json(_ value: JSONValue, status: Int = 200) -> Response {
        Response(status: status, fields: [Field(name: "Content-Type", value: jsonType)], body: .json(value))
    }

    static func text(_ text: String, status: Int, contentType: String? = "text/plain") -> Response {
        Response(
            status: status,
            fields: contentType.map { [Field(name: "Content-Type", value: $0)] } ?? [],
            body: .buffer(ByteBuffer(string: text))
        )
    }

    /// The response to unknown paths and methods; it is not JSON.
    static let notFound = Response.text("404 page not found", status: 404)

    /// The platform's code, if the body is JSON and has one.
    var code: Int? {
        guard case .json(let value) = body else { return nil }
        return value["code"]?.int
    }

    /// Sets a field in place of those with the same name in any letter case; nil only removes them.
    mutating func set(_ name: String, _ value: String?) {
        fields.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value {
            fields.append(Field(name: name, value: value))
        }
    }

    /// The bytes of the body; none if it is generated.
    var buffer: ByteBuffer {
        switch body {
        case .json(let value): ByteBuffer(string: JSONValue.serialize(value))
        case .buffer(let buffer): buffer
        case .generated: ByteBuffer()
        }
    }

    /// The length of the body.
    var length: Int {
        switch body {
        case .json, .buffer: buffer.readableBytes
        case .generated(let count): count
        }
    }
}

extension Response {
    /// The header field that frames the body.
    var framingFields: [Field] {
        isChunked ? [] : [Field(name: hasLowerCaseFields ? "content-length" : "Content-Length", value: String(length))]
    }

    /// The body in pieces; a generated body is made piece by piece.
    var pieces: some Sequence<ByteBuffer> {
        let size = 1 << 16
        let whole = buffer
        let total = length
        return sequence(state: 0) { (sent: inout Int) -> ByteBuffer? in
            guard sent < total else { return nil }
            let count = Swift.min(size, total - sent)
            defer { sent += count }
            return switch body {
            case .generated: ByteBuffer(repeating: UInt8(ascii: "G"), count: count)
            case .json, .buffer: whole.getSlice(at: whole.readerIndex + sent, length: count)
            }
        }
    }
}

/// The text of a Date header, such as "Sun, 06 Nov 1994 08:49:37 GMT".
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ date: Date) -> String {
        // "1994-11-06T08:49:37Z" holds all but the names.
        let parts = date.formatted(.iso8601).split { !$0.isNumber }
        guard parts.count == 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return "" }
        // The first day of 1970 was a Thursday.
        let day = (Int((date.timeIntervalSince1970 / 86400).rounded(.down)) % 7 + 11) % 7
        let clock = parts[3...].joined(separator: ":")
        return "\(days[day]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(clock) GMT"
    }
}
