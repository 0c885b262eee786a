import ArgumentParser
import AuthServiceClient
import FoundationEssentials
import LarkAPI
import TokenStore

/// The location of the store.
struct StoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The store: a file, or postgres://USER@HOST/DATABASE. (default: $LARKIMG_STORE, else "
                + "$XDG_DATA_HOME/larkimg/store.sqlite)", valueName: "path|url"),
        completion: .file())
    var store: String?

    /// The store and the key, by option, environment and default.
    ///
    /// - Throws: ``StoreError`` when there is no home directory.
    func location() throws -> StoreLocation {
        try StoreLocation(store: store, environment: ProcessInfo.processInfo.environment)
    }

    /// Opens the store.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func open(_ mode: Store.OpenMode = .existing) async throws -> Store {
        try await Store.open(at: location(), mode: mode)
    }

    /// Opens the store, if there is one yet.
    ///
    /// - Throws: ``StoreError``; `CancellationError`.
    func openIfAny() async throws -> Store? {
        do {
            return try await open()
        } catch let error as StoreError where error.code == .unknownTenant {
            return nil
        }
    }
}

/// The source of tokens: a store or an auth service.
struct SourceOptions: ParsableArguments {
    @OptionGroup var store: StoreOptions
    @OptionGroup var network: NetworkOptions

    @Option(
        help: ArgumentHelp(
            "Get tokens from this service instead of a store: unix:///PATH or https://HOST:PORT, with the secret in "
                + "the file that $LARKIMG_AUTH_SECRET_FILE names. (default: $LARKIMG_AUTH_SERVICE)", valueName: "url"))
    var authService: String?

    /// The service and the client's credentials.
    struct Service: Sendable {
        let address: ServiceAddress
        let secret: Secret?
        let connections: LarkClient.Connections
    }

    /// The service to use, if one is given. `--store` takes precedence over the environment's service.
    ///
    /// - Throws: ``InvalidValue``, ``CommandError``.
    func service() throws -> Service? {
        let environment = ProcessInfo.processInfo.environment
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let text = authService ?? (store.store == nil ? value("LARKIMG_AUTH_SERVICE") : nil) else { return nil }
        guard store.store == nil else {
            throw CommandError(
                description: "--store and --auth-service do not go together",
                remedy: "Leave one of them out: tokens come from a store or from a service")
        }
        let address = try ServiceAddress(text)
        // The service may be on this network only, and refuses what a proxy forwards.
        var connections = NetworkOptions.directConnections
        switch (value("LARKIMG_AUTH_CERT_FILE"), value("LARKIMG_AUTH_KEY_FILE")) {
        case (let certificate?, let key?):
            connections.clientCertificate = try ClientCertificate(certificate: certificate, key: key)
        case (nil, nil):
            break
        case (let certificate, _):
            let missing = certificate == nil ? "LARKIMG_AUTH_CERT_FILE" : "LARKIMG_AUTH_KEY_FILE"
            throw CommandError(
                description: "a client certificate consists of two files, and \(missing) is not set",
                remedy: "Set LARKIMG_AUTH_CERT_FILE and LARKIMG_AUTH_KEY_FILE, or neither")
        }
        guard !address.isSocket else { return Service(address: address, secret: nil, connections: connections) }
        guard let file = value("LARKIMG_AUTH_SECRET_FILE") else {
            throw CommandError(
                description: "\(address) requires a client secret",
                remedy: "Set LARKIMG_AUTH_SECRET_FILE to the file with the secret that larkimg client add printed")
        }
        return Service(
            address: address, secret: try SecretInput.read(file, what: "client secret", isPrivate: true),
            connections: connections)
    }
}
