import SystemPackage

/// Remembers which of many things came before, on the disk: a million of them take no more memory than one.
///
/// A table of 64-bit fingerprints in a nameless file, in pages; a page that is full doubles the table. Hashes are
/// seeded by the process, so that no input can force a collision; by chance, of a million two do so once in 18
/// million runs.
struct DiskBackedSet {
    private static let entriesInPage = 512
    private static let pageBytes = entriesInPage * 8

    private let file: FileDescriptor
    private var pageBits = 0

    /// Creates a set in an empty file.
    init(_ file: FileDescriptor) {
        self.file = file
    }

    /// Remembers a thing.
    ///
    /// - Returns: whether it is new.
    /// - Throws: `Errno`.
    mutating func insert(_ thing: some Hashable) throws -> Bool {
        // Zero marks a place that is free.
        let fingerprint = UInt64(bitPattern: Int64(thing.hashValue)) | 1
        while true {
            let number = page(of: fingerprint)
            let page = try read(number)
            if page.contains(fingerprint) { return false }
            if page.count < Self.entriesInPage {
                try write([fingerprint], at: Int64(number * Self.pageBytes + page.count * 8))
                return true
            }
            try grow()
        }
    }

    /// By the upper bits: the lowest is always set.
    private func page(of fingerprint: UInt64) -> Int {
        pageBits == 0 ? 0 : Int(fingerprint >> (64 - UInt64(pageBits)))
    }

    /// Each page becomes two, from the last one to the first, so that none is written over before it was read.
    private mutating func grow() throws {
        let count = 1 << pageBits
        pageBits += 1
        for number in (0..<count).reversed() {
            let entries = try read(number)
            for half in [2 * number, 2 * number + 1] {
                let own = entries.filter { page(of: $0) == half }
                let padding = [UInt64](repeating: 0, count: Self.entriesInPage - own.count)
                try write(own + padding, at: Int64(half * Self.pageBytes))
            }
        }
    }

    private func read(_ number: Int) throws -> [UInt64] {
        let entries = try [UInt64](unsafeUninitializedCapacity: Self.entriesInPage) { buffer, count in
            // Beyond the end of the file there is nothing yet.
            let bytes = try file.read(
                fromAbsoluteOffset: Int64(number * Self.pageBytes), into: UnsafeMutableRawBufferPointer(buffer))
            count = bytes / 8
        }
        return Array(entries.prefix { $0 != 0 })
    }

    private func write(_ entries: [UInt64], at offset: Int64) throws {
        try entries.withUnsafeBytes { _ = try file.writeAll(toAbsoluteOffset: offset, $0) }
    }
}
