import Crypto
import LarkAPI

/// Seals and opens values with AES-256-GCM under the store's key.
struct Sealer: Sendable {
    private let key: SymmetricKey

    init(key: SymmetricKey) {
        self.key = key
    }

    /// Nonce, ciphertext and tag in one.
    ///
    /// - Throws: what the cipher throws; with a 256-bit key there is nothing.
    func seal(_ secret: Secret, for place: SealContext) throws -> [UInt8] {
        let box = try AES.GCM.seal(Array(secret.revealedText.utf8), using: key, authenticating: place.bytes)
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// The value, if it was sealed with this key for this place.
    ///
    /// - Throws: ``StoreError`` `sealBroken`.
    func open(_ sealed: [UInt8], at place: SealContext) throws -> Secret {
        do {
            let plain = try AES.GCM.open(AES.GCM.SealedBox(combined: sealed), using: key, authenticating: place.bytes)
            return Secret(String(decoding: plain, as: UTF8.self))
        } catch {
            throw StoreError(
                .sealBroken, "a sealed value of the store does not open (\(place.words[0])): it was changed or moved",
                remedy:
                    "Run larkimg store check; set the secret again with larkimg tenant update or app update, or restore a backup",
                underlying: error
            )
        }
    }
}
