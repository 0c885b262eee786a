import NIOCore
import NIOPosix

/// Runs a connection's tasks on the thread that the connection lives on: what comes out of it is answered by the same
/// core, and no other thread is woken for it. Whoever runs there must not block for long.
final class LoopExecutor: TaskExecutor {
    private let group: MultiThreadedEventLoopGroup

    init(_ group: MultiThreadedEventLoopGroup) {
        self.group = group
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // What a connection's own thread wakes goes on there; what comes from elsewhere may go anywhere.
        let loop = MultiThreadedEventLoopGroup.currentEventLoop ?? group.next()
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
