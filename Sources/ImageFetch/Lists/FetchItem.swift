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

/// A message that is requested, because what came of it does not tell what it holds.
public struct MessageLookup: Sendable, Hashable {
    /// The tenant whose token is used.
    public let tenant: TenantName
    /// The message to request.
    public let message: MessageID
}

/// What a run works on.
enum BulkItem: Sendable, Hashable {
    case download(FetchItem)
    case lookup(MessageLookup)

    var tenant: TenantName {
        switch self {
        case .download(let item): item.tenant
        case .lookup(let lookup): lookup.tenant
        }
    }

    var api: RateLimitedAPI {
        switch self {
        case .download(let item): item.reference.api
        case .lookup: .messageGet
        }
    }

    func failed(_ error: any Error, attempts: Int) -> BulkEvent {
        let failure = DownloadFailure(error: error, attempts: attempts)
        return switch self {
        case .download(let item): .failed(item, failure)
        case .lookup(let lookup): .lookupFailed(lookup, failure)
        }
    }

    var unstarted: BulkEvent {
        switch self {
        case .download(let item): .unstarted(item)
        case .lookup(let lookup): .lookupUnstarted(lookup)
        }
    }

    var repeated: BulkEvent {
        switch self {
        case .download(let item): .repeated(item)
        case .lookup(let lookup): .lookupRepeated(lookup)
        }
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

/// Something in a message that cannot be downloaded, which is no failure.
public struct UnavailableResource: Sendable, CustomStringConvertible {
    /// The line, counted from 1; nil for a part of a message that was requested.
    public let line: Int?
    /// The message, if it is known.
    public let message: MessageID?
    /// Why.
    public let reason: String

    /// The line, the message and the reason.
    public var description: String {
        let place = [line.map { "line \($0)" }, message.map { "\($0)" }].compactMap(\.self)
        return (place + [reason]).joined(separator: ": ")
    }
}
