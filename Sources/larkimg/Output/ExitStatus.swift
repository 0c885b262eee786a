import AuthService
import AuthServiceClient
import Glibc
import ImageFetch
import LarkAPI
import TokenStore

/// The one place that gives errors their exit statuses (sysexits.h, as the help of `larkimg` lists them).
enum ExitStatus {
    /// Several images failed for different reasons.
    static let mixed: Int32 = 1

    static let configuration = EX_CONFIG
    static let cannotCreate = EX_CANTCREAT
    static let interrupted: Int32 = 130

    /// The status of an error; nil for one that is not ours.
    static func of(_ error: any Error) -> Int32? {
        switch error {
        case let error as LarkError: of(error.kind)
        case let error as StoreError: of(error.code)
        case let error as ImageFetchError: of(error.kind)
        case let error as ServiceRefusal: of(error)
        case let error as ServiceStartError: error.code == .cannotListen ? EX_UNAVAILABLE : EX_CONFIG
        case is InvalidValue: EX_USAGE
        case is ConfigurationError: configuration
        case let error as CommandError: error.status
        case is OutputError: EX_IOERR
        case is CancellationError: interrupted
        default: nil
        }
    }

    private static func of(_ kind: LarkError.Kind) -> Int32 {
        switch kind {
        case .notFound: EX_NOINPUT
        case .refused, .tokenRejected: EX_NOPERM
        case .tryLater: EX_TEMPFAIL
        case .unavailable, .unreachable: EX_UNAVAILABLE
        case .badResponse, .tooLarge: EX_DATAERR
        }
    }

    private static func of(_ refusal: ServiceRefusal) -> Int32 {
        switch refusal.reportType {
        case "unauthorized": EX_NOPERM
        case "too_many_requests": EX_TEMPFAIL
        case "unknown_tenant", "forbidden", "wrong_host", "not_found", "bad_request": EX_CONFIG
        default: refusal.isRetryable ? EX_TEMPFAIL : EX_UNAVAILABLE
        }
    }

    private static func of(_ kind: ImageFetchError.Kind) -> Int32 {
        switch kind {
        case .notAnImage, .tooLarge: EX_DATAERR
        case .cannotCreate: EX_CANTCREAT
        case .writeFailed, .readFailed: EX_IOERR
        case .notAList: EX_USAGE
        }
    }

    private static func of(_ code: StoreError.Code) -> Int32 {
        switch code {
        case .unknownTenant, .tenantExists, .keyMissing, .keyUnusable, .wrongKey, .sealBroken, .foreignFile,
            .incompleteCopy, .newerRelease, .damaged, .unsafeLocation, .replaced, .unknownApp, .appExists, .sharedApp,
            .unknownClient,
            .clientExists,
            .alreadyRunning, .secretUnusable:
            EX_CONFIG
        case .cannotCreate: EX_CANTCREAT
        case .inputOutput: EX_IOERR
        case .busy, .serverUnavailable, .secretUnavailable: EX_TEMPFAIL
        }
    }
}
