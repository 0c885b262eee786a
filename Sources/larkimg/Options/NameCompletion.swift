import ArgumentParser
import FoundationEssentials
import LarkAPI
import Logging
import TokenStore

extension CompletionKind {
    /// The registered tenants.
    static let tenant = names { store, _ in try await store.tenants().map(\.name.text) }

    /// The registered tenants, separated by commas.
    static let tenantList = names { store, prefix in
        let chosen = prefix.lastIndex(of: ",").map { prefix[...$0] } ?? ""
        let known = chosen.split(separator: ",")
        return try await store.tenants().map(\.name.text).filter { !known.contains($0[...]) }
            .map { "\(chosen)\($0)" }
    }

    /// The registered store apps.
    static let app = names { store, _ in try await store.apps().map(\.name.text) }

    /// The clients of the auth service.
    static let client = names { store, _ in try await store.clients().map(\.name.text) }

    /// A user who waits longer for suggestions has typed the name.
    private static let limit = Duration.seconds(1)

    /// Names that a listing of the store returns for the part of the word before the cursor. None if there is no store,
    /// or if it cannot be read in time.
    private static func names(
        _ list: @escaping @Sendable (Store, String) async throws -> [String]
    ) -> CompletionKind {
        .custom { words, _, prefix in
            // What there is to report, the command will report.
            let silent = Logger(label: "larkimg") { _ in SwiftLogNoOpLogHandler() }
            let names = try? await withLogger(silent) { _ in
                try await withWaitLimit(limit, clocks: .system) {
                    try await list(Store.open(at: location(in: words)), prefix)
                }
            }
            return names ?? []
        }
    }

    /// The store that the command line names, else the default one.
    private static func location(in words: [String]) throws -> StoreLocation {
        let named = zip(words, words.dropFirst()).first { $0.0 == "--store" }?.1
        return try StoreLocation(store: named, environment: ProcessInfo.processInfo.environment)
    }
}
