public import LarkAPI

/// One download of many.
public struct FetchItem: Sendable, Hashable {
    /// Whose token it needs.
    public let tenant: TenantName
    /// What to download.
    public let reference: ImageReference
    /// The name the list gives to the file, if it gives one.
    public let output: OutputName?

    /// Creates an item.
    public init(tenant: TenantName, reference: ImageReference, output: OutputName? = nil) {
        self.tenant = tenant
        self.reference = reference
        self.output = output
    }
}

/// A line of a list that names no download.
public struct InvalidLine: Error, Sendable, CustomStringConvertible {
    /// Counted from 1.
    public let number: Int
    /// The line as it came, cut where it is long.
    public let text: String
    /// What is wrong with it.
    public let reason: String

    /// What is wrong with which line.
    public var description: String { "line \(number): \(reason)" }
}
