import CLinux
package import SystemPackage

/// The type of a file system, as statfs(2) or `/proc/self/mountinfo` tells it.
package struct FileSystemKind: Hashable, Sendable {
    package let name: String

    /// File systems whose locks depend on another machine or on the host of a virtual machine.
    private static let remote: Set<String> = [
        "9p", "afs", "beegfs", "ceph", "cifs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs4", "ocfs2",
        "orangefs", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
    ]

    /// Whether its locks depend on another machine or on a program.
    ///
    /// FUSE counts as remote: locks reach only as far as the program forwards them, and most programs do not.
    package var isRemote: Bool {
        Self.remote.contains(name) || name == "fuse" || name.hasPrefix("fuse.")
    }

    /// Returns the type of the file system that holds a directory, or nil if the kernel does not tell.
    package static func of(_ directory: FilePath) -> FileSystemKind? {
        if let known = name(ofMagic: clinux_file_system_magic(directory.string)) { return FileSystemKind(name: known) }
        guard let resolved = try? directory.resolved() else { return nil }
        // Without /proc the errors of the locks themselves remain.
        return (try? mountTable()).flatMap { of(resolved.string, inMountTable: $0) }
    }

    /// The type of a magic number (statfs(2), linux/magic.h). Nil for one that does not tell it alone: an overlay depends
    /// on the directory below, and programs that serve FUSE differ.
    static func name(ofMagic magic: Int) -> String? {
        switch magic {
        case 0xEF53: "ext4"
        case 0x5846_5342: "xfs"
        case 0x9123_683E: "btrfs"
        case 0x0102_1994: "tmpfs"
        case 0x2FC1_2FC1: "zfs"
        case 0xF2F5_2010: "f2fs"
        case 0x6969: "nfs"
        case 0xFF53_4D42: "cifs"
        case 0xFE53_4D42: "smb3"
        case 0x517B: "smbfs"
        case 0x00C3_6400: "ceph"
        case 0x0102_1997: "9p"
        case 0x5346_414F: "afs"
        case 0x0BD0_0BD0: "lustre"
        case 0x0116_1970: "gfs2"
        case 0x7461_636F: "ocfs2"
        case 0x786F_4256: "vboxsf"
        default: nil
        }
    }

    /// Returns the type of the longest mount point that is a prefix of a path; of two mounts at one point, the later. An
    /// overlay has the type of the file system of its upper directory, if that is remote.
    static func of(_ path: String, inMountTable table: String) -> FileSystemKind? {
        guard let mount = mount(of: path, inMountTable: table) else { return nil }
        let kind = FileSystemKind(name: mount.kind)
        // The upper directory may be on another overlay; in a container its path may not exist at all.
        guard mount.kind == "overlay", let upper = mount.upperDirectory,
            let below = Self.mount(of: upper, inMountTable: table)
        else { return kind }
        let lower = FileSystemKind(name: below.kind)
        return lower.isRemote ? lower : kind
    }

    /// A line of the table.
    private struct Mount {
        let point: String
        let kind: String
        /// Of an overlay: where changed files are.
        let upperDirectory: String?

        /// "36 35 98:0 /root /mount options … - kind source options" (proc(5)).
        init?(_ line: Substring) {
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            let before = halves[0].split(separator: " ")
            let after = halves[1].split(separator: " ")
            guard before.count > 4, let kind = after.first else { return nil }
            point = FileSystemKind.unescaped(before[4])
            self.kind = String(kind)
            upperDirectory = after.dropFirst(2).joined(separator: " ").split(separator: ",")
                .first { $0.hasPrefix("upperdir=") }
                .map { FileSystemKind.unescaped($0.dropFirst("upperdir=".count)) }
        }
    }

    private static func mount(of path: String, inMountTable table: String) -> Mount? {
        var best: Mount?
        for line in table.split(separator: "\n") {
            guard let mount = Mount(line) else { continue }
            let point = mount.point
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            if point.utf8.count >= best?.point.utf8.count ?? 0 { best = mount }
        }
        return best
    }

    /// Space, tab, newline and backslash are written as three octal digits.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func mountTable() throws -> String {
        let file = try FileDescriptor.open("/proc/self/mountinfo", .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            String(decoding: try file.readAll(upTo: .max), as: UTF8.self)
        }
    }
}
