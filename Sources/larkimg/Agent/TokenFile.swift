import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import Synchronization
import SystemPackage
import TokenStore

/// A file with the token of a tenant, for programs that read files. It is complete or absent, and never holds a token
/// that has expired.
final class TokenFile: Sendable {
    private struct State {
        /// What this process wrote last.
        var token: TenantAccessToken?
        /// When the token in the file has expired; nil without a file.
        var expiresAt: Date?
    }

    /// The platform's tokens live no longer, in seconds (document "Get tenant_access_token").
    private static let longestLifetime = 7200.0

    let tenant: TenantName
    let path: FilePath
    private let format: TokenFormat
    private let permissions: FilePermissions
    private let work = BlockingWork(label: "larkimg.token-file")
    private let state: Mutex<State>

    /// Checks where the file is to be.
    ///
    /// A file that is there already may hold a valid token of an earlier process. Its expiry is not known, but at the
    /// latest it is two hours after it was written.
    ///
    /// - Throws: ``CommandError``.
    init(_ tenant: TenantName, at path: FilePath, format: TokenFormat, permissions: FilePermissions) throws {
        func cannotCreate(_ description: String, _ remedy: String) -> CommandError {
            CommandError(description: description, remedy: Remedy(remedy), status: ExitStatus.cannotCreate)
        }
        let name = TerminalText.visible(path.string, limit: 200)
        guard path.lastComponent?.kind == .regular else {
            throw cannotCreate("\(name) is not the name of a file", "Name a file with --write \(tenant)=FILE")
        }
        let parent = path.removingLastComponent()
        guard FileStatus.of(parent.isEmpty ? "." : parent, followsLinks: true)?.kind == .directory else {
            throw cannotCreate(
                "the directory of \(name) does not exist",
                "Create it first, for no other users: mkdir -m 700 '\(parent)'")
        }
        let existing = FileStatus.of(path)
        guard existing?.kind != .directory else {
            throw cannotCreate("\(name) is a directory", "Name a file with --write \(tenant)=FILE")
        }
        self.tenant = tenant
        self.path = path
        self.format = format
        self.permissions = permissions
        let expiresAt = existing.map { Date(timeIntervalSince1970: Double($0.modified) + Self.longestLifetime) }
        state = Mutex(State(expiresAt: expiresAt))
    }

    /// When the token in the file has expired; nil without a file.
    var expiresAt: Date? { state.withLock { $0.expiresAt } }

    /// Writes a token, unless the file holds it already.
    ///
    /// - Parameter isForced: whether to write it in any case.
    /// - Returns: whether the file was written.
    /// - Throws: ``CommandError`` if that failed; the file is as it was then.
    func write(_ token: TenantAccessToken, isForced: Bool, at now: Date) async throws -> Bool {
        let text = try format.text(token, of: tenant, at: now)
        return try await work.run { [self] in
            let isWritten = state.withLock { $0.token == token } && FileStatus.of(path) != nil
            guard isForced || !isWritten else { return false }
            do {
                try AtomicFile.write(text.utf8, to: path, permissions: permissions, replaces: true)
            } catch let error as Errno {
                throw CommandError(
                    description: "\(path) cannot be written: \(error.description.lowercased())",
                    remedy: "Check the directory: its permissions, and its free space", status: EX_IOERR)
            }
            state.withLock { $0 = State(token: token, expiresAt: token.expiresAt) }
            return true
        }
    }

    /// Removes the file once its token has expired: programs should see that there is none.
    ///
    /// - Returns: whether a file was removed.
    /// - Throws: `Errno`.
    func removeIfSpent(at now: Date) async throws -> Bool {
        try await work.run { [self] in
            guard let expiresAt = state.withLock({ $0.expiresAt }), expiresAt <= now else { return false }
            try path.removeFile()
            state.withLock { $0 = State() }
            return true
        }
    }
}
