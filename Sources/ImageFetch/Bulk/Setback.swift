import LarkAPI
import SystemPackage

extension BulkSchedule.Setback {
    /// What an error of one try means for the others.
    ///
    /// - Parameter timeLeft: of the time that the download may take.
    init(_ error: any Error, timeLeft: Duration) {
        switch error {
        case let failure as ProviderFailure: self.init(ofProvider: failure.error)
        case let error as LarkError:
            if error.isThrottling, let wait = error.retryAfter {
                self = .throttled(wait)
            } else if error.stopsTenant {
                self = .endsTenant(error)
            } else {
                self = error.mayPassWithinSeconds && timeLeft > .zero ? .passing(error) : .final(error)
            }
        case let error as ImageFetchError:
            self = error.isOfTheDisk ? .endsRun(error) : .final(error)
        case is InvalidWord, is CancellationError: self = .final(error)
        default:
            // The store behind the tokens or the quota: it holds for all that the tenant wants.
            self = .endsTenant(error)
        }
    }

    /// No token is to be had: for a while where the platform is in trouble, for good where it refuses.
    private init(ofProvider error: LarkError) {
        switch error.kind {
        case .unreachable, .unavailable, .badAnswer:
            self = .passing(error)
        case .tryLater where error.isThrottling:
            self = .throttled(error.retryAfter ?? .seconds(1))
        case .notFound, .refused, .tokenRejected, .tryLater, .tooLarge:
            self = .endsTenant(error)
        }
    }
}

extension ImageFetchError {
    /// Whether no other file could be written either.
    fileprivate var isOfTheDisk: Bool {
        guard kind == .writeFailed, let reason = underlying as? Errno else { return false }
        return [.noSpace, .diskQuotaExceeded, .ioError, .readOnlyFileSystem].contains(reason)
    }
}
