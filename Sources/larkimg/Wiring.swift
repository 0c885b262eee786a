import LarkAPI
import TokenStore

/// Puts the parts together for one command.
enum Wiring {
    /// Gives a provider of the store's tokens, and the store, to a body.
    ///
    /// - Throws: what opening the store and the body throw.
    static func withTokens<Result>(
        _ options: StoreOptions,
        _ body: (StoredTokenProvider, Store, LarkClient) async throws -> Result
    ) async throws -> Result {
        let store = try Store(at: options.location())
        return try await LarkClient.withClient { client in
            try await body(StoredTokenProvider(store: store, client: client), store, client)
        }
    }
}
