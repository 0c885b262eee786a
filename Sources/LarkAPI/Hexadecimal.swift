/// Bytes as two lower-case digits each.
package enum Hexadecimal {
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(bytes.flatMap { [$0 >> 4, $0 & 15].map { Character(String($0, radix: 16)) } })
    }
}
