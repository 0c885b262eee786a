import LarkAPI
import Messages

/// A tenant and its platform.
struct TenantOnHost: Hashable, Sendable {
    let tenant: TenantName
    let host: LarkHost
}

/// Requests messages, each once in a run.
actor MessageRequests {
    private struct Key: Hashable {
        let tenant: TenantName
        let message: MessageID
    }

    /// A parameter is not accepted (document "Get message").
    private static let invalidParameter = 230_001
    /// The most messages that are remembered; the first ones are forgotten.
    private static let maximumRemembered = 1000

    private let context: DownloadContext
    private var requests: [Key: Task<MessagePage, any Error>] = [:]
    private var order: [Key] = []
    init(_ context: DownloadContext) {
        self.context = context
    }

    /// A message, and with a bundle of forwarded messages all that are in it.
    ///
    /// - Parameter permit: for the first request, if the caller has one already.
    /// - Throws: `LarkError`; ``AttemptFailure`` if there is no token; errors of the rate limiter's store;
    ///   `CancellationError`.
    func message(_ id: MessageID, of tenant: TenantOnHost, permit: QuotaPermit? = nil) async throws -> MessagePage {
        let key = Key(tenant: tenant.tenant, message: id)
        if let known = requests[key] {
            if let permit { await context.quota.takeBack(permit) }
            return try await known.value
        }
        // A task of its own: a caller that is cancelled must not fail the others.
        let request = Task { [context] in try await Self.request(id, context, tenant, permit: permit) }
        remember(request, for: key)
        do {
            return try await request.value
        } catch {
            // A definite refusal stays one during the run.
            if (error as? LarkError)?.suggestsOtherMessage != true { forget(key) }
            throw error
        }
    }

    /// A page of the messages of a chat or thread.
    ///
    /// - Throws: as ``message(_:of:permit:)``.
    nonisolated func messages(
        in container: LarkClient.MessageContainer, of tenant: TenantOnHost, window: ClosedRange<Int64>?, page: String?
    ) async throws -> MessagePage {
        try await Self.send(.messageList, context, tenant, permit: nil) { token in
            try await context.client.messages(
                in: container, window: window, page: page, from: tenant.host, token: token)
        }
    }

    private func remember(_ request: Task<MessagePage, any Error>, for key: Key) {
        requests[key] = request
        order.append(key)
        if order.count > Self.maximumRemembered { requests[order.removeFirst()] = nil }
    }

    private func forget(_ key: Key) {
        requests[key] = nil
        order.removeAll { $0 == key }
    }

    /// Cards are requested in one form after the other, until their images are in it.
    private static func request(
        _ id: MessageID, _ context: DownloadContext, _ tenant: TenantOnHost, permit: QuotaPermit?
    ) async throws -> MessagePage {
        var permit = permit
        var last: MessagePage?
        for form in LarkClient.CardForm.allCases {
            let page: MessagePage
            do {
                page = try await send(.messageGet, context, tenant, permit: permit) { token in
                    try await context.client.message(id, cards: form, from: tenant.host, token: token)
                }
            } catch let error as LarkError where last != nil && error.platformCode != nil {
                // Not every form is served everywhere.
                continue
            } catch let error as LarkError where form != .fallback && error.platformCode == Self.invalidParameter {
                // The form itself may be what is refused.
                permit = nil
                continue
            }
            permit = nil
            if !page.hasIncompleteCard { return page }
            if page.findings.resources.count >= last?.findings.resources.count ?? 0 { last = page }
        }
        guard let last else { throw LarkError.notMessages }
        return last
    }

    private static func send(
        _ api: RateLimitedAPI, _ context: DownloadContext, _ tenant: TenantOnHost, permit: QuotaPermit?,
        _ request: (TenantAccessToken) async throws -> [UInt8]
    ) async throws -> MessagePage {
        let body = try await context.withToken(for: tenant.tenant, permit: permit) { token, permit in
            if permit == nil { _ = try await context.quota.acquire(api, for: tenant.tenant, expecting: 1) }
            return try await context.reporting(api, for: tenant.tenant) { try await request(token) }
        }
        guard let page = MessagePage(body) else { throw LarkError.notMessages }
        return page
    }
}

extension LarkError {
    fileprivate static let notMessages = LarkError(
        .badResponse, "the response to the request for messages is not in the platform's form",
        remedy: Remedy("", PlatformAction.checkHost), isRetryable: true)
}
