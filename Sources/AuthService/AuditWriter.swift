import NIOPosix
import Synchronization

/// Appends lines to a file from a thread of its own. Lines that arrive during a write share the next one.
final class AuditWriter: Sendable {
    /// Called once the line is written, on any thread; it must not block.
    typealias Completion = @Sendable (Result<Void, any Error>) -> Void

    private struct Queue {
        var text = ""
        var completions: [Completion] = []
        var isWriting = false
    }

    private let write: @Sendable (String) throws -> Void
    private let queue = Mutex(Queue())

    /// - Parameter write: appends lines, or throws. It may block.
    init(_ write: @escaping @Sendable (String) throws -> Void) {
        self.write = write
    }

    /// Appends a line, newline included.
    func append(_ line: String, completion: @escaping Completion) {
        let isIdle = queue.withLock { queue in
            queue.text += line
            queue.completions.append(completion)
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

    private func writeQueue(_ write: (String) throws -> Void) {
        while let (text, completions) = next() {
            let result = Result { try write(text) }
            for completion in completions { completion(result) }
        }
    }

    private func next() -> (text: String, completions: [Completion])? {
        queue.withLock { queue in
            guard !queue.completions.isEmpty else {
                queue.isWriting = false
                return nil
            }
            defer {
                queue.text = ""
                queue.completions = []
            }
            return (queue.text, queue.completions)
        }
    }
}
