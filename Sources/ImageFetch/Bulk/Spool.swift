import SystemPackage

/// The file that the ends of long queues lie in.
struct Spool {
    private let file: FileDescriptor
    private var end: Int64 = 0

    init(_ file: FileDescriptor) {
        self.file = file
    }

    mutating func append(_ text: String) throws -> Int64 {
        defer { end += Int64(text.utf8.count) }
        _ = try file.writeAll(toAbsoluteOffset: end, text.utf8)
        return end
    }

    func read(at offset: Int64, bytes: Int) throws -> String {
        let text = try [UInt8](unsafeUninitializedCapacity: bytes) { buffer, count in
            count = try file.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
