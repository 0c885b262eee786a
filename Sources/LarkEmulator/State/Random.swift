/// Random text.
enum Random {
    static func hex(digits: Int) -> String {
        text(length: digits, of: Array("0123456789abcdef"))
    }

    static func base32(length: Int) -> String {
        text(length: length, of: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
    }

    static func base64URL(length: Int) -> String {
        text(length: length, of: Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
    }

    private static func text(length: Int, of alphabet: [Character]) -> String {
        String((0..<length).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
