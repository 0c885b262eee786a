import LarkAPI
package import Messages

/// Finds what a line of a list names, or a document that covers many lines.
package struct LineParser: Sendable {
    /// A part of what a line holds.
    package enum Finding: Sendable {
        /// A line of a list.
        case entry(ListEntry)
        /// A part of a message.
        case resource(FoundResource)
        /// Something in a message that cannot be downloaded.
        case note(MessageNote)
        /// The line is neither.
        case invalid(InvalidLine)
    }

    let format: FetchListFormat

    /// Reads a line without its end. A byte order mark is no part of it.
    func findings(in line: LineReader.Line) -> [Finding] {
        do {
            guard !line.isTooLong else { throw MalformedLine.tooLong(line.bytes) }
            return try findings(in: Self.withoutMark(line.bytes), line: line.number)
        } catch {
            return [.invalid(InvalidLine(number: line.number, bytes: line.bytes, reason: "\(error)"))]
        }
    }

    private func findings(in bytes: [UInt8], line number: Int) throws -> [Finding] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw MalformedLine(description: "it is not UTF-8")
        }
        guard Self.beginsJSON(bytes) else { return try format.entry(text).map { [.entry($0)] } ?? [] }
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            // Another reason may be more to the point.
            _ = try format.entry(text)
            throw error
        }
        return try findings(in: document, line: number)
    }

    /// Reads a document of many lines.
    ///
    /// - Parameter line: the number of its first line.
    /// - Returns: nil if the bytes are none.
    func findings(inDocument bytes: [UInt8], line: Int) -> [Finding]? {
        let bytes = Self.withoutMark(bytes)
        guard String(validating: bytes, as: UTF8.self) != nil, let document = try? JSONDocument(bytes) else {
            return nil
        }
        return try? findings(in: document, line: line)
    }

    private func findings(in document: JSONDocument, line: Int) throws -> [Finding] {
        let root = document.root
        if root.isListLine { return [.entry(try format.entry(root))] }
        var first: JSONValue?
        root.forEachElement { first = first ?? $0 }
        if first?.isListLine == true { return entries(in: root, line: line) }
        let found = format.messages.findings(in: document)
        if found.isEmpty {
            guard !root.isArray || first == nil else { throw MalformedLine.array }
            guard !root.isObject || root.isOfPlatform else {
                throw MalformedLine(description: "it is no message, and has no image_key")
            }
        }
        return found.resources.map(Finding.resource) + found.notes.map(Finding.note)
    }

    /// Reads an array of what is otherwise a line each.
    private func entries(in list: JSONValue, line: Int) -> [Finding] {
        var entries: [Finding] = []
        list.forEachElement { element in
            do {
                entries.append(.entry(try format.entry(element)))
            } catch {
                entries.append(.invalid(InvalidLine(number: line, bytes: element.source, reason: "\(error)")))
            }
        }
        return entries
    }

    /// Whether a line is the beginning of a document: JSON that does not end in it.
    static func beginsDocument(_ bytes: [UInt8]) -> Bool {
        let bytes = withoutMark(bytes)
        guard beginsJSON(bytes) else { return false }
        do throws(JSONSyntaxError) {
            _ = try JSONDocument(bytes)
            return false
        } catch {
            return error.isIncomplete
        }
    }

    /// Whether a line can hold a message.
    static func beginsJSON(_ bytes: [UInt8]) -> Bool {
        let first = withoutMark(Array(bytes.prefix(256))).first { !isSpace($0) }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    static func isBlank(_ bytes: [UInt8]) -> Bool { withoutMark(bytes).allSatisfy(isSpace) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

    private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }
}

extension MalformedLine {
    fileprivate static func tooLong(_ bytes: [UInt8]) -> MalformedLine {
        let longest = LineReader.longest(for: bytes)
        return MalformedLine(
            description: longest < 1 << 20
                ? "it is longer than \(longest) bytes" : "it is longer than \(longest >> 20) MiB")
    }
}

extension JSONValue {
    /// Whether it is a line of a list, as reports have it, and no message or content of one.
    fileprivate var isListLine: Bool {
        self["image_key"] != nil && self["file_key"] == nil && self["event"] == nil && !hasContent
            || self["message_id"] != nil && self["resources"] == nil && self["event_id"] == nil && !hasContent
    }

    private var hasContent: Bool {
        self["msg_type"] != nil || self["message_type"] != nil || self["content"] != nil || self["body"] != nil
    }

    /// Whether it looks like something that the platform writes, if without messages.
    fileprivate var isOfPlatform: Bool {
        self["message_id"] != nil || self["event"] != nil || self["data"] != nil || self["items"] != nil
            || self["messages"] != nil || self["code"] != nil || self["challenge"] != nil || self["message"] != nil
    }
}
