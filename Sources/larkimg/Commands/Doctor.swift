import FoundationEssentials
import Glibc
import LarkAPI
import TokenStore

/// Checks everything that larkimg needs, one thing after the other.
struct Doctor: Sendable {
    let location: StoreLocation
    let network: NetworkOptions
    let isOffline: Bool

    /// How many seconds the clocks may differ.
    private static let clockTolerance = 60.0
    /// A store needs a few pages; with less free space than this, the disk will soon be full.
    private static let leastFreeBytes = 64 << 20

    /// Reports each finding as it is made.
    ///
    /// - Throws: what `report` throws; `CancellationError`.
    func examine(_ report: (Finding) throws -> Void) async throws {
        let store: Store
        do {
            store = try await Store.open(at: location)
        } catch let error as StoreError {
            let isKey = [.keyMissing, .keyUnusable, .wrongKey].contains(error.code)
            return try report(
                isKey
                    ? .fail("key", "\(location.key)", Failure(error))
                    : .fail("store", location.name, Failure(error)))
        }
        try report(.pass("key", "\(location.key)"))
        try await examine(store, report)
        let tenants = try await store.tenants()
        for app in try await store.apps() { try report(finding(app)) }
        try await examineSecrets(store, report)
        if isOffline {
            for tenant in tenants { try report(remembered(tenant)) }
        } else {
            try await CommandContext.withClient(network) { client in
                try await examine(Set(tenants.map(\.host)), client, report)
                let provider = CommandContext.provider(store, client)
                for tenant in tenants { try await examine(tenant, provider, report) }
            }
        }
    }

    private func examine(_ store: Store, _ report: (Finding) throws -> Void) async throws {
        let place = location.name
        let check = try await store.check()
        for finding in check.findings {
            try report(
                check.tokenFindings.contains(finding)
                    ? .warn("store", place, finding, remedy: "The next request for the token replaces it")
                    : .fail(
                        "store", place, finding, remedy: "Restore a backup, or remove and add again what is affected"))
        }
        if check.findings.isEmpty { try report(.pass("store", place, check.tenants.of("tenant"))) }
        do {
            _ = try await store.quotaUse(of: check.tenants > 0 ? store.tenants().prefix(1).map(\.name) : [])
        } catch let error as StoreError {
            try report(
                .warn(
                    "quota", place, "the rate limit cannot be shared with other processes: \(error)",
                    remedy: Failure(error).remedy ?? ""))
        }
        if let free = Self.freeBytes(at: place), free < Self.leastFreeBytes {
            try report(
                .warn(
                    "disk", place, "only \(free) bytes are free",
                    remedy: "Free disk space, so that renewed tokens can be stored")
            )
        }
    }

    private func examine(
        _ hosts: Set<LarkHost>, _ client: LarkClient, _ report: (Finding) throws -> Void
    ) async throws {
        for host in hosts.sorted(by: { $0.origin < $1.origin }) {
            do {
                let date = try await client.ping(host)
                try report(.pass("host", host.origin))
                guard let ahead = date.map({ Clocks.system.now().timeIntervalSince($0) }) else { continue }
                guard abs(ahead) > Self.clockTolerance else {
                    try report(.pass("clock", "of this machine"))
                    continue
                }
                let direction = ahead > 0 ? "ahead of" : "behind"
                try report(
                    .fail(
                        "clock", "of this machine",
                        "it is \(TimeSpan.text(seconds: abs(ahead))) \(direction) that of \(host.origin)",
                        remedy: "Set it, for example with timedatectl set-ntp true; token expiry depends on it"))
            } catch let error as LarkError {
                try report(.fail("host", host.origin, Failure(error)))
            }
        }
    }

    private func examine(
        _ tenant: TenantSummary, _ provider: StoredTokenProvider, _ report: (Finding) throws -> Void
    ) async throws {
        do {
            let token = try await provider.token(for: tenant.name, goodFor: .seconds(300))
            let left = token.expiresAt.timeIntervalSince(Clocks.system.now())
            try report(.pass("tenant", tenant.name.text, "its token has \(TimeSpan.text(seconds: left)) left"))
        } catch let error where !(error is CancellationError) {
            try report(
                .fail("tenant", tenant.name.text, Failure(error, tenant: tenant.name, appID: tenant.appID)))
        }
    }

    /// Whether a store app can get tokens and receive events.
    private func finding(_ app: AppSummary) -> Finding {
        let name = app.name.text
        guard app.ticketMadeAt != nil || app.tokenExpiresAt != nil else {
            return .warn(
                "app", name, "no app_ticket has come yet",
                remedy: "Run larkimg serve at the app's event address, or: larkimg app ticket set \(name) --file FILE")
        }
        guard app.hasEncryptKey, app.hasVerificationToken else {
            return .warn(
                "app", name, "its events are not authenticated",
                remedy: """
                    If larkimg serve receives them: larkimg app update \(name) --encrypt-key-file FILE \
                    --verification-token-file FILE
                    """)
        }
        let ticket = app.ticketMadeAt.map { "its app_ticket was received at \($0.formatted(.iso8601))" }
        return .pass("app", name, ticket ?? "its app_ticket was rejected, its token is still valid")
    }

    /// The last known state of a tenant, without the network.
    private func remembered(_ tenant: TenantSummary) -> Finding {
        guard let failure = tenant.lastFailure else {
            return .pass("tenant", tenant.name.text, "no recorded failure")
        }
        return .warn(
            "tenant", tenant.name.text, "the last request for its token failed: \(failure)",
            remedy: tenant.lastRemedy.map(RemedyText(tenant: tenant.name, reference: nil, appID: tenant.appID).text)
                ?? "Run this without --offline")
    }

    private static func freeBytes(at path: String) -> Int? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        return Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }
}
