import LarkAPI

/// Where in the target folder a file goes: folders below it, then the file's name.
///
/// No name leads out of the folder: there is no `..`, no absolute path, and folders are entered without following
/// links.
public struct OutputName: Sendable, Hashable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case text(String)
        /// The extension by content.
        case fileExtension
    }

    let folders: [String]
    private let file: [Part]

    init(folders: [String], file: [Part]) {
        self.folders = folders
        self.file = file
    }

    /// A path as a list names it: `a.png`, `2026/a.png`.
    ///
    /// - Throws: `InvalidValue` when it is empty, absolute, climbs up, ends with a slash, or holds control characters.
    public init(_ path: String) throws {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let file = names.last, names.allSatisfy(Self.isName) else {
            throw InvalidValue(
                word: path, kind: "output",
                rule: "a path inside the directory: names of up to 255 bytes between slashes, none of them '.' or '..'"
            )
        }
        self.init(folders: names.dropLast(), file: [.text(file)])
    }

    /// The usual name: `<key>.<extension by content>`.
    static func byKey(of reference: ImageReference) -> OutputName {
        OutputName(folders: [], file: [.text(reference.key.text + "."), .fileExtension])
    }

    /// The file's name, once its extension is known.
    func fileName(withExtension fileExtension: String) -> String {
        file.map { part in
            switch part {
            case .text(let text): text
            case .fileExtension: fileExtension
            }
        }
        .joined()
    }

    /// Every file name that a download may have got.
    func possibleFileNames(of reference: ImageReference) -> [String] {
        guard file.contains(.fileExtension) else { return [fileName(withExtension: "")] }
        return FileExtension.possible(for: reference).map(fileName(withExtension:))
    }

    /// The path with `*` for an extension that is not known yet.
    public var description: String { (folders + [fileName(withExtension: "*")]).joined(separator: "/") }

    /// Whether a word can be the name of a file or folder here.
    static func isName(_ word: String) -> Bool {
        (1...255).contains(word.utf8.count) && word != "." && word != ".." && !word.utf8.contains(UInt8(ascii: "/"))
            && !word.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
