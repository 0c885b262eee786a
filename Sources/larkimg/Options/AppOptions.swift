import ArgumentParser
import LarkAPI
import TokenStore

/// The options that register or change an app.
struct AppOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read the app_secret from this file, or from stdin with '-'.", valueName: "file|-"),
        completion: .file())
    var appSecretFile: String?

    @Option(
        help: ArgumentHelp(
            "Do not store the app_secret, but read it there for each new token: \(SecretReference.forms).",
            valueName: "reference"))
    var appSecretFrom: String?

    @OptionGroup var network: NetworkOptions

    @Option(
        help: ArgumentHelp("The platform: lark, feishu or a URL.", valueName: "lark|feishu|URL"),
        completion: .list(["lark", "feishu"]))
    var host: String?

    @Flag(help: "Accept an http URL of another machine; secrets are then sent unencrypted.")
    var insecureHttp = false

    @Flag(help: "Do not verify app_id and app_secret with the platform.")
    var noVerify = false

    /// Whether an app_secret is given, or a reference to one.
    var namesSecret: Bool { appSecretFile != nil || appSecretFrom != nil }

    /// The credentials of an app, with the app_secret from the given file or reference, else from `LARKIMG_APP_SECRET`,
    /// else from a prompt. A reference is read only if the app is to be verified: it may make sense elsewhere alone.
    ///
    /// - Throws: ``CommandError``, ``InvalidValue``; ``StoreError`` for a reference; `CancellationError`.
    func credentials(_ appID: AppID, at host: LarkHost) async throws -> AppCredentials {
        guard let appSecretFrom else {
            let secret = try await SecretInput.appSecret(file: appSecretFile)
            return AppCredentials(appID: appID, appSecret: secret, host: host)
        }
        guard appSecretFile == nil else {
            throw CommandError(
                description: "--app-secret-file and --app-secret-from do not go together",
                remedy: "The first stores the app_secret, the second where it is. Leave one of them out")
        }
        let reference = try SecretReference(appSecretFrom)
        var app = AppCredentials(appID: appID, secretReference: reference, host: host)
        if !noVerify { app.appSecret = try await SecretResolver.system.secret(reference) }
        return app
    }

    /// The given host, if any.
    ///
    /// - Throws: ``InvalidValue``.
    func namedHost() throws -> LarkHost? {
        try host.map { try LarkHost($0, allowInsecureHTTP: insecureHttp) }
    }

    /// Verifies a custom app by requesting a token.
    ///
    /// - Parameters:
    ///   - app: the app to verify.
    ///   - isNew: whether a wrong host is a likely reason for a refusal.
    ///   - store: counts the calls.
    /// - Returns: the token; nil if the user does not want the app verified.
    /// - Throws: ``Failure`` with a `LarkError`; a refusal names the other public host as a possible cause.
    func verifiedToken(
        of app: AppCredentials, isNew: Bool, countingIn store: Store
    ) async throws -> TenantAccessToken? {
        if noVerify { return nil }
        return try await explainingRefusal(of: app, isNew: isNew, what: "tenant") {
            try await $0.issueToken(.customTenant(app)) { await store.countCall(of: app) }
        }
    }

    /// Verifies a store app by requesting an app_ticket.
    ///
    /// - Throws: as ``verifiedToken(of:isNew:countingIn:)``.
    func verifyByTicket(_ app: AppCredentials, isNew: Bool, countingIn store: Store) async throws {
        if noVerify { return }
        try await explainingRefusal(of: app, isNew: isNew, what: "app") {
            try await $0.requestTicket(of: app) { await store.countCall(of: app) }
        }
    }

    private func explainingRefusal<Result>(
        of app: AppCredentials, isNew: Bool, what: String, _ body: (LarkClient) async throws -> Result
    ) async throws -> Result {
        do {
            return try await CommandContext.withClient(network, body)
        } catch let error as LarkError where error.kind == .refused && isNew {
            let other = app.host.counterpart.map { "; if the app was made on \($0), add --host \($0)" }
            let remedy = Remedy("Check app_id and app_secret\(other ?? " and --host"). The \(what) was not added")
            throw Failure(error.withRemedy(remedy), appID: app.appID)
        } catch let error as LarkError {
            throw Failure(error, appID: app.appID)
        }
    }
}

/// The secrets that authenticate a store app's events, as the developer console shows them under "Encryption Strategy".
struct EventOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read the Verification Token from this file, or from stdin with '-'.", valueName: "file|-"),
        completion: .file())
    var verificationTokenFile: String?

    @Option(
        help: ArgumentHelp("Read the Encrypt Key from this file, or from stdin with '-'.", valueName: "file|-"),
        completion: .file())
    var encryptKeyFile: String?

    /// Whether one of them is given.
    var isGiven: Bool { verificationTokenFile != nil || encryptKeyFile != nil }

    /// The given secrets.
    ///
    /// - Throws: ``CommandError``.
    func settings() throws -> EventSettings {
        EventSettings(
            verificationToken: try verificationTokenFile.map { try SecretInput.read($0, what: "Verification Token") },
            encryptKey: try encryptKeyFile.map { try SecretInput.read($0, what: "Encrypt Key") })
    }
}
