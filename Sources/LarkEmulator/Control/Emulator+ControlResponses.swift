import FoundationEssentials
import NIOCore
import Synchronization

extension Emulator {
    /// Carries out a command, or responds with what is wrong with it and does nothing.
    func commandResponse(_ request: IncomingRequest) -> Response {
        let command: ControlCommand
        let behaviour: Behaviour
        do {
            command = try JSONValue.decodeStrictly(ControlCommand.self, from: request.bodyText)
            behaviour = try self.behaviour(mergedWith: command.behaviour)
            try checkApps(of: command)
        } catch {
            return .text("\(error)\n", status: 400)
        }
        platform.withLock { $0.behaviour = behaviour }
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
        data.merge(seedMessages(command)) { $1 }
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
            "{\"entries\":\(JSONValue.serialize(entries)),\"pushes\":\(JSONValue.serialize(pushes))}",
            status: 200
        )
        response.set("Content-Type", Response.jsonType)
        return response
    }

    private func behaviour(mergedWith change: JSONValue?) throws -> Behaviour {
        let current = platform.withLock { $0.behaviour }
        guard let change, let value = JSONValue(parsing: JSONValue.serialize(current)) else { return current }
        return try JSONValue.decodeStrictly(
            Behaviour.self, from: JSONValue.serialize(value.merged(with: change)), at: "switches")
    }

    /// Checks that the apps that a command names exist.
    private func checkApps(of command: ControlCommand) throws {
        let named = [
            "app": command.app?.appID, "revoke_tokens": command.revokeTokens?.appID,
            "seed_image": command.seedImage?.appID, "seed_chat": command.seedChat?.app.appID,
            "seed_message": command.seedMessage?.app.appID,
        ]
        let known = platform.withLock { Set($0.apps.keys) }
        for (member, appID) in named.sorted(by: { $0.key < $1.key }) {
            guard let appID, !known.contains(appID) else { continue }
            throw JSONValue.DecodingFailure(description: "\(member).app_id: there is no app \(appID)")
        }
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
        if let token = change.verificationToken { setVerificationToken(token, appID: change.appID) }
        if let key = change.encryptKey { setEncryptKey(key, appID: change.appID) }
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
            bytes: Array(seed.base64),
            contentType: seed.contentType,
            sentBy: seed.sentBy ?? .bot,
            type: seed.type ?? .message,
            imageKey: seed.imageKey
        )
    }
}
