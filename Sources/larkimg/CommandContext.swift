import AuthServiceClient
import FoundationEssentials
import LarkAPI
import TokenStore

/// Connects the parts that a command needs.
enum CommandContext {
    /// Runs a closure with the source of tokens that the options choose, and a client of the platform.
    ///
    /// - Throws: errors of opening the store and of the closure.
    static func withTokens<Result>(
        _ options: SourceOptions, perHost: Int? = nil, usesHTTP2: Bool = false,
        _ body: (TokenBackend, LarkClient) async throws -> Result
    ) async throws -> Result {
        var connections = try options.network.connections()
        if let perHost { connections.perHost = perHost }
        connections.usesHTTP2 = usesHTTP2
        guard let service = try options.service() else {
            let store = try await Store.open(at: options.store.location())
            return try await LarkClient.withClient(connections: connections) { client in
                let provider = Self.provider(store, client)
                return try await provider.withRenewals { try await body(TokenBackend(store, provider), client) }
            }
        }
        return try await LarkClient.withClient(connections: service.connections) { client in
            let source = TokenBackend(ServiceClient(service.address, secret: service.secret, client: client))
            return try await LarkClient.withClient(connections: connections) { try await body(source, $0) }
        }
    }

    /// Provides a store's tokens. If a service runs on the store, it waits for a store app's ticket, which was observed
    /// to arrive two minutes after it was requested.
    static func provider(_ store: Store, _ client: LarkClient) -> StoredTokenProvider {
        StoredTokenProvider(store: store, endpoint: TokenEndpoint(client)) {
            ServiceLock.isHeld(of: store.location) ? .seconds(150) : .zero
        }
    }

    /// Runs a closure with a client of the platform.
    ///
    /// - Throws: ``InvalidValue`` for the address of a proxy; errors of the closure.
    static func withClient<Result>(
        _ network: NetworkOptions, _ body: (LarkClient) async throws -> Result
    ) async throws -> Result {
        try await LarkClient.withClient(connections: network.connections(), body)
    }
}
