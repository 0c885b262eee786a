import LarkAPI
import SystemPackage

extension BulkScheduler {
    /// How a try ended that brought no image.
    enum AttemptFailure {
        /// The server named a time.
        case throttled(Duration)
        /// May pass.
        case passing(any Error)
        /// Holds for this download.
        case final(any Error)
        /// Holds for all of the lane's tenant.
        case endsTenant(any Error)
        /// The disk takes no more: holds for the whole run.
        case endsRun(any Error)
    }
}

extension BulkScheduler.AttemptFailure {
    /// What an error of one try means for the others.
    ///
    /// - Parameter isInRoot: whether the file was to be in the directory of the run itself, where all others go too.
    init(_ error: any Error, isInRoot: Bool) {
        switch error {
        case let failure as ProviderFailure: self.init(ofProvider: failure.error)
        case let error as LarkError:
            if error.affectsWholeTenant {
                self = .endsTenant(error)
            } else if error.isThrottling, let wait = error.retryAfter {
                self = .throttled(wait)
            } else {
                self = error.isRetryableSoon ? .passing(error) : .final(error)
            }
        case let error as ImageFetchError:
            self = error.isOfTheDisk || isInRoot && error.isOfPermissions ? .endsRun(error) : .final(error)
        case is InvalidValue, is CancellationError: self = .final(error)
        default:
            // The store behind the tokens or the quota: unless it is busy, it holds for all that the tenant wants.
            self = (error as? any TransientError)?.isTransient == true ? .passing(error) : .endsTenant(error)
        }
    }

    /// No token is to be had: for a while where the platform is in trouble, for good where it refuses.
    private init(ofProvider error: LarkError) {
        switch error.kind {
        case .unreachable, .unavailable, .badAnswer:
            self = .passing(error)
        case .tryLater where error.isThrottling:
            self = error.retryAfter.map(Self.throttled) ?? .passing(error)
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

    /// Whether nobody may write there.
    fileprivate var isOfPermissions: Bool {
        guard kind == .cannotCreate, let reason = underlying as? Errno else { return false }
        return [.readOnlyFileSystem, .permissionDenied, .notPermitted].contains(reason)
    }
}

extension LarkError {
    /// A request that the platform never took.
    static func putOff(times: Int) -> LarkError {
        LarkError(
            .tryLater, "the platform put this request off \(times) times",
            remedy:
                "Others use this app's quota too: lower larkimg's share with tenant update --quota, then run this again",
            isRetryable: true
        )
    }
}
