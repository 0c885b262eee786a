import LarkAPI

/// What the store cannot or will not do: which part, why, and what to do about it.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What went wrong. Outside this package, a `switch` needs `@unknown default`.
    @nonexhaustive
    public enum Code: String, Sendable, CaseIterable {
        /// No tenant of this name.
        case unknownTenant = "unknown_tenant"
        /// A tenant of this name is there already.
        case tenantExists = "tenant_exists"
        /// No store app of this name.
        case unknownApp = "unknown_app"
        /// A store app of this name is there already.
        case appExists = "app_exists"
        /// Tenants use the store app, so that it cannot be removed or changed through one of them.
        case sharedApp = "shared_app"
        /// No client of this name.
        case unknownClient = "unknown_client"
        /// A client of this name is there already.
        case clientExists = "client_exists"
        /// Another service has the store or the socket.
        case alreadyRunning = "already_running"
        /// The key file is not there.
        case keyMissing = "key_missing"
        /// The key file is no key: size, kind of file, permissions.
        case keyUnusable = "key_unusable"
        /// The key is not the one this store was sealed with.
        case wrongKey = "wrong_key"
        /// A sealed value does not open where it stands: changed, or moved from another place.
        case sealBroken = "seal_broken"
        /// The file is not a store of ours.
        case foreignFile = "foreign_file"
        /// The store was written by a newer release.
        case newerRelease = "newer_release"
        /// SQLite finds the file damaged.
        case damaged
        /// The place is not safe: permissions, links, network file systems.
        case unsafePlace = "unsafe_place"
        /// A file or folder cannot be made.
        case cannotCreate = "cannot_create"
        /// Reading or writing failed: disk full, input/output error.
        case inputOutput = "input_output"
        /// Other processes held the store for too long.
        case busy
    }

    /// What went wrong.
    public let code: Code

    /// What happened, on what.
    public let description: String

    /// What to do next.
    public let remedy: String

    /// The error below this one, where there is one.
    public let underlying: (any Error)?

    init(_ code: Code, _ description: String, remedy: String, underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.remedy = remedy
        self.underlying = underlying
    }
}

extension StoreError: TransientError {
    package var isTransient: Bool { code == .busy }
}
