import FoundationEssentials
public import LarkAPI
import Testing

/// What every ``TenantTokenProvider`` must do. A new implementation is done when it passes.
public struct TokenProviderContract: Sendable {
    /// Where the provider gets its tokens from, as a test controls it.
    public struct Source: Sendable {
        /// How often it was asked.
        let calls: @Sendable () -> Int
        /// Holds the next call until the returned function is called.
        let hold: @Sendable () -> @Sendable () -> Void

        /// Describes a source that issues tokens of two hours, a new one with each call.
        public init(
            calls: @escaping @Sendable () -> Int, hold: @escaping @Sendable () -> @Sendable () -> Void
        ) {
            self.calls = calls
            self.hold = hold
        }
    }

    private let provider: any TenantTokenProvider
    private let tenant: TenantName
    private let source: Source
    private let clock: TestClocks

    /// Checks a provider.
    ///
    /// - Parameters:
    ///   - provider: nobody has asked it yet.
    ///   - tenant: one that it knows.
    ///   - source: what is behind it.
    ///   - clock: the one that provider and source use.
    public init(_ provider: any TenantTokenProvider, tenant: TenantName, source: Source, clock: TestClocks) {
        self.provider = provider
        self.tenant = tenant
        self.source = source
        self.clock = clock
    }

    /// Checks everything, in turn.
    ///
    /// - Parameter unknown: a tenant that the provider does not know; nil if it knows all.
    /// - Throws: what the provider throws.
    public func holds(unknown: TenantName?) async throws {
        try await survivesACancelledCaller()
        try await servesCallersTogether()
        try await keepsToTheMinimum()
        try await doesNotRepeatRejectedTokens()
        try await ignoresForeignRejections()
        if let unknown { try await refuses(unknown) }
    }

    /// A caller that is cancelled leaves; the others get their token.
    private func survivesACancelledCaller() async throws {
        let before = source.calls()
        let release = source.hold()
        let callers = (1...3).map { _ in Task { try await provider.token(for: tenant, goodFor: .seconds(60)) } }
        try await eventually { source.calls() > before }
        callers[0].cancel()
        release()
        for caller in callers.dropFirst() {
            #expect(try await caller.value.remaining(at: clock.now) > .seconds(60))
        }
        // The cancelled one may have been quicker.
        if case .failure(let error) = await callers[0].result { #expect(error is CancellationError) }
    }

    /// Any number of callers get one token, which is asked for once.
    ///
    /// - Throws: what the provider throws.
    public func servesCallersTogether() async throws {
        let before = source.calls()
        let tokens = try await withThrowingTaskGroup { group in
            for _ in 1...100 {
                group.addTask { try await provider.token(for: tenant, goodFor: .seconds(60)).secret }
            }
            return try await group.reduce(into: Set<Secret>()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
        #expect(source.calls() == before, "a valid token is not requested again")
    }

    /// A token that ends too early for the caller is not returned where the source has a longer one.
    private func keepsToTheMinimum() async throws {
        let old = try await provider.token(for: tenant, goodFor: .seconds(60))
        clock.advance(7200 - 300)
        let new = try await provider.token(for: tenant, goodFor: .seconds(600))
        #expect(new.secret != old.secret)
        #expect(new.remaining(at: clock.now) >= .seconds(600))
    }

    /// A rejected token is replaced, and a second report of the same token leaves the new one alone.
    private func doesNotRepeatRejectedTokens() async throws {
        let old = try await provider.token(for: tenant, goodFor: .zero)
        try await provider.reject(old, for: tenant)
        let new = try await provider.token(for: tenant, goodFor: .zero)
        #expect(new.secret != old.secret)
        try await provider.reject(old, for: tenant)
        #expect(try await provider.token(for: tenant, goodFor: .zero).secret == new.secret)
    }

    /// Rejecting a token that the provider never handed out is no error and changes nothing.
    private func ignoresForeignRejections() async throws {
        let token = try await provider.token(for: tenant, goodFor: .zero)
        let foreign = try #require(TenantAccessToken("t-foreign", expiresAt: clock.now.addingTimeInterval(7200)))
        try await provider.reject(foreign, for: tenant)
        #expect(try await provider.token(for: tenant, goodFor: .zero).secret == token.secret)
    }

    /// A tenant that the provider does not know is an error, also when a token of it is rejected, and nobody is asked.
    private func refuses(_ unknown: TenantName) async throws {
        let before = source.calls()
        await #expect(throws: (any Error).self) { try await provider.token(for: unknown, goodFor: .zero) }
        #expect(source.calls() == before)
    }
}
