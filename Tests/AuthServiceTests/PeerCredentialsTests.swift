import Glibc
import SystemPackage
import Testing

@testable import AuthService

@Suite("Peers of a Unix socket")
struct PeerCredentialsTests {
    @Test("The kernel names the peer's process, user and groups")
    func kernel() throws {
        var pair: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0)
        defer { for socket in pair { close(socket) } }
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = getgroups(CInt(groups.count), &groups)
        try #require(count >= 0)
        let peer = try PeerCredentials(socket: pair[0])
        #expect(peer.pid == getpid())
        #expect(peer.uid == geteuid())
        #expect(peer.gid == getegid())
        #expect(peer.groups == Set(groups.prefix(Int(count))))
    }

    @Test("What is no socket has no peer")
    func noSocket() throws {
        let file = try FileDescriptor.open("/dev/null", .readOnly)
        defer { try? file.close() }
        #expect(throws: Errno.notSocket) { try PeerCredentials(socket: file.rawValue) }
    }

    /// A peer, and whether a service of user 7 and group 8 lets it in.
    struct Peer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let credentials: PeerCredentials
        let isAuthorised: Bool
    }

    @Test(
        "Root, the service's user and members of its group are let in, and no others",
        arguments: [
            Peer(
                testDescription: "root", credentials: PeerCredentials(pid: 1, uid: 0, gid: 0), isAuthorised: true),
            Peer(
                testDescription: "the service's user", credentials: PeerCredentials(pid: 1, uid: 7, gid: 1),
                isAuthorised: true),
            Peer(
                testDescription: "the group as the primary one", credentials: PeerCredentials(pid: 1, uid: 1, gid: 8),
                isAuthorised: true),
            Peer(
                testDescription: "the group as a supplementary one",
                credentials: PeerCredentials(pid: 1, uid: 1, gid: 1, groups: [4, 8]), isAuthorised: true),
            Peer(
                testDescription: "a stranger", credentials: PeerCredentials(pid: 1, uid: 1, gid: 1, groups: [0, 7]),
                isAuthorised: false),
        ])
    func authorised(_ peer: Peer) {
        #expect(peer.credentials.isAuthorised(user: 7, group: 8) == peer.isAuthorised)
    }

    @Test("Without a group, members of any group are refused")
    func noGroup() {
        #expect(PeerCredentials(pid: 1, uid: 7, gid: 1).isAuthorised(user: 7, group: nil))
        #expect(!PeerCredentials(pid: 1, uid: 1, gid: 8, groups: [8]).isAuthorised(user: 7, group: nil))
    }
}
