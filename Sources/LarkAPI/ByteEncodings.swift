/// Percent-encoding of any bytes for one segment of a URL.
package enum PercentEncoding {
    /// Keeps letters, digits, `-`, `.` and `_`; every other byte becomes `%` and two digits.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                String(UnicodeScalar(byte))
            default:
                (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        .joined()
    }
}

/// Hexadecimal text: two lower-case digits a byte.
package enum Hexadecimal {
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(bytes.flatMap { [$0 >> 4, $0 & 15].map { Character(String($0, radix: 16)) } })
    }
}
