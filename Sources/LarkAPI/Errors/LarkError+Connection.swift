import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension LarkError {
    /// A response that did not arrive in time.
    package static func timeout(host: some CustomStringConvertible, limit: Duration) -> LarkError {
        LarkError(
            .unreachable,
            "\(host) did not respond within \(limit.components.seconds) s",
            remedy: "Check the network; run this again later",
            isRetryable: true
        )
    }

    /// A body that ended early.
    package static func cutShort(after bytes: Int, logID: String?, underlying: (any Error)? = nil) -> LarkError {
        LarkError(
            .badResponse,
            "the response was cut off after \(bytes) bytes",
            remedy: "Run this again; if it persists, check for a proxy or firewall in between",
            logID: logID,
            isRetryable: true,
            underlying: underlying
        )
    }

    /// The error for a request that got no response.
    ///
    /// - Parameters:
    ///   - error: what the HTTP client threw.
    ///   - address: where the request was sent.
    ///   - proxy: the proxy in between.
    /// - Returns: ``LarkError`` of kind `unreachable`; `CancellationError` for a request that was cancelled.
    static func request(
        _ error: any Error, address: ServerAddress, proxy: ProxyConfiguration?
    ) -> any Error {
        isCancellation(error) ? CancellationError() : connection(error, address: address, proxy: proxy)
    }

    /// The error for a body that could not be read to its end.
    ///
    /// - Parameters:
    ///   - error: what the HTTP client threw.
    ///   - bytes: how many bytes were read before.
    /// - Returns: ``LarkError`` of kind `unreachable` for a connection that was idle for too long, else `badResponse`;
    ///   `CancellationError` for a request that was cancelled.
    static func body(_ error: any Error, after bytes: Int, address: ServerAddress, logID: String?) -> any Error {
        if isCancellation(error) { return CancellationError() }
        switch error as? HTTPClientError {
        case .readTimeout?, .deadlineExceeded?: return connection(error, address: address)
        default: return cutShort(after: bytes, logID: logID, underlying: error)
        }
    }

    /// The error number of a connection that was not established or broke; nil for any other error.
    package var systemErrorNumber: CInt? {
        let cause = (underlying as? NIOConnectionError)?.connectionErrors.first?.error ?? underlying
        return (cause as? IOError)?.errnoCode
    }

    /// Whether the server closed the connection before the response was complete.
    package var isClosedConnection: Bool {
        underlying as? HTTPClientError == .remoteConnectionClosed || systemErrorNumber == ECONNRESET
    }

    /// Whether a time limit ended the request.
    package var isTimeout: Bool {
        guard kind == .unreachable, let underlying = underlying as? HTTPClientError else { return underlying == nil }
        return [.readTimeout, .deadlineExceeded, .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout]
            .contains(underlying)
    }

    private static func isCancellation(_ error: any Error) -> Bool {
        switch error as? HTTPClientError {
        // A client that is closed while it sends a request ends it in one of these two ways.
        case .cancelled?, .alreadyShutdown?: true
        default: error is CancellationError
        }
    }

    private static func connection(
        _ error: any Error, address: ServerAddress, proxy: ProxyConfiguration? = nil
    ) -> LarkError {
        let fault = ConnectionFault(error)
        let route = proxy.map { " through the proxy \($0)" } ?? ""
        return LarkError(
            .unreachable,
            "\(address) cannot be reached\(route): \(TerminalText.visible(fault.reason, limit: 200))",
            remedy: fault.remedy
                ?? Remedy(
                    "Check the network, then run this again",
                    proxy == nil ? PlatformAction.checkHost : PlatformAction.checkProxy),
            isRetryable: fault.isTransient,
            underlying: error
        )
    }
}

/// Why there was no response, read from the errors of NIO, NIOSSL and the HTTP client.
private struct ConnectionFault {
    let reason: String
    let remedy: Remedy?
    let isTransient: Bool

    private init(_ reason: String, remedy: Remedy? = nil, isTransient: Bool = true) {
        self.reason = reason
        self.remedy = remedy
        self.isTransient = isTransient
    }

    init(_ error: any Error) {
        switch error {
        case let error as HTTPClientError: self.init(error)
        case let error as NIOConnectionError: self.init(error)
        case let error as IOError: self.init(String(cString: strerror(error.errnoCode)).lowercased())
        case let error as NIOSSLError: self.init(error)
        case let error as BoringSSLError: self.init(error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            self.init(
                "its certificate is for another host", remedy: Remedy("", PlatformAction.checkHost), isTransient: false)
        default: self.init(String(describing: error))
        }
    }

    private init(_ error: HTTPClientError) {
        switch error {
        case .readTimeout: self.init("the connection was idle for too long")
        case .deadlineExceeded: self.init("no response arrived in time")
        case .connectTimeout, .tlsHandshakeTimeout: self.init("the connection was not established in time")
        case .getConnectionFromPoolTimeout: self.init("no connection became free in time")
        case .proxyAuthenticationRequired:
            self.init(
                "it requires a user name and password", remedy: Remedy("", PlatformAction.checkProxy),
                isTransient: false)
        case .invalidProxyResponse:
            self.init("it refused the connection", remedy: Remedy("", PlatformAction.checkProxy))
        case .httpProxyHandshakeTimeout: self.init("it did not respond in time")
        case .remoteConnectionClosed: self.init("it closed the connection before the response was complete")
        default: self.init(error.shortDescription.lowercased())
        }
    }

    private init(_ error: NIOConnectionError) {
        if let attempt = error.connectionErrors.first {
            self.init(attempt.error)
        } else {
            self.init("the name \(error.host) could not be resolved")
        }
    }

    private init(_ error: NIOSSLError) {
        switch error {
        case .handshakeFailed(let cause): self.init(cause)
        case .uncleanShutdown: self.init("it closed the connection without ending TLS")
        default: self.init("TLS failed (\(error))")
        }
    }

    private init(_ error: BoringSSLError) {
        guard case .sslError(let stack) = error, !stack.contains(.eofDuringHandshake) else {
            self.init("it closed the connection during the TLS handshake")
            return
        }
        let name = stack.lazy.compactMap(\.name).first ?? "unknown cause"
        switch name {
        case _ where name.contains("VERIFY_FAILED"):
            self.init(
                "its certificate is not trusted here (\(name))",
                remedy: Remedy("Check the address", PlatformAction.trustIssuer), isTransient: false)
        case _ where name.contains("ALERT") && name.contains("CERTIFICATE"), _ where name.contains("UNKNOWN_CA"):
            self.init(
                "it requires a client certificate (\(name))", remedy: Remedy("", PlatformAction.presentCertificate),
                isTransient: false)
        case "WRONG_VERSION_NUMBER":
            self.init("it does not use TLS (\(name))", isTransient: false)
        default:
            self.init("TLS failed (\(name))")
        }
    }
}

extension BoringSSLInternalError {
    /// BoringSSL's name of the cause. It has no other form than the text of the error,
    /// `…:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at …`, since NIOSSL keeps the code private.
    fileprivate var name: String? {
        let text = description
        return text.firstRange(of: "OPENSSL_internal:")
            .map { String(text[$0.upperBound...].prefix { $0.isUppercase || $0.isNumber || $0 == "_" }) }
    }
}
