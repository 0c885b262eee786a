/// The name an operator gave to a tenant: what `--tenant` takes.
///
/// 1 to 64 letters and digits of any script and `. _ - : @ +`, a letter or digit first. Names are compared by their
/// bytes: `é` in two normal forms names two tenants.
public struct TenantName: Sendable, Hashable, CustomStringConvertible {
    /// The name as it was given.
    public let text: String

    /// Checks a name.
    ///
    /// - Throws: ``InvalidValue`` for a name that is not in this form.
    public init(_ text: String) throws {
        let scalars = text.unicodeScalars
        guard let first = scalars.first, scalars.count <= 64, Self.isWordScalar(first),
            scalars.allSatisfy({ Self.isWordScalar($0) || "._-:@+".unicodeScalars.contains($0) })
        else {
            throw InvalidValue(
                word: text,
                kind: "tenant name",
                rule: "1 to 64 letters, digits and . _ - : @ +, a letter or digit first"
            )
        }
        self.text = text
    }

    private static func isWordScalar(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .nonspacingMark, .spacingMark:
            true
        default:
            false
        }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public static func == (left: TenantName, right: TenantName) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
    }

    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public var description: String { text }
}
