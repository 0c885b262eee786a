extension LarkErrorCode {
    static let messageResource: [LarkErrorCode] = [
        LarkErrorCode(
            230110, .notFound, "the message has been deleted",
            remedy: "Its resources can no longer be downloaded",
            traits: [.otherMessage, .final]
        ),
        LarkErrorCode(
            234003, .notFound, "the message does not contain this file",
            remedy: "Check that message_id and key belong to the same message",
            traits: [.otherMessage, .final]
        ),
        LarkErrorCode(
            234004, .refused, "the app is not in the chat of this message",
            remedy: "Add the bot to the chat, then run this again",
            traits: .otherMessage
        ),
        LarkErrorCode(
            234009, .refused, "the app lacks permission for this chat",
            remedy: Remedy("", PlatformAction.configureApp("grant the permission that external groups need"))
        ),
        LarkErrorCode(
            234019, .tryLater, "the platform could not check the app against the tenant",
            remedy: "Run this again in a minute",
            isRetryable: true
        ),
        LarkErrorCode(
            234037, .tooLarge, "the file is larger than the platform lets an app download",
            remedy: "Files above 100 MB can only be downloaded in the Lark client",
            traits: .final
        ),
        LarkErrorCode(
            234038, .refused, "the chat does not allow downloads",
            remedy: "The chat is in restricted mode; its owner can change that"
        ),
        LarkErrorCode(
            234040, .refused, "the message is invisible to the app",
            remedy: "The bot sees only what was sent after it joined, unless the chat shows its history",
            traits: .otherMessage
        ),
        LarkErrorCode(
            234043, .refused, "files of this message type cannot be downloaded",
            remedy: "Apps cannot download from cards and forwarded messages; use the original message",
            traits: [.otherMessage, .final]
        ),
        LarkErrorCode(
            14005, .notFound, "the resource has been deleted",
            remedy: "It can no longer be downloaded",
            traits: .final
        ),
    ]

    /// Codes of the requests for messages themselves.
    static let message: [LarkErrorCode] = [
        LarkErrorCode(
            230001, .notFound, "the platform has no such message",
            remedy: "Check the message_id",
            traits: .otherMessage
        ),
        LarkErrorCode(
            230002, .refused, "the app's bot is not in the chat of this message",
            remedy: "Add the bot to the chat, then run this again",
            traits: .otherMessage
        ),
        LarkErrorCode(
            230006, .refused, "the app's bot is not enabled",
            remedy: Remedy("", PlatformAction.configureApp("enable the bot (Features, Bot) and publish a version"))
        ),
        LarkErrorCode(
            230013, .refused, "the user is outside of the app's availability, or has resigned",
            remedy: Remedy("", PlatformAction.configureApp("widen the app's availability")),
            traits: .otherMessage
        ),
        LarkErrorCode(
            230027, .refused, "the app lacks permission for messages of this chat",
            remedy: Remedy(
                "Messages of external groups cannot be read",
                PlatformAction.configureApp("grant im:message and, for groups, im:message.group_msg")),
            traits: .otherMessage
        ),
        LarkErrorCode(
            230050, .refused, "the message is invisible to the app",
            remedy: "The bot sees only what was sent after it joined, unless the chat shows its history",
            traits: .otherMessage
        ),
        LarkErrorCode(
            230073, .refused, "the thread is invisible to the app",
            remedy: "The bot joined later; the chat's owner can let new members see its history",
            traits: .otherMessage
        ),
        LarkErrorCode(
            231203, .refused, "the chat is in restricted mode",
            remedy: "Its owner can change that",
            traits: .otherMessage
        ),
    ]
}
