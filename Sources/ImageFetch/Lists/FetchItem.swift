public import LarkAPI

/// One download of many.
public struct FetchItem: Sendable, Hashable {
    /// The tenant whose token is used.
    public let tenant: TenantName
    /// What to download.
    public let reference: ImageReference
    /// The file name that the list gives, if it gives one.
    public let output: OutputName?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(tenant: TenantName, reference: ImageReference, output: OutputName? = nil) {
        self.tenant = tenant
        self.reference = reference
        self.output = output
    }
}

/// The downloads of a run.
public enum FetchSource: Sendable {
    /// Known downloads.
    case items([FetchItem])
    /// The lines of an open descriptor, read as they come.
    case list(Int32, FetchListFormat)
}

/// A line of a list that names no download.
public struct InvalidLine: Error, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public let number: Int
    /// The line without its end. One that is longer than 64 KiB is cut, and stays longer than that.
    public let bytes: [UInt8]
    /// What is wrong with it.
    public let reason: String

    /// The number of the line, and what is wrong with it.
    public var description: String { "line \(number): \(reason)" }
}
