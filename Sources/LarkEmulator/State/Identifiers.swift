import FoundationEssentials

/// Makes the platform's identifiers and secrets, random and in the platform's forms.
enum Identifiers {
    static func token(_ kind: IssuedToken.Kind) -> String {
        switch kind {
        case .app: "a-g1\(base32(length: 40))"
        case .tenant: "t-g1\(base32(length: 40))"
        case .oauth:
            ["eyJ" + base64URL(length: 120), base64URL(length: 900), base64URL(length: 86)].joined(separator: ".")
        }
    }

    static func appTicket() -> String {
        "ticket-\(hex(digits: 32))"
    }

    /// An image_key: like a UUID, but the last letter names a region.
    static func imageKey(style: Behaviour.ImageKeyStyle) -> String {
        let uuid = UUID().uuidString.lowercased().dropLast() + "g"
        return switch style {
        case .v2: "img_v2_\(uuid)"
        case .v3: "img_v3_02ao_\(uuid)"
        }
    }

    static func messageID() -> String {
        "om_\(hex(digits: 32))"
    }

    static func chatID() -> String {
        "oc_\(hex(digits: 32))"
    }

    /// The id under which the platform logs a request: 14 digits of time and 20 hexadecimal ones.
    static func logID(at now: Date) -> String {
        let style = Date.ISO8601FormatStyle(
            dateSeparator: .omitted,
            dateTimeSeparator: .space,
            timeSeparator: .omitted
        )
        return now.formatted(style).filter(\.isNumber) + hex(digits: 20).uppercased()
    }

    static func hex(digits: Int) -> String {
        text(length: digits, of: "0123456789abcdef")
    }

    private static func base32(length: Int) -> String {
        text(length: length, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    }

    private static func base64URL(length: Int) -> String {
        text(length: length, of: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    }

    private static func text(length: Int, of alphabet: String) -> String {
        let alphabet = Array(alphabet)
        return String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
