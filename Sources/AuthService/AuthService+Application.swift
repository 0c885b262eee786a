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
        responder: CachedTokenResponder, tls: ReloadableTLSContext?,
        onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> some ApplicationProtocol {
        let bindAddress: BindAddress =
            switch address {
            case .socket(let path): .unixDomainSocket(path: path)
            case .network(let host, let port): .hostname(host, port: port)
            }
        return Application(
            router: router, server: server(at: address, responder: responder, tls: tls),
            configuration: ApplicationConfiguration(address: bindAddress, backlog: 1024),
            onServerRunning: onServerRunning, logger: Self.logger)
    }

    /// What the routes for clients share with the handler that answers from memory.
    func buildResponder(connections: ConnectionRegistry, refresher: TokenRefresher) -> CachedTokenResponder {
        CachedTokenResponder(
            crossOrigin: CrossOriginMiddleware(configuration),
            authenticator: ClientAuthenticator(store: store, timing: timing),
            limiter: ClientRateLimiter(rate: configuration.clientRate, timing: timing), connections: connections,
            controller: TokenController(
                tokens: CachingTokenProvider(provider, clocks: timing), refresher: refresher, audit: audit,
                metrics: metrics, timing: timing))
    }

    /// The routes and middlewares. A middleware applies to the routes that are added after it.
    func buildRouter(_ responder: CachedTokenResponder) -> Router<ServiceRequestContext> {
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

        router.add(middleware: responder.crossOrigin)
        router.add(middleware: StrictPathMiddleware())
        HealthController(store: store, timing: timing).addRoutes(to: router)
        addClientRoutes(to: router, responder)

        router.add(middleware: UnmatchedRouteMiddleware(router))
        return router
    }

    /// The routes that need an authenticated principal.
    private func addClientRoutes(to router: Router<ServiceRequestContext>, _ responder: CachedTokenResponder) {
        func group(acceptsBasic: Bool = false) -> RouterGroup<ServiceRequestContext> {
            router.group()
                .add(
                    middleware: AuthenticationMiddleware(
                        authenticator: responder.authenticator, connections: responder.connections,
                        acceptsBasic: acceptsBasic)
                )
                .add(middleware: RateLimitMiddleware(limiter: responder.limiter))
        }
        let quotaStore = StoreQuotaStore(store: store)
        let tenants = TenantController(store: store, quotaStore: quotaStore, timing: timing)
        tenants.addRoutes(to: group())
        MonitoringController(tenants: tenants, metrics: metrics, connections: responder.connections, timing: timing)
            .addRoutes(pages: group(acceptsBasic: true), group: group())

        let withBody = group().add(middleware: BodyLimitMiddleware(requiresJSON: true))
        responder.controller.addRoutes(to: withBody)
        QuotaController(quotaStore: quotaStore.withFallback, audit: audit, timing: timing).addRoutes(to: withBody)
    }

    private func server(
        at address: ServiceConfiguration.Address, responder: CachedTokenResponder, tls: ReloadableTLSContext?
    ) -> HTTPServerBuilder {
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                RequestTimeoutHandler(connections: responder.connections), CachedTokenHandler(responder),
            ],
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: RequestLimits.headers, maxHeaderListSize: RequestLimits.headers,
                maxHeaderFieldCount: 100))
        let transport: AdmissionChannel<HTTP1Channel>.Transport =
            switch address {
            case .socket: .unixSocket(group: configuration.socketGroup)
            case .network: .tcp(tls)
            }
        return HTTPServerBuilder { route in
            AdmissionChannel(
                base: HTTP1Channel(responder: route, configuration: http), connections: responder.connections,
                transport: transport)
        }
    }
}
