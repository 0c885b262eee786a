import LarkAPI

/// Where a sealed value stands and what it goes with; a value opens nowhere else.
///
/// The words are the associated data of the seal. So a value moved to another row, column or store, or one whose
/// host, app_id or expiry was changed beside it, does not open: a secret is never sent to a host it was not given for.
struct SealContext {
    let words: [String]

    /// The proof that a key is a store's own.
    static func keyCheck(storeID: String) -> SealContext {
        SealContext(words: ["key_check", storeID])
    }

    /// An app_secret.
    static func secret(of app: AppRecord, storeID: String) -> SealContext {
        SealContext(words: ["app.sealed_secret", storeID] + app.words)
    }

    /// What a store app's events are checked and opened with. Unlike the app_secret it survives a change of that.
    static func eventSetting(_ setting: EventSetting, of app: AppRecord, storeID: String) -> SealContext {
        SealContext(words: ["app.\(setting.column)", storeID] + app.identity)
    }

    /// An app_ticket.
    static func ticket(of app: AppRecord, madeAt: Int64, storeID: String) -> SealContext {
        SealContext(words: ["app_ticket.sealed_ticket", storeID] + app.identity + [String(madeAt)])
    }

    /// A tenant_access_token, or with an empty tenant_key an app_access_token.
    static func token(
        of app: AppRecord, tenantKey: String, obtainedAt: Int64, expiresAt: Int64, storeID: String
    ) -> SealContext {
        SealContext(
            words: ["token.sealed_token", storeID] + app.words + [tenantKey, String(obtainedAt), String(expiresAt)]
        )
    }

    /// The words with their lengths, so that no two lists of words give the same bytes.
    var bytes: [UInt8] {
        words.flatMap { word in Array("\(word.utf8.count):\(word);".utf8) }
    }
}

extension AppRecord {
    fileprivate var words: [String] { identity + [String(generation)] }

    fileprivate var identity: [String] { [String(id), host.origin, appID.text] }
}
