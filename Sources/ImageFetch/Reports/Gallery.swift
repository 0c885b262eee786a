package import FoundationEssentials
import LarkAPI
import PosixFiles
package import SystemPackage

/// A page about a run: a picture for each image, and each failure with what to do about it.
///
/// It is one file without scripts and loads nothing but the images, and those when they scroll into view, so that a
/// page of a hundred thousand opens at once.
package struct Gallery {
    /// The directory of the page, without links: addresses of images are relative to it.
    private let directory: [String]

    /// Creates a page.
    ///
    /// - Parameter path: of the file.
    package init(page path: FilePath) {
        let parent = path.removingLastComponent()
        directory = Self.components(of: parent.isEmpty ? "." : parent)
    }

    /// The part before the first image.
    package let head = """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'">
        <title>larkimg fetch</title>
        <style>
        :root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif }
        body { margin: 1rem; display: flex; flex-direction: column }
        header { order: -2 }
        main { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: .75rem }
        figure { margin: 0; border: 1px solid #8884; border-radius: .4rem; overflow: hidden;
          content-visibility: auto; contain-intrinsic-size: auto 15rem }
        figure a { display: block; height: 11rem; background: #8881; text-align: center; line-height: 11rem;
          text-decoration: none }
        img { width: 100%; height: 100%; object-fit: contain }
        figcaption { padding: .4rem .5rem; overflow-wrap: anywhere }
        figcaption small { display: block; opacity: .75 }
        figure.failed { order: -1; border-color: #c33; background: #c331 }
        </style>
        <main>

        """

    /// An image.
    package func figure(_ item: FetchItem, _ outcome: DownloadOutcome) -> String {
        guard let path = outcome.path.map({ FilePath($0) }) else { return "" }
        let name = TerminalText.html(path.string)
        let address = TerminalText.html(address(of: path))
        let picture =
            Self.isPicture(path, of: item.reference)
            ? "<img loading=\"lazy\" decoding=\"async\" src=\"\(address)\" alt=\"\(name)\">"
            : TerminalText.html(path.extension ?? "file")
        return """
            <figure><a href="\(address)">\(picture)</a><figcaption>\(name)\
            <small>\(TerminalText.html("\(item.tenant) · \(item.reference)")) · \(ByteCount.text(outcome.bytes))</small>\
            </figcaption></figure>

            """
    }

    /// An image that could not be downloaded, and why.
    package func figure(failed item: FetchItem, error: String, remedy: String?) -> String {
        failure(
            "\(item.reference)", [item.output.map { "\(item.tenant) · \($0)" } ?? item.tenant.text], error: error,
            remedy: remedy)
    }

    /// A line that names no image.
    package func figure(_ line: InvalidLine) -> String {
        failure(String(decoding: line.bytes.prefix(200), as: UTF8.self), [], error: "\(line)", remedy: nil)
    }

    private func failure(_ title: String, _ details: [String], error: String, remedy: String?) -> String {
        func small(_ text: String) -> String { "<small>\(TerminalText.html(text))</small>" }
        return """
            <figure class="failed"><figcaption>\(TerminalText.html(title))\(details.map(small).joined())\
            \(TerminalText.html(error))\(remedy.map(small) ?? "")</figcaption></figure>

            """
    }

    /// The part after the last image.
    ///
    /// - Parameters:
    ///   - summary: the run on one line.
    ///   - source: the name of the list.
    ///   - date: when the run ended.
    package func foot(_ summary: String, source: String, date: Date) -> String {
        """
        </main>
        <header><h1>larkimg fetch</h1><p>\(TerminalText.html(source)) · \(date.formatted(.iso8601))</p>\
        <p>\(TerminalText.html(summary))</p></header>
        </html>

        """
    }

    /// Whether a browser can show it. An image whose name says nothing probably is one that it can.
    private static func isPicture(_ path: FilePath, of reference: ImageReference) -> Bool {
        guard let word = path.extension else { return reference.type == .image }
        return pictures.contains(word) || reference.type == .image && ImageFormat(rawValue: word) == nil
    }

    /// Formats that browsers show.
    private static let pictures: Set<String> = ["png", "jpg", "gif", "webp", "bmp", "ico", "svg", "avif"]

    private func address(of path: FilePath) -> String {
        let target = Self.components(of: path)
        let shared = zip(directory, target).prefix { $0 == $1 }.count
        let up = Array(repeating: "..", count: directory.count - shared)
        return (up + target[shared...].map { PercentEncoding.text($0.utf8) }).joined(separator: "/")
    }

    /// The names on the way to a file from the root, links followed.
    private static func components(of path: FilePath) -> [String] {
        ((try? path.resolved()) ?? path).components.map(\.string)
    }
}

/// Sizes for people.
package enum ByteCount {
    /// `812 B`, `61.2 MB`: powers of a thousand, as disks are sold.
    package static func text(_ bytes: Int) -> String {
        var value = Double(bytes)
        var units = ["B", "kB", "MB", "GB", "TB"][...]
        while value >= 999.95, units.count > 1 {
            value /= 1000
            units = units.dropFirst()
        }
        let tenths = Int((value * 10).rounded())
        return units.first == "B" ? "\(bytes) B" : "\(tenths / 10).\(tenths % 10) \(units.first ?? "")"
    }
}
