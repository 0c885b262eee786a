import LarkAPI
import Logging
import TokenStore

/// Performs hooks after changes, one after the other. Changes during a run lead to one more run.
struct ChangeHooks: Sendable {
    private let hooks: [ChangeHook]
    private let environment: [String: String]
    private let work = BlockingWork(label: "larkimg.hooks")
    private let changes = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameter environment: of this process; programs get it without what is not for them.
    init(_ hooks: [ChangeHook], environment: [String: String]) {
        self.hooks = hooks
        let hidden = TokenEnvironment.secrets + ["NOTIFY_SOCKET"]
        self.environment = environment.filter { !hidden.contains($0.key) }
    }

    /// Notes a change for ``run()``.
    func noteChange() { changes.continuation.yield() }

    /// Performs the hooks after each change, until the task is cancelled.
    func run() async {
        for await _ in changes.stream { await perform() }
    }

    /// Performs the hooks. A failure is reported, and does not matter otherwise.
    func perform() async {
        for hook in hooks {
            do {
                try await hook.perform(environment: environment, on: work)
            } catch is CancellationError {
                return
            } catch {
                Logger.current.warning("an action of --on-change failed", metadata: ["error": "\(error)"])
            }
        }
    }
}
