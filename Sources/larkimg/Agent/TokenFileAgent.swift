import FoundationEssentials
import LarkAPI
import Logging
import Synchronization
import TokenStore
import UnixSignals

/// Keeps files with tokens fresh.
///
/// Each token is looked up twice a minute, so that one that was rejected elsewhere is replaced soon, and a renewed one is
/// written long before the old one expires. The source of the tokens decides when to renew.
struct TokenFileAgent: Sendable {
    /// The longest time between two looks at a token, and between attempts after a failure.
    private static let interval = Duration.seconds(30)
    private static let retryInterval = Duration.seconds(15)
    private static let shortestInterval = Duration.seconds(1)
    /// How often the failure of a tenant is reported, in seconds.
    private static let reportInterval = 60.0

    let files: [TokenFile]
    let tokens: any TenantTokenProvider
    let minimum: Duration
    let hooks: ChangeHooks
    let clocks: Clocks

    /// Writes all files once.
    ///
    /// - Returns: the failures.
    /// - Throws: `CancellationError`.
    func writeAll() async throws -> [Failure] {
        let failures = try await withThrowingTaskGroup(of: Failure?.self) { group in
            for file in files {
                group.addTask {
                    do {
                        try await write(file, isForced: true)
                        return nil
                    } catch let error where !(error is CancellationError) {
                        // A spent token is worse than none.
                        _ = try? await file.removeIfSpent(at: clocks.now())
                        return Failure(error, tenant: file.tenant)
                    }
                }
            }
            return try await group.reduce(into: []) { failures, failure in failures += [failure].compactMap(\.self) }
        }
        if failures.count < files.count { await hooks.perform() }
        return failures
    }

    /// Keeps the files fresh until SIGTERM or SIGINT, and leaves them. SIGHUP writes all of them again.
    ///
    /// - Parameter onReady: called once all files have been written.
    /// - Throws: ``StoreError`` `replaced` when the store was replaced, whose old content must not be used.
    func run(_ signals: UnixSignalsSequence, onReady: @escaping @Sendable () -> Void) async throws {
        let loops = files.map { TokenFileLoop($0) }
        let missing = Mutex(Set(files.map(\.path)))
        let noteWritten: @Sendable (TokenFile) -> Void = { file in
            let isReady = missing.withLock { $0.remove(file.path) != nil && $0.isEmpty }
            if isReady { onReady() }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await hooks.run() }
            for loop in loops {
                group.addTask { try await keep(loop, noteWritten) }
                group.addTask { await removeWhenSpent(loop.file) }
            }
            group.addTask {
                for await signal in signals {
                    guard signal == .sighup else { return }
                    for loop in loops { loop.requestWrite() }
                }
            }
            defer { group.cancelAll() }
            // All but the task of the signals end only with an error, or once this one is cancelled.
            try await group.next()
        }
    }

    private func keep(_ loop: TokenFileLoop, _ noteWritten: @escaping @Sendable (TokenFile) -> Void) async throws {
        let clocks = clocks
        var number = 0
        var reportedAt: Date?
        try await withThrowingDiscardingTaskGroup { timers in
            for await _ in loop.events {
                let (isDue, isForced) = loop.takeEvents(timer: number)
                guard isDue else { continue }
                let wait: Duration
                do {
                    wait = try await update(loop.file, isForced: isForced)
                    noteWritten(loop.file)
                    reportedAt = nil
                } catch let error as StoreError where error.code == .replaced {
                    throw error
                } catch let error where !(error is CancellationError) {
                    report(error, of: loop.file, &reportedAt)
                    wait = Self.retryInterval
                }
                number += 1
                timers.addTask { [number] in
                    guard (try? await clocks.sleep(wait)) != nil else { return }
                    loop.timerEnded(number)
                }
            }
        }
    }

    /// Looks a token up and writes it if it is another one.
    ///
    /// - Returns: the time until the next look.
    private func update(_ file: TokenFile, isForced: Bool) async throws -> Duration {
        let token = try await write(file, isForced: isForced) { hooks.noteChange() }
        return min(Self.interval, max(Self.shortestInterval, token.remaining(at: clocks.now()) / 2))
    }

    @discardableResult
    private func write(
        _ file: TokenFile, isForced: Bool, onChange: () -> Void = {}
    ) async throws -> TenantAccessToken {
        let token = try await tokens.token(for: file.tenant, goodFor: minimum)
        if try await file.write(token, isForced: isForced, at: clocks.now()) { onChange() }
        return token
    }

    /// Removes the file whenever its token has expired without a new one. A request for one may take long, so this does
    /// not wait for it.
    private func removeWhenSpent(_ file: TokenFile) async {
        while true {
            do {
                if try await file.removeIfSpent(at: clocks.now()) {
                    Logger.current.warning(
                        "a token has expired and there is no new one: the file was removed",
                        metadata: ["tenant": "\(file.tenant)", "file": "\(file.path)"])
                }
            } catch {
                Logger.current.warning(
                    "a file with an expired token cannot be removed",
                    metadata: ["tenant": "\(file.tenant)", "file": "\(file.path)", "error": "\(error)"])
            }
            let left = file.expiresAt.map { Duration.seconds($0.timeIntervalSince(clocks.now())) } ?? Self.interval
            // Only the end of the agent cancels the wait.
            guard (try? await clocks.sleep(min(Self.interval, max(Self.shortestInterval, left)))) != nil else { return }
        }
    }

    private func report(_ error: any Error, of file: TokenFile, _ reportedAt: inout Date?) {
        let now = clocks.now()
        if let last = reportedAt, now.timeIntervalSince(last) < Self.reportInterval { return }
        reportedAt = now
        let failure = Failure(error, tenant: file.tenant)
        var metadata: Logger.Metadata = ["tenant": "\(file.tenant)", "error": "\(error)"]
        if let remedy = failure.remedy { metadata["remedy"] = "\(remedy)" }
        Logger.current.warning("a file with a token cannot be updated", metadata: metadata)
    }
}
