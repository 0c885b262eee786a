import LarkAPI
import Testing

@testable import TokenStore

@Suite("References to secrets")
struct SecretReferenceTests {
    @Test(
        "What is not a reference is refused, and not repeated: it may be a secret",
        arguments: [
            "", "canary", "env:", "env:1CANARY", "env:A-B", "env:canary=1", "env:CAN ARY", "file:", "file:canary",
            "file:./canary", "file:/canary\n", "exec:", "exec: ", "exec:'canary", "exec:\"canary", "exec:canary\\",
            "exec:canary | head", "exec:canary $HOME", "exec:canary \"$HOME\"", "exec:canary `id`", "exec:canary; id",
            "exec:canary > x", "exec:canary *", "exec:bin/canary", "exec:'' canary", "exec:canary\nid",
            "exec:canary\0", "systemd-credential:", "systemd-credential:../canary", "systemd-credential:..",
            "keychain:canary", "ENV:CANARY", " env:CANARY", "exec:" + String(repeating: "c", count: 5000),
        ])
    func invalid(_ text: String) {
        let error = #expect(throws: InvalidValue.self) { try SecretReference(text) }
        #expect(error?.description.lowercased().contains("canary") == false)
    }

    @Test("A reference keeps its text, and names its place")
    func valid() throws {
        #expect(try SecretReference("env:LARK_SECRET_2").source == .environment("LARK_SECRET_2"))
        #expect(try SecretReference("file:/run/secrets/a b").source == .file("/run/secrets/a b"))
        #expect(try SecretReference("systemd-credential:acme").source == .systemdCredential("acme"))
        let command = try SecretReference("exec:pass show lark/acme")
        #expect(command.source == .command(try CommandWords("pass show lark/acme")))
        #expect(command.description == "exec:pass show lark/acme")
    }

    @Test(
        "Words are split as a shell does it, and nothing is expanded",
        arguments: [
            ("pass show lark/acme", ["pass", "show", "lark/acme"]), ("  a   b\t c  ", ["a", "b", "c"]),
            ("sh -c 'a | b $HOME *'", ["sh", "-c", "a | b $HOME *"]), (#"a "b c" d"#, ["a", "b c", "d"]),
            (#"a "b \" \\ \$" c\ d \|"#, ["a", #"b " \ $"#, "c d", "|"]), ("a ''", ["a", ""]),
            ("a b'c'\"d\"", ["a", "bcd"]),
            ("op read op://vault/item --x=y%", ["op", "read", "op://vault/item", "--x=y%"]),
            ("/usr/bin/printf %s é", ["/usr/bin/printf", "%s", "é"]),
        ])
    func words(_ text: String, _ words: [String]) throws {
        #expect(try CommandWords(text).words == words)
    }
}
