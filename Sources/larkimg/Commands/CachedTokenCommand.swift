import FoundationEssentials
import Glibc
import LarkAPI
import Logging
import TokenStore

/// `larkimg token [--tenant NAME]` for a token that is cached, without the argument parser, whose start takes longer than
/// everything else.
enum CachedTokenCommand {
    /// Prints the token and ends the process. Whenever anything else is given, or goes wrong, it does nothing: then
    /// ``TokenCommand`` has its turn.
    static func run() async {
        let environment = ProcessInfo.processInfo.environment
        guard let name = tenant(Array(CommandLine.arguments.dropFirst()), environment),
            (environment["LARKIMG_AUTH_SERVICE"] ?? "").isEmpty, let tenant = try? TenantName(name),
            let location = try? StoreLocation(store: nil, environment: environment)
        else { return }
        do {
            // What there is to report, TokenCommand reports.
            let silent = Logger(label: "larkimg") { _ in SwiftLogNoOpLogHandler() }
            let token = try await withLogger(silent) { _ in
                try await Store.open(at: location)
                    .freshToken(for: tenant, goodFor: TokenOptions.defaultMinimum)
            }
            guard let token else { return }
            try Terminal.write(TokenFormat.bareText(token))
            exit(EXIT_SUCCESS)
        } catch let error as StoreError where error.code != .busy && error.code != .serverUnavailable {
            return
        } catch {
            // Not again: the process has waited for the store, or a part of the token is written.
            Failure(error).end(asJSON: false)
        }
    }

    private static func tenant(_ arguments: [String], _ environment: [String: String]) -> String? {
        switch (arguments.first, arguments.dropFirst().first, arguments.count) {
        case ("token", nil, 1): environment["LARKIMG_TENANT"]
        case ("token", "--tenant", 3): arguments[2]
        default: nil
        }
    }
}
