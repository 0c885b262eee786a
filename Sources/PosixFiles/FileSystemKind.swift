import Glibc
package import SystemPackage

/// The type of a file system, as `/proc/self/mountinfo` names it.
package struct FileSystemKind: Hashable, Sendable {
    package let name: String

    /// Whether its locks depend on another machine or on a program.
    ///
    /// 9p and FUSE count as remote: locks reach only as far as the server forwards them, and most servers do not.
    package var isRemote: Bool {
        let kinds = [
            "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "lustre", "afs", "ncpfs", "ocfs2",
        ]
        return kinds.contains(name) || name == "fuse" || name.hasPrefix("fuse.")
    }

    /// Returns the type of the file system that holds a directory, or nil if the kernel does not tell.
    package static func of(_ directory: FilePath) -> FileSystemKind? {
        guard let resolved = realpath(directory.string, nil) else { return nil }
        defer { free(resolved) }
        guard let table = try? mountTable() else {
            // No /proc: the errors of the locks themselves remain.
            return nil
        }
        return of(String(cString: resolved), inMountTable: table)
    }

    /// Returns the type of the longest mount point that is a prefix of a path; of two mounts at one point, the later.
    static func of(_ path: String, inMountTable table: String) -> FileSystemKind? {
        var best: (depth: Int, kind: FileSystemKind)?
        for line in table.split(separator: "\n") {
            // "36 35 98:0 /root /mount options … - kind source options" (proc(5)).
            let halves = line.split(separator: " - ", maxSplits: 1)
            guard halves.count == 2 else { continue }
            let before = halves[0].split(separator: " ")
            guard before.count > 4, let kind = halves[1].split(separator: " ").first else { continue }
            let point = unescaped(before[4])
            guard point == "/" || path == point || path.hasPrefix(point + "/") else { continue }
            if point.utf8.count >= best?.depth ?? 0 {
                best = (point.utf8.count, FileSystemKind(name: String(kind)))
            }
        }
        return best?.kind
    }

    /// Mount points write space, tab, newline and backslash as three octal digits.
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
            String(decoding: try file.readAll(upTo: 1 << 20), as: UTF8.self)
        }
    }
}
