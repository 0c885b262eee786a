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
        38 27 0:48 / /mnt/image rw - overlay overlay rw,lowerdir=/lower,upperdir=/mnt/nfs/a\\040b/upper,workdir=/w
        39 27 0:49 / /mnt/local rw - overlay overlay rw,lowerdir=/mnt/nfs,upperdir=/var/upper,workdir=/w
        40 27 0:50 / /mnt/virtio rw - virtiofs share rw
        41 27 0:51 / /mnt/vbox rw - vboxsf share rw
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
            Case(path: "/mnt/image", name: "nfs4", isRemote: true),
            Case(path: "/mnt/local/a", name: "overlay", isRemote: false),
            Case(path: "/mnt/virtio", name: "virtiofs", isRemote: true),
            Case(path: "/mnt/vbox/a", name: "vboxsf", isRemote: true),
        ])
    func kinds(_ kind: Case) {
        let found = FileSystemKind.of(kind.path, inMountTable: Self.table)
        #expect(found?.name == kind.name)
        #expect(found?.isRemote == kind.isRemote)
    }

    @Test(
        "File systems of clusters and of virtual machines' hosts are remote",
        arguments: [
            "beegfs", "ceph", "cifs", "fuse", "fuse.sshfs", "gfs2", "gpfs", "lustre", "orangefs", "prl_fs", "vmhgfs",
        ])
    func remoteKinds(_ name: String) {
        #expect(FileSystemKind(name: name).isRemote)
    }

    @Test(
        "The kernel's magic numbers tell the file systems that need no table",
        arguments: [
            (0xEF53, "ext4", false), (0x6969, "nfs", true), (0xFE53_4D42, "smb3", true), (0x0102_1994, "tmpfs", false),
        ])
    func magic(_ number: Int, _ name: String, _ isRemote: Bool) throws {
        let kind = FileSystemKind(name: try #require(FileSystemKind.name(ofMagic: number)))
        #expect(kind == FileSystemKind(name: name))
        #expect(kind.isRemote == isRemote)
    }

    @Test("Overlays and FUSE are looked up in the table of mounts", arguments: [0x794C_7630, 0x6573_5546, 0])
    func ambiguousMagic(_ number: Int) {
        #expect(FileSystemKind.name(ofMagic: number) == nil)
    }

    @Test("A mount at the end of a table of any length is found")
    func longTable() {
        let filler = (0..<30_000).map { "1 1 0:1 / /filler/\($0) rw - ext4 /dev/vda rw\n" }.joined()
        #expect(filler.utf8.count > 1 << 20)
        #expect(
            FileSystemKind.of("/data/a", inMountTable: filler + "2 1 0:2 / /data rw - nfs4 server:/x rw")?.isRemote
                == true)
    }

    @Test("A table that makes no sense says nothing", arguments: ["", "x", "1 2 3", " - ", "1 2 3 4 /mnt - "])
    func nonsense(_ table: String) {
        #expect(FileSystemKind.of("/mnt", inMountTable: table) == nil)
    }
}
