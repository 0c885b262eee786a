import Synchronization

/// A file, and what makes its task look at the token: a timer that has ended, or a request to write the file again.
final class TokenFileLoop: Sendable {
    let file: TokenFile
    /// The numbers of the timers that have ended. Only the last one matters, so that many requests at once lead to one look.
    let timers: AsyncStream<Int>

    private let continuation: AsyncStream<Int>.Continuation
    private let isRequested = Mutex(false)

    /// Creates a loop that looks at once.
    init(_ file: TokenFile) {
        self.file = file
        (timers, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        timerEnded(0)
    }

    func timerEnded(_ number: Int) { continuation.yield(number) }

    /// Asks for a look, after which the file is written in any case.
    func requestWrite() {
        isRequested.withLock { $0 = true }
        // No timer has this number: the request alone counts.
        continuation.yield(-1)
    }

    /// Whether the file must be written in any case; only the first caller after a request gets true.
    func takeRequest() -> Bool {
        isRequested.withLock { isRequested in
            defer { isRequested = false }
            return isRequested
        }
    }
}
