import Glibc
import HummingbirdCore
package import LarkAPI
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import SystemPackage
package import TokenStore
import UnixSignals

/// The tokens of a store over HTTP, for other users and other hosts, and the address that the platform pushes events
/// to.
package struct AuthService: Sendable {
    /// Tells once that the service accepts connections.
    package struct Readiness: Sendable {
        /// The port it got; nil for a socket.
        package let port: Int?
    }

    /// How long requests that are under way may take to end once the service is told to.
    private static let drain = Duration.seconds(20)

    private let configuration: ServiceConfiguration
    private let store: Store
    private let provider: StoredTokenProvider
    private let audit: AuditLog
    private let timing: Clocks
    private let metrics = ServiceMetrics()

    /// - Parameters:
    ///   - store: whose tokens are served.
    ///   - issuer: asks the platform for them.
    ///   - configuration: where the service listens.
    ///   - audit: gets a line for each token.
    ///   - timing: the clock.
    package init(
        store: Store, issuer: TokenEndpoint, configuration: ServiceConfiguration, audit: AuditLog,
        timing: Clocks = .system
    ) {
        self.store = store
        self.configuration = configuration
        self.audit = audit
        self.timing = timing
        provider = StoredTokenProvider(
            store: store, timing: timing, issuer: issuer.counted(by: metrics), renewsInBackground: true)
    }

    /// Serves until SIGTERM or SIGINT, then lets what is under way end. SIGHUP reads the certificates anew.
    ///
    /// - Parameter onReady: called once connections are accepted.
    /// - Throws: ``ServiceStartError``; ``StoreError`` `alreadyRunning` when another service has the store.
    package func run(onReady: @escaping @Sendable (Readiness) -> Void) async throws {
        try await checkEventSettings()
        let lock = try ServiceLock(of: store.location)
        defer { lock.release() }
        let certificates = try configuration.tls.map(Self.certificates)
        switch configuration.address {
        case .socket(let path):
            let place = try UnixSocketFile(path)
            defer { place.close() }
            // Until the mode is set, the socket is for this user alone.
            let mask = umask(0o077)
            defer { umask(mask) }
            try await serve(.unixDomainSocket(path: path), certificates) { _ in
                place.open()
                onReady(Readiness(port: nil))
            }
        case .network(let host, let port):
            try await serve(.hostname(host, port: port), certificates) { port in onReady(Readiness(port: port)) }
        }
    }

    private static func certificates(_ files: ServiceConfiguration.TLS) throws -> ReloadableTLSContext {
        do {
            return try ReloadableTLSContext(files)
        } catch {
            throw ServiceStartError(
                .certificates, "the certificate \(files.certificate), its key or --client-ca cannot be used",
                remedy: "Name PEM files that can be read, and a certificate and a key that fit each other",
                underlying: error)
        }
    }

    private func serve(
        _ address: BindAddress, _ certificates: ReloadableTLSContext?, onReady: @escaping @Sendable (Int?) -> Void
    ) async throws {
        let tokens = CachingTokenProvider(provider, timing: timing)
        let refresher = TokenRefresher(provider, timing: timing)
        let connections = ConnectionRegistry(limit: configuration.maximumConnections)
        let controller = TokenController(
            store: store, tokens: tokens, quotaStore: StoreQuotaStore(store: store), refresher: refresher, audit: audit,
            metrics: metrics, timing: timing)
        let responder = AuthServiceRouter(
            controller: controller,
            webhook: EventWebhook(store: store, takesUnsigned: configuration.takesUnsignedEvents, timing: timing),
            authenticator: ClientAuthenticator(store: store, timing: timing),
            rateLimiter: ClientRateLimiter(rate: configuration.clientRate, timing: timing),
            guarding: CrossOriginGuard(configuration), connections: connections, metrics: metrics)
        var logger = Logger(label: "larkimg.serve")
        logger.logLevel = .error
        let isSocket = if case .socket = configuration.address { true } else { false }
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestTimeoutHandler()], idleTimeout: RequestLimits.idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: RequestLimits.headers, maxHeaderListSize: RequestLimits.headers,
                maxHeaderFieldCount: 100))
        let server = try HTTPServerBuilder { respond in
            AdmissionChannel(
                base: HTTP1Channel(responder: respond, configuration: http), connections: connections,
                isSocket: isSocket, certificates: certificates, responder: responder)
        }
        .buildServer(
            configuration: ServerConfiguration(address: address, backlog: 1024),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger
        ) { request, writer, channel in
            let response = try await responder.respond(to: request, on: channel)
            try await writer.write(response: response.head, body: response.body)
        } onServerRunning: { channel in
            onReady(channel.localAddress?.port)
        }
        var group = ServiceGroupConfiguration(
            services: [refresher, server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = Self.drain
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await Self.reload(certificates) }
            tasks.addTask { [group] in
                do {
                    try await withTaskExecutorPreference(LoopExecutor(.singleton)) {
                        try await ServiceGroup(configuration: group).run()
                    }
                } catch let error where !(error is CancellationError) {
                    throw self.cannotListen(error)
                }
            }
            // The other one waits for signals for as long as it is let.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func cannotListen(_ error: any Error) -> ServiceStartError {
        let place =
            switch configuration.address {
            case .network(let host, let port): "\(host):\(port)"
            case .socket(let path): path
            }
        let reason =
            (error as? IOError).map { Errno(rawValue: $0.errnoCode).description.lowercased() }
            ?? "its name is not known here"
        return ServiceStartError(
            .cannotListen, "\(place) cannot be listened on: \(reason)",
            remedy: "Name another address with --listen or --socket, or stop what has this one", underlying: error)
    }

    private static func reload(_ certificates: ReloadableTLSContext?) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            do {
                try certificates?.reload()
            } catch {
                Logger.current.error(
                    "the certificates cannot be read; those read before stay", metadata: ["error": "\(error)"])
            }
        }
    }

    /// An app whose events anybody could make up is no app to listen for.
    private func checkEventSettings() async throws {
        guard !configuration.takesUnsignedEvents else { return }
        for app in try await store.apps() where !app.hasEncryptKey || !app.hasVerificationToken {
            let missing = app.hasEncryptKey ? "Verification Token" : "Encrypt Key"
            throw ServiceStartError(
                .unsafeEvents,
                "the store app \(app.name) has no \(missing), so its events cannot be told from forged ones",
                remedy: """
                    Set it: larkimg app update \(app.name) --encrypt-key-file FILE --verification-token-file FILE; \
                    or take the risk with --allow-unsigned-events
                    """)
        }
    }
}

extension TokenEndpoint {
    /// The same, with every request counted.
    fileprivate func counted(by metrics: ServiceMetrics) -> TokenEndpoint {
        @Sendable func counted<Result: Sendable>(
            _ kind: String, _ call: @Sendable () async throws -> Result
        ) async throws -> Result {
            do {
                let result = try await call()
                metrics.notePlatformRequest(kind, error: nil)
                return result
            } catch {
                metrics.notePlatformRequest(kind, error: error)
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
