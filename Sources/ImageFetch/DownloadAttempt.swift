import LarkAPI
import Synchronization

/// One attempt at one download: a token, a permit, a request, a checked file.
struct DownloadAttempt: Sendable {
    let context: DownloadContext
    let host: LarkHost
    let tenant: TenantName
    let reference: ImageReference
    let target: DownloadTarget
    let log: AttemptLog

    /// Returns the outcome if a file exists already.
    ///
    /// - Throws: ``AttemptFailure``.
    func existing() async throws -> DownloadOutcome? {
        do {
            return try await target.existing(reference)
        } catch {
            throw AttemptFailure(error, isInRoot: target.isInRoot)
        }
    }

    /// Downloads once. A token that is rejected is renewed once, and the request repeated with the new one.
    ///
    /// - Parameter permit: for the first request, if the caller has one already.
    func run(permit: QuotaPermit? = nil) async throws(AttemptFailure) -> DownloadOutcome {
        do {
            return try await context.withToken(for: tenant, permit: permit) { try await send($0, permit: $1) }
        } catch {
            throw AttemptFailure(error, isInRoot: target.isInRoot)
        }
    }

    private func send(_ token: TenantAccessToken, permit: QuotaPermit?) async throws -> DownloadOutcome {
        // The file first: if none can be created, nothing is sent.
        try await target.withSink { sink in
            if permit == nil { _ = try await context.quota.acquire(reference.api, for: tenant, expecting: 1) }
            log.begin()
            return try await send(token, into: sink)
        }
    }

    private func send(
        _ token: TenantAccessToken, into sink: any DownloadSink
    ) async throws -> DownloadOutcome {
        try await context.reporting(reference.api, for: tenant) {
            try await context.client.download(reference, from: host, token: token) { head, body in
                let validator = try BodyValidator(reference, token: token, head: head, limits: context.limits)
                return try await receive(body, validator, contentType: head.contentType, into: sink)
            }
        }
    }

    private func receive(
        _ body: ResponseBody, _ validator: BodyValidator, contentType: String?,
        into sink: any DownloadSink
    ) async throws -> DownloadOutcome {
        var validator = validator
        try await body.read { part in
            try validator.check(part)
            try await sink.append(part)
        }
        let (fileExtension, sha256) = try validator.finish()
        log.receive()
        let kept = try await target.keep(sink, fileExtension: fileExtension, clocks: context.clocks)
        return DownloadOutcome(
            reference: reference, status: kept.existingBytes == nil ? .downloaded : .exists, path: kept.path,
            bytes: kept.existingBytes ?? validator.bytes, contentType: contentType,
            sha256: kept.existingBytes == nil ? sha256 : nil, attempts: log.attempts)
    }
}

/// The progress of one download, which is known also when its time runs out.
final class AttemptLog: Sendable {
    private struct State {
        var attempts = 0
        var isReceived = false
    }

    private let state: Mutex<State>
    private let onReceived: @Sendable () -> Void

    /// - Parameters:
    ///   - attempts: how many requests were sent before.
    ///   - onReceived: called when the response is complete, and only the disk is left to wait for.
    init(attempts: Int = 0, onReceived: @escaping @Sendable () -> Void = {}) {
        state = Mutex(State(attempts: attempts))
        self.onReceived = onReceived
    }

    /// How many requests were sent.
    var attempts: Int { state.withLock { $0.attempts } }

    /// Whether the last response is complete.
    var isReceived: Bool { state.withLock { $0.isReceived } }

    func begin() {
        state.withLock { state in
            state.attempts += 1
            state.isReceived = false
        }
    }

    func receive() {
        state.withLock { $0.isReceived = true }
        onReceived()
    }
}
