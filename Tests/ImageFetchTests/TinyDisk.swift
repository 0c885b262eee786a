import Glibc
import SystemPackage
import TestSupport
import Testing

/// A file system of a few pages.
enum TinyDisk {
    /// Mounting takes root, and a kernel that lets it.
    static var canMount: Bool { geteuid() == 0 }

    /// Mounts one for as long as a body runs.
    ///
    /// - Parameters:
    ///   - path: the folder to mount it at.
    ///   - options: of tmpfs(5), such as `size=64k,ro`.
    static func with(at path: FilePath, options: String, _ body: () async throws -> Void) async throws {
        let mount = try await BuiltProgram("/bin/mount")
            .run(["-t", "tmpfs", "-o", options, "tmpfs", path.string], environment: [:], in: "/")
        try #require(mount.status == 0, "\(mount.errors)")
        do {
            try await body()
        } catch {
            _ = try await BuiltProgram("/bin/umount").run([path.string], environment: [:], in: "/")
            throw error
        }
        _ = try await BuiltProgram("/bin/umount").run([path.string], environment: [:], in: "/")
    }
}
