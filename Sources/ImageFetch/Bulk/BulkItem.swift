public import LarkAPI

/// A message to request, because the input does not show what it holds.
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
