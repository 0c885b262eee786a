import LarkAPI
import Messages

/// Downloads a resource by the message that owns it, which may not be the one in which it was seen: a bundle owns what
/// was forwarded in it, and a reply shows what it replies to.
///
/// The platform's documents name the message itself. The other candidates and their order come from what other clients
/// do (lark-cli, channel-sdk-node). A message is requested before it is tried, and tried only if the key is in it.
struct OwnerSearch {
    /// The most requests for messages, and for pages of a chat, on behalf of one resource.
    private static let maximumRequests = 8
    private static let maximumPages = 2
    /// Around the time of a message, in seconds: of a burst of messages a client may have kept the last id alone.
    private static let window: (before: Int64, after: Int64) = (120, 5)

    private let item: FetchItem
    private let tenant: TenantOnHost
    private let requests: MessageRequests
    private let known: KnownResources
    /// Downloads once.
    private let download: (ImageReference) async throws -> DownloadOutcome

    private var tried: [ImageReference] = []
    private var refusal: LarkError?
    private var requestsLeft = maximumRequests
    /// Whether every message that could own the resource was read, or is not for this app.
    private var isComplete = true

    init(
        _ item: FetchItem, at host: LarkHost, requests: MessageRequests, known: KnownResources,
        download: @escaping (ImageReference) async throws -> DownloadOutcome
    ) {
        self.item = item
        tenant = TenantOnHost(tenant: item.tenant, host: host)
        self.requests = requests
        self.known = known
        self.download = download
    }

    /// Downloads by the message that the item names, else by others.
    ///
    /// - Throws: ``AttemptFailure``, with all that was tried if no message owns the resource.
    mutating func run() async throws -> DownloadOutcome {
        guard case .messageResource(let seen, _, _) = item.reference else { return try await download(item.reference) }
        if let owner = await known.owner(of: item.tenant, forMessage: seen), let outcome = try await attempt(owner) {
            return outcome
        }
        if let outcome = try await attempt(seen) { return outcome }
        if let outcome = try await search(from: seen) { return outcome }
        guard let refusal else { throw CancellationError() }
        if isComplete, refusal.isFinal { await known.learn(gone: item.reference, of: item.tenant, refusal) }
        throw AttemptFailure(.permanent, told(refusal))
    }

    private mutating func search(from seen: MessageID) async throws -> DownloadOutcome? {
        let page = try await page(of: seen)
        if let outcome = try await attempt(ownersIn: page) { return outcome }
        let facts = page?.facts[seen] ?? item.message
        if let outcome = try await attempt(containersFrom: facts?.container) { return outcome }
        if let id = item.message?.id, let outcome = try await attempt(id) { return outcome }
        for message in [facts?.parent, facts?.root] {
            guard let message else { continue }
            if let outcome = try await attempt(ownersIn: try await self.page(of: message)) { return outcome }
        }
        if let thread = facts?.thread, let outcome = try await attempt(in: .thread(thread), near: nil) {
            return outcome
        }
        if let chat = facts?.chat, let time = facts?.createdAt,
            let outcome = try await attempt(in: .chat(chat), near: time / 1000)
        {
            return outcome
        }
        // What an app sent, it uploaded. An app sends as itself.
        guard item.reference.type == .image, facts?.sender?.hasPrefix("cli_") == true else { return nil }
        return try await attempt(.image(item.reference.key))
    }

    /// Tries the message that was forwarded, and what it was forwarded in.
    private mutating func attempt(containersFrom first: MessageID?) async throws -> DownloadOutcome? {
        var container = first
        var visited: Set<MessageID> = []
        while let id = container, visited.insert(id).inserted {
            if let outcome = try await attempt(id) { return outcome }
            container = try await page(of: id)?.facts[id]?.container
        }
        return nil
    }

    private mutating func attempt(ownersIn page: MessagePage?) async throws -> DownloadOutcome? {
        for resource in page?.findings.resources ?? []
        where resource.key == item.reference.key && resource.type == item.reference.type {
            if let owner = resource.owner, let outcome = try await attempt(owner) { return outcome }
        }
        return nil
    }

    private mutating func attempt(
        in container: LarkClient.MessageContainer, near time: Int64?
    ) async throws -> DownloadOutcome? {
        guard container.isValid else { return nil }
        let window = time.map { max($0, Self.window.before) - Self.window.before...max($0, 0) + Self.window.after }
        var next: String?
        for _ in 1...Self.maximumPages {
            let page = try await reading { [requests, tenant] in
                try await requests.messages(in: container, of: tenant, window: window, page: next)
            }
            if let outcome = try await attempt(ownersIn: page) { return outcome }
            next = page?.nextPage
            if next == nil { return nil }
        }
        return nil
    }

    private mutating func attempt(_ owner: MessageID) async throws -> DownloadOutcome? {
        try await attempt(.messageResource(owner, item.reference.key, item.reference.type))
    }

    /// - Returns: nil if the platform refuses this message, or was asked for it before.
    private mutating func attempt(_ reference: ImageReference) async throws -> DownloadOutcome? {
        guard !tried.contains(reference) else { return nil }
        tried.append(reference)
        do {
            let outcome = try await download(reference)
            if let seen = item.reference.message, let owner = reference.message, owner != seen {
                await known.learn(owner: owner, of: item.tenant, forMessage: seen)
            }
            await known.learn(delivered: item.reference, of: item.tenant)
            return outcome
        } catch {
            guard let refusal = (error as? AttemptFailure)?.error as? LarkError else { throw error }
            guard refusal.suggestsOtherMessage else {
                if refusal.isFinal { await known.learn(gone: item.reference, of: item.tenant, refusal) }
                throw error
            }
            // What the platform says of the message that was named is the best that there is to report.
            if self.refusal == nil || reference == item.reference { self.refusal = refusal }
            return nil
        }
    }

    private mutating func page(of message: MessageID) async throws -> MessagePage? {
        guard requestsLeft > 0 else {
            isComplete = false
            return nil
        }
        requestsLeft -= 1
        return try await reading { [requests, tenant] in try await requests.message(message, of: tenant) }
    }

    /// - Returns: nil if the platform does not show it to this app.
    private mutating func reading(_ body: () async throws -> MessagePage) async throws -> MessagePage? {
        do {
            return try await body()
        } catch let error as LarkError where !error.isRetryable && !error.affectsWholeTenant && !error.rejectsToken {
            if !error.suggestsOtherMessage { isComplete = false }
            return nil
        }
    }

    private func told(_ refusal: LarkError) -> LarkError {
        let others = tried.filter { $0 != item.reference }.map { $0.message.map { "\($0)" } ?? "the image alone" }
        guard !others.isEmpty else { return refusal }
        return refusal.adding("also tried: \(others.joined(separator: ", "))")
    }
}

extension LarkClient.MessageContainer {
    /// Whether the id is one: it came with the input, and goes into an address.
    fileprivate var isValid: Bool {
        let id =
            switch self {
            case .chat(let id), .thread(let id): id
            }
        return (1...64).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "_") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
    }
}
