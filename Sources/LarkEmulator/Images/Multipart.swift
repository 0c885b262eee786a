import NIOCore

/// Reads multipart/form-data. Parts need neither a file name nor a Content-Type: SDKs send them without.
enum Multipart {
    /// The boundary in a Content-Type; nil for another type.
    static func boundary(of contentType: String) -> String? {
        guard contentType.lowercased().hasPrefix("multipart/form-data") else { return nil }
        return parameter("boundary", of: contentType)
    }

    /// The bodies of the parts by name; nil if the text is malformed.
    static func parts(of body: ByteBuffer, boundary: String) -> [String: ByteBuffer]? {
        var parts: [String: ByteBuffer] = [:]
        // The first boundary has no line break before it; with one added all boundaries are alike.
        var rest = ByteBuffer(string: "\r\n")
        rest.writeImmutableBuffer(body)
        let delimiter = Array("\r\n--\(boundary)".utf8)
        guard rest.readSlice(upTo: delimiter) != nil else { return nil }
        while true {
            guard let ending = rest.readString(length: 2) else { return nil }
            if ending == "--" { return parts }
            guard ending == "\r\n", let part = rest.readSlice(upTo: delimiter) else { return nil }
            // A part without headers begins with the empty line itself.
            var content = ByteBuffer(string: "\r\n")
            content.writeImmutableBuffer(part)
            guard let head = content.readSlice(upTo: Array("\r\n\r\n".utf8)) else { return nil }
            if let name = name(inHead: String(buffer: head)) {
                parts[name] = content
            }
        }
    }

    private static func name(inHead head: String) -> String? {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:") {
            return parameter("name", of: String(line))
        }
        return nil
    }

    /// The value of a parameter such as `; name="image"`.
    private static func parameter(_ name: String, of field: String) -> String? {
        for part in field.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].filter({ $0 != " " }).lowercased() == name else { continue }
            let value = pair[1].drop { $0 == " " }
            return value.hasPrefix("\"") ? String(value.dropFirst().prefix { $0 != "\"" }) : String(value)
        }
        return nil
    }
}

extension ByteBuffer {
    /// Reads up to and past a delimiter; nil if there is none.
    fileprivate mutating func readSlice(upTo delimiter: [UInt8]) -> ByteBuffer? {
        guard let first = delimiter.first else { return nil }
        let view = readableBytesView
        var from = view.startIndex
        while let found = view[from...].firstIndex(of: first) {
            if view[found...].starts(with: delimiter) {
                let slice = readSlice(length: found - view.startIndex)
                moveReaderIndex(forwardBy: delimiter.count)
                return slice
            }
            from = found + 1
        }
        return nil
    }
}
