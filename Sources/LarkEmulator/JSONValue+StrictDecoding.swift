import FoundationEssentials

/// Decodes JSON that a person writes: a member that the type does not have is an error, not ignored.
extension JSONValue {
    /// What is wrong with the JSON, and where.
    struct DecodingFailure: Error, CustomStringConvertible {
        let description: String
    }

    /// Decodes a value.
    ///
    /// - Parameters:
    ///   - type: the type; members are known if encoding the decoded value produces them.
    ///   - text: the JSON.
    ///   - path: where the text is in a larger document, for messages.
    /// - Throws: ``DecodingFailure``.
    static func decodeStrictly<Value: Codable>(
        _ type: Value.Type, from text: String, at path: String = ""
    ) throws -> Value {
        do {
            let value = try JSONDecoder().decode(type, from: Data(text.utf8))
            if let given = JSONValue(parsing: text), let known = JSONValue(parsing: serialize(value)),
                let unknown = firstUnknown(in: given, known: known, at: path)
            {
                throw DecodingFailure(description: "unknown member: \(unknown)")
            }
            return value
        } catch let error as DecodingError {
            throw DecodingFailure(description: reason(error, at: path))
        }
    }

    private static func firstUnknown(in given: JSONValue, known: JSONValue, at path: String) -> String? {
        switch (given, known) {
        case (.object(let members), .object(let others)):
            // Encoding leaves out what is null.
            for (name, value) in members.sorted(by: { $0.key < $1.key }) where value != .null {
                let place = path.isEmpty ? name : "\(path).\(name)"
                guard let other = others[name] else { return place }
                if let found = firstUnknown(in: value, known: other, at: place) { return found }
            }
            return nil
        case (.array(let elements), .array(let others)):
            return zip(elements, others).enumerated()
                .lazy.compactMap { firstUnknown(in: $1.0, known: $1.1, at: "\(path)[\($0)]") }
                .first
        default:
            return nil
        }
    }

    private static func reason(_ error: DecodingError, at path: String) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "missing member: \(place(context.codingPath + [key], below: path))"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(place(context.codingPath, below: path)): expected \(type)"
        case .dataCorrupted(let context) where context.codingPath.isEmpty && path.isEmpty:
            "not JSON"
        case .dataCorrupted(let context):
            "\(place(context.codingPath, below: path)): \(context.debugDescription)"
        @unknown default:
            "not a valid command"
        }
    }

    private static func place(_ keys: [any CodingKey], below path: String) -> String {
        let place = keys.reduce(into: path) { place, key in
            if let index = key.intValue {
                place += "[\(index)]"
            } else {
                place += place.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return place.isEmpty ? "the body" : place
    }
}
