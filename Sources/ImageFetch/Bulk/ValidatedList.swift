package import LarkAPI
import SystemPackage

/// A list that was looked through before anything is done with it.
package struct ValidatedList: Sendable {
    /// Reads as the list did, from its beginning.
    package let descriptor: Int32
    /// The first hundred lines that are not understood.
    package let invalid: [InvalidLine]
    /// How many there are.
    package let invalidCount: Int

    private static let most = 100

    /// Copies a list to a nameless file while looking through it, so that a pipe can be read twice.
    ///
    /// - Parameters:
    ///   - number: an open descriptor.
    ///   - format: how its lines name downloads.
    ///   - spoolDirectory: where the copy is.
    /// - Throws: ``ImageFetchError`` when it cannot be read or copied; what the body throws.
    package static func with<Result>(
        _ number: Int32, format: FetchListFormat, spoolDirectory: String, timing: Clocks = .system,
        _ body: (ValidatedList) async throws -> Result
    ) async throws -> Result {
        try await SpoolFile.with(in: spoolDirectory) { copy in
            var reader = SourceReader(.list(number, format), timing: timing) { part in
                do {
                    _ = try copy.writeAll(part)
                } catch let error as Errno {
                    throw ImageFetchError.spooling(in: spoolDirectory, error)
                }
            }
            var invalid: [InvalidLine] = []
            var count = 0
            do {
                while let entries = try await reader.next() {
                    for case .invalid(let line) in entries {
                        count += 1
                        if invalid.count < most { invalid.append(line) }
                    }
                }
                try copy.seek(offset: 0, from: .start)
            } catch let error as Errno {
                throw ImageFetchError.spooling(in: spoolDirectory, error)
            }
            return try await body(
                ValidatedList(descriptor: copy.rawValue, invalid: invalid, invalidCount: count))
        }
    }
}
