import Glibc
import LarkEmulator
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// Runs an emulator over TLS, with a certificate that it signed itself.
///
/// - Parameters:
///   - names: the names in the certificate, as openssl writes them: `DNS:localhost,IP:127.0.0.1`.
///   - dates: the first and the last instant of its validity, if it is not to be valid now.
///   - body: receives the path of the certificate.
func withTLSEmulator(
    names: String, dates: String? = nil, _ body: (Emulator, _ port: Int, _ certificate: String) async throws -> Void
) async throws {
    try await withTemporaryFolder { folder in
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -subj /CN=test"
        let validity = dates.map { "-startdate \($0.split(separator: " ")[0]) -enddate \($0.split(separator: " ")[1])" }
        // `openssl req -x509` of 3.0 cannot choose the dates, `openssl ca` can.
        let script =
            if let validity {
                """
                set -e
                openssl req \(key) -out csr.pem
                printf '[ca]\\ndefault_ca=d\\n[d]\\nnew_certs_dir=.\\ndatabase=index\\nrand_serial=yes\\ndefault_md=sha256\\npolicy=p\\nx509_extensions=x\\n[p]\\ncommonName=supplied\\n[x]\\nsubjectAltName=\(names)\\n' >conf
                touch index
                openssl ca -batch -config conf -selfsign -keyfile key.pem -in csr.pem -out cert.pem -notext \(validity)
                """
            } else {
                "openssl req -x509 \(key) -out cert.pem -addext subjectAltName=\(names)"
            }
        let made = try await BuiltProgram("/bin/bash")
            .run(["-c", script], environment: ["PATH": "/usr/bin:/bin"], in: folder.path)
        try #require(made.status == 0, "\(made.errors)")
        var configuration = EmulatorConfiguration(apps: [.custom("cli_a", secret: "canary-secret")])
        configuration.tls = EmulatorConfiguration.TLSFiles(
            certificate: "\(folder.path)/cert.pem", key: "\(folder.path)/key.pem")
        try await withEmulator(configuration) { emulator, port in
            try await body(emulator, port, "\(folder.path)/cert.pem")
        }
    }
}

/// A server that closes each connection when it has received something.
enum ClosingServer {
    static func with(_ body: (_ port: Int) async throws -> Void) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Handler()) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(server.localAddress?.port ?? 0)
            try await server.close()
        } catch {
            try? await server.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.close(promise: nil)
        }
    }
}
