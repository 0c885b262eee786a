/// Something that goes wrong, once or more often, with the requests it matches.
///
/// Faults are asked in the order in which they were added; the first one that matches and is not used up acts alone.
public struct Fault: Sendable, Hashable {
    /// How often a fault acts.
    public enum Times: Sendable, Hashable, ExpressibleByIntegerLiteral {
        /// That many times.
        case times(Int)
        /// Until it is cleared.
        case always

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init(integerLiteral value: Int) {
            self = .times(value)
        }
    }

    /// The requests it is meant for.
    public var match: Match
    /// How many matching requests pass unharmed first.
    public var skip: Int
    /// How often it acts after that.
    public var times: Times
    /// What it does, in this order.
    public var actions: [Action]

    /// A fault for the requests of a matcher.
    public init(_ match: Match, skip: Int = 0, times: Times = 1, _ actions: Action...) {
        self.match = match
        self.skip = skip
        self.times = times
        self.actions = actions
    }

    /// A fault for one API.
    public init(_ api: PlatformAPI, skip: Int = 0, times: Times = 1, _ actions: Action...) {
        self.match = Match(api: api)
        self.skip = skip
        self.times = times
        self.actions = actions
    }
}

extension Fault {
    /// Which requests a fault is meant for: all that fit every member that is set.
    public struct Match: Sendable, Hashable, Codable {
        /// The call.
        public var api: PlatformAPI?
        /// How the path begins.
        public var path: String?
        /// The image_key, file_key or message_id in the path.
        public var key: String?
        /// The app that calls.
        public var appID: String?
        /// The tenant that is meant.
        public var tenantKey: String?

        private enum CodingKeys: String, CodingKey {
            case api
            case path
            case key
            case appID = "app_id"
            case tenantKey = "tenant_key"
        }

        /// A matcher; without arguments it fits every request.
        public init(
            api: PlatformAPI? = nil,
            path: String? = nil,
            key: String? = nil,
            appID: String? = nil,
            tenantKey: String? = nil
        ) {
            self.api = api
            self.path = path
            self.key = key
            self.appID = appID
            self.tenantKey = tenantKey
        }
    }
}

extension Fault: Codable {
    private enum CodingKeys: String, CodingKey {
        case match
        case skip
        case times
        case actions
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        match = try container.decodeIfPresent(Match.self, forKey: .match) ?? Match()
        skip = try container.decodeIfPresent(Int.self, forKey: .skip) ?? 0
        times = try container.decodeIfPresent(Times.self, forKey: .times) ?? 1
        actions = try container.decode([JSONValue].self, forKey: .actions).map(Self.action)
    }

    /// An action from the short forms that are pleasant to write: `"hold"` and `{"code": 234008}` beside
    /// `{"cut": {"afterBytes": 3}}`.
    private static func action(from json: JSONValue) throws -> Action {
        switch json {
        case .text(let name):
            return try JSON.decode(Action.self, from: .object([name: [:]]))
        case .object(let members) where members.values.contains { if case .object = $0 { false } else { true } }:
            return try JSON.decode(Action.self, from: .object(members.mapValues { ["_0": $0] }))
        case .null, .bool, .integer, .number, .array, .object:
            return try JSON.decode(Action.self, from: json)
        }
    }
}

/// As JSON a number, or the text "always".
extension Fault.Times: Codable {
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let count = try? container.decode(Int.self) {
            self = .times(count)
            return
        }
        guard try container.decode(String.self) == "always" else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "\"times\" is a number or \"always\""
            )
        }
        self = .always
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .times(let count): try container.encode(count)
        case .always: try container.encode("always")
        }
    }
}
