import GRDB
import LarkAPI
package import SystemPackage

/// What ``Store/check()`` found.
public struct StoreCheck: Sendable {
    /// How many tenants were looked at.
    public let tenants: Int
    /// One line for each thing that is wrong; empty for a sound store.
    public let findings: [String]
}

extension Store {
    /// Reads everything: SQLite's own integrity check, references, and every seal.
    ///
    /// - Throws: ``StoreError`` when the store cannot be read at all.
    public func check() async throws -> StoreCheck {
        let (tenants, apps, complaints) = try await read { database in
            let tenants = try String.fetchAll(database, sql: "SELECT name FROM tenant ORDER BY name")
            let apps = try String.fetchAll(
                database, sql: "SELECT name FROM app WHERE name IS NOT NULL ORDER BY name")
            var complaints = try String.fetchAll(database, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
            for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") {
                complaints.append("a row of \(row["table"] as String? ?? "a table") points to a row that is not there")
            }
            return (tenants, apps, complaints)
        }
        var findings = complaints.map { TerminalText.visible($0) }
        func examine(_ name: String, _ open: () async throws -> Void) async {
            do {
                try await open()
            } catch {
                findings.append("\(TerminalText.visible(name)): \(error)")
            }
        }
        for name in tenants {
            await examine(name) { _ = try await appSecret(of: state(of: .tenant(TenantName(name))).app) }
        }
        for name in apps {
            await examine(name) {
                let app = try await state(of: .app(AppName(name))).app
                _ = try await (appSecret(of: app), eventSettings(of: AppName(name)), ticket(of: app))
            }
        }
        return StoreCheck(tenants: tenants.count, findings: findings)
    }

    /// Proves that the store can be read at this moment.
    ///
    /// - Throws: what reading throws.
    package func proveReadable() async throws {
        _ = try await read { try Int.fetchOne($0, sql: "SELECT count(*) FROM key_check") }
    }

    /// Copies the store as it is at one moment, while others go on using it. The copy is sealed with the same key.
    ///
    /// - Parameter destination: a file that is not there yet; it gets its name only when it is whole.
    /// - Throws: ``StoreError`` `cannotCreate` when something is there already; what reading and writing throw.
    package func backup(to destination: FilePath) throws {
        try StoreFile.checkBackupFolder(destination.parent)
        let draft = FilePath("\(destination.string).\(UInt64.random(in: .min ... .max)).part")
        defer { StoreFile.removeDraft(draft) }
        try StoreFile.createPrivateFile(draft)
        try StoreError.translating(draft) {
            var configuration = Configuration()
            configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            let copy = try DatabaseQueue(path: draft.string, configuration: configuration)
            try queue.backup(to: copy)
            try copy.close()
        }
        try StoreFile.publish(draft, as: destination)
    }
}
