package import LarkAPI
import SystemPackage

/// A list that was checked before anything is done with it.
package struct ValidatedList: Sendable {
    /// Reads the list from its beginning.
    package let descriptor: Int32
    /// The first hundred invalid lines.
    package let invalid: [InvalidLine]
    /// How many lines are invalid.
    package let invalidCount: Int

    private static let maximumLines = 100

    /// Checks a list and passes it to a body. A pipe is copied to a nameless file, so that it can be read twice.
    ///
    /// - Parameters:
    ///   - number: an open descriptor.
    ///   - format: how its lines name downloads.
    ///   - spoolDirectory: where the copy is.
    ///   - clocks: the waits for a pipe.
    /// - Throws: ``ImageFetchError`` when it cannot be read or copied; what the body throws.
    package static func with<Result>(
        _ number: Int32, format: FetchListFormat, spoolDirectory: String, clocks: Clocks = .system,
        _ body: (ValidatedList) async throws -> Result
    ) async throws -> Result {
        let source = FetchSource.list(number, format)
        return try await SourceReader.with(source, spoolDirectory: spoolDirectory, clocks: clocks) { reader in
            var reader = reader
            let start = reader.start
            var invalid: [InvalidLine] = []
            var count = 0
            while let entries = try await reader.next() {
                for case .invalid(let line) in entries {
                    count += 1
                    if invalid.count < maximumLines { invalid.append(line) }
                }
            }
            let file = try reader.rewound(to: start)
            return try await body(
                ValidatedList(descriptor: file?.rawValue ?? number, invalid: invalid, invalidCount: count))
        }
    }
}
