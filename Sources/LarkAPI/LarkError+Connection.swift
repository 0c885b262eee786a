import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix

extension LarkError {
    /// An answer that did not come in time.
    package static func timeout(host: LarkHost, limit: Duration) -> LarkError {
        LarkError(
            .unreachable,
            "\(host) did not answer within \(limit.components.seconds) s",
            remedy: "Check the network; run this again later",
            isRetryable: true
        )
    }

    /// A body that ended before its time.
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

    /// Whether a connection is there on which nothing comes, in contrast to one that is gone.
    static func isSilence(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return false }
        return error == .readTimeout || error == .deadlineExceeded
    }

    /// A fault of the connection in our words.
    ///
    /// - Returns: nil when the error is of another origin (the caller's own, a cancellation).
    static func connection(_ error: any Error, host: LarkHost) -> LarkError? {
        if error is LarkError || error is CancellationError { return nil }
        if let fault = TLSFault(error) {
            return unreachable(host, because: fault.reason, error, remedy: fault.remedy, isTransient: fault.isTransient)
        }
        guard let error = error as? HTTPClientError else {
            // What NIO, its HTTP parser and its TLS throw: the connection is gone, whatever it was.
            return isOfTheNetwork(error) ? unreachable(host, because: reason(error), error) : nil
        }
        switch error {
        case .cancelled:
            return nil
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

    private static func isOfTheNetwork(_ error: any Error) -> Bool {
        let module = String(reflecting: type(of: error)).split(separator: ".").first.map(String.init) ?? ""
        return module.hasPrefix("NIO") || module.hasPrefix("AsyncHTTPClient") || module.hasPrefix("CNIO")
    }

    private static func unreachable(
        _ host: LarkHost, because reason: String, _ error: any Error, remedy: String? = nil, isTransient: Bool = true
    ) -> LarkError {
        LarkError(
            .unreachable,
            "\(host) cannot be reached: \(TerminalText.visible(reason, limit: 200))",
            remedy: remedy ?? "Check --host, the network and any proxy; run this again later",
            isRetryable: isTransient,
            underlying: error
        )
    }
}

/// What TLS found wrong, by the name that BoringSSL has for it.
private struct TLSFault {
    let reason: String
    let remedy: String?
    let isTransient: Bool

    /// Reads `…:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`; what stands behind is a line of its source.
    ///
    /// - Returns: nil for an error of another kind.
    init?(_ error: any Error) {
        let text = String(describing: error)
        guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return nil }
        let name = text[mark.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }
        switch name {
        case _ where name.contains("VERIFY_FAILED"):
            reason = "its certificate is not trusted here (\(name))"
            remedy = "Check the address; name the certificates of who signed it in SSL_CERT_FILE"
            isTransient = false
        case _ where name.contains("ALERT") && name.contains("CERTIFICATE"), _ where name.contains("UNKNOWN_CA"):
            reason = "it wants a certificate of this client (\(name))"
            remedy = "Name one that it trusts in LARKIMG_AUTH_CERT_FILE, and its key in LARKIMG_AUTH_KEY_FILE"
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
