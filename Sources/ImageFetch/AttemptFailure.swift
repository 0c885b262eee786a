package import LarkAPI
import SystemPackage

/// Why an attempt at a download failed, and what that means for the next one and for other downloads.
struct AttemptFailure: Error {
    enum Effect: Equatable {
        /// The server named a time to wait.
        case throttled(Duration)
        /// The same request may succeed later.
        case transient
        /// The download fails.
        case permanent
        /// All downloads of the tenant fail.
        case failsTenant
        /// All downloads fail: the disk takes no more.
        case failsRun
    }

    let effect: Effect
    /// A `LarkError`, an ``ImageFetchError``, or what a provider threw.
    let error: any Error
    /// Whether the token provider or the quota's store failed, which have repeated what they could.
    let isOfProvider: Bool

    init(_ effect: Effect, _ error: any Error, isOfProvider: Bool = false) {
        self.effect = effect
        self.error = error
        self.isOfProvider = isOfProvider
    }

    /// Classifies an error of an attempt.
    ///
    /// - Parameter isInRoot: whether the file goes to the output directory itself, as most others do.
    init(_ error: any Error, isInRoot: Bool) {
        switch error {
        case let failure as AttemptFailure:
            self = failure
        case let error as LarkError:
            self.init(Self.effect(of: error), error)
        case let error as ImageFetchError:
            let failsRun = error.isOfDisk || isInRoot && error.isOfPermissions
            self.init(failsRun ? .failsRun : .permanent, error)
        case is InvalidValue, is CancellationError:
            self.init(.permanent, error)
        default:
            // A store: unless it is busy, no download of the tenant can succeed.
            self.init(error.isTransient ? .transient : .failsTenant, error, isOfProvider: true)
        }
    }

    private static func effect(of error: LarkError) -> Effect {
        if error.affectsWholeTenant { return .failsTenant }
        if error.isThrottling, let wait = error.retryAfter { return .throttled(wait) }
        return error.isRetryableSoon ? .transient : .permanent
    }

    /// Classifies an error of the token provider: for a while if the platform is in trouble, for good if it refuses.
    init(ofProvider error: LarkError) {
        let effect: Effect =
            switch error.kind {
            case .unreachable, .unavailable, .badResponse: .transient
            case .tryLater where error.isThrottling: error.retryAfter.map(Effect.throttled) ?? .transient
            case .notFound, .refused, .tokenRejected, .tryLater, .tooLarge: .failsTenant
            }
        self.init(effect, error, isOfProvider: true)
    }
}

extension Error {
    /// Whether the same content may be downloaded by another message, or to another file.
    var concernsOneItem: Bool {
        switch self {
        case let error as LarkError: error.suggestsOtherMessage
        case let error as ImageFetchError: error.kind == .cannotCreate
        default: self is InvalidValue
        }
    }
}

extension ImageFetchError {
    /// Whether no other file could be written either.
    fileprivate var isOfDisk: Bool {
        guard kind == .writeFailed, let reason = underlying as? Errno else { return false }
        return [.noSpace, .diskQuotaExceeded, .ioError, .readOnlyFileSystem].contains(reason)
    }

    /// Whether no file may be created there.
    fileprivate var isOfPermissions: Bool {
        guard kind == .cannotCreate, let reason = underlying as? Errno else { return false }
        return [.readOnlyFileSystem, .permissionDenied, .notPermitted].contains(reason)
    }
}

extension LarkError {
    /// A request that the platform throttled each time.
    static func putOff(times: Int) -> LarkError {
        LarkError(
            .tryLater, "the platform throttled this request \(times) times",
            remedy: Remedy(
                "Other programs use this app's rate limit too. Run this again later", DownloadAction.lowerRate),
            isRetryable: true
        )
    }

    /// A download that took too long, with all its attempts and waits.
    package static func outOfTime(_ limit: Duration) -> LarkError {
        LarkError(
            .unreachable, "the download was not finished within \(limit.text)",
            remedy: Remedy("Check the network, then run this again", DownloadAction.raiseTimeout), isRetryable: true
        )
    }

    /// A download that the rate limit did not let start in time.
    static func noPermit(within limit: Duration) -> LarkError {
        LarkError(
            .tryLater, "the rate limit allowed no request within \(limit.text)",
            remedy: Remedy("Run this again later", DownloadAction.raiseTimeout), isRetryable: true,
            underlying: NoPermit()
        )
    }

    private struct NoPermit: Error {}

    /// Whether it is the error for a download that the rate limit did not let start in time.
    var isNoPermit: Bool { underlying is NoPermit }
}

extension Duration {
    /// In seconds, with tenths if it is short.
    fileprivate var text: String {
        let tenths = Int((self / .milliseconds(100)).rounded())
        return self < .seconds(10) && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10) s" : "\(tenths / 10) s"
    }
}
