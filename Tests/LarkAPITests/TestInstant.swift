import FoundationEssentials

/// An instant for tests that need one and do not care which.
enum TestInstant {
    static let start = Date(timeIntervalSince1970: 1_767_225_600)
}
