import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite("The commands for the store", .timeLimit(.minutes(30)))
struct StoreCommandTests {
    @Test("After a new key, tokens come from the cache as before, and the old key opens nothing")
    func rotateKey() async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme")
            let calls = cli.tokenCalls
            let old = try cli.folder.read("home/key")
            let rotation = try await cli.larkimg("store", "rotate-key")
            #expect(rotation.status == 0 && rotation.text == "\(cli.folder.appending("home/key"))\n")
            let again = try await cli.larkimg("token", "--tenant", "acme")
            #expect(again.output == token.output && !token.output.isEmpty)
            #expect(cli.tokenCalls == calls)
            try cli.folder.write(old, to: "old-key")
            let refused = try await cli.larkimg(
                "token", "--tenant", "acme", extra: ["LARKIMG_KEY_FILE": cli.folder.appending("old-key").string])
            #expect(refused.status == 78)
            let json = try await cli.larkimg("store", "rotate-key", "--json")
            #expect(json.text.hasPrefix(#"{"damaged":0,"key":"#))
        }
    }

    @Test(
        "A rotation that is killed at any system call leaves a store that one of its two keys opens",
        arguments: ["openat", "pwrite64", "write", "fsync", "fdatasync", "linkat", "rename", "ftruncate", "unlink"])
    func killedRotation(_ call: String) async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme").output
            let calls = cli.tokenCalls
            var number = 1
            // Until the rotation gets to its end.
            while true {
                let ending = try await cli.larkimg(
                    "store", "rotate-key",
                    wrapper: [
                        "timeout", "60", "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                        "inject=\(call):signal=SIGKILL:when=\(number)",
                    ])
                let check = try await cli.larkimg("store", "check")
                #expect(check.status == 0, "\(call) \(number): \(check.text)")
                #expect(try await cli.larkimg("token", "--tenant", "acme").output == token, "\(call) \(number)")
                if ending.status == 0 { break }
                number += call == "openat" && TestLength.factor == 1 ? 4 : 1
            }
            #expect(cli.tokenCalls == calls)
            #expect(try cli.folder.names(in: "home").filter { $0.hasPrefix("key") } == ["key"])
        }
    }

    @Test("A service goes on after the key was replaced")
    func rotationUnderService() async throws {
        try await withCLI { cli in
            let token = try await cli.larkimg("token", "--tenant", "acme").output
            _ = try await cli.servingOnSocket { service in
                let rotation = try await cli.larkimg("store", "rotate-key")
                #expect(rotation.status == 0, "\(rotation.errors)")
                try await cli.addTenant("second")
                for tenant in ["acme", "second"] {
                    let answer = try await cli.larkimg("token", "--tenant", tenant, "--auth-service", service.url)
                    #expect(answer.status == 0, "\(answer.errors)")
                    if tenant == "acme" { #expect(answer.output == token) }
                }
            }
        }
    }

    @Test("No changed byte of the store crashes a command, or looks like a wrong argument")
    func changedBytes() async throws {
        try await withCLI { cli in
            _ = try await cli.larkimg("token", "--tenant", "acme")
            _ = try await cli.larkimg("client", "add", "reports", "--tenants", "acme")
            let sound = try cli.folder.read("home/store.sqlite")
            let used = sound.indices.filter { sound[$0] != 0 }
            let positions = used.shuffled().prefix(24 * TestLength.factor) + [40, 60, 68]
            for (number, position) in positions.enumerated() {
                var bytes = sound
                bytes[position] ^= [0x01, 0x0d, 0x55, 0xff][number % 4]
                try cli.folder.write(bytes, to: "home/store.sqlite")
                for command in [["status"], ["token", "--tenant", "acme"], ["store", "check"], ["client", "list"]] {
                    let ending = try await cli.larkimg(command)
                    #expect(
                        [0, 74, 78].contains(ending.status), "\(position) \(command): \(ending.status) \(ending.errors)"
                    )
                }
            }
        }
    }

    @Test("A backup that does not fit on the disk says that the disk is full, and leaves nothing")
    func fullDisk() async throws {
        try await withCLI { cli in
            let ending = try await cli.shell("ulimit -f 8; larkimg store backup copy.sqlite")
            #expect(ending.status == 74, "\(ending.status)")
            #expect(ending.errors.contains("full"), "\(ending.errors)")
            #expect(!ending.errors.contains("not an error"))
            #expect(try cli.files() == [])
        }
    }
}
