/// A response as it was on the wire.
public struct RawResponse: Sendable, Equatable {
    /// A header field, its name in lower case.
    public struct Field: Sendable, Equatable {
        /// The name.
        public let name: String
        /// The value, without the spaces around it.
        public let value: String
    }

    /// The status code.
    public let status: Int
    /// All header fields, in order.
    public let fields: [Field]
    /// The body, without the framing of chunks.
    public let body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of a header field, or nil.
    public func field(_ name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Whether the server closes the connection after it.
    public var isLast: Bool { field("connection")?.lowercased() == "close" }

    /// The same without the date, which differs from second to second, and the fields in a fixed order.
    public var withoutDate: RawResponse {
        let rest = fields.filter { $0.name != "date" }.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
        return RawResponse(status: status, fields: rest, body: body)
    }

    /// Takes the first response from received bytes, or nil while it is not complete.
    public static func next(in bytes: inout [UInt8]) -> RawResponse? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count > 1, let status = Int(words[1]) else { return nil }
        let fields = lines.dropFirst()
            .map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return Field(name: parts[0].lowercased(), value: parts.count > 1 ? trimmed(parts[1]) : "")
            }
        let head = RawResponse(status: status, fields: fields, body: [])
        let rest = bytes[end.upperBound...]
        guard let (body, next) = head.field("transfer-encoding") == "chunked" ? chunks(in: rest) : head.body(in: rest)
        else { return nil }
        bytes.removeSubrange(..<next)
        return RawResponse(status: status, fields: fields, body: body)
    }

    private static func trimmed(_ text: Substring) -> String {
        String(String(text.drop { $0 == " " }.reversed()).drop { $0 == " " }.reversed())
    }

    private func body(in bytes: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        let length = field("content-length").flatMap { Int($0) } ?? 0
        guard bytes.count >= length else { return nil }
        return (Array(bytes.prefix(length)), bytes.startIndex + length)
    }

    private static func chunks(in bytes: ArraySlice<UInt8>) -> ([UInt8], Int)? {
        var body: [UInt8] = []
        var rest = bytes
        while let end = rest.firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16)
        {
            // The chunk and the line end after it.
            guard rest.endIndex - end.upperBound >= size + 2 else { return nil }
            body += rest[end.upperBound...].prefix(size)
            rest = rest[(end.upperBound + size + 2)...]
            if size == 0 { return (body, rest.startIndex) }
        }
        return nil
    }
}
