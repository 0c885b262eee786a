import LarkAPI

/// Where in the output directory a file goes: directories below it, then the file's name.
///
/// No name leads out of the directory: there is no `..`, no absolute path, and directories are entered without following
/// links.
public struct OutputName: Sendable, Hashable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case text(String)
        /// The extension by content.
        case fileExtension
    }

    let directories: [String]
    private let file: [Part]

    init(directories: [String], file: [Part]) {
        self.directories = directories
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
        self.init(directories: names.dropLast(), file: [.text(file)])
    }

    /// The usual name: `<key>.<extension by content>`.
    static func byKey(of reference: ImageReference) -> OutputName {
        OutputName(directories: [], file: [.text(reference.key.text + "."), .fileExtension])
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
        guard hasFileExtension else { return [fileName(withExtension: "")] }
        return FileExtension.possible(for: reference).map(fileName(withExtension:))
    }

    /// The extension by content in the name that a download got; nil if there is none.
    func fileExtension(in name: String, of reference: ImageReference) -> String? {
        guard hasFileExtension else { return nil }
        return FileExtension.possible(for: reference).first { fileName(withExtension: $0) == name }
    }

    /// Whether the name depends on what the file holds.
    var hasFileExtension: Bool { file.contains(.fileExtension) }

    /// The path with `*` for an extension that is not known yet.
    public var description: String { (directories + [fileName(withExtension: "*")]).joined(separator: "/") }

    /// The bytes decide: to `String`, names that differ only in Unicode normal form are equal, to the disk they are not.
    public static func == (left: OutputName, right: OutputName) -> Bool { left.identity == right.identity }

    /// Hashes what `==` compares.
    public func hash(into hasher: inout Hasher) { hasher.combine(identity) }

    private var identity: [UInt8] {
        // No name holds a control character.
        Array((directories + [fileName(withExtension: "\0")]).joined(separator: "/").utf8)
    }

    /// Whether a word can be the name of a file or directory here.
    static func isName(_ word: String) -> Bool {
        (1...255).contains(word.utf8.count) && word != "." && word != ".." && !word.utf8.contains(UInt8(ascii: "/"))
            && !word.unicodeScalars.contains(where: isControl)
    }

    /// Unicode's general category `Cc`, without the look-up in its tables: a list has millions of names.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
