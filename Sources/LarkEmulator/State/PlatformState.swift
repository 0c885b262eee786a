import FoundationEssentials

/// The state of the emulated platform.
struct PlatformState: Sendable {
    var clock: VirtualClock
    /// The time of the current request: the same instant for everything that it causes.
    var now: Date
    var behaviour: Behaviour
    var enforcesQuota: Bool
    var quota: Quota
    var windows = QuotaWindows()
    var apps: [String: EmulatedApp]
    var tokens = TokenLedger()
    var tickets: [String: AppTickets] = [:]
    var images: [String: StoredImage] = [:]
    var chats: [String: StoredChat] = [:]
    var messages: [String: StoredMessage] = [:]
    /// The outermost containers of forwarded messages.
    var containers: [String: String] = [:]
    var seededMessages = 0
    /// Where the pages begin that responses have announced, by page_token.
    var messagePages: [String: MessagePage] = [:]
    var faults = FaultList()
    var journal = Journal()
    var events = EventQueue()

    init(_ configuration: EmulatorConfiguration) {
        clock = VirtualClock(frozen: configuration.freezesClock)
        now = clock.now
        behaviour = configuration.behaviour
        enforcesQuota = configuration.enforcesQuota
        quota = configuration.quota
        apps = Dictionary(configuration.apps.map { ($0.appID, $0) }) { _, last in last }
        for app in apps.values where app.kind == .store {
            tickets[app.appID] = AppTickets()
        }
    }

    /// The tenant of a custom app, or the first that installed a store app.
    func ownTenantKey(of appID: String) -> String {
        apps[appID]?.tenantKeys.first ?? ""
    }

    /// Stores an image under a key, by default a new one.
    mutating func store(_ image: StoredImage, as imageKey: String?) -> String {
        let imageKey = imageKey ?? Identifiers.imageKey(style: behaviour.imageKeyStyle)
        images[imageKey] = image
        return imageKey
    }
}
