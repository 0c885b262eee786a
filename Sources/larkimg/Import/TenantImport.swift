import AuthServiceClient
import FoundationEssentials
import LarkAPI
import TokenStore

/// What became of an entry, as `--json` prints it.
struct ImportLine: Encodable {
    enum Status: String, Encodable {
        case added
        case updated
        case exists
        case wouldAdd = "would_add"
        case wouldUpdate = "would_update"
        case failed

        /// The status as a line for people begins.
        var verb: String {
            switch self {
            case .exists: "skipped"
            case .wouldAdd: "would add"
            case .wouldUpdate: "would update"
            case .added, .updated, .failed: rawValue
            }
        }
    }

    let tenant: String?
    let place: String
    let status: Status
    /// The app, for people: its app_id and host, or the name of the store app.
    let app: String?
    let error: ErrorReport?
}

/// Adds the tenants of a file to a store, one after the other. One that fails does not stop the others.
struct TenantImport: Sendable {
    /// The store; nil if there is none, and none is to be created.
    let store: Store?
    let client: LarkClient
    /// Whether to replace the apps of tenants that exist.
    let updates: Bool
    let verifies: Bool
    /// Whether to change nothing, and to send nothing.
    let isDryRun: Bool

    /// Imports entries.
    ///
    /// - Parameters:
    ///   - entries: each with its tenant, or why there is none.
    ///   - report: gets each result, and the failure to be reported, if it is one.
    /// - Returns: whether no entry failed.
    /// - Throws: what `report` throws; `CancellationError`; ``StoreError`` if the store cannot be read.
    func run(
        _ entries: [(ImportEntry, Result<ImportedTenant, CommandError>)],
        _ report: (ImportLine, Failure?) throws -> Void
    ) async throws -> Bool {
        var known = Set(try await store?.tenants().map(\.name) ?? [])
        var imported: [TenantName: String] = [:]
        var isComplete = true
        for (entry, result) in entries {
            do {
                let tenant = try result.get()
                if let place = imported[tenant.name] {
                    throw CommandError(
                        description: "\(entry.place): the name \(tenant.name) is taken by \(place) of this file",
                        remedy: "Give one of them another name")
                }
                imported[tenant.name] = entry.place
                let status = try await status(of: tenant, exists: known.contains(tenant.name))
                known.insert(tenant.name)
                let line = ImportLine(
                    tenant: tenant.name.text, place: entry.place, status: status, app: tenant.appText, error: nil)
                try report(line, nil)
            } catch let error where !(error is CancellationError || error is OutputError) {
                isComplete = false
                let isOurs = error is CommandError
                let failure =
                    error as? Failure ?? Failure(error, tenant: isOurs ? nil : entry.knownName)
                let line = ImportLine(
                    tenant: entry.knownName?.text, place: entry.place, status: .failed, app: nil, error: failure.report)
                try report(line, failure)
            }
        }
        return isComplete
    }

    private func status(of tenant: ImportedTenant, exists: Bool) async throws -> ImportLine.Status {
        if exists, !updates { return .exists }
        guard !isDryRun, let store else { return exists ? .wouldUpdate : .wouldAdd }
        switch tenant.app {
        case .custom(let app):
            let (app, token) = try await verified(app, of: tenant.name)
            if exists {
                try await store.updateTenant(tenant.name, app: app, token: token)
            } else {
                try await store.addTenant(tenant.name, app: app, token: token)
            }
        case .installed(let key, let name, let appID):
            guard !exists else {
                throw CommandError(
                    description: "\(tenant.name) exists, and its store app cannot be changed",
                    remedy: "Remove it first: larkimg tenant remove \(tenant.name)")
            }
            let app = try await storeApp(name, appID, in: store)
            let token = verifies ? try await CommandContext.provider(store, client).token(of: key, in: app) : nil
            try await store.addTenant(tenant.name, app: app, tenantKey: key, token: token)
        }
        return exists ? .updated : .added
    }

    /// The app with its secret, and a token that proves it; neither is requested if nothing is to be verified.
    private func verified(
        _ app: AppCredentials, of tenant: TenantName
    ) async throws -> (AppCredentials, TenantAccessToken?) {
        guard verifies else { return (app, nil) }
        var app = app
        if let reference = app.secretReference { app.appSecret = try await SecretResolver.system.secret(reference) }
        do {
            return (app, try await client.issueToken(.customTenant(app)))
        } catch {
            throw Failure(error, tenant: tenant, appID: app.appID)
        }
    }

    private func storeApp(_ name: AppName?, _ appID: AppID?, in store: Store) async throws -> AppName {
        if let name { return name }
        guard let app = try await store.apps().first(where: { $0.appID == appID }) else {
            throw CommandError(
                description: "there is no store app with the app_id \(appID?.text ?? "")",
                remedy: "Register it first: larkimg app add NAME --app-id \(appID?.text ?? "ID")")
        }
        return app.name
    }
}

extension ImportedTenant {
    /// The app, for people.
    fileprivate var appText: String {
        switch app {
        case .custom(let app): "\(app.appID) at \(app.host)"
        case .installed(_, let app?, _): "app \(app)"
        case .installed(_, nil, let id): "store app \(id?.text ?? "")"
        }
    }
}
