import Synchronization

/// A file, and what makes its task look at the token: the timer that was started last has ended, or someone asked for the
/// file to be written again.
final class TokenFileLoop: Sendable {
    private struct State {
        /// The highest number of a timer that has ended.
        var endedTimer = 0
        var isRequested = false
    }

    let file: TokenFile
    /// Says that something has happened, once for all that happened since the last look.
    let events: AsyncStream<Void>

    private let continuation: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    /// Creates a loop whose first look is due, as if a timer with the number 0 had ended.
    init(_ file: TokenFile) {
        self.file = file
        (events, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
    }

    func timerEnded(_ number: Int) {
        state.withLock { $0.endedTimer = max($0.endedTimer, number) }
        continuation.yield()
    }

    /// Asks for a look, after which the file is written in any case.
    func requestWrite() {
        state.withLock { $0.isRequested = true }
        continuation.yield()
    }

    /// Whether a look is due, and whether the file must be written in any case after it. A request counts once.
    ///
    /// - Parameter timer: the number of the timer that was started last; an earlier one does not matter any more.
    func takeEvents(timer: Int) -> (isDue: Bool, isForced: Bool) {
        state.withLock { state in
            let isForced = state.isRequested
            state.isRequested = false
            return (isForced || state.endedTimer == timer, isForced)
        }
    }
}
