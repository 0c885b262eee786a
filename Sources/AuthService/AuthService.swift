import Glibc
import Hummingbird
package import LarkAPI
import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage
package import TokenStore
import UnixSignals

/// The tokens of a store over HTTP, for other users and other hosts, and the address that the platform pushes events
/// to.
package struct AuthService: Sendable {
    /// How long requests in flight may take to end once the service is told to stop.
    private static let drainTimeout = Duration.seconds(20)

    let configuration: ServiceConfiguration
    let store: Store
    let provider: StoredTokenProvider
    let audit: AuditLog
    let timing: Clocks
    let metrics = ServiceMetrics()

    /// What the server itself logs, and requests: nothing below a warning.
    static var logger: Logger {
        var logger = Logger(label: "larkimg.serve")
        logger.logLevel = .warning
        return logger
    }

    /// - Parameters:
    ///   - store: whose tokens are served.
    ///   - issuer: requests them from the platform.
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

    /// Serves until SIGTERM or SIGINT, then lets requests in flight end. SIGHUP reads the certificate again.
    ///
    /// - Parameter onReady: called once connections are accepted, with the port; nil for a Unix socket.
    /// - Throws: ``ServiceStartError``; ``StoreError`` `alreadyRunning` when another service uses the store.
    package func run(onReady: @escaping @Sendable (_ port: Int?) -> Void) async throws {
        try await checkEventSettings()
        let lock = try ServiceLock(of: store.location)
        defer { lock.release() }
        let tls = try await loadTLS()
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
                .certificates, "the certificate \(files.certificate), its key or --client-ca cannot be used",
                remedy: "Name PEM files that can be read, and a certificate and a key that fit each other",
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
            ?? "its name is not known here"
        return ServiceStartError(
            .cannotListen, "\(address) cannot be listened on: \(reason)",
            remedy: "Name another address with --listen or --socket, or stop what has this one", underlying: error)
    }

    private static func reload(_ tls: ReloadableTLSContext?) async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            do {
                try await tls?.reload()
            } catch {
                Logger.current.error(
                    "the certificate cannot be read; the one read before stays", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Refuses an app whose events anybody could forge.
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
