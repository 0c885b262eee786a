/// Words of the platform that go into a path, a header or a file name as they are.
enum IdentifierSyntax {
    /// Returns the text when it is 1 to 128 characters of `[A-Za-z0-9_-]`.
    ///
    /// - Throws: ``InvalidValue`` otherwise.
    static func checked(_ text: String, kind: String) throws -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default:
                false
            }
        }
        guard isPlain, (1...128).contains(text.utf8.count) else {
            throw InvalidValue(word: text, kind: kind, rule: "1 to 128 characters of A-Z a-z 0-9 _ -")
        }
        return text
    }
}
