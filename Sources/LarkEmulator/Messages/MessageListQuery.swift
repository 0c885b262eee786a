/// The parameters of "List messages".
struct MessageListQuery: Sendable {
    enum Container: Sendable, Hashable {
        case chat(String)
        case thread(String)
    }

    /// What has to be the same on all pages.
    struct Selection: Sendable, Hashable {
        var container: Container
        /// Seconds since 1970, both inclusive.
        var start: Int?
        var end: Int?
        var isDescending: Bool
        var cards: CardForm

        func contains(_ message: StoredMessage) -> Bool {
            let second = (message.milliseconds / 1000).rounded(.down)
            return start.map { second >= Double($0) } ?? true && end.map { second <= Double($0) } ?? true
        }
    }

    var selection: Selection
    var style: MessageItemStyle
    var pageSize: Int
    var pageToken: String?

    /// Nil if a parameter is missing or has a wrong value.
    init?(_ request: IncomingRequest) {
        guard let style = MessageItemStyle(of: request, recalledContent: MessageItemStyle.recalledInLists),
            let container = Self.container(of: request),
            let pageSize = Int(request.queryValue("page_size") ?? "20"), (1...50).contains(pageSize),
            let times = Self.times(of: request), let isDescending = Self.isDescending(request)
        else { return nil }
        if case .thread = container, times.start != nil || times.end != nil { return nil }
        if let start = times.start, let end = times.end, start > end { return nil }
        selection = Selection(
            container: container, start: times.start, end: times.end, isDescending: isDescending, cards: style.cards)
        self.style = style
        self.pageSize = pageSize
        pageToken = request.queryValue("page_token").flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func container(of request: IncomingRequest) -> Container? {
        guard let id = request.queryValue("container_id"), PlatformState.isWellFormed(key: id) else { return nil }
        return switch request.queryValue("container_id_type") {
        case "chat": .chat(id)
        case "thread": .thread(id)
        default: nil
        }
    }

    private static func isDescending(_ request: IncomingRequest) -> Bool? {
        switch request.queryValue("sort_type") ?? "" {
        case "", "ByCreateTimeAsc": false
        case "ByCreateTimeDesc": true
        default: nil
        }
    }

    /// The window; nil if an end of it is not a number.
    private static func times(of request: IncomingRequest) -> (start: Int?, end: Int?)? {
        var times: [Int?] = []
        for name in ["start_time", "end_time"] {
            let text = request.queryValue(name) ?? ""
            let time = Int(text)
            guard text.isEmpty || time.map({ $0 >= 0 }) == true else { return nil }
            times.append(time)
        }
        return (times[0], times[1])
    }
}

/// Where a page begins.
struct MessagePage: Sendable {
    var selection: MessageListQuery.Selection
    var appID: String
    var tenantKey: String
    /// The place of the last message before it.
    var after: StoredMessage.Place
}

extension StoredMessage {
    /// The place of a message among those of its chat.
    struct Place: Sendable, Comparable {
        var milliseconds: Double
        var sequence: Int

        static func < (left: Place, right: Place) -> Bool {
            (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
        }
    }

    var place: Place {
        Place(milliseconds: milliseconds, sequence: sequence)
    }
}
