import FoundationEssentials

/// How long the tests run that find more the longer they run.
public enum TestLength {
    /// How many times the usual number of rounds: the value of `LARKIMG_TEST_LONG`, 1 without it.
    public static let factor = max(1, ProcessInfo.processInfo.environment["LARKIMG_TEST_LONG"].flatMap { Int($0) } ?? 1)
}
