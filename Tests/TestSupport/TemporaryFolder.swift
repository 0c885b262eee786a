import FoundationEssentials
import Glibc
public import SystemPackage

/// A folder of a test's own, for its user only, gone when the test is over.
public struct TemporaryFolder: Sendable {
    /// Its path, absolute and without links.
    public let path: FilePath

    /// A folder that is not removed with the test.
    public init(path: FilePath) { self.path = path }

    /// A path in it.
    public func appending(_ name: String) -> FilePath { path.appending(name) }

    /// The names in it, sorted; hidden ones too.
    ///
    /// - Throws: `Errno`.
    public func names(in subfolder: String = ".") throws -> [String] {
        guard let folder = opendir(path.appending(subfolder).string) else { throw Errno(rawValue: errno) }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a file with this content.
    ///
    /// - Throws: `Errno`.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String, permissions: FilePermissions = .ownerReadWrite) throws
        -> FilePath
    {
        let file = try FileDescriptor.open(
            appending(name), .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: permissions)
        try file.closeAfter { _ = try file.writeAll(bytes) }
        // The umask may have taken bits away that the test wants.
        guard chmod(appending(name).string, permissions.rawValue) == 0 else { throw Errno(rawValue: errno) }
        return appending(name)
    }

    /// The content of a file.
    ///
    /// - Throws: `Errno`.
    public func read(_ name: String) throws -> [UInt8] {
        let file = try FileDescriptor.open(appending(name), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var bytes: [UInt8] = []
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                    count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if part.isEmpty { return bytes }
                bytes += part
            }
        }
    }
}

/// Gives a folder to a body and removes it with all that is in it.
///
/// - Throws: what the body throws; `Errno` when no folder can be made.
public func withTemporaryFolder<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
    var template = Array("/tmp/larkimg-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // What cannot be removed stays in /tmp for a person to look at.
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(TemporaryFolder(path: FilePath(path)))
}
