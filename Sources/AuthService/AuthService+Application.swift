import Hummingbird
import HummingbirdCore
import LarkAPI
import Logging
import NIOCore
import TokenStore

extension AuthService {
    /// The server at one address.
    ///
    /// - Parameters:
    ///   - tls: nil for plain HTTP.
    ///   - onServerRunning: called with the listening socket once connections are accepted.
    func buildApplication(
        _ router: Router<ServiceRequestContext>, at address: ServiceConfiguration.Address,
        connections: ConnectionRegistry, tls: ReloadableTLSContext?,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> some ApplicationProtocol {
        let bindAddress: BindAddress =
            switch address {
            case .socket(let path): .unixDomainSocket(path: path)
            case .network(let host, let port): .hostname(host, port: port)
            }
        return Application(
            router: router, server: server(at: address, connections: connections, tls: tls),
            configuration: ApplicationConfiguration(address: bindAddress, backlog: 1024),
            onServerRunning: onServerRunning, logger: Self.logger)
    }

    /// The routes and middlewares. A middleware applies to the routes that are added after it.
    func buildRouter(
        connections: ConnectionRegistry, refresher: TokenRefresher
    ) -> Router<ServiceRequestContext> {
        let router = Router(context: ServiceRequestContext.self)
        router.add(middleware: RequestMetricsMiddleware(metrics: metrics))
        router.add(middleware: ErrorMiddleware(audit: audit, timing: timing))

        // Events may come through the proxy that makes the request address public, so their route is added before the
        // check for proxies.
        EventController(
            webhook: EventWebhook(
                store: store, acceptsUnsigned: configuration.takesUnsignedEvents, audit: audit, timing: timing),
            metrics: metrics
        )
        .addRoutes(
            to: router.group().add(middleware: StrictPathMiddleware())
                .add(middleware: BodyLimitMiddleware(requiresJSON: false)))

        router.add(middleware: CrossOriginMiddleware(configuration))
        router.add(middleware: StrictPathMiddleware())
        HealthController(store: store, timing: timing).addRoutes(to: router)
        addClientRoutes(to: router, connections: connections, refresher: refresher)

        router.add(middleware: UnmatchedRouteMiddleware(router))
        return router
    }

    /// The routes that need an authenticated principal.
    private func addClientRoutes(
        to router: Router<ServiceRequestContext>, connections: ConnectionRegistry, refresher: TokenRefresher
    ) {
        let authenticator = ClientAuthenticator(store: store, timing: timing)
        let rateLimit = RateLimitMiddleware(limiter: ClientRateLimiter(rate: configuration.clientRate, timing: timing))
        func group(acceptsBasic: Bool = false) -> RouterGroup<ServiceRequestContext> {
            router.group()
                .add(
                    middleware: AuthenticationMiddleware(
                        authenticator: authenticator, connections: connections, acceptsBasic: acceptsBasic)
                )
                .add(middleware: rateLimit)
        }
        let tenants = TenantController(store: store, timing: timing)
        tenants.addRoutes(to: group())
        MonitoringController(tenants: tenants, metrics: metrics, connections: connections, timing: timing)
            .addRoutes(pages: group(acceptsBasic: true), group: group())

        let withBody = group().add(middleware: BodyLimitMiddleware(requiresJSON: true))
        TokenController(
            // While the store's server is away, valid tokens are still served, and no client waits for it long.
            tokens: CachingTokenProvider(
                provider, refresher: store.location.server == nil ? nil : provider, refreshTimeout: .seconds(1),
                clocks: timing),
            refresher: refresher, audit: audit, metrics: metrics, timing: timing
        )
        .addRoutes(to: withBody)
        QuotaController(
            quotaStore: StoreQuotaStore(store: store, trustsCallers: false).withFallback, audit: audit,
            timing: timing, pauses: PauseReports(timing: timing)
        )
        .addRoutes(to: withBody)
    }

    private func server(
        at address: ServiceConfiguration.Address, connections: ConnectionRegistry, tls: ReloadableTLSContext?
    ) -> HTTPServerBuilder {
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestTimeoutHandler(connections: connections)],
            idleTimeout: RequestLimits.idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: RequestLimits.headers, maxHeaderListSize: RequestLimits.headers,
                maxHeaderFieldCount: 100))
        let transport: AdmissionChannel<HTTP1Channel>.Transport =
            switch address {
            case .socket: .unixSocket(group: configuration.socketGroup)
            case .network: .tcp(tls)
            }
        return HTTPServerBuilder { [audit, timing] responder in
            AdmissionChannel(
                base: HTTP1Channel(responder: responder, configuration: http), connections: connections,
                transport: transport
            ) { peer in
                // The event loop does not wait for the log.
                Task {
                    let entry = AuditLog.Entry(audit: "connection", result: "unauthorized", who: "uid \(peer.uid)")
                    await audit.note(entry, at: timing.now())
                }
            }
        }
    }
}
