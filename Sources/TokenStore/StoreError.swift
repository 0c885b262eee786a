public import LarkAPI

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
        /// A sealed value does not open: it was changed, or moved from another row.
        case sealBroken = "seal_broken"
        /// The file is not a store of larkimg.
        case foreignFile = "foreign_file"
        /// The store was written by a newer release.
        case newerRelease = "newer_release"
        /// The file is damaged, or contains values that no release writes.
        case damaged
        /// The location is not safe: permissions, links, network file systems.
        case unsafePlace = "unsafe_place"
        /// A file or directory cannot be created.
        case cannotCreate = "cannot_create"
        /// Reading or writing failed: disk full, input/output error.
        case inputOutput = "input_output"
        /// Other processes kept the store locked for too long.
        case busy
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
    public var isRetryable: Bool { code == .busy }

    init(_ code: Code, _ description: String, remedy: Remedy, underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.remedy = remedy
        self.underlying = underlying
    }
}
