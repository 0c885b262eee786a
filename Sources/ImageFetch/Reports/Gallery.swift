import FoundationEssentials
import Glibc
import LarkAPI
package import SystemPackage

/// A page of a run to look at: a picture for each image, and each failure with what to do about it.
///
/// It is one file without scripts and loads nothing but the images, and those as they come into sight, so that a page
/// of a hundred thousand opens at once.
package struct Gallery {
    /// The directory the page lies in, without links: images are named from there.
    private let directory: [String]

    /// A page in a directory.
    ///
    /// - Parameter path: of the page.
    package init(page path: FilePath) {
        let parent = path.removingLastComponent()
        directory = Self.components(of: parent.isEmpty ? "." : parent)
    }

    /// What stands before the first image.
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

    /// An image that is there.
    package func figure(_ item: FetchItem, _ outcome: DownloadOutcome) -> String {
        guard let path = outcome.path else { return "" }
        let address = TerminalText.html(address(of: FilePath(path)))
        let isPicture = FilePath(path).extension.map(Self.pictures.contains) ?? false
        let picture =
            isPicture
            ? "<img loading=\"lazy\" decoding=\"async\" src=\"\(address)\" alt=\"\(TerminalText.html(item.reference.key.text))\">"
            : TerminalText.html(FilePath(path).extension ?? "file")
        return """
            <figure><a href="\(address)">\(picture)</a><figcaption>\(TerminalText.html("\(item.reference)"))\
            <small>\(TerminalText.html(item.tenant.text)) · \(ByteCount.text(outcome.bytes))</small></figcaption></figure>

            """
    }

    /// An image that is not there, and why.
    package func figure(failed item: FetchItem, error: String, remedy: String?) -> String {
        let remedy = remedy.map { "<small>\(TerminalText.html($0))</small>" } ?? ""
        return """
            <figure class="failed"><figcaption>\(TerminalText.html("\(item.reference)"))\
            <small>\(TerminalText.html(item.tenant.text))</small>\(TerminalText.html(error))\(remedy)</figcaption></figure>

            """
    }

    /// What stands behind the last image.
    ///
    /// - Parameter summary: the run in a line.
    package func foot(_ summary: String) -> String {
        """
        </main>
        <header><h1>larkimg fetch</h1><p>\(TerminalText.html(summary))</p></header>
        </html>

        """
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
        guard let resolved = realpath(path.string, nil) else { return path.components.map(\.string) }
        defer { free(resolved) }
        return FilePath(String(cString: resolved)).components.map(\.string)
    }
}
