package import SystemPackage

extension FileDescriptor {
    /// Reads to the end, but never more than a limit: `/dev/zero` has no end.
    ///
    /// - Parameter limit: in bytes.
    /// - Throws: `Errno`.
    package func readAll(upTo limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let part = try [UInt8](unsafeUninitializedCapacity: min(65_536, limit - bytes.count)) { buffer, count in
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !part.isEmpty else { break }
            bytes += part
        }
        return bytes
    }
}
