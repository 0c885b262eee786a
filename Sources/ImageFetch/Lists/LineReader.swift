import LarkAPI
import Messages
import PosixFiles
import SystemPackage

/// Reads the lines of a list as they come, and single lines again later.
///
/// A regular file is read again where it is. What a pipe delivers is copied to a file without a name. One piece of the
/// list is in memory at a time.
struct LineReader: Sendable {
    /// The longest line, in bytes, that is not JSON.
    static let longest = 64 << 10

    /// The longest line, in bytes, that begins like this one. A message may be large.
    static func longest(for line: [UInt8]) -> Int {
        LineParser.beginsJSON(line) ? JSONDocument.largest : longest
    }

    private static let pieceSize = 64 << 10

    /// A line that goes on for so long, in bytes, is no line: devices have no end.
    static let endless = 64 << 20

    /// One line.
    struct Line: Sendable, Hashable {
        /// Counted from 1.
        let number: Int
        /// Where ``LineReader/line(at:)`` finds it.
        let offset: Int64
        /// The line without its end. One that is too long is cut to one byte more than the longest.
        let bytes: [UInt8]
        let isTooLong: Bool
    }

    private let longestSkip: Int
    private let file: FileDescriptor
    /// nil for a file that can be read again itself.
    private let copy: FileDescriptor?
    private let spoolDirectory: String
    private let clocks: Clocks

    private var number = 0
    /// The beginning of the next line, as far as it was read.
    private var partial: [UInt8] = []
    private var partialOffset: Int64
    /// Where the next piece begins.
    private var offset: Int64
    private var isSkipping = false
    /// How much of the line that is skipped was read.
    private var skipped = 0
    private var isAtEnd = false

    private init(
        _ file: FileDescriptor, from offset: Int64, copy: FileDescriptor?, spoolDirectory: String, longestSkip: Int,
        clocks: Clocks
    ) {
        self.file = file
        self.longestSkip = longestSkip
        self.offset = offset
        partialOffset = offset
        self.copy = copy
        self.spoolDirectory = spoolDirectory
        self.clocks = clocks
    }

    /// Creates a reader for the rest of an open file or pipe, and passes it to a body.
    ///
    /// - Parameters:
    ///   - spoolDirectory: where the copy of a pipe is.
    ///   - longestSkip: how much of a line that is too long is skipped, in bytes.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        _ file: FileDescriptor, spoolDirectory: String, longestSkip: Int = endless, clocks: Clocks,
        _ body: (LineReader) async throws -> Result
    ) async throws -> Result {
        if (try? FileStatus.of(file).kind) == .regular, let offset = try? file.seek(offset: 0, from: .current) {
            return try await body(
                LineReader(
                    file, from: offset, copy: nil, spoolDirectory: spoolDirectory, longestSkip: longestSkip,
                    clocks: clocks))
        }
        return try await TemporaryFile.with(in: spoolDirectory) { copy in
            try await body(
                LineReader(
                    file, from: 0, copy: copy, spoolDirectory: spoolDirectory, longestSkip: longestSkip,
                    clocks: clocks))
        }
    }

    /// A file that holds everything read so far, and where the list begins in it.
    ///
    /// - Throws: `Errno`.
    func rewound(to start: Int64) throws -> FileDescriptor {
        let file = copy ?? file
        try file.seek(offset: start, from: .start)
        return file
    }

    /// Where the list begins in its file, until something is read.
    var start: Int64 { offset }

    /// The next lines: all that one read brings.
    ///
    /// The descriptor is polled before each read, so that an idle pipe neither holds a thread nor keeps a command that
    /// has to end.
    ///
    /// - Parameter patience: how long to wait for a pipe on which nothing comes; nil for as long as it is open.
    /// - Returns: none at the end, or when the time is over.
    /// - Throws: `Errno` when reading fails; ``ImageFetchError`` when the copy fails, and `notAList` for a line that does
    ///   not end; `CancellationError`.
    mutating func next(patience: Duration? = nil) async throws -> [Line] {
        while !isAtEnd {
            guard try await isReadable(within: patience) else { return [] }
            let piece = try [UInt8](unsafeUninitializedCapacity: Self.pieceSize) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            try append(piece)
            let lines = piece.isEmpty ? lastLine() : lines(endingIn: piece)
            skipped = isSkipping ? skipped + piece.count : 0
            guard skipped <= longestSkip else {
                throw ImageFetchError.notAList("line \(number) does not end within \(longestSkip >> 20) MiB")
            }
            if !lines.isEmpty { return lines }
        }
        return []
    }

    /// Whether the list was read to its end.
    var isComplete: Bool { isAtEnd }

    /// Reads one line again. Blocks.
    ///
    /// - Parameter offset: of a line that ``next(patience:)`` returned.
    /// - Throws: `Errno`.
    func line(at offset: Int64) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count <= JSONDocument.largest {
            let size = max(1024, bytes.count)
            let piece = try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try (copy ?? file)
                    .read(
                        fromAbsoluteOffset: offset + Int64(bytes.count), into: UnsafeMutableRawBufferPointer(buffer))
            }
            if let end = piece.firstIndex(of: UInt8(ascii: "\n")) { return bytes + piece[..<end] }
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }

    private func append(_ piece: [UInt8]) throws {
        do {
            try copy?.writeAll(piece)
        } catch let error as Errno {
            throw ImageFetchError.spooling(in: spoolDirectory, error)
        }
    }

    private mutating func lastLine() -> [Line] {
        isAtEnd = true
        return partial.isEmpty || isSkipping ? [] : [finishLine(nextOffset: offset)]
    }

    private mutating func lines(endingIn piece: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var start = piece.startIndex
        while let end = piece[start...].firstIndex(of: UInt8(ascii: "\n")) {
            let nextOffset = offset + Int64(end + 1)
            if isSkipping {
                (isSkipping, partialOffset) = (false, nextOffset)
            } else {
                extend(with: piece[start..<end])
                lines.append(finishLine(nextOffset: nextOffset))
            }
            start = end + 1
        }
        offset += Int64(piece.count)
        guard !isSkipping else { return lines }
        extend(with: piece[start...])
        if isPartialTooLong {
            lines.append(finishLine(nextOffset: partialOffset))
            isSkipping = true
        }
        return lines
    }

    private mutating func extend(with bytes: ArraySlice<UInt8>) {
        var longest = Self.longest
        if partial.count + bytes.count > longest {
            longest = Self.longest(for: Array(partial.prefix(256) + bytes.prefix(256)))
        }
        partial += bytes.prefix(longest + 1 - partial.count)
    }

    private var isPartialTooLong: Bool {
        partial.count > Self.longest && partial.count > Self.longest(for: partial)
    }

    private mutating func finishLine(nextOffset: Int64) -> Line {
        number += 1
        defer { (partial, partialOffset) = ([], nextOffset) }
        return Line(
            number: number, offset: partialOffset, bytes: partial, isTooLong: isPartialTooLong)
    }

    private func isReadable(within patience: Duration?) async throws -> Bool {
        var wait = Duration.milliseconds(1)
        var waited = Duration.zero
        while true {
            try Task.checkCancellation()
            if try file.isReady(for: .reading) { return true }
            if let patience, waited >= patience { return false }
            try await clocks.sleep(wait)
            waited += wait
            wait = min(wait * 2, .milliseconds(50))
        }
    }
}
