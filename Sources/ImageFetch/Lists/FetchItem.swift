public import LarkAPI
package import Messages

/// One download of many.
public struct FetchItem: Sendable, Hashable {
    /// The tenant whose token is used.
    public let tenant: TenantName
    /// What to download.
    public let reference: ImageReference
    /// The file name that the list gives, if it gives one.
    public let output: OutputName?
    /// What is known about the message; nil for a line of a list.
    package let message: MessageFacts?
    /// The name that its sender gave to a file, whatever it holds.
    package let fileName: String?

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(tenant: TenantName, reference: ImageReference, output: OutputName? = nil) {
        self.init(tenant: tenant, reference: reference, output: output, message: nil, fileName: nil)
    }

    package init(
        tenant: TenantName, reference: ImageReference, output: OutputName?, message: MessageFacts?, fileName: String?
    ) {
        self.tenant = tenant
        self.reference = reference
        self.output = output
        self.message = message
        self.fileName = fileName
    }

    /// Whether both download the same to the same file. A message may come in several forms, which tell more or less.
    public static func == (left: FetchItem, right: FetchItem) -> Bool {
        left.tenant == right.tenant && left.reference == right.reference && left.output == right.output
    }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(tenant)
        hasher.combine(reference)
        hasher.combine(output)
    }
}

/// The downloads of a run.
public enum FetchSource: Sendable {
    /// Known downloads.
    case items([FetchItem])
    /// The lines of an open descriptor, read as they come.
    case list(Int32, FetchListFormat)
}

extension FetchSource {
    /// What is taken from messages.
    var wanted: Set<ImageReference.ResourceType> {
        if case .list(_, let format) = self { format.wanted } else { [.image] }
    }
}
