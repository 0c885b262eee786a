/// The configuration of an ``Emulator``. The defaults suit a test: loopback, a free port, no apps.
public struct EmulatorConfiguration: Sendable {
    /// A certificate chain and its private key, both PEM files.
    public struct TLSFiles: Sendable {
        /// Path of the certificate chain.
        public var certificate: String
        /// Path of the private key.
        public var key: String

        /// Creates a value from the paths of the two files.
        public init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 takes a free one.
    public var port = 0
    /// The apps that exist.
    public var apps: [EmulatedApp] = []
    /// The URL that store apps' events are pushed to; nil pushes none.
    public var eventsURL: String?
    /// The timeouts for the receiver of events, in real time.
    public var eventTimeouts = EventTimeouts()
    /// Whether calls above ``quota`` are refused.
    public var enforcesQuota = false
    /// How many calls each app may make in each tenant to each API.
    public var quota = Quota()
    /// Choices where the documentation is silent.
    public var behaviour = Behaviour()
    /// The certificate for HTTPS; nil serves HTTP.
    public var tls: TLSFiles?
    /// Whether the clock is frozen, except for ``Emulator/advanceClock(seconds:)``.
    public var freezesClock = false

    /// The defaults.
    public init() {}

    /// The defaults, with these apps.
    public init(apps: [EmulatedApp]) {
        self.apps = apps
    }
}

/// How long the platform waits for a receiver of events (document "Event overview"), in seconds of real time.
public struct EventTimeouts: Sendable, Hashable {
    /// For the connection.
    public var connect = 2.0
    /// For the reply to the challenge that verifies an address.
    public var challenge = 1.0
    /// For the reply to any other event.
    public var event = 3.0

    /// Two seconds, one and three, as documented.
    public init() {}

    /// The same timeout for all three, for tests on machines of any speed.
    public init(all seconds: Double) {
        connect = seconds
        challenge = seconds
        event = seconds
    }
}
