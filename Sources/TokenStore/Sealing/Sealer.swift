import Crypto
import LarkAPI

/// Seals and opens values with AES-256-GCM under the store's key, and authenticates rows under a key derived from it.
struct Sealer: Sendable {
    private let key: SymmetricKey
    private let authenticationKey: SymmetricKey

    init(key: SymmetricKey) {
        self.key = key
        authenticationKey = HKDF<SHA256>
            .deriveKey(
                inputKeyMaterial: key, info: Array("larkimg row authentication".utf8), outputByteCount: 32)
    }

    /// Returns nonce, ciphertext and tag.
    ///
    /// - Throws: an error of the cipher; none is known for a 256-bit key.
    func seal(_ secret: Secret, for context: SealContext) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(secret.revealedText.utf8), using: key, authenticating: context.bytes)
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// Returns the value, if it was sealed with this key in this context.
    ///
    /// - Throws: ``StoreError`` `sealBroken`.
    func open(_ sealed: [UInt8], at context: SealContext) throws -> Secret {
        do {
            let plain = try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: context.bytes)
            return Secret(String(decoding: plain, as: UTF8.self))
        } catch {
            throw StoreError(
                .sealBroken,
                "an encrypted value of the store does not open (\(context.words[0])): it was changed or moved",
                remedy: Remedy("Set the secret again, or restore a backup", StoreAction.checkStore), underlying: error
            )
        }
    }
}

extension Sealer {
    /// Returns the authentication code of a row: HMAC-SHA256.
    func code(for context: SealContext) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: context.bytes, using: authenticationKey))
    }

    /// Checks an authentication code in constant time; a missing one is not valid.
    func isValid(_ code: [UInt8]?, for context: SealContext) -> Bool {
        guard let code else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: context.bytes, using: authenticationKey)
    }
}

/// The associated data of a sealed value: its table and column, and the columns it depends on. For an authenticated row,
/// the columns that the code covers.
///
/// A value that was moved to another row, column or store does not open, and neither does one whose host, app_id or
/// expiry was changed: a secret is never sent to a host that it was not registered for.
struct SealContext {
    let words: [String]

    /// The value that proves which key a store was sealed with.
    ///
    /// It differs from that of schemas without authentication codes, so that the codes cannot be computed again by
    /// giving the file such a schema.
    static func keyCheck(storeID: String, hasAuthenticatedRows: Bool = true) -> SealContext {
        SealContext(words: ["key_check", storeID] + (hasAuthenticatedRows ? ["authenticated rows"] : []))
    }

    /// An app_secret, or a reference to one. They differ: who cannot seal a value can neither make a secret a reference,
    /// which may name a program to run, nor the other way round.
    static func secret(of app: AppRecord, storeID: String) -> SealContext {
        SealContext(
            words: [app.hasSecretReference ? "app.sealed_secret as a reference" : "app.sealed_secret", storeID]
                + app.words)
    }

    /// A store app's Verification Token or Encrypt Key. Unlike the app_secret it does not depend on the generation.
    static func eventSetting(_ setting: EventSetting, of app: AppRecord, storeID: String) -> SealContext {
        SealContext(words: ["app.\(setting.column)", storeID] + app.identity)
    }

    /// An app_ticket.
    static func ticket(of app: AppRecord, madeAt: Int64, storeID: String) -> SealContext {
        SealContext(words: ["app_ticket.sealed_ticket", storeID] + app.identity + [String(madeAt)])
    }

    /// A tenant_access_token; with an empty tenant_key, an app_access_token.
    static func token(
        of app: AppRecord, tenantKey: String, obtainedAt: Int64, expiresAt: Int64, storeID: String
    ) -> SealContext {
        SealContext(
            words: ["token.sealed_token", storeID] + app.words + [tenantKey, String(obtainedAt), String(expiresAt)]
        )
    }

    /// The row of a tenant.
    static func tenant(_ name: String, app: Int64, tenantKey: String, storeID: String) -> SealContext {
        SealContext(words: ["tenant", storeID, name, String(app), tenantKey])
    }

    /// The row of a client with its tenants and secrets.
    static func client(_ name: String, tenants: [String], secrets: [String], storeID: String) -> SealContext {
        SealContext(
            words: ["client", storeID, name, String(tenants.count)] + tenants + [String(secrets.count)] + secrets)
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
