import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg fetch --gallery", .timeLimit(.minutes(10)))
struct FetchGalleryTests {
    private func page(_ lines: [String], of cli: CLIHarness, status: Int32) async throws -> String {
        try cli.folder.write(Array(lines.map { "\($0)\n" }.joined().utf8), to: "work/list")
        let ending = try await cli.larkimg(
            "fetch", "--tenant", "acme", "-i", "list", "-d", "out", "--gallery", "page.html")
        #expect(ending.status == status, "\(ending.errors)")
        return String(decoding: try cli.folder.read("work/page.html"), as: UTF8.self)
    }

    @Test("A page shows every image and every failure, and text from the server cannot break out of it")
    func failures() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            var fault = Fault(.imagesGet, times: .always)
            fault.match.key = "img_bad"
            fault.actions = [.error(status: 400, code: 77, msg: "<script>alert(1)</script>\u{1B}[2J", headers: nil)]
            cli.emulator.addFault(fault)
            let page = try await page(["acme\t\(key)\ta b/ü#?.png", "img_bad"], of: cli, status: 77)
            #expect(page.contains(#"src="out/a%20b/%C3%BC%23%3F.png""#))
            #expect(page.contains("&lt;script&gt;"))
            #expect(!page.contains("<script"))
            #expect(!page.contains("\u{1B}"))
            #expect(page.contains("img_bad"))
            #expect(page.contains("1 downloaded"))
        }
    }

    @Test("Files about a run can be in the directory of the images before it exists")
    func inOutputDirectory() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let ending = try await cli.larkimg(
                "fetch", "--tenant", "acme", "-d", "new/out", "--gallery", "new/out/index.html", "--errors-to",
                "new/out/failed", "--report", "new/out/report", key)
            #expect(ending.status == 0, "\(ending.errors)")
            #expect(
                try cli.folder.names(in: "work/new/out").sorted() == [
                    "failed", "\(key).png", "index.html", "report",
                ])
        }
    }

    @Test("Each image shows its file, each invalid line its text; the page names the list and the date")
    func names() async throws {
        try await withCLI { cli in
            let key = cli.emulator.seedImage(appID: CLIHarness.appID, bytes: SampleImages.png)
            let lines = ["one.png", "two.png", "three"].map { "acme\t\(key)\t\($0)" } + ["not <a> key"]
            let page = try await page(lines, of: cli, status: 1)
            for name in ["one.png", "two.png", "three"] {
                #expect(page.contains("<figcaption>out/\(name)<small>acme · \(key) · "), "\(page)")
                #expect(page.contains(#"<img loading="lazy" decoding="async" src="out/\#(name)""#))
            }
            #expect(page.contains("<figcaption>not &lt;a&gt; key"))
            #expect(page.contains("line 4: "))
            #expect(page.contains(/<p>list · 20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z<\/p>/))
            #expect(page.contains("3 downloaded"))
        }
    }
}
