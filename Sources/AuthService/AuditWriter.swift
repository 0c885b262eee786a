import NIOPosix
import Synchronization

/// Appends lines to a file on a thread that may block. Lines that arrive during a write share the next one.
final class AuditWriter: Sendable {
    private struct Queue {
        var text = ""
        var waiting: [CheckedContinuation<Void, any Error>] = []
        var isWriting = false
    }

    private let write: @Sendable (String) throws -> Void
    private let queue = Mutex(Queue())

    /// - Parameter write: appends lines, or throws. It may block, and is never called twice at a time.
    init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    /// Appends a line, newline included, and waits until it is written.
    ///
    /// - Throws: what writing throws, to all whose lines were written together.
    func append(_ line: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let isIdle = queue.withLock { queue in
                queue.text += line
                queue.waiting.append(continuation)
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

    /// How many lines wait for the write that is running.
    var queuedLines: Int { queue.withLock { $0.waiting.count } }

    private func writeQueue(_ write: (String) throws -> Void) {
        while let (text, waiting) = next() {
            let result = Result { try write(text) }
            for continuation in waiting { continuation.resume(with: result) }
        }
    }

    private func next() -> (text: String, waiting: [CheckedContinuation<Void, any Error>])? {
        queue.withLock { queue in
            guard !queue.waiting.isEmpty else {
                queue.isWriting = false
                return nil
            }
            defer {
                queue.text = ""
                queue.waiting = []
            }
            return (queue.text, queue.waiting)
        }
    }
}
