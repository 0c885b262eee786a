import FoundationEssentials
import Glibc
import LarkAPI
import TokenStore

/// Examines everything that larkimg needs, one thing after the other.
struct Doctor: Sendable {
    let location: StoreLocation
    let isOffline: Bool

    /// By how many seconds clocks may differ: a token is taken for good a minute longer than it may be.
    private static let clockTolerance = 60.0
    /// A store needs a few pages; who has less than this will soon have none.
    private static let leastFreeBytes = 64 << 20

    /// Tells each finding as it is made.
    ///
    /// - Throws: what `tell` throws; `CancellationError`.
    func examine(_ tell: (Finding) throws -> Void) async throws {
        let store: Store
        do {
            store = try await Store.open(at: location)
        } catch let error as StoreError {
            let isKey = [.keyMissing, .keyUnusable, .wrongKey].contains(error.code)
            return try tell(
                isKey
                    ? .fail("key", "\(location.key)", Failure(error))
                    : .fail("store", "\(location.store)", Failure(error)))
        }
        try tell(.pass("key", "\(location.key)"))
        try await examine(store, tell)
        let tenants = try await store.tenants()
        for app in try await store.apps() { try tell(finding(app)) }
        if isOffline {
            for tenant in tenants { try tell(remembered(tenant)) }
        } else {
            try await CommandContext.withClient { client in
                try await examine(Set(tenants.map(\.host)), client, tell)
                let provider = CommandContext.provider(store, client)
                for tenant in tenants { try await examine(tenant, provider, tell) }
            }
        }
    }

    private func examine(_ store: Store, _ tell: (Finding) throws -> Void) async throws {
        let place = "\(location.store)"
        let check = try await store.check()
        for finding in check.findings {
            try tell(
                .fail("store", place, finding, remedy: "Restore a backup, or register what is concerned anew"))
        }
        if check.findings.isEmpty { try tell(.pass("store", place, "\(check.tenants) tenants")) }
        do {
            _ = try await store.quotaUse(of: check.tenants > 0 ? store.tenants().prefix(1).map(\.name) : [])
        } catch let error as StoreError {
            try tell(
                .warn(
                    "quota", place, "requests cannot be counted together with other processes: \(error)",
                    remedy: error.remedy))
        }
        if let free = Self.freeBytes(at: place), free < Self.leastFreeBytes {
            try tell(
                .warn(
                    "disk", place, "only \(free) bytes are free", remedy: "Make room: a renewed token has to be stored")
            )
        }
    }

    private func examine(
        _ hosts: Set<LarkHost>, _ client: LarkClient, _ tell: (Finding) throws -> Void
    ) async throws {
        for host in hosts.sorted(by: { $0.origin < $1.origin }) {
            do {
                let date = try await client.ping(host)
                try tell(.pass("host", host.origin))
                guard let ahead = date.map({ Clocks.system.now().timeIntervalSince($0) }) else { continue }
                guard abs(ahead) > Self.clockTolerance else {
                    try tell(.pass("clock", "of this machine"))
                    continue
                }
                let direction = ahead > 0 ? "ahead of" : "behind"
                try tell(
                    .fail(
                        "clock", "of this machine",
                        "it is \(TimeSpan.text(seconds: abs(ahead))) \(direction) that of \(host.origin)",
                        remedy: "Set it, for example by timedatectl set-ntp true; tokens are timed by it"))
            } catch let error as LarkError {
                try tell(.fail("host", host.origin, Failure(error)))
            }
        }
    }

    private func examine(
        _ tenant: TenantSummary, _ provider: StoredTokenProvider, _ tell: (Finding) throws -> Void
    ) async throws {
        do {
            let token = try await provider.token(for: tenant.name, goodFor: .seconds(300))
            let left = token.expiresAt.timeIntervalSince(Clocks.system.now())
            try tell(.pass("tenant", tenant.name.text, "its token has \(TimeSpan.text(seconds: left)) left"))
        } catch let error where !(error is CancellationError) {
            try tell(
                .fail("tenant", tenant.name.text, Failure(error, tenant: tenant.name, appID: tenant.appID)))
        }
    }

    /// What a store app lacks to get tokens, and to be told of tickets.
    private func finding(_ app: AppSummary) -> Finding {
        let name = app.name.text
        guard app.ticketMadeAt != nil || app.tokenExpiresAt != nil else {
            return .warn(
                "app", name, "no app_ticket has come yet",
                remedy: "Run larkimg serve at the app's event address, or: larkimg app ticket set \(name) --file FILE")
        }
        guard app.hasEncryptKey, app.hasVerificationToken else {
            return .warn(
                "app", name, "its events cannot be told from forged ones",
                remedy: """
                    If larkimg serve receives them: larkimg app update \(name) --encrypt-key-file FILE \
                    --verification-token-file FILE
                    """)
        }
        let ticket = app.ticketMadeAt.map { "its app_ticket is of \($0.formatted(.iso8601))" }
        return .pass("app", name, ticket ?? "its app_ticket was refused, its token serves")
    }

    /// What is known of a tenant without asking anybody.
    private func remembered(_ tenant: TenantSummary) -> Finding {
        guard let failure = tenant.lastFailure else {
            return .pass("tenant", tenant.name.text, "nothing is known against it")
        }
        return .warn(
            "tenant", tenant.name.text, "the last request for its token failed: \(failure)",
            remedy: tenant.lastRemedy ?? "Run this without --offline")
    }

    private static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }
}
