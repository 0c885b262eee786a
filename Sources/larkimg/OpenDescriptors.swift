import FoundationEssentials

/// The open descriptors of the process.
///
/// A program that replaces us inherits only the descriptors that we were started with; SwiftNIO's epoll descriptors are
/// not close-on-exec.
enum OpenDescriptors {
    /// Those that the process was started with; first read by ``ProcessSetup/prepare()``.
    static let inherited = now()

    static func now() -> Set<Int32> {
        // Without /proc they are unknown; the few that stay open do no harm.
        Set(((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) })
    }
}
