import Database
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
    /// Reads everything: the database's own integrity check, references, and every seal.
    ///
    /// - Throws: ``StoreError`` when the store cannot be read at all.
    public func check() async throws -> StoreCheck {
        let (tenants, apps, complaints) = try await read { connection in
            let tenants: [String] = try connection.values("SELECT name FROM tenant ORDER BY name")
            let apps: [String] = try connection.values("SELECT name FROM app WHERE name IS NOT NULL ORDER BY name")
            let complaints = try connection.integrityProblems(.full)
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
            await examine(name) {
                let owner = TokenOwner.tenant(try TenantName(name))
                _ = try await appSecret(of: state(of: owner).app)
                try await checkToken(of: owner)
            }
        }
        for name in apps {
            await examine(name) {
                let app = try await state(of: .app(AppName(name))).app
                _ = try await (appSecret(of: app), eventSettings(of: AppName(name)), ticket(of: app))
                try await checkToken(of: .app(AppName(name)))
            }
        }
        return StoreCheck(tenants: tenants.count, findings: findings)
    }

    /// Proves that the store can be read at this moment.
    ///
    /// - Throws: what reading throws.
    package func proveReadable() async throws {
        _ = try await read { try $0.row("SELECT count(*) FROM key_check") }
    }

    /// Copies the store as it is at one moment, while others go on using it. The copy is sealed with the same key.
    ///
    /// - Parameter destination: a file that is not there yet; it gets its name only when it is whole.
    /// - Throws: ``StoreError`` `cannotCreate` when something is there already; what reading and writing throw.
    package func backup(to destination: FilePath) async throws {
        try StoreFile.checkBackupDirectory(destination.parent)
        let draft = FilePath("\(destination.string).\(UInt64.random(in: .min ... .max)).part")
        defer { StoreFile.removeDraft(draft) }
        try StoreFile.createPrivateFile(draft)
        try await StoreError.translating(draft) { try await database.backup(to: draft) }
        try StoreFile.publish(draft, as: destination)
    }
}
