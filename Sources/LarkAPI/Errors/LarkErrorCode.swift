/// An error code of the platform: its meaning, and what to do about it.
///
/// All known codes are in ``LarkErrorCode/table``. An unknown one is reported with its message and log id.
public struct LarkErrorCode: Sendable {
    /// The `code` in the body.
    public let number: Int

    /// What kind of failure it is; the exit status follows from it.
    public let kind: LarkError.Kind

    /// What it means, in one line. The platform's own message may change at any time.
    public let meaning: String

    /// What to do next.
    public let remedy: Remedy

    /// Whether the same request can succeed later without any change.
    public let isRetryable: Bool

    /// Whether it means that the token is no longer valid.
    public let rejectsToken: Bool

    /// Whether every request of the app in this tenant would fail the same way.
    package let affectsWholeTenant: Bool

    init(
        _ number: Int,
        _ kind: LarkError.Kind,
        _ meaning: String,
        remedy: Remedy,
        isRetryable: Bool = false,
        rejectsToken: Bool = false,
        affectsWholeTenant: Bool = false
    ) {
        self.number = number
        self.kind = kind
        self.meaning = meaning
        self.remedy = remedy
        self.isRetryable = isRetryable
        self.rejectsToken = rejectsToken
        self.affectsWholeTenant = affectsWholeTenant
    }

    /// The entry of a code; nil for an unknown one.
    public static func row(for number: Int) -> LarkErrorCode? { rows[number] }

    private static let rows = Dictionary(table.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
}
