/// A failure that is injected into the requests it matches.
///
/// Faults are tried in the order in which they were added; only the first that matches and is not used up acts.
public struct Fault: Sendable, Hashable {
    /// How many times a fault acts.
    public enum Times: Sendable, Hashable, ExpressibleByIntegerLiteral {
        /// That many times.
        case times(Int)
        /// Until the fault is removed.
        case always

        // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
        public init(integerLiteral value: Int) {
            self = .times(value)
        }
    }

    /// The requests it applies to.
    public var match: Match
    /// How many matching requests are let through first.
    public var skip: Int
    /// How many times it acts after that.
    public var times: Times
    /// The actions, in order.
    public var actions: [Action]

    /// Creates a fault for the requests that match.
    public init(_ match: Match, skip: Int = 0, times: Times = 1, _ actions: Action...) {
        self.match = match
        self.skip = skip
        self.times = times
        self.actions = actions
    }

    /// Creates a fault for one API.
    public init(_ api: PlatformAPI, skip: Int = 0, times: Times = 1, _ actions: Action...) {
        self.match = Match(api: api)
        self.skip = skip
        self.times = times
        self.actions = actions
    }
}

extension Fault {
    /// Selects requests: those that match every member that is set.
    public struct Match: Sendable, Hashable, Codable {
        /// The API.
        public var api: PlatformAPI?
        /// The beginning of the path.
        public var path: String?
        /// The image_key, file_key or message_id in the path.
        public var key: String?
        /// The calling app's app_id.
        public var appID: String?
        /// The tenant's tenant_key.
        public var tenantKey: String?

        private enum CodingKeys: String, CodingKey {
            case api
            case path
            case key
            case appID = "app_id"
            case tenantKey = "tenant_key"
        }

        /// Creates a matcher; without arguments it matches every request.
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
        actions = try container.decode([JSONValue].self, forKey: .actions)
            .map { value in
                do {
                    return try Self.action(from: value)
                } catch is DecodingError {
                    throw DecodingError.dataCorruptedError(
                        forKey: .actions, in: container,
                        debugDescription: "\(JSONValue.serialize(value)) is not an action, or has wrong arguments")
                }
            }
    }

    /// Decodes an action, also from the short forms `"hold"` and `{"code": 234008}` beside
    /// `{"cut": {"afterBytes": 3}}`.
    private static func action(from json: JSONValue) throws -> Action {
        switch json {
        case .text(let name):
            return try JSONValue.object([name: [:]]).decoded(as: Action.self)
        case .object(let members) where members.values.contains { if case .object = $0 { false } else { true } }:
            return try JSONValue.object(members.mapValues { ["_0": $0] }).decoded(as: Action.self)
        case .null, .bool, .integer, .number, .array, .object:
            return try json.decoded(as: Action.self)
        }
    }
}

/// In JSON a number or "always".
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
                debugDescription: "it must be a number or \"always\""
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
