import NIOSSL

/// The certificate and key of a TLS client.
public struct ClientCertificate: Sendable {
    let chain: [NIOSSLCertificate]
    let key: NIOSSLPrivateKey

    /// Reads two PEM files.
    ///
    /// - Throws: ``InvalidValue`` for a file that cannot be read or holds something else.
    public init(certificate: String, key: String) throws {
        func read<Value>(_ path: String, _ kind: String, _ read: () throws -> Value) throws -> Value {
            do {
                return try read()
            } catch {
                throw InvalidValue(word: path, kind: kind, rule: "a PEM file that can be read")
            }
        }
        chain = try read(certificate, "certificate file") { try NIOSSLCertificate.fromPEMFile(certificate) }
        self.key = try read(key, "key file") { try NIOSSLPrivateKey(file: key, format: .pem) }
    }
}
