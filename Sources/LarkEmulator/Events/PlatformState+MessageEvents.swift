import Synchronization

extension PlatformState {
    /// The event of a message.
    func event(of message: StoredMessage, schema: EventSchema) -> AppEvent {
        .message(
            MessageEvent(
                message, in: chats[message.chatID]?.kind ?? .group, schema: schema,
                emptiesContainers: behaviour.emptiesContainersInEvents))
    }

    /// Queues the event of a message for an app, after the challenge if the app has not had it. Custom apps have no
    /// other events here, so they are challenged only now.
    mutating func pushMessage(_ id: String, schema: EventSchema, appID: String) {
        guard let message = messages[id], let app = apps[appID] else { return }
        let now = clock.now
        if !events.challengedAppIDs.contains(appID) {
            events.add(.urlVerification(challenge: Identifiers.hex(digits: 32)), app: app, due: now, at: now)
        }
        events.add(event(of: message, schema: schema), app: app, due: now, at: now)
    }
}

extension Emulator {
    /// Pushes the event of a message, encrypted if the app has an Encrypt Key.
    ///
    /// - Parameters:
    ///   - messageID: A message of a chat.
    ///   - schema: The envelope.
    ///   - appID: The app that has subscribed to the event.
    ///   - copies: How many events there are of it, each with an identifier of its own; ``Behaviour/duplicateEvents``
    ///     repeats events with the same one.
    public func pushMessage(_ messageID: String, schema: EventSchema = .second, appID: String, copies: Int = 1) {
        platform.withLock { platform in
            for _ in 0..<copies { platform.pushMessage(messageID, schema: schema, appID: appID) }
        }
        wakeup.continuation.yield()
    }
}
