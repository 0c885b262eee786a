import Testing

@testable import PosixFiles

@Suite("Network file systems are known by the kernel's table")
struct FileSystemKindTests {
    private static let table = """
        22 27 0:21 / /proc rw,relatime - proc proc rw
        27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
        30 27 0:40 / /mnt/nfs rw shared:1 - nfs4 server:/x rw
        31 27 0:41 / /mnt/with\\040space rw - cifs //server/x rw
        32 27 0:42 / /mnt/sshfs rw - fuse.sshfs user@host: rw
        33 27 0:43 / /mnt/vm rw - 9p share rw
        34 27 0:44 / /mnt/ram rw - tmpfs tmpfs rw
        35 27 0:45 / /mnt/nfs/local rw - ext4 /dev/vdb rw
        36 27 0:46 / /mnt/over rw - ext4 /dev/vdc rw
        37 27 0:47 / /mnt/over rw - nfs server:/y rw
        """

    /// A folder, and what it lies on.
    struct Case: Sendable, CustomTestStringConvertible {
        let path: String
        let name: String
        let isRemote: Bool
        var testDescription: String { path }
    }

    @Test(
        "The longest mount point decides, the later of two at one point",
        arguments: [
            Case(path: "/", name: "ext4", isRemote: false),
            Case(path: "/home/a", name: "ext4", isRemote: false),
            Case(path: "/mnt/nfs", name: "nfs4", isRemote: true),
            Case(path: "/mnt/nfs/a/b", name: "nfs4", isRemote: true),
            Case(path: "/mnt/nfs2", name: "ext4", isRemote: false),
            Case(path: "/mnt/with space/a", name: "cifs", isRemote: true),
            Case(path: "/mnt/sshfs", name: "fuse.sshfs", isRemote: true),
            Case(path: "/mnt/vm/a", name: "9p", isRemote: true),
            Case(path: "/mnt/ram", name: "tmpfs", isRemote: false),
            Case(path: "/mnt/nfs/local/a", name: "ext4", isRemote: false),
            Case(path: "/mnt/over/a", name: "nfs", isRemote: true),
        ])
    func kinds(_ kind: Case) {
        let found = FileSystemKind.of(kind.path, inMountTable: Self.table)
        #expect(found?.name == kind.name)
        #expect(found?.isRemote == kind.isRemote)
    }

    @Test("A table that makes no sense says nothing", arguments: ["", "x", "1 2 3", " - ", "1 2 3 4 /mnt - "])
    func nonsense(_ table: String) {
        #expect(FileSystemKind.of("/mnt", inMountTable: table) == nil)
    }
}
