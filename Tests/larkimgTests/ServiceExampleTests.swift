import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

@Suite("The examples of units and configurations", .timeLimit(.minutes(5)))
struct ServiceExampleTests {
    private static let scripts = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("scripts")

    private func text(_ name: String) throws -> String {
        try String(contentsOf: URL(filePath: Self.scripts.appending(name).string), encoding: .utf8)
    }

    @Test("systemd understands the unit with its drop-ins, and larkimg the commands in them")
    func units() async throws {
        try await withTemporaryFolder { folder in
            let program = BuiltProgram("larkimg").executable.string
            let files = [
                "larkimg.service": "larkimg.service", "larkimg-tls.conf": "larkimg.service.d/tls.conf",
                "larkimg-fleet.conf": "larkimg.service.d/fleet.conf",
            ]
            try FileManager.default.createDirectory(
                atPath: folder.appending("larkimg.service.d").string, withIntermediateDirectories: true)
            for (name, copy) in files {
                let unit = try text(name).replacing("/usr/local/bin/larkimg", with: program)
                try folder.write(Array(unit.utf8), to: copy)
                for line in unit.replacing("\\\n", with: "").split(separator: "\n")
                where line.hasPrefix("ExecStart=/") {
                    let words = line.dropFirst("ExecStart=".count).split(separator: " ").map(String.init)
                    let ending = try await BuiltProgram(words[0])
                        .run(
                            Array(words.dropFirst()), environment: ["LARKIMG_STORE": "/nonexistent/store"],
                            in: folder.path)
                    #expect(ending.status == 78, "\(line): \(ending.errors)")
                }
            }
            #expect(
                try text("larkimg.service").contains("LogRateLimitIntervalSec=0"), "no line of the audit log is lost")
            let verified = try await BuiltProgram("/usr/bin/systemd-analyze")
                .run(
                    ["verify", "--recursive-errors=no", folder.appending("larkimg.service").string],
                    environment: ["PATH": "/usr/bin:/bin"], in: folder.path)
            #expect(verified.status == 0 && verified.errors.isEmpty, "\(verified.errors)")
        }
    }

    @Test("HAProxy understands its configuration")
    func loadBalancer() async throws {
        let ending = try await BuiltProgram("/usr/sbin/haproxy")
            .run(["-c", "-f", Self.scripts.appending("haproxy.cfg").string], environment: [:], in: "/")
        #expect(ending.status == 0, "\(ending.errors)")
    }
}
