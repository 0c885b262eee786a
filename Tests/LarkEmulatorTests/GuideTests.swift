import FoundationEssentials
import Testing

@testable import LarkEmulator

@Suite("The emulator's guide")
struct GuideTests {
    private let guide: String

    init() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        guide = try String(
            contentsOf: package.appending(path: "Sources/LarkEmulator/LarkEmulator.docc/Guide.md"), encoding: .utf8)
    }

    @Test("Every switch is described")
    func switches() throws {
        guard case .object(let members) = JSONValue(parsing: JSONValue.serialize(Behaviour())) else {
            Issue.record("the switches are not an object")
            return
        }
        #expect(members.count > 15)
        for name in members.keys { #expect(guide.contains("`\(name)`"), "\(name)") }
    }

    @Test("Every API is named as in faults and in the journal")
    func apis() {
        for api in PlatformAPI.allCases { #expect(guide.contains("`\(api.rawValue)`"), "\(api)") }
    }

    @Test("Every example of an action is one")
    func actions() throws {
        let examples = guide.split(separator: "\n").filter { $0.hasPrefix("| `{\"") || $0.hasPrefix("| `\"") }
            .flatMap { $0.matches(of: /`(\{"[^`…]*\}|"[a-zA-Z]+")`/).map { String($0.output.1) } }
            // A name without a value stands for any.
            .filter { !$0.contains(/"(name|value|headers|location|code)"[,}]/) }
        #expect(examples.count > 15)
        for example in examples {
            #expect(throws: Never.self, "\(example)") {
                try JSONValue.decodeStrictly(Fault.self, from: "{\"actions\": [\(example)]}")
            }
        }
    }
}
