import NIOPosix
import Synchronization

/// Appends lines to a file on a thread that may block. Lines that arrive during a write share the next one.
final class AuditWriter: Sendable {
    private struct Entry {
        let line: String
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Queue {
        var entries: [Entry] = []
        var isWriting = false
    }

    /// The most that one write has, in bytes: a pipe that is ready takes it, and the line end that may precede it, without
    /// waiting (PIPE_BUF, pipe(7)).
    private static let writeSize = 4095

    private let write: @Sendable (String) throws -> Void
    private let queue = Mutex(Queue())

    /// - Parameter write: appends lines, or throws. It may block, and is never called twice at a time.
    init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    /// How many lines wait for the write that is running.
    var queuedLines: Int { queue.withLock { $0.entries.count } }

    /// Appends a line, newline included, and waits until it is written.
    ///
    /// - Throws: what writing throws, to all whose lines were written together.
    func append(_ line: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isIdle = queue.withLock { queue in
                queue.entries.append(Entry(line: line, continuation: continuation))
                defer { queue.isWriting = true }
                return !queue.isWriting
            }
            guard isIdle else { return }
            NIOThreadPool.singleton.submit { state in
                if case .cancelled = state {
                    self.writeQueue { _ in throw CancellationError() }
                } else {
                    self.writeQueue(self.write)
                }
            }
        }
    }

    private func writeQueue(_ write: (String) throws -> Void) {
        while case let entries = takeEntries(), !entries.isEmpty {
            let result = Result { try write(entries.map(\.line).joined()) }
            for entry in entries { entry.continuation.resume(with: result) }
        }
    }

    /// The entries of the next write, one at least; none ends the writing.
    private func takeEntries() -> [Entry] {
        queue.withLock { queue in
            var (count, size) = (0, 0)
            while count < queue.entries.count {
                size += queue.entries[count].line.utf8.count
                if count > 0, size > Self.writeSize { break }
                count += 1
            }
            defer { queue.entries.removeFirst(count) }
            queue.isWriting = count > 0
            return Array(queue.entries.prefix(count))
        }
    }
}
