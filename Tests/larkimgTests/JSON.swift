import FoundationEssentials

/// Just enough JSON to look into what larkimg prints.
enum JSON: Decodable, Equatable {
    typealias Object = [String: JSON]

    case string(String)
    case number(Double)
    case bool(Bool)
    case object(Object)
    case list([JSON])
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Object.self) {
            self = .object(value)
        } else {
            self = .list(try container.decode([JSON].self))
        }
    }

    /// The object on one line.
    static func object(_ line: String) throws -> Object {
        try JSONDecoder().decode(Object.self, from: Data(line.utf8))
    }

    /// A member of an object.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }
}
