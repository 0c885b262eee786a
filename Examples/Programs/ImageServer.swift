import Hummingbird
import ImageFetch
import LarkAPI
import TokenStore

/// A web server that passes images on: `GET /acme/img_v3_…` is the image of the tenant `acme`.
///
/// It needs no list of tenants: one that the command `larkimg tenant add` registers is served from the next request on.
struct ImageServer: Sendable {
    let client: LarkClient
    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    /// The platform of a tenant; throws for an unknown one.
    let host: @Sendable (TenantName) async throws -> LarkHost

    /// Serves the tenants of a store on this machine, until SIGTERM or SIGINT.
    static func run(store location: StoreLocation, port: Int) async throws {
        let store = try await Store.open(at: location)
        var connections = LarkClient.Connections()
        connections.perHost = 32
        try await LarkClient.withClient(connections: connections) { client in
            // A request that comes while a token expires gets the old one; the new one is requested meanwhile.
            let stored = StoredTokenProvider(
                store: store, endpoint: TokenEndpoint(client), renewsInBackground: true)
            try await stored.withRenewals {
                let server = ImageServer(
                    client: client, tokens: CachingTokenProvider(stored), quota: PacedRateLimiter(store: store)
                ) { try await store.tenant($0).host }
                let address = ApplicationConfiguration(address: .hostname("127.0.0.1", port: port))
                try await Application(router: server.router(), configuration: address).runService()
            }
        }
    }

    func router() -> Router<BasicRequestContext> {
        let router = Router()
        router.get(":tenant/:key") { _, context in
            try await response(
                tenant: context.parameters.require("tenant"), key: context.parameters.require("key"))
        }
        return router
    }

    private func response(tenant: String, key: String) async throws -> Response {
        do {
            let tenant = try TenantName(tenant)
            let downloader = ImageDownloader(
                client: client, host: try await host(tenant), tenant: tenant, tokens: tokens, quota: quota)
            let (bytes, outcome) = try await downloader.bytes(of: ImageReference(key))
            return Response(
                status: .ok, headers: [.contentType: outcome.contentType ?? "application/octet-stream"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        } catch {
            // The description says what failed; it never holds a secret.
            throw HTTPError(Self.status(of: error), message: "\(error)")
        }
    }

    private static func status(of error: any Error) -> HTTPResponse.Status {
        switch (error as? DownloadFailure)?.error ?? error {
        case is InvalidValue: .badRequest
        case let error as StoreError where error.code == .unknownTenant: .notFound
        case let error as LarkError where error.kind == .notFound: .notFound
        case let error as any ReportableError where error.isRetryable: .serviceUnavailable
        default: .badGateway
        }
    }
}
