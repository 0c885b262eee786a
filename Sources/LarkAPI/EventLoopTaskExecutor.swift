import NIOCore
import Synchronization

/// Runs tasks on the threads that connections live on.
///
/// What comes out of a connection is then taken by the same core that decrypted it, still in its cache, and no other
/// thread is woken for it. Whoever runs there must not block for long.
package struct EventLoopTaskExecutor: Sendable {
    private let executors: [LoopExecutor]
    private let next = Counter()

    init(_ group: any EventLoopGroup) {
        executors = group.makeIterator().map(LoopExecutor.init)
    }

    /// Runs a body on one of the threads, in turn.
    ///
    /// - Throws: what the body throws.
    package func run<Result: Sendable>(_ body: @Sendable () async throws -> Result) async rethrows -> Result {
        try await withTaskExecutorPreference(executors[next.take() % executors.count], operation: body)
    }

    private final class Counter: Sendable {
        private let number = Atomic(0)

        func take() -> Int { number.wrappingAdd(1, ordering: .relaxed).oldValue & .max }
    }
}

/// An event loop as the place where tasks run.
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
