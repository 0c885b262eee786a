extension ChineseTexts {
    /// The options for images and tokens.
    static let fetchOptions = """
        An image_key, or MESSAGE_ID/KEY.
        image_key，或 MESSAGE_ID/KEY。

        The tenant. (default: $LARKIMG_TENANT)
        租户。（默认：$LARKIMG_TENANT）

        The message that the keys belong to.
        这些 key 所属的消息。

        What to take from messages, and the type of keys that are given without one. (default: image, and file for \
        keys that begin with file_)
        从消息中取什么，以及没有类型的 key 的类型。（默认：image；以 file_ 开头的 key 为 file）

        Write the one image to this file, replacing it, or to stdout with '-'.
        把单张图片写入该文件并替换它，'-' 表示标准输出。

        Write to this directory. (default: .)
        写入该目录。（默认：.）

        Replace existing files. This is the default for -o.
        替换已有的文件。这是 -o 的默认行为。

        Keep existing files that are not empty. This is the default without -o.
        保留已有的非空文件。这是不带 -o 时的默认行为。

        The largest file to accept, for example 512K, 20M, 1G. (default: 100M)
        接受的最大文件，例如 512K、20M、1G。（默认：100M）

        The time limit for a file, all attempts included: 90, 90s, 5m, 1h. (default: 5m)
        单个文件的时限，包括所有重试：90、90s、5m、1h。（默认：5m）

        Stop before the last n calls of the app's month quota; see tenant update --month-quota.
        在应用的月额度只剩最后 n 次调用时停止；参见 tenant update --month-quota。

        Read a list of downloads from this file, or from stdin with '-'; see LISTS.
        从该文件读取下载清单，'-' 表示标准输入；参见「清单」。

        Check the whole list first, and send nothing if a line is invalid.
        先检查整个清单，如有无效的行则不发送任何请求。

        The most requests in flight at a time, 1 to 256.
        同时进行的最大请求数，1 到 256。

        Use one HTTP/2 connection; slower than many HTTP/1.1 connections over long distances.
        使用一个 HTTP/2 连接；在远距离网络上比多个 HTTP/1.1 连接慢。

        A pattern for file names, of {tenant}, {key}, {message_id}, {type} and {ext}, and of the message {chat}, \
        {sender}, {date}, {time} and {file_name}. (default: {key}.{ext})
        文件名的模式，可用 {tenant}、{key}、{message_id}、{type} 和 {ext}，以及消息的 {chat}、{sender}、{date}、\
        {time} 和 {file_name}。（默认：{key}.{ext}）

        Give files the time of their message.
        把文件时间设为消息的时间。

        Write what is known about the message beside each file, as NAME.json.
        把已知的消息信息写在每个文件旁边，名为 NAME.json。

        Request again what an earlier run found to be deleted or not for this app.
        重新请求以前运行时发现已删除或该应用无权访问的内容。

        Request no messages, neither to find the owner of an image nor to look into bundles.
        不请求消息：既不查找图片所属的消息，也不查看合并转发的内容。

        Show what would be downloaded, and send nothing.
        显示将要下载的内容，不发送任何请求。

        Show no progress and no summary; errors are still reported.
        不显示进度和总结；错误仍会报告。

        Append a line of JSON per image to this file, as --json prints it.
        每张图片向该文件追加一行 JSON，格式同 --json。

        Write failed downloads to this file, in a form that --input reads.
        把失败的下载写入该文件，格式可供 --input 读取。

        Write an HTML page with the images and the failures to this file.
        把含有图片和失败信息的 HTML 页面写入该文件。

        Get tokens from this service instead of a store: unix:///PATH or https://HOST:PORT, with the secret in the \
        file that $LARKIMG_AUTH_SECRET_FILE names. (default: $LARKIMG_AUTH_SERVICE)
        从该服务而不是存储获取 token：unix:///PATH 或 https://HOST:PORT，密钥在 $LARKIMG_AUTH_SECRET_FILE 指定的文件\
        中。（默认：$LARKIMG_AUTH_SERVICE）

        The file with messages, or '-' for stdin.
        含有消息的文件，'-' 表示标准输入。

        Which of them to print.
        输出其中哪些。

        How long the token must be valid at least, 0 to 30m: 90, 90s, 5m. (default: 5m)
        token 至少还要有效多久，0 到 30m：90、90s、5m。（默认：5m）

        Ask the platform even if the cached token is valid. It may return the same token.
        即使缓存的 token 有效也询问平台。平台可能返回同一个 token。

        The token alone, an HTTP header, shell exports, JSON, or for curl -K or nginx.
        单独的 token、HTTP 请求头、shell export、JSON，或供 curl -K 或 nginx 使用。

        Read a token that the platform rejected from stdin, and invalidate exactly that one.
        从标准输入读取平台拒绝的 token，并只使该 token 失效。
        """
}
