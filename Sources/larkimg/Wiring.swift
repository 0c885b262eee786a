import FoundationEssentials
import LarkAPI
import TokenStore

/// Puts the parts together for one command.
enum Wiring {
    /// Gives a provider of the store's tokens, and the store, to a body.
    ///
    /// - Throws: what opening the store and the body throw.
    static func withTokens<Result>(
        _ options: StoreOptions, connections: LarkClient.Connections = LarkClient.Connections(),
        _ body: (StoredTokenProvider, Store, LarkClient) async throws -> Result
    ) async throws -> Result {
        let store = try Store(at: options.location())
        return try await withClient(connections) { client in
            try await body(provider(store, client), store, client)
        }
    }

    /// Hands out a store's tokens. Where a service runs on the store, a store app's ticket is waited for: it was seen to
    /// come two minutes after it was asked for.
    static func provider(_ store: Store, _ client: LarkClient) -> StoredTokenProvider {
        StoredTokenProvider(store: store, issuer: TokenIssuer(client)) {
            ServiceLock.isHeld(of: store.location) ? .seconds(150) : .zero
        }
    }

    /// Gives a client of the platform to a body. It trusts the certificates in `SSL_CERT_FILE`, as OpenSSL and curl
    /// do, else the system's.
    ///
    /// - Throws: what the body throws.
    static func withClient<Result>(
        _ connections: LarkClient.Connections = LarkClient.Connections(),
        _ body: (LarkClient) async throws -> Result
    ) async throws -> Result {
        var connections = connections
        let file = ProcessInfo.processInfo.environment["SSL_CERT_FILE"] ?? ""
        connections.trustedCertificates = file.isEmpty ? nil : file
        return try await LarkClient.withClient(connections: connections, body)
    }
}
