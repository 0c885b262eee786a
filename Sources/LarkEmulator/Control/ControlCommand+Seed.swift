extension ControlCommand {
    /// A chat or a message to add, with the app that it is for, in one object.
    struct Seed<Item: Sendable & Codable>: Sendable, Codable {
        var app: AppRef
        var item: Item

        init(from decoder: any Decoder) throws {
            app = try AppRef(from: decoder)
            item = try Item(from: decoder)
        }

        func encode(to encoder: any Encoder) throws {
            try app.encode(to: encoder)
            try item.encode(to: encoder)
        }
    }
}
