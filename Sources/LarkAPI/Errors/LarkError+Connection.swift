import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix

extension LarkError {
    /// A response that did not arrive in time.
    package static func timeout(host: LarkHost, limit: Duration) -> LarkError {
        LarkError(
            .unreachable,
            "\(host) did not answer within \(limit.components.seconds) s",
            remedy: "Check the network; run this again later",
            isRetryable: true
        )
    }

    /// A body that ended early.
    package static func cutShort(after bytes: Int, logID: String?, underlying: (any Error)? = nil) -> LarkError {
        LarkError(
            .badAnswer,
            "the answer was cut short after \(bytes) bytes",
            remedy: "Run this again; if it persists, look for a proxy or firewall in between",
            logID: logID,
            isRetryable: true,
            underlying: underlying
        )
    }

    /// The error for a request that got no response.
    ///
    /// - Parameter error: what the HTTP client threw.
    /// - Returns: ``LarkError`` of kind `unreachable`; `CancellationError` for a request that was cancelled.
    static func request(_ error: any Error, host: LarkHost) -> any Error {
        if isCancellation(error) { return CancellationError() }
        return connection(error, host: host)
    }

    /// The error for a body that could not be read to its end.
    ///
    /// - Parameters:
    ///   - error: what the HTTP client threw.
    ///   - bytes: how many bytes were read before.
    /// - Returns: ``LarkError`` of kind `unreachable` for a connection that went silent, else `badAnswer`;
    ///   `CancellationError` for a request that was cancelled.
    static func body(_ error: any Error, after bytes: Int, host: LarkHost, logID: String?) -> any Error {
        if isCancellation(error) { return CancellationError() }
        switch error as? HTTPClientError {
        case .readTimeout?, .deadlineExceeded?: return connection(error, host: host)
        default: return cutShort(after: bytes, logID: logID, underlying: error)
        }
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        switch error as? HTTPClientError {
        // A client that is closed while it sends a request ends it in one of these two ways.
        case .cancelled?, .alreadyShutdown?: true
        default: error is CancellationError
        }
    }

    /// Translates an error of NIO, its TLS, or the HTTP client.
    private static func connection(_ error: any Error, host: LarkHost) -> LarkError {
        if let fault = TLSFault(error) {
            return unreachable(host, because: fault.reason, error, remedy: fault.remedy, isTransient: fault.isTransient)
        }
        guard let error = error as? HTTPClientError else {
            return unreachable(host, because: reason(error), error)
        }
        switch error {
        case .readTimeout, .deadlineExceeded:
            return unreachable(host, because: "it went silent", error)
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout:
            return unreachable(host, because: "it does not answer", error)
        case .remoteConnectionClosed:
            return unreachable(host, because: "it closed the connection in mid-answer", error)
        default:
            return unreachable(host, because: error.description, error)
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            "its name is not known here"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { reason($0.error) } ?? String(describing: error)
        case let error as IOError:
            String(cString: strerror(error.errnoCode)).lowercased()
        default:
            String(describing: error)
        }
    }

    private static func unreachable(
        _ host: LarkHost, because reason: String, _ error: any Error, remedy: Remedy? = nil, isTransient: Bool = true
    ) -> LarkError {
        LarkError(
            .unreachable,
            "\(host) cannot be reached: \(TerminalText.visible(reason, limit: 200))",
            remedy: remedy ?? Remedy("Check the network and any proxy, then run this again", PlatformAction.checkHost),
            isRetryable: isTransient,
            underlying: error
        )
    }
}

/// A failed TLS handshake, by the name that BoringSSL gives to the cause.
private struct TLSFault {
    let reason: String
    let remedy: Remedy?
    let isTransient: Bool

    /// Reads `…:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`: swift-nio-ssl has the name in no other form.
    ///
    /// - Returns: nil for any other error.
    init?(_ error: any Error) {
        let text = String(describing: error)
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return nil }
        let name = text[mark.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
        switch name {
        case _ where name.contains("VERIFY_FAILED"):
            reason = "its certificate is not trusted here (\(name))"
            remedy = Remedy("Check the address", PlatformAction.trustIssuer)
            isTransient = false
        case _ where name.contains("ALERT") && name.contains("CERTIFICATE"), _ where name.contains("UNKNOWN_CA"):
            reason = "it wants a certificate of this client (\(name))"
            remedy = Remedy("", PlatformAction.presentCertificate)
            isTransient = false
        case "WRONG_VERSION_NUMBER":
            reason = "it speaks no TLS (\(name))"
            remedy = nil
            isTransient = false
        default:
            reason = "TLS failed (\(name))"
            remedy = nil
            isTransient = true
        }
    }
}
