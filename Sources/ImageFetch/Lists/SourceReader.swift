package import LarkAPI
import SystemPackage

/// Where a download is in its source: the offset of its line, or its index.
typealias SourcePosition = Int64

/// Reads the downloads of a source from beginning to end, and single ones again when it is their turn.
struct SourceReader: Sendable {
    enum Entry {
        case item(FetchItem, at: SourcePosition)
        case invalid(InvalidLine)
    }

    private enum Content {
        case items([FetchItem])
        case lines(LineReader, FetchListFormat)
    }

    private var content: Content
    private var areItemsRead = false
    private var validLines = 0
    private var invalidLines = 0

    /// So many invalid lines, if they outnumber the valid ones, are a file of another kind.
    private static let mostInvalidLines = 100

    private init(_ content: Content) {
        self.content = content
    }

    /// Creates a reader and passes it to a body.
    ///
    /// - Parameter spoolDirectory: where the copy of a pipe is.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        _ source: FetchSource, spoolDirectory: String, clocks: Clocks, _ body: (SourceReader) async throws -> Result
    ) async throws -> Result {
        switch source {
        case .items(let items):
            return try await body(SourceReader(.items(items)))
        case .list(let number, let format):
            let file = FileDescriptor(rawValue: number)
            return try await LineReader.with(file, spoolDirectory: spoolDirectory, clocks: clocks) { lines in
                try await body(SourceReader(.lines(lines, format)))
            }
        }
    }

    /// The next entries.
    ///
    /// - Parameter patience: how long to wait for a pipe on which nothing comes; nil for as long as it is open.
    /// - Returns: nil at the end, or when the time is over; none where the lines were blank.
    /// - Throws: ``ImageFetchError`` when the list cannot be read or is none; `CancellationError`.
    mutating func next(patience: Duration? = nil) async throws -> [Entry]? {
        switch content {
        case .items(let items):
            defer { areItemsRead = true }
            return areItemsRead || items.isEmpty
                ? nil : items.enumerated().map { .item($1, at: SourcePosition($0)) }
        case .lines(var reader, let format):
            let lines = try await Self.reading { try await reader.next(patience: patience) }
            content = .lines(reader, format)
            if let first = lines.first, first.number == 1, Self.isUTF16(first.bytes) {
                throw ImageFetchError.notAList("it is UTF-16, not UTF-8")
            }
            let entries = lines.compactMap { Self.entry($0, format) }
            try count(entries)
            return lines.isEmpty ? nil : entries
        }
    }

    /// Whether everything was read.
    var isComplete: Bool {
        switch content {
        case .items: areItemsRead
        case .lines(let reader, _): reader.isComplete
        }
    }

    /// Reads one download again. Blocks.
    ///
    /// - Throws: ``ImageFetchError`` `readFailed`, also for a list that was changed meanwhile.
    func item(at position: SourcePosition) throws -> FetchItem {
        switch content {
        case .items(let items):
            return items[Int(position)]
        case .lines(let reader, let format):
            do {
                let line = try reader.line(at: position)
                if let item = try Self.text(line).flatMap({ try format.item($0) }) { return item }
            } catch let error as Errno {
                throw ImageFetchError.reading(error)
            } catch {
                // The line was valid when it was read first.
            }
            throw ImageFetchError(
                .readFailed, "the list was changed while it was read", remedy: "Run this again with the new list")
        }
    }

    /// A file that holds the whole list, once it was read.
    ///
    /// - Parameter start: where the list begins in it.
    /// - Throws: ``ImageFetchError`` `readFailed`.
    func rewound(to start: Int64) throws -> FileDescriptor? {
        guard case .lines(let reader, _) = content else { return nil }
        do {
            return try reader.rewound(to: start)
        } catch let error as Errno {
            throw ImageFetchError.reading(error)
        }
    }

    /// Where the list begins in its file, until something is read.
    var start: Int64 {
        guard case .lines(let reader, _) = content else { return 0 }
        return reader.start
    }

    private mutating func count(_ entries: [Entry]) throws {
        for entry in entries {
            if case .item = entry { validLines += 1 } else { invalidLines += 1 }
        }
        guard invalidLines < Self.mostInvalidLines || invalidLines <= validLines else {
            throw ImageFetchError.notAList(
                "\(invalidLines) of its first \(validLines + invalidLines) lines are invalid")
        }
    }

    private static func reading<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as Errno {
            throw ImageFetchError.reading(error)
        }
    }

    private static func entry(_ line: LineReader.Line, _ format: FetchListFormat) -> Entry? {
        func invalid(_ reason: String) -> Entry {
            .invalid(InvalidLine(number: line.number, bytes: line.bytes, reason: reason))
        }
        guard !line.isTooLong else { return invalid("it is longer than \(LineReader.longest) bytes") }
        guard let text = text(line.bytes) else { return invalid("it is not UTF-8") }
        do {
            return try format.item(text).map { .item($0, at: line.offset) }
        } catch {
            return invalid(FetchListFormat.reason(error))
        }
    }

    /// The text of a line; nil if it is not UTF-8.
    private static func text(_ line: [UInt8]) -> String? {
        // The mark that some editors put in front of UTF-8.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return String(validating: line.starts(with: mark) ? line.dropFirst(mark.count) : line[...], as: UTF8.self)
    }

    private static func isUTF16(_ line: [UInt8]) -> Bool {
        line.starts(with: [0xFF, 0xFE]) || line.starts(with: [0xFE, 0xFF])
    }
}

/// A list that was checked before anything is done with it.
package struct ValidatedList: Sendable {
    /// Reads the list from its beginning.
    package let descriptor: Int32
    /// The first hundred invalid lines.
    package let invalid: [InvalidLine]
    /// How many lines are invalid.
    package let invalidCount: Int

    private static let maximumLines = 100

    /// Checks a list and passes it to a body. A pipe is copied to a nameless file, so that it can be read twice.
    ///
    /// - Parameters:
    ///   - number: an open descriptor.
    ///   - format: how its lines name downloads.
    ///   - spoolDirectory: where the copy is.
    ///   - clocks: the waits for a pipe.
    /// - Throws: ``ImageFetchError`` when it cannot be read or copied; what the body throws.
    package static func with<Result>(
        _ number: Int32, format: FetchListFormat, spoolDirectory: String, clocks: Clocks = .system,
        _ body: (ValidatedList) async throws -> Result
    ) async throws -> Result {
        let source = FetchSource.list(number, format)
        return try await SourceReader.with(source, spoolDirectory: spoolDirectory, clocks: clocks) { reader in
            var reader = reader
            let start = reader.start
            var invalid: [InvalidLine] = []
            var count = 0
            while let entries = try await reader.next() {
                for case .invalid(let line) in entries {
                    count += 1
                    if invalid.count < maximumLines { invalid.append(line) }
                }
            }
            let file = try reader.rewound(to: start)
            return try await body(
                ValidatedList(descriptor: file?.rawValue ?? number, invalid: invalid, invalidCount: count))
        }
    }
}
