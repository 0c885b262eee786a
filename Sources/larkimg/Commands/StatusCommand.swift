import ArgumentParser
import FoundationEssentials
import LarkAPI
import Logging
import TokenStore

/// Shows how all tenants stand.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how each tenant stands: its token, the last error, the quota used.",
        discussion: """
            It asks nobody but the store. A token is fresh with more than half an hour left, ageing with less, and \
            spent when it is dead. The quota is what was sent from here in the last minute: images, then what users sent.

            EXAMPLE
              larkimg status
              larkimg status --json | jq 'select(.token != "fresh")'
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try Store(at: store.location())
            let now = Timing.system.now()
            let tenants = try await store.tenants()
            let uses = await use(of: tenants.map(\.name), in: store)
            let lines = tenants.map { StatusLine($0, use: uses[$0.name, default: [:]], at: now) }
            if output.json {
                for line in lines { try Terminal.write(JSONLine.text(line)) }
            } else if !lines.isEmpty {
                let head = ["TENANT", "TOKEN", "QUOTA", "LAST ERROR"]
                try Terminal.write(Table.text([head] + lines.map(\.cells)))
            }
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }

    private func use(of tenants: [TenantName], in store: Store) async -> [TenantName: [LimitedAPI: Int]] {
        do {
            return try await store.quotaUse(of: tenants)
        } catch {
            Logger.current.warning("the count of requests cannot be read", metadata: ["reason": "\(error)"])
            return [:]
        }
    }
}

/// How a tenant stands, for scripts and for people.
private struct StatusLine: Encodable {
    private enum TokenAge: String, Encodable {
        case fresh
        case ageing
        case spent
        case none
    }

    private struct Use: Encodable {
        let images: Int
        let messageResources: Int
    }

    private let tenant: String
    private let token: TokenAge
    private let tokenObtainedAt: String?
    private let tokenExpiresAt: String?
    /// Seconds; below zero for a dead token.
    private let tokenExpiresIn: Int?
    private let lastError: String?
    private let remedy: String?
    private let retryAt: String?
    private let quota: String
    private let quotaUsed: Use

    init(_ summary: TenantSummary, use: [LimitedAPI: Int], at now: Date) {
        tenant = summary.name.text
        let left = summary.tokenExpiresAt.map { $0.timeIntervalSince(now) }
        token =
            switch left {
            case nil: .none
            case let left? where left <= 0: .spent
            case let left?: .seconds(left) > TenantSummary.renewalWindow ? .fresh : .ageing
            }
        tokenObtainedAt = summary.tokenObtainedAt?.formatted(.iso8601)
        tokenExpiresAt = summary.tokenExpiresAt?.formatted(.iso8601)
        tokenExpiresIn = left.map { Int($0.rounded(.down)) }
        lastError = summary.lastFailure.map { DisplayText.visible($0) }
        remedy = summary.lastRemedy.map { DisplayText.visible($0) }
        retryAt = summary.retryAt.flatMap { $0 > now ? $0.formatted(.iso8601) : nil }
        quota = summary.quota.description
        quotaUsed = Use(images: use[.imageGet, default: 0], messageResources: use[.messageResourceGet, default: 0])
    }

    /// One row of the table.
    var cells: [String] {
        let life = tokenExpiresIn.map { $0 > 0 ? ", \(TimeSpan.text(seconds: Double($0))) left" : "" } ?? ""
        let pause = retryAt.map { "; not asked before \($0)" } ?? ""
        return [
            tenant, token.rawValue + life, "\(quotaUsed.images) + \(quotaUsed.messageResources) of \(quota)",
            lastError.map { $0 + pause } ?? "",
        ]
    }
}
