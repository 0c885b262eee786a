package import LarkAPI

/// Why a service does not start.
package struct ServiceStartError: ReportableError {
    package enum Code: String, Sendable {
        /// Another service has the socket.
        case alreadyRunning = "already_running"
        /// Others could get between the service and its callers.
        case unsafePlace = "unsafe_place"
        /// The address cannot be listened on.
        case cannotListen = "cannot_listen"
        /// The certificate or its key cannot be used.
        case certificates
        /// An app's events could be made up by anybody.
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
