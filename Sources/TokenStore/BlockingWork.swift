import Database

/// Runs calls that may block on a thread of their own, one after the other: a file system that does not respond takes no
/// thread from other tasks.
package actor BlockingWork {
    private let executor: QueueExecutor

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// - Parameter label: the name of the queue, for debuggers.
    package init(label: String) {
        executor = QueueExecutor(label: label)
    }

    /// Runs a call.
    ///
    /// - Throws: what the call throws.
    package func run<Result: Sendable>(_ call: @Sendable () throws -> Result) throws -> Result { try call() }
}
