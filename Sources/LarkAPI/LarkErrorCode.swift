/// One row of the platform's error codes: what it means, what an operator does about it, what we do.
///
/// The rows are in ``LarkErrorCode/table``. A code that is not there passes through with its message and log id.
public struct LarkErrorCode: Sendable {
    /// The `code` of the answer's body.
    public let number: Int

    /// What kind of failure it is; the exit status follows from it.
    public let kind: LarkError.Kind

    /// What happened, in our words. The platform's own message may change at any time.
    public let meaning: String

    /// What to do next. `TENANT`, `KEY` and `APP_ID` stand for the ones at hand.
    public let remedy: String

    /// Whether the same request may succeed later without anybody doing anything.
    public let isRetryable: Bool

    /// Whether it says that the token sent is no longer good.
    public let rejectsToken: Bool

    /// Whether it holds for all that the app asks for in this tenant, so that there is no use in asking for more.
    package let affectsWholeTenant: Bool

    init(
        _ number: Int,
        _ kind: LarkError.Kind,
        _ meaning: String,
        remedy: String,
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

    /// The row of a code, or nil for a code we do not know.
    public static func row(for number: Int) -> LarkErrorCode? { rows[number] }

    private static let rows = Dictionary(table.map { ($0.number, $0) }, uniquingKeysWith: { first, _ in first })
}
