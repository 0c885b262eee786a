import LarkAPI
import PosixFiles
import SystemPackage

/// Reads lines from a descriptor as they come, in memory for one of them.
struct LineReader {
    /// The longest line, in bytes; our own JSON lines are much shorter.
    static let longest = 64 << 10

    /// A line without its end; nil in place of one that is too long.
    typealias Line = [UInt8]?

    private let file: FileDescriptor
    private let timing: Clocks
    private let copy: (@Sendable ([UInt8]) throws -> Void)?
    private var unread: [UInt8] = []
    private var isSkipping = false
    private var isAtEnd = false

    init(_ file: FileDescriptor, timing: Clocks, copy: (@Sendable ([UInt8]) throws -> Void)? = nil) {
        self.file = file
        self.timing = timing
        self.copy = copy
    }

    /// The next lines: all that a read brings.
    ///
    /// The descriptor is polled before each read, so that an idle pipe neither holds a thread nor keeps a command that
    /// shall end.
    ///
    /// - Returns: none at the end.
    /// - Throws: `Errno`; what `copy` throws; `CancellationError`.
    mutating func next() async throws -> [Line] {
        while !isAtEnd {
            try await untilReadable()
            let part = try [UInt8](unsafeUninitializedCapacity: Self.longest) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            try copy?(part)
            let lines = part.isEmpty ? rest() : lines(of: part)
            if !lines.isEmpty { return lines }
        }
        return []
    }

    private mutating func rest() -> [Line] {
        isAtEnd = true
        defer { unread = [] }
        return unread.isEmpty || isSkipping ? [] : [unread]
    }

    private mutating func lines(of part: [UInt8]) -> [Line] {
        var lines: [Line] = []
        var rest = part[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            if isSkipping {
                isSkipping = false
            } else {
                let line = unread + rest[..<end]
                lines.append(line.count > Self.longest ? nil : line)
            }
            unread = []
            rest = rest[(end + 1)...]
        }
        guard !isSkipping else { return lines }
        unread += rest
        if unread.count > Self.longest {
            lines.append(nil)
            unread = []
            isSkipping = true
        }
        return lines
    }

    private func untilReadable() async throws {
        var wait = Duration.milliseconds(1)
        while true {
            try Task.checkCancellation()
            if try file.isReady(for: .reading) { return }
            try await timing.sleep(wait)
            wait = min(wait * 2, .milliseconds(50))
        }
    }
}
