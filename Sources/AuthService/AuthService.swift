import Glibc
import Hummingbird
package import LarkAPI
import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage
package import TokenStore
import UnixSignals

/// Serves a store's tokens over HTTP to other users and hosts, and receives the events that the platform pushes.
package struct AuthService: Sendable {
    /// How long requests in flight may take to end once the service is told to stop.
    private static let drainTimeout = Duration.seconds(20)

    let configuration: ServiceConfiguration
    let store: Store
    let provider: StoredTokenProvider
    let audit: AuditLog
    let timing: Clocks
    let metrics = ServiceMetrics()

    /// The logger of the server and of requests. It drops everything below a warning.
    static var logger: Logger {
        var logger = Logger(label: "larkimg.serve")
        logger.logLevel = .warning
        return logger
    }

    /// - Parameters:
    ///   - store: the store whose tokens are served.
    ///   - endpoint: requests tokens from the platform.
    ///   - configuration: the addresses and limits.
    ///   - audit: receives a line for each token.
    ///   - timing: the clock.
    package init(
        store: Store, endpoint: TokenEndpoint, configuration: ServiceConfiguration, audit: AuditLog,
        timing: Clocks = .system
    ) {
        self.store = store
        self.configuration = configuration
        self.audit = audit
        self.timing = timing
        provider = StoredTokenProvider(
            store: store, clocks: timing, endpoint: endpoint.counted(by: metrics), renewsInBackground: true)
    }

    /// Serves until SIGTERM or SIGINT, then finishes the requests in flight. SIGHUP reloads the certificate.
    ///
    /// - Parameter onReady: called once connections are accepted, with the port; nil for a Unix socket.
    /// - Throws: ``ServiceStartError``; ``StoreError`` `alreadyRunning` when another service uses the store.
    package func run(onReady: @escaping @Sendable (_ port: Int?) -> Void) async throws {
        try await checkEventSettings()
        let lock = try ServiceLock(of: store.location)
        defer { lock.release() }
        let tls = try await loadTLS()
        // A renewal outlives the request that started it. It must not outlive the lock and the client.
        try await provider.withRenewals { try await serve(tls, onReady) }
    }

    private func serve(_ tls: ReloadableTLSContext?, _ onReady: @escaping @Sendable (_ port: Int?) -> Void) async throws
    {
        switch configuration.address {
        case .socket(let path):
            let socket = try UnixSocketFile(path)
            defer { socket.close() }
            // Until its mode is set, only this user can connect.
            let mask = umask(0o077)
            defer { umask(mask) }
            try await serve(tls) { _ in
                socket.open()
                onReady(nil)
            }
        case .network:
            try await serve(tls) { channel in onReady(channel.localAddress?.port) }
        }
    }

    private func loadTLS() async throws -> ReloadableTLSContext? {
        guard let files = configuration.tls else { return nil }
        do {
            return try await ReloadableTLSContext(files)
        } catch {
            throw ServiceStartError(
                .certificates,
                "the certificate \(files.certificate), its key or the certificate authority cannot be used",
                remedy: Remedy(
                    "The files must be readable PEM files, and the key must belong to the certificate",
                    ServiceAction.chooseCertificate),
                underlying: error)
        }
    }

    private func serve(
        _ tls: ReloadableTLSContext?, onServerRunning: @escaping @Sendable (any Channel) async -> Void
    ) async throws {
        var group = ServiceGroupConfiguration(
            services: [buildApplication(tls: tls, onServerRunning: onServerRunning)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: Self.logger)
        group.maximumGracefulShutdownDuration = Self.drainTimeout
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await Self.reload(tls) }
            tasks.addTask { [group] in
                do {
                    try await ServiceGroup(configuration: group).run()
                } catch let error where !(error is CancellationError) {
                    throw self.cannotListen(error)
                }
            }
            // The other task waits for signals until it is cancelled.
            try await tasks.next()
            tasks.cancelAll()
        }
    }

    private func cannotListen(_ error: any Error) -> ServiceStartError {
        let address =
            switch configuration.address {
            case .network(let host, let port): "\(host):\(port)"
            case .socket(let path): path
            }
        let reason =
            (error as? IOError).map { Errno(rawValue: $0.errnoCode).description.lowercased() }
            ?? "the host name cannot be resolved"
        return ServiceStartError(
            .cannotListen, "cannot listen on \(address): \(reason)",
            remedy: Remedy("Stop the program that uses this address, or use another", ServiceAction.chooseAddress),
            underlying: error)
    }

    private static func reload(_ tls: ReloadableTLSContext?) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            do {
                try await tls?.reload()
            } catch {
                Logger.current.error(
                    "the certificate cannot be reloaded; the previous one stays in use",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    /// Refuses to start when an app's events could not be authenticated.
    private func checkEventSettings() async throws {
        guard !configuration.takesUnsignedEvents else { return }
        for app in try await store.apps() where !app.hasEncryptKey || !app.hasVerificationToken {
            let missing = app.hasEncryptKey ? "Verification Token" : "Encrypt Key"
            throw ServiceStartError(
                .unsafeEvents,
                "the store app \(app.name) has no \(missing), so its events cannot be authenticated",
                remedy: Remedy("", ServiceAction.setEventKeys(app.name)))
        }
    }
}
