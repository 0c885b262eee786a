import LarkAPI

/// The same content in several messages: one download, then links.
extension BulkScheduler {
    /// Queues an item, or lets it wait for a download of the same content.
    mutating func add(_ item: QueuedItem, to id: TenantQueue.ID, _ platform: TenantPlatform) {
        if queues[id] == nil { queues[id] = TenantQueue(host: platform.host, rate: platform.rate) }
        guard let content = item.content else {
            queues[id]?.items.append(item)
            return
        }
        if let download = downloads[content] {
            link([item.position], to: download, id)
        } else if queues[id]?.followers[content] != nil {
            queues[id]?.followers[content]?.append(item.position)
        } else {
            queues[id]?.followers[content] = []
            queues[id]?.items.append(item)
        }
    }

    /// Content was downloaded: what waits for it is linked.
    mutating func settle(_ content: ContentID, _ id: TenantQueue.ID, _ job: TenantQueue.Job, _ item: FetchItem) {
        if namesVary || item.output != nil { downloads[content] = job.position }
        link(queues[id]?.followers.removeValue(forKey: content) ?? [], to: job.position, id)
    }

    /// Content could not be downloaded. Another message may have it; if not, it fails for all of them.
    mutating func fail(followersOf content: ContentID, _ id: TenantQueue.ID, _ error: any Error) {
        guard var followers = queues[id]?.followers.removeValue(forKey: content), !followers.isEmpty else { return }
        if error.concernsOneItem, queues[id]?.failure == nil {
            let next = QueuedItem(position: followers.removeFirst(), content: content)
            queues[id]?.followers[content] = followers
            queues[id]?.items.append(next)
        } else {
            progress.queued -= followers.count
            progress.failed += followers.count
            let now = clocks.instant()
            actions.append(
                .fail(followers.map { TenantQueue.Job(position: $0, content: nil, deadline: now) }, error))
        }
    }

    /// A download got another name, or could not get it.
    ///
    /// - Parameter event: nil if the content is gone, and has to be downloaded after all.
    mutating func linked(_ id: TenantQueue.ID, at position: SourcePosition, _ event: BulkEvent?) {
        linking -= 1
        queues[id]?.linking -= 1
        if let event {
            progress.queued -= 1
            report(event)
        } else {
            queues[id]?.items.append(QueuedItem(position: position, content: nil))
        }
        advance(id)
    }

    private mutating func link(_ followers: [SourcePosition], to download: SourcePosition, _ id: TenantQueue.ID) {
        guard !followers.isEmpty else { return }
        linking += followers.count
        queues[id]?.linking += followers.count
        actions.append(.link(id, followers, to: download))
    }
}
