import FoundationEssentials
import NIOCore
import Synchronization

extension Emulator {
    /// Carries out a command, or responds with what is wrong with it and does nothing.
    func commandResponse(_ request: IncomingRequest) -> Response {
        let command: ControlCommand
        let switches: Behaviour
        do {
            command = try StrictJSON.decode(ControlCommand.self, from: request.bodyText)
            switches = try self.switches(mergedWith: command.switches)
        } catch {
            return .text("\(error)\n", status: 400)
        }
        platform.withLock { $0.switches = switches }
        if command.clear == true { clearFaults() }
        if command.clearJournal == true { clearJournal() }
        if let change = command.app { apply(change) }
        if let quota = command.quota { apply(quota) }
        if let isFrozen = command.freezeClock { freezeClock(isFrozen) }
        if let seconds = command.advanceClock { advanceClock(seconds: seconds) }
        if let app = command.revokeTokens { revokeTokens(appID: app.appID, tenantKey: app.tenantKey) }
        if let imageKey = command.deleteImage { deleteImage(imageKey) }
        var data: [String: JSONValue] = [:]
        if let seed = command.seedImage { data["image_key"] = .text(seedImage(seed)) }
        if let seed = command.seedMessage { data["message_id"] = .text(seedMessage(seed)) }
        if let url = command.eventsURL { setEventsURL(url.isEmpty ? nil : url) }
        for fault in command.add ?? [] { addFault(fault) }
        if command.release == true { release() }
        return .json(["code": 0, "msg": "ok", "data": .object(data)])
    }

    /// The journal and the events as JSON; `?api=` and `?since=` (a sequence number) select entries.
    func journalResponse(_ request: IncomingRequest) -> Response {
        let api = request.queryValue("api")
        let since = request.queryValue("since").flatMap(Int.init) ?? 0
        let entries = journal.filter { $0.sequence > since && (api == nil || $0.api?.rawValue == api) }
        var response = Response.text(
            "{\"entries\":\(JSON.text(entries)),\"pushes\":\(JSON.text(pushes))}",
            status: 200
        )
        response.set("Content-Type", Response.jsonType)
        return response
    }

    private func switches(mergedWith change: JSONValue?) throws -> Behaviour {
        let current = platform.withLock { $0.switches }
        guard let change, let value = JSON.value(of: JSON.text(current)) else { return current }
        return try StrictJSON.decode(Behaviour.self, from: JSON.text(value.merged(with: change)), at: "switches")
    }

    private func apply(_ change: ControlCommand.AppChange) {
        if let secret = change.appSecret { setSecret(secret, appID: change.appID) }
        if let isOn = change.bot { setBot(isOn, appID: change.appID) }
        if let isEnabled = change.enabled {
            setAppEnabled(isEnabled, appID: change.appID, tenantKey: change.tenantKey)
        }
        if let isInstalled = change.installed, let tenantKey = change.tenantKey {
            if isInstalled {
                install(appID: change.appID, tenantKey: tenantKey)
            } else {
                uninstall(appID: change.appID, tenantKey: tenantKey)
            }
        }
        if let scopes = change.scopes { setScopes(scopes, appID: change.appID) }
        if let addresses = change.allowedIPs { setAllowedIPs(addresses, appID: change.appID) }
    }

    private func apply(_ change: ControlCommand.QuotaChange) {
        let current = platform.withLock { $0.quota }
        let quota = Quota(
            perSecond: change.perSecond ?? current.perSecond,
            perMinute: change.perMinute ?? current.perMinute
        )
        setQuota(enforced: change.enforced, quota)
    }

    private func seedImage(_ seed: ControlCommand.ImageSeed) -> String {
        seedImage(
            appID: seed.appID,
            tenantKey: seed.tenantKey,
            bytes: seed.base64.decodedBytes,
            contentType: seed.contentType,
            sentBy: seed.sentBy ?? .bot,
            type: seed.type ?? .message,
            imageKey: seed.imageKey
        )
    }

    private func seedMessage(_ seed: ControlCommand.MessageSeed) -> String {
        let resources = seed.resources.map { resource in
            SeededMessage.Resource(
                key: resource.key,
                type: resource.type ?? .image,
                bytes: resource.base64.decodedBytes,
                contentType: resource.contentType,
                fileName: resource.fileName
            )
        }
        let message = SeededMessage(messageID: seed.messageID, resources: resources, obstacle: seed.obstacle)
        return seedMessage(message, appID: seed.appID, tenantKey: seed.tenantKey)
    }
}

extension String {
    /// The decoded bytes; empty if the text is not base64.
    fileprivate var decodedBytes: [UInt8] {
        Data(base64Encoded: self).map(Array.init) ?? []
    }
}
