import ArgumentParser
import AuthService
import AuthServiceClient
import LarkAPI
import TokenStore

/// Shows the state of all tenants.
struct StatusCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each tenant's state: token, quota used, last error.",
        discussion: """
            Reads the store only. A token is fresh with more than 30 minutes left, else expiring or expired. The quota \
            column counts requests of the last minute: images, then message resources; it tells until when the platform \
            has paused them. The month column counts the app's calls to the platform in this calendar month (UTC+8), \
            tokens included, for all its tenants.

            EXAMPLE
              larkimg status
              larkimg status --json | jq 'select(.token != "fresh")'
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let states = try await store.openIfAny()?.tenantStates() ?? []
        if json {
            for state in states { try Terminal.write(JSONLine.text(state)) }
        } else if states.isEmpty {
            TenantLine.reportNone()
        } else {
            try Terminal.write(Table.text([["TENANT", "TOKEN", "QUOTA", "MONTH", "LAST ERROR"]] + states.map(\.cells)))
        }
    }
}

extension TenantState {
    private func count(_ requests: Int?) -> String { requests.map(String.init) ?? "?" }

    /// One row of the table.
    fileprivate var cells: [String] {
        let life = tokenExpiresIn.map { $0 > 0 ? ", \(TimeSpan.text(seconds: Double($0))) left" : "" } ?? ""
        let pause = retryAt.map { "; next try at \($0)" } ?? ""
        let quotaPause = quotaPausedUntil.map { ", paused until \($0)" } ?? ""
        return [
            tenant, token.rawValue + life,
            "\(count(quotaUsed.images)) + \(count(quotaUsed.messageResources)) of \(quota)\(quotaPause)",
            "\(count(monthCalls))\(monthQuota.map { " of \($0)" } ?? "")",
            lastError.map { $0 + pause } ?? "",
        ]
    }
}
