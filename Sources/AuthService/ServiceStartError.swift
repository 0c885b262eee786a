package import LarkAPI

/// An error that keeps the service from starting.
package struct ServiceStartError: ReportableError {
    package enum Code: String, Sendable {
        /// Another service uses the socket.
        case alreadyRunning = "already_running"
        /// Other users could replace the socket.
        case unsafePlace = "unsafe_place"
        /// The service cannot listen on the address.
        case cannotListen = "cannot_listen"
        /// The certificate or its key cannot be used.
        case certificates
        /// An app's events could not be authenticated.
        case unsafeEvents = "unsafe_events"
    }

    package let code: Code
    package let description: String
    package let remedy: Remedy?
    package let underlying: (any Error)?

    package var reportType: String { code.rawValue }
    package var isRetryable: Bool { false }

    init(_ code: Code, _ description: String, remedy: Remedy, underlying: (any Error)? = nil) {
        self.code = code
        self.description = description
        self.remedy = remedy
        self.underlying = underlying
    }
}

/// What can be done about an error of the auth service.
package enum ServiceAction: RemedyAction, Hashable {
    /// Listen on another socket.
    case chooseSocket
    /// Listen on another address.
    case chooseAddress
    /// Name the host that clients use.
    case setPublicHost
    /// Use another certificate or private key.
    case chooseCertificate
    /// Store the keys by which the events of an app are authenticated.
    case setEventKeys(AppName)

    package var description: String {
        switch self {
        case .chooseSocket: "Choose another socket path"
        case .chooseAddress: "Choose another address"
        case .setPublicHost: "Set the public host of the service"
        case .chooseCertificate: "Choose another certificate and key"
        case .setEventKeys(let app): "Set the Encrypt Key and the Verification Token of \(app)"
        }
    }
}
