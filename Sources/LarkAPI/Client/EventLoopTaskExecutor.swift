import AsyncHTTPClient
import NIOCore
import Synchronization

/// Runs tasks on the event loops of HTTP connections.
///
/// What a connection reads is then processed by the core that decrypted it, and no other thread is woken. Work that
/// runs here must not block. The loops start with the first use.
package struct EventLoopTaskExecutor: Sendable {
    private static let executors = HTTPClient.defaultEventLoopGroup.makeIterator().map(LoopExecutor.init)
    private static let next = Atomic(0)

    /// Runs a body on one of the loops, in turn.
    ///
    /// - Throws: what the body throws.
    package func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
        let number = Self.next.wrappingAdd(1, ordering: .relaxed).oldValue & .max
        return try await withTaskExecutorPreference(
            Self.executors[number % Self.executors.count], operation: body)
    }
}

/// An event loop as a place where tasks run.
private final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
