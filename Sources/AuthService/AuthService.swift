import Glibc
import Hummingbird
package import LarkAPI
import Logging
import NIOCore
import ServiceLifecycle
import SystemPackage
package import TokenStore
package import UnixSignals

/// Serves a store's tokens over HTTP to other users and hosts, and receives the events that the platform pushes.
package struct AuthService: Sendable {
    /// How long requests in flight may take to finish once the service is told to stop.
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

    /// The signals that a service handles. Trap them first: a signal that is not trapped ends the process.
    package static func trapSignals() async -> UnixSignalsSequence {
        await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    }

    /// Serves until SIGTERM or SIGINT, then finishes the requests in flight. SIGHUP reloads the certificate and reopens
    /// the audit log.
    ///
    /// - Parameters:
    ///   - signals: nil traps them now.
    ///   - onReady: called once connections are accepted on all addresses, with the port; nil without TCP.
    /// - Throws: ``ServiceStartError``; ``StoreError`` `alreadyRunning` when another service uses the store, and any
    ///   other when the store is replaced.
    package func run(
        signals: UnixSignalsSequence? = nil, onReady: @escaping @Sendable (_ port: Int?) -> Void
    ) async throws {
        let signals = if let signals { signals } else { await Self.trapSignals() }
        try await warnAboutEventSettings()
        let lock = try ServiceLock(of: store.location)
        defer { lock.release() }
        let tls = try await loadTLS()
        let sockets = try configuration.addresses.compactMap { address in
            if case .socket(let path) = address {
                try UnixSocketFile(path, group: configuration.socketGroup)
            } else {
                nil
            }
        }
        defer { for socket in sockets { socket.close() } }
        // Until the mode of a socket is set, only this user can connect.
        let mask = sockets.isEmpty ? nil : umask(0o077)
        defer { if let mask { umask(mask) } }
        let listeners = Listeners(count: configuration.addresses.count, sockets: sockets)
        let connections = ConnectionRegistry(limit: connectionLimit(), timing: timing)
        let refresher = TokenRefresher(provider, timing: timing) { [store] in try await store.tenant($0).host }
        let router = buildRouter(connections: connections, refresher: refresher)
        var services: [any Service] = [
            refresher, PeriodicChecks(store: store, connections: connections, audit: audit, timing: timing),
        ]
        for address in configuration.addresses {
            services.append(
                buildApplication(router, at: address, connections: connections, tls: tls) { channel in
                    guard listeners.add(channel) else { return }
                    if let mask { umask(mask) }
                    onReady(listeners.port)
                })
        }
        // A renewal outlives the request that started it. It must not outlive the lock and the client.
        try await provider.withRenewals { [services] in
            try await serve(services, signals: signals, listeners: listeners, tls: tls)
        }
    }

    /// The most connections, less than configured if there are too few file descriptors.
    private func connectionLimit() -> Int {
        let descriptors = DescriptorLimit.raise()
        let limit = DescriptorLimit.connections(asked: configuration.maximumConnections, limit: descriptors)
        if limit < configuration.maximumConnections {
            Logger.current.warning(
                "fewer connections than configured: the process may open too few files",
                metadata: ["connections": "\(limit)", "descriptors": "\(descriptors)"])
        }
        return limit
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

    /// Runs services until a signal, or until one of them fails; then all are shut down gracefully.
    private func serve(
        _ services: [any Service], signals: UnixSignalsSequence, listeners: Listeners, tls: ReloadableTLSContext?
    ) async throws {
        let groups = services.map { service in
            var group = ServiceGroupConfiguration(services: [service], logger: Self.logger)
            group.maximumGracefulShutdownDuration = Self.drainTimeout
            return ServiceGroup(configuration: group)
        }
        @Sendable func stop() async { for group in groups { await group.triggerGracefulShutdown() } }
        let failure: (any Error)? = await withTaskGroup(of: Void.self) { watch in
            watch.addTask {
                for await signal in signals {
                    if signal == .sighup {
                        await reload(tls)
                    } else {
                        await listeners.acceptQueuedConnections(timing)
                        await stop()
                    }
                }
            }
            // Child tasks that return an optional error crash in optimized builds of Swift 6.3.1.
            let failure = await withThrowingTaskGroup(of: Void.self) { tasks -> (any Error)? in
                for group in groups {
                    tasks.addTask {
                        do {
                            try await group.run()
                        } catch {
                            await stop()
                            throw error
                        }
                        await stop()
                    }
                }
                var failure: (any Error)?
                while let result = await tasks.nextResult() {
                    if case .failure(let error) = result { failure = failure ?? error }
                }
                return failure
            }
            watch.cancelAll()
            return failure
        }
        switch failure {
        case nil, is CancellationError: return
        case let error as any ReportableError: throw error
        case let error?: throw cannotListen(error)
        }
    }

    private func cannotListen(_ error: any Error) -> ServiceStartError {
        let addresses = configuration.addresses.map(\.description).joined(separator: " and ")
        let reason =
            (error as? IOError).map { Errno(rawValue: $0.errnoCode).description.lowercased() }
            ?? "the host name cannot be resolved"
        return ServiceStartError(
            .cannotListen, "cannot listen on \(addresses): \(reason)",
            remedy: Remedy("Stop the program that uses this address, or use another", ServiceAction.chooseAddress),
            underlying: error)
    }

    private func reload(_ tls: ReloadableTLSContext?) async {
        do {
            try await tls?.reload()
        } catch {
            Logger.current.error(
                "the certificate cannot be reloaded; the previous one stays in use", metadata: ["error": "\(error)"])
        }
        do {
            try await audit.reopen()
        } catch {
            Logger.current.error(
                "the audit log cannot be reopened; the open file stays in use", metadata: ["error": "\(error)"])
        }
    }

    /// Warns about apps whose events could not be authenticated and are refused.
    private func warnAboutEventSettings() async throws {
        guard !configuration.takesUnsignedEvents else { return }
        for app in try await store.apps() where !app.hasEncryptKey || !app.hasVerificationToken {
            let missing = app.hasEncryptKey ? "Verification Token" : "Encrypt Key"
            Logger.current.warning(
                "events of a store app are refused: they could not be authenticated",
                metadata: ["app": "\(app.name)", "missing": "\(missing)"])
        }
    }
}
