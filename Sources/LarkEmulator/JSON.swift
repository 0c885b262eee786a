import FoundationEssentials
import NIOCore

/// Reads and writes JSON the way the platform does: compact, and with plain slashes.
enum JSON {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            // Milliseconds tell what came first.
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        // The one value that cannot be encoded is a number that is not finite; the platform has none.
        guard let data = try? encoder.encode(value) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }

    static func value(of text: String) -> JSONValue? {
        // Not JSON is an expected answer here, and nil says so.
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text(value).utf8))
    }
}
