import LarkAPI
import TokenStore

/// A tenant as an imported file describes it.
struct ImportedTenant: Sendable {
    enum App: Sendable {
        case custom(AppCredentials)
        /// A store app: by its name, else the registered one with the app_id.
        case installed(TenantKey, app: AppName?, appID: AppID?)
    }

    let name: TenantName
    let app: App
}

/// The words of a file about one tenant, before they are checked.
struct ImportEntry: Sendable {
    /// Where the entry is: `line 3`.
    let place: String
    var name: String?
    var appID: String?
    var appSecret: String?
    var appSecretFrom: String?
    var host: String?
    var tenantKey: String?
    var app: String?
    /// Why the entry cannot be used, and what to do, if that is known already.
    var problem: (description: String, remedy: String)?

    /// The tenant's name as far as the entry has a valid one, for reports.
    var knownName: TenantName? { (name ?? appID).flatMap { try? TenantName($0) } }

    /// Checks the words. An error never repeats one: in a column that is out of place it could be a secret.
    ///
    /// - Parameters:
    ///   - host: the platform of entries that name none.
    ///   - allowInsecureHTTP: whether to accept plain `http` to other machines.
    /// - Throws: ``CommandError``.
    func tenant(host: LarkHost, allowInsecureHTTP: Bool) throws -> ImportedTenant {
        if let problem { throw error(problem.description, problem.remedy) }
        let appID = try appID.map { try self.appID($0) }
        guard let word = name ?? self.appID else {
            throw error("there is no name", "Every tenant needs a name or an app_id")
        }
        let name = try checked("name", word) { try TenantName($0) }
        if let tenantKey {
            guard appSecret == nil, appSecretFrom == nil else {
                throw error(
                    "it has a tenant_key and an app_secret",
                    "A tenant of a store app has no app_secret of its own, one with a custom app no tenant_key")
            }
            let app = try app.map { try checked("app", $0) { try AppName($0) } }
            guard app != nil || appID != nil else {
                throw error("there is neither app nor app_id", "Name the store app that the tenant installed")
            }
            return ImportedTenant(
                name: name,
                app: .installed(try checked("tenant_key", tenantKey) { try TenantKey($0) }, app: app, appID: appID))
        }
        guard let appID else { throw error("there is no app_id", "It begins with cli_; see the developer console") }
        let own = try self.host.map { text in
            try checked("host", text) { try LarkHost($0, allowInsecureHTTP: allowInsecureHTTP) }
        }
        return ImportedTenant(name: name, app: .custom(try credentials(appID, at: own ?? host)))
    }

    private func credentials(_ appID: AppID, at host: LarkHost) throws -> AppCredentials {
        switch (appSecret, appSecretFrom) {
        case (let text?, nil):
            do {
                let secret = try SecretText.secret(in: Array(text.utf8), limit: SecretResolver.byteLimit)
                return AppCredentials(appID: appID, appSecret: secret, host: host)
            } catch {
                throw self.error("the app_secret \(error.reason)", "Provide \(SecretText.form)")
            }
        case (nil, let text?):
            let reference = try checked("app_secret_from", text) { try SecretReference($0) }
            return AppCredentials(appID: appID, secretReference: reference, host: host)
        case (nil, nil):
            throw error("there is no app_secret", "Give one, or where it is: \(SecretReference.forms)")
        case (_?, _?):
            throw error("it has an app_secret and a reference to one", "Leave one of them out")
        }
    }

    private func appID(_ text: String) throws -> AppID {
        // Without the prefix a secret in the wrong column would be taken for an app_id, and shown.
        guard text.hasPrefix("cli_") else {
            throw error("the app_id does not begin with cli_", "Check the order of the columns")
        }
        return try checked("app_id", text) { try AppID($0) }
    }

    private func checked<Value>(_ what: String, _ text: String, _ check: (String) throws -> Value) throws -> Value {
        do {
            return try check(text)
        } catch let invalid as InvalidValue {
            throw error("the \(what) is not valid: it takes \(invalid.rule)", "Correct it, then import the file again")
        }
    }

    private func error(_ description: String, _ remedy: String) -> CommandError {
        CommandError(description: "\(place): \(description)", remedy: Remedy(remedy))
    }
}
