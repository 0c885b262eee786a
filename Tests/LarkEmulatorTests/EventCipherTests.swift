import Testing

@testable import LarkEmulator

@Suite("Encryption and signature of events")
struct EventCipherTests {
    private let key = "test key"
    private let plain =
        #"{"ts":"1502199207.7171419","uuid":"bc447199585340d1f3728d26b1c0297a","token":"vt","type":"event_callback","#
        + #""event":{"app_id":"cli_x","app_ticket":"tick","type":"app_ticket"}}"#
    private let sealed =
        "AAECAwQFBgcICQoLDA0ODwXd3xG1Gt7kQwx31OYys8i1cHzW5Q+trOKbYiL6nexPTRiP1GlhOEcHQNvaqDE/G7PmYHqKsLL61ph2SZncZ9fo5O"
        + "za8TnsdVxtIi+H7S5FNYEaV6/QUcb5fYgwAC41N/EOC2lRcUi1Evf3p2W8qxO2hBBLWHg3XEhMDd7wEsiKpZ/OqDt+STg+JSFBlFvQO6VPhoy9"
        + "Ge4VVp15e7B8YyQSh7RueD7rGAqIvE/B6YpF"

    @Test("The documented text opens")
    func documented() throws {
        let text = "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="
        #expect(try EventCipher.decrypt(text, encryptKey: key) == "hello world")
    }

    @Test("A known IV gives a known text")
    func known() throws {
        #expect(try EventCipher.encrypt(plain, encryptKey: key, iv: Array(0..<16)) == sealed)
        #expect(try EventCipher.decrypt(sealed, encryptKey: key) == plain)
    }

    @Test("A known request has a known signature")
    func signature() {
        let signature = EventCipher.signature(
            timestamp: "1700000000",
            nonce: "nonce1",
            encryptKey: key,
            body: #"{"encrypt":"\#(sealed)"}"#
        )
        #expect(signature == "5560192da0d130c74b524abef2b5341650e30fb35d251adbf5d56f7960c9bb52")
    }
}
