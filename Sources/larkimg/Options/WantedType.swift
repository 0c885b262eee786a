import ArgumentParser
import LarkAPI

/// What is taken from messages.
enum WantedType: String, CaseIterable, ExpressibleByArgument {
    case image
    case file
    case all

    var resourceTypes: Set<ImageReference.ResourceType> {
        switch self {
        case .image: [.image]
        case .file: [.file]
        case .all: [.image, .file]
        }
    }
}
