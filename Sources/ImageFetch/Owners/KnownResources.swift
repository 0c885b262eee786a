import LarkAPI

/// What this run and earlier ones know about the resources of messages.
///
/// It only saves requests, so that what cannot be read or written is left out.
actor KnownResources {
    /// How many new facts are written together.
    private static let batch = 256

    private let memory: (any ResourceMemory)?
    private let clocks: Clocks
    private var known: [TenantName: ResourceKnowledge] = [:]
    private var learned: [TenantName: ResourceKnowledge] = [:]

    init(_ memory: (any ResourceMemory)?, clocks: Clocks) {
        self.memory = memory
        self.clocks = clocks
    }

    /// What is known about a tenant's resources.
    func knowledge(of tenant: TenantName) async -> ResourceKnowledge {
        if let known = known[tenant] { return known }
        let read = (try? await memory?.resourceKnowledge(of: tenant)) ?? ResourceKnowledge()
        // Another task may have read it, and more was learned since.
        let knowledge = known[tenant] ?? read
        known[tenant] = knowledge
        return knowledge
    }

    /// The message by which the resources of another one are downloaded.
    func owner(of tenant: TenantName, forMessage message: MessageID) async -> MessageID? {
        await knowledge(of: tenant).owners[message]
    }

    func learn(owner: MessageID, of tenant: TenantName, forMessage message: MessageID) async {
        guard await self.owner(of: tenant, forMessage: message) != owner else { return }
        known[tenant]?.owners[message] = owner
        learned[tenant, default: ResourceKnowledge()].owners[message] = owner
        await saveIfMany(of: tenant)
    }

    func learn(gone reference: ImageReference, of tenant: TenantName, _ error: LarkError) async {
        guard let code = error.platformCode else { return }
        learned[tenant, default: ResourceKnowledge()].gone[reference] = GoneResource(
            code: code, reason: LarkErrorCode.row(for: code)?.meaning ?? error.summary, date: clocks.now())
        await saveIfMany(of: tenant)
    }

    /// A resource was downloaded; it matters if it was gone before.
    func learn(delivered reference: ImageReference, of tenant: TenantName) async {
        guard await knowledge(of: tenant).gone[reference] != nil else { return }
        learned[tenant, default: ResourceKnowledge()].delivered.insert(reference)
    }

    /// Writes what was learned.
    func save() async {
        for tenant in learned.keys { await save(tenant) }
    }

    private func saveIfMany(of tenant: TenantName) async {
        if learned[tenant]?.count ?? 0 >= Self.batch { await save(tenant) }
    }

    private func save(_ tenant: TenantName) async {
        guard let facts = learned.removeValue(forKey: tenant) else { return }
        try? await memory?.learn(facts, about: tenant)
    }
}
