import ArgumentParser
import LarkAPI
import TokenStore

/// Replaces a client's secret.
struct ClientRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a client a new secret. The previous one stays valid until --end-old.",
        discussion: """
            EXAMPLE
              larkimg client rotate reports --expires 90d > new-secret.txt
              larkimg client rotate reports --end-old
            """
    )

    @Argument(help: "The client's name.")
    var name: String

    @Flag(help: "Invalidate all secrets but the newest, and make none.")
    var endOld = false

    @OptionGroup var life: LifetimeOption
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try ClientName(name)
            let lifetime = try life.lifetime()
            guard !endOld || lifetime == nil else {
                throw UsageError(
                    description: "--expires does not go with --end-old, which makes no secret",
                    remedy: "Leave out --expires, or make a new secret first")
            }
            let store = try await Store.open(at: store.location())
            if endOld {
                try await store.endOldSecret(of: name)
                try ClientOutput.write("invalidated the old secret of", name, asJSON: output.json)
            } else {
                let secret = try await store.rotateSecret(of: name, lifetime: lifetime)
                try ClientOutput.write(secret, of: name, asJSON: output.json)
            }
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
