import FoundationEssentials
import NIOCore

/// Reads and writes JSON the way the platform does: compact, and with plain slashes.
enum JSON {
    static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            // With milliseconds, the order of events is visible.
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        // Only a number that is not finite cannot be encoded; the platform has none.
        guard let data = try? encoder.encode(value) else { return "null" }
        return String(decoding: data, as: UTF8.self)
    }

    static func value(of text: String) -> JSONValue? {
        // Text that is not JSON is expected here; the result is nil.
        try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from value: JSONValue) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text(value).utf8))
    }
}
