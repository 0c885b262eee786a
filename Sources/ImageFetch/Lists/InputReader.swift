package import LarkAPI
import Messages
import Synchronization
import SystemPackage

/// Reads what a list holds: lines, or one JSON document that covers many of them.
package struct InputReader: Sendable {
    /// What a line holds, or a document.
    package struct Piece: Sendable {
        /// The number of the line, or of the first one.
        package let line: Int
        /// Where ``InputReader/piece(at:)`` finds it.
        let offset: Int64
        /// The line; empty for a document.
        let bytes: [UInt8]
        package let findings: [LineParser.Finding]
    }

    private var lines: LineReader
    private let parser: LineParser
    private var isFirst = true
    private var document: Piece?
    private let lastRead = LastRead()

    private init(_ lines: LineReader, _ parser: LineParser) {
        self.lines = lines
        self.parser = parser
    }

    /// Creates a reader for the rest of an open descriptor, and passes it to a body.
    ///
    /// - Parameter spoolDirectory: where the copy of a pipe is.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    package static func with<Result>(
        _ descriptor: Int32, format: FetchListFormat, spoolDirectory: String, clocks: Clocks = .system,
        _ body: (InputReader) async throws -> Result
    ) async throws -> Result {
        let file = FileDescriptor(rawValue: descriptor)
        return try await LineReader.with(file, spoolDirectory: spoolDirectory, clocks: clocks) { lines in
            try await body(InputReader(lines, LineParser(format: format)))
        }
    }

    /// The next pieces: what one read brings, or all that is left of a document.
    ///
    /// - Parameter patience: how long to wait for a pipe on which nothing comes; nil for as long as it is open.
    /// - Returns: nil at the end, or when the time is over.
    /// - Throws: ``ImageFetchError`` when the list cannot be read or is none; `CancellationError`.
    package mutating func next(patience: Duration? = nil) async throws -> [Piece]? {
        var read = try await nextLines(patience: patience)
        if read.isEmpty { return nil }
        if let first = read.first, first.number == 1, Self.isUTF16(first.bytes) {
            throw ImageFetchError.notAList("it is UTF-16, not UTF-8")
        }
        if isFirst, let first = read.firstIndex(where: { !LineParser.isBlank($0.bytes) }) {
            isFirst = false
            if LineParser.beginsDocument(read[first].bytes) {
                read.removeFirst(first)
                if try await readDocument(&read, patience: patience), let document { return [document] }
            }
        }
        return read.map {
            Piece(line: $0.number, offset: $0.offset, bytes: $0.bytes, findings: parser.findings(in: $0))
        }
    }

    /// Reads on, to the end or until there is more than a document may have.
    ///
    /// - Returns: whether the lines are a document.
    private mutating func readDocument(_ read: inout [LineReader.Line], patience: Duration?) async throws -> Bool {
        var size = read.reduce(0) { $0 + $1.bytes.count }
        while size <= JSONDocument.largest {
            let more = try await nextLines(patience: patience)
            if more.isEmpty { break }
            read += more
            size += more.reduce(0) { $0 + $1.bytes.count }
        }
        guard lines.isComplete, let first = read.first else { return false }
        let text = Array(read.map(\.bytes).joined(separator: [UInt8(ascii: "\n")]))
        document = parser.findings(inDocument: text, line: first.number)
            .map { Piece(line: first.number, offset: first.offset, bytes: [], findings: $0) }
        return document != nil
    }

    private mutating func nextLines(patience: Duration?) async throws -> [LineReader.Line] {
        do {
            return try await lines.next(patience: patience)
        } catch let error as Errno {
            throw ImageFetchError.reading(error)
        }
    }

    /// Reads a piece again. Blocks.
    ///
    /// - Throws: ``ImageFetchError`` `readFailed`.
    func piece(at offset: Int64) throws -> Piece {
        if let document { return document }
        return try lastRead.piece(at: offset) {
            do {
                let bytes = try lines.line(at: offset)
                let line = LineReader.Line(number: 0, offset: offset, bytes: bytes, isTooLong: false)
                return Piece(line: 0, offset: offset, bytes: bytes, findings: parser.findings(in: line))
            } catch let error as Errno {
                throw ImageFetchError.reading(error)
            }
        }
    }

    /// Whether everything was read.
    var isComplete: Bool { lines.isComplete }

    /// Where the list begins in its file, until something is read.
    var start: Int64 { lines.start }

    /// A file that holds the whole list, once it was read.
    ///
    /// - Parameter start: where the list begins in it.
    /// - Throws: ``ImageFetchError`` `readFailed`.
    func rewound(to start: Int64) throws -> FileDescriptor {
        do {
            return try lines.rewound(to: start)
        } catch let error as Errno {
            throw ImageFetchError.reading(error)
        }
    }

    private static func isUTF16(_ line: [UInt8]) -> Bool {
        line.starts(with: [0xFF, 0xFE]) || line.starts(with: [0xFE, 0xFF])
    }

    /// The line that was read again last: one that names many downloads is needed for each of them.
    private final class LastRead: Sendable {
        private let piece = Mutex<Piece?>(nil)

        func piece(at offset: Int64, read: () throws -> Piece) rethrows -> Piece {
            if let known = piece.withLock({ $0?.offset == offset ? $0 : nil }) { return known }
            let read = try read()
            if read.findings.count > 1 { piece.withLock { $0 = read } }
            return read
        }
    }
}
