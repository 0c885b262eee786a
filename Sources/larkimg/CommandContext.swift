import AuthServiceClient
import FoundationEssentials
import LarkAPI
import TokenStore

/// Puts the parts together for one command.
enum CommandContext {
    /// Gives the source of tokens that the options name to a body, and a client of the platform.
    ///
    /// - Throws: what opening the store and the body throw.
    static func withTokens<Result>(
        _ options: SourceOptions, connections: LarkClient.Connections = LarkClient.Connections(),
        _ body: (TokenBackend, LarkClient) async throws -> Result
    ) async throws -> Result {
        guard let service = try options.service() else {
            let store = try await Store.open(at: options.store.location())
            return try await withClient(connections) { try await body(TokenBackend(store, $0), $0) }
        }
        return try await withClient(service.connections) { client in
            let source = TokenBackend(ServiceClient(service.address, secret: service.secret, client: client))
            return try await withClient(connections) { try await body(source, $0) }
        }
    }

    /// Hands out a store's tokens. Where a service runs on the store, a store app's ticket is waited for: it was seen to
    /// come two minutes after it was asked for.
    static func provider(_ store: Store, _ client: LarkClient) -> StoredTokenProvider {
        StoredTokenProvider(store: store, issuer: TokenEndpoint(client)) {
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
