import Database
import LarkAPI
import PosixFiles
package import SystemPackage

/// The result of ``Store/check()``.
public struct StoreCheck: Sendable {
    /// The number of tenants that were checked.
    public let tenants: Int
    /// One line for each problem; empty for an intact store.
    public let findings: [String]
    /// Those of the findings that are about a cached token, which the next request for it replaces.
    package let tokenFindings: Set<String>
}

extension Store {
    /// Reads everything: the database's own integrity check, references, authentication codes, and every sealed value. An
    /// app_secret that is elsewhere is not read.
    ///
    /// - Throws: ``StoreError`` when the store cannot be read at all.
    public func check() async throws -> StoreCheck {
        let (tenants, apps, clients, problems) = try await read { connection in
            let tenants: [String] = try connection.values("SELECT name FROM tenant ORDER BY name")
            let apps: [String] = try connection.values("SELECT name FROM app WHERE name IS NOT NULL ORDER BY name")
            let clients: [String] = try connection.values("SELECT name FROM client ORDER BY name")
            let problems = try connection.integrityProblems(.full)
            return (tenants, apps, clients, problems)
        }
        var findings = problems.map { TerminalText.visible($0) }
        var tokenFindings: Set<String> = []
        func examine(_ name: String, isToken: Bool = false, _ open: () async throws -> Void) async {
            do {
                try await open()
            } catch {
                let finding = "\(TerminalText.visible(name)): \(error)"
                findings.append(finding)
                if isToken { tokenFindings.insert(finding) }
            }
        }
        for name in tenants {
            await examine(name) {
                let app = try await state(of: .tenant(TenantName(name))).app
                _ = try await read { try self.storedSecret(of: app, in: $0) }
            }
            await examine(name, isToken: true) { try await checkToken(of: .tenant(TenantName(name))) }
        }
        for name in apps {
            await examine(name) {
                let app = try await state(of: .app(AppName(name))).app
                _ = try await read { try self.storedSecret(of: app, in: $0) }
                _ = try await (eventSettings(of: AppName(name)), ticket(of: app))
            }
            await examine(name, isToken: true) { try await checkToken(of: .app(AppName(name))) }
        }
        for name in clients {
            await examine(name) {
                let name = try ClientName(name)
                try await read { try self.authenticator.checkClient(name, in: $0) }
            }
        }
        return StoreCheck(tenants: tenants.count, findings: findings, tokenFindings: tokenFindings)
    }

    /// Copies the store as it is at one moment, while others use it. The copy is sealed with the same key.
    ///
    /// - Parameter destination: a file that does not exist; it gets its name when it is complete.
    /// - Throws: ``StoreError`` `cannotCreate` if the file exists, and for a store on a server; an error of reading or
    ///   writing.
    package func backup(to destination: FilePath) async throws {
        guard location.server == nil else {
            throw StoreError(
                .cannotCreate, "\(location.name) is backed up where the server is",
                remedy: "Run pg_dump there, and keep the dump apart from a copy of the key \(location.key)")
        }
        do {
            guard let name = destination.lastComponent, name.kind == .regular else { throw Errno.isDirectory }
            guard FileStatus.of(destination) == nil else { throw Errno.fileExists }
            let directory = try FileDescriptor.openDirectory(destination.parent)
            defer { try? directory.close() }
            let copy = try AtomicFile(in: directory, permissions: .ownerReadWrite, isNameless: false)
            defer { copy.close() }
            let draft = destination.parent.appending(copy.draft ?? "")
            try await StoreError.translating(destination.string) { try await database.backup(to: draft) }
            guard try copy.link(as: name.string) else { throw Errno.fileExists }
            try directory.sync()
        } catch let error as Errno {
            throw StoreError(
                .cannotCreate, "\(destination) cannot be created: \(error.description.lowercased())",
                remedy: "Name a file that does not exist, in a directory that you can write to", underlying: error)
        }
    }
}
