import Database
public import LarkAPI
import SystemPackage

/// An error of the store: what failed, on what, and what to do.
public struct StoreError: ReportableError {
    /// The kinds of error. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Code: String, Sendable, CaseIterable {
        /// No tenant of this name.
        case unknownTenant = "unknown_tenant"
        /// A tenant of this name already exists.
        case tenantExists = "tenant_exists"
        /// No store app of this name.
        case unknownApp = "unknown_app"
        /// A store app of this name already exists.
        case appExists = "app_exists"
        /// Tenants use the store app, so it cannot be removed, or changed through one of them.
        case sharedApp = "shared_app"
        /// No client of this name.
        case unknownClient = "unknown_client"
        /// A client of this name already exists.
        case clientExists = "client_exists"
        /// Another service uses the store or the socket.
        case alreadyRunning = "already_running"
        /// The key file does not exist.
        case keyMissing = "key_missing"
        /// The key file is not usable: its size, kind or permissions.
        case keyUnusable = "key_unusable"
        /// The key is not the one this store was sealed with.
        case wrongKey = "wrong_key"
        /// The app_secret is not where its reference says, or is not usable.
        case secretUnusable = "secret_unusable"
        /// The app_secret cannot be read where its reference says, but perhaps later: a program failed.
        case secretUnavailable = "secret_unavailable"
        /// A sealed value does not open: it was changed, or moved from another row.
        case sealBroken = "seal_broken"
        /// The file is not a store of larkimg.
        case foreignFile = "foreign_file"
        /// A copy of a store that was interrupted.
        case incompleteCopy = "incomplete_copy"
        /// The store was written by a newer release.
        case newerRelease = "newer_release"
        /// The file is damaged, or contains values that no release writes.
        case damaged
        /// The location is not safe: permissions, links, network file systems.
        case unsafeLocation = "unsafe_place"
        /// The file was renamed or replaced while it was open.
        case replaced
        /// A file or directory cannot be created.
        case cannotCreate = "cannot_create"
        /// Reading or writing failed: disk full, input/output error.
        case inputOutput = "input_output"
        /// Other processes kept the store locked for too long.
        case busy
        /// The database server cannot be reached, or refuses the role.
        case serverUnavailable = "store_unavailable"
    }

    /// The kind of error.
    public let code: Code

    /// What failed, on what.
    public let description: String

    /// What to do next.
    public let remedy: Remedy?

    /// The underlying error, if any.
    public let underlying: (any Error)?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var reportType: String { code.rawValue }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var isRetryable: Bool { [.busy, .serverUnavailable, .secretUnavailable].contains(code) }

    /// Why the file system or the database failed, without the path; nil for any other error.
    package var reason: String? {
        switch underlying {
        case let error as DatabaseError: error.message
        case let error as Errno: error.description.lowercased()
        default: nil
        }
    }

    init(_ code: Code, _ description: String, remedy: Remedy, underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.remedy = remedy
        self.underlying = underlying
    }
}

extension StoreError {
    /// The same kind of error in other words.
    func replacing(_ description: String, _ action: StoreAction) -> StoreError {
        StoreError(code, description, remedy: Remedy("", action), underlying: self)
    }

    /// The same error with what can be done in the program.
    func adding(_ action: StoreAction) -> StoreError {
        StoreError(code, description, remedy: Remedy(remedy?.advice ?? "", action), underlying: underlying)
    }

    /// Runs a body and translates the database's errors.
    ///
    /// - Parameter store: the path of the file, or the URL of the server.
    /// - Throws: the body's errors; a `DatabaseError` or a stored name that is not valid as ``StoreError``.
    static func translating<Value>(_ store: String, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(error, store: store)
        } catch let error as InvalidValue {
            // Names are validated before they are stored, so an invalid one is damage.
            throw StoreError(damaged: store, "\(error)", underlying: error)
        }
    }

    private init(damaged store: String, _ message: String, underlying: any Error) {
        self.init(
            .damaged, "\(store) is damaged: \(message)",
            remedy: "Restore a backup, or register the tenants again in another store", underlying: underlying)
    }

    private init(_ error: DatabaseError, store: String) {
        let message = error.message
        let isOnServer = store.hasPrefix("postgres://")
        switch error.code {
        case .readOnly where isOnServer, .cannotOpen where isOnServer, .full where isOnServer,
            .ioError where isOnServer, .outOfMemory where isOnServer:
            self.init(
                .serverUnavailable, "\(store) cannot be used: \(message)",
                remedy: "Check that the server runs, and that it lets this role in; then run this again",
                underlying: error)
        case .notADatabase:
            self.init(
                .foreignFile, "\(store) is not a store of larkimg",
                remedy: Remedy("The file was not changed", StoreAction.chooseStore), underlying: error)
        case .corrupt, .invalidColumn:
            self.init(damaged: store, message, underlying: error)
        case .busy:
            self.init(
                .busy, "\(store) is in use by other processes: \(message)", remedy: "Run this again", underlying: error)
        case .readOnly, .cannotOpen:
            self.init(
                .unsafeLocation, "\(store) cannot be opened for writing: \(message)",
                remedy: "Check the permissions of the file and its directory", underlying: error)
        case .full, .ioError, .outOfMemory:
            self.init(
                .inputOutput, "\(store) cannot be read or written: \(message)",
                remedy: "Check the disk: it may be full. Nothing stored before is lost", underlying: error)
        case .constraint, .interrupted, .invalidStatement, .other:
            self.init(
                .damaged, "\(store) has unexpected contents: \(message)",
                remedy: Remedy("", StoreAction.checkStore), underlying: error)
        }
    }
}
