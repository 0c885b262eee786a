package import LarkAPI
package import Messages
import PosixFiles
import SystemPackage

/// Finds the images and files that a text names: lines of a list, messages in any form, mixed, or one JSON document that
/// covers many lines.
package struct KeyScanner: Sendable {
    /// What a line holds.
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

    private let format: FetchListFormat
    private let messages: MessageReader

    /// Creates a scanner.
    ///
    /// - Parameters:
    ///   - format: reads the lines of lists.
    ///   - messages: reads messages.
    package init(format: FetchListFormat, messages: MessageReader) {
        self.format = format
        self.messages = messages
    }

    /// Reads an open descriptor to its end.
    ///
    /// - Parameters:
    ///   - spoolDirectory: where the copy of a pipe is.
    ///   - show: called with each finding and the number of its line, in order.
    /// - Throws: ``ImageFetchError`` when it cannot be read; `CancellationError`; what `show` throws.
    package func scan(
        _ descriptor: Int32, spoolDirectory: String, clocks: Clocks = .system,
        show: (_ line: Int, Finding) throws -> Void
    ) async throws {
        let file = FileDescriptor(rawValue: descriptor)
        try await LineReader.with(
            file, spoolDirectory: spoolDirectory, longest: JSONDocument.largest, longestSkip: JSONDocument.largest,
            clocks: clocks
        ) { reader in
            var reader = reader
            var isFirst = true
            while true {
                var lines = try await Self.next(&reader)
                if lines.isEmpty { return }
                if isFirst, let first = lines.firstIndex(where: { !Self.isBlank($0.bytes) }) {
                    isFirst = false
                    if Self.beginsDocument(lines[first].bytes) {
                        lines = Array(lines[first...])
                        if try await Self.readDocument(&lines, &reader), try showDocument(lines, show) { return }
                    }
                }
                for line in lines { try self.show(line, show) }
            }
        }
    }

    private static func next(_ reader: inout LineReader) async throws -> [LineReader.Line] {
        do {
            return try await reader.next()
        } catch let error as Errno {
            throw ImageFetchError.reading(error)
        }
    }

    /// Reads on, to the end or until there is more than a document may have.
    ///
    /// - Returns: whether the end was reached.
    private static func readDocument(_ lines: inout [LineReader.Line], _ reader: inout LineReader) async throws -> Bool
    {
        var size = lines.reduce(0) { $0 + $1.bytes.count }
        while size <= JSONDocument.largest {
            let more = try await next(&reader)
            if more.isEmpty { return true }
            lines += more
            size += more.reduce(0) { $0 + $1.bytes.count }
        }
        return false
    }

    /// Shows what is in a document of many lines.
    ///
    /// - Returns: false if the lines are none.
    private func showDocument(
        _ lines: [LineReader.Line], _ show: (Int, Finding) throws -> Void
    ) throws -> Bool {
        let text = Self.withoutMark(Array(lines.map(\.bytes).joined(separator: [UInt8(ascii: "\n")])))
        guard String(validating: text, as: UTF8.self) != nil, let document = try? JSONDocument(text) else {
            return false
        }
        try self.show(messages.findings(in: document), line: lines[0].number, show)
        return true
    }

    private func show(_ line: LineReader.Line, _ show: (Int, Finding) throws -> Void) throws {
        func invalid(_ reason: String) throws {
            try show(line.number, .invalid(InvalidLine(number: line.number, bytes: line.bytes, reason: reason)))
        }
        guard !line.isTooLong else { return try invalid("it is longer than \(JSONDocument.largest >> 20) MiB") }
        let bytes = Self.withoutMark(line.bytes)
        guard let text = String(validating: bytes, as: UTF8.self) else { return try invalid("it is not UTF-8") }
        guard let first = bytes.first(where: { !Self.isSpace($0) }) else { return }
        do {
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                let document = try JSONDocument(bytes)
                guard document.root.isListLine else {
                    let findings = messages.findings(in: document)
                    if findings.isEmpty, document.root.isObject, document.root.isUnknown {
                        return try invalid("it is no message, and has no image_key")
                    }
                    return try self.show(findings, line: line.number, show)
                }
            }
            if let entry = try format.entry(text) { try show(line.number, .entry(entry)) }
        } catch let error as JSONSyntaxError {
            try invalid("\(error)")
        } catch let error where !(error is CancellationError) {
            try invalid(FetchListFormat.reason(error))
        }
    }

    private func show(_ findings: MessageFindings, line: Int, _ show: (Int, Finding) throws -> Void) throws {
        for resource in findings.resources { try show(line, .resource(resource)) }
        for note in findings.notes { try show(line, .note(note)) }
    }

    /// Whether a line is the beginning of a document: JSON that does not end in it.
    private static func beginsDocument(_ bytes: [UInt8]) -> Bool {
        let bytes = withoutMark(bytes)
        guard let first = bytes.first(where: { !isSpace($0) }), [0x7B, 0x5B].contains(first) else { return false }
        do throws(JSONSyntaxError) {
            _ = try JSONDocument(bytes)
            return false
        } catch {
            return error.isIncomplete
        }
    }

    /// The bytes without a byte order mark.
    private static func withoutMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private static func isBlank(_ bytes: [UInt8]) -> Bool { withoutMark(bytes).allSatisfy(isSpace) }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
}

extension JSONValue {
    /// Whether it is a line of a list as `larkimg keys --json` writes it, and not content of a message.
    fileprivate var isListLine: Bool {
        self["image_key"]?.isString == true && self["file_key"] == nil && self["event"] == nil
            && self["msg_type"] == nil && self["message_type"] == nil && self["content"] == nil && self["body"] == nil
    }

    /// Whether it looks like nothing that the platform writes.
    fileprivate var isUnknown: Bool {
        self["message_id"] == nil && self["event"] == nil && self["data"] == nil && self["items"] == nil
            && self["messages"] == nil && self["code"] == nil && self["challenge"] == nil && self["message"] == nil
    }
}
