import LarkAPI
import TokenStore

extension TokenEndpoint {
    /// The same endpoint, with every request counted.
    func counted(by metrics: ServiceMetrics) -> TokenEndpoint {
        @Sendable func counted<Result: Sendable>(
            _ kind: String, _ call: @Sendable () async throws -> Result
        ) async throws -> Result {
            do {
                let result = try await call()
                metrics.recordPlatformRequest(kind, error: nil)
                return result
            } catch {
                metrics.recordPlatformRequest(kind, error: error)
                throw error
            }
        }
        return TokenEndpoint { request in
            try await counted(request.kind) { try await self.token(request) }
        } requestTicket: { app in
            try await counted("ticket") { try await self.requestTicket(app) }
        }
    }
}

extension TokenRequest {
    fileprivate var kind: String {
        switch self {
        case .customTenant: "custom_tenant"
        case .app: "app"
        case .storeTenant: "store_tenant"
        }
    }
}
