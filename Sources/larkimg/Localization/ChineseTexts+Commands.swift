extension ChineseTexts {
    /// The help of larkimg and of the commands for tenants, apps and images.
    static let commands = """
        larkimg downloads images from Lark and Feishu, and shares one token per tenant.
        larkimg 从 Lark 和飞书下载图片，并为每个租户共享一个 token。

        There is no store yet. You need an app of your own, its app_id and app_secret:
        还没有存储。你需要一个自己的应用，以及它的 app_id 和 app_secret：

        https://open.larksuite.com/app, or https://open.feishu.cn/app for Feishu
        https://open.larksuite.com/app，飞书为 https://open.feishu.cn/app

        Register it under a name of your choice; larkimg asks for the app_secret:
        用你选择的名称登记它；larkimg 会询问 app_secret：

        Or take over the apps of a .env file, of lark-cli, or of a CSV table:
        或导入 .env 文件、lark-cli 或 CSV 表格中的应用：

        Then print a token, or download an image that the app uploaded:
        然后输出 token，或下载应用上传的图片：

        larkimg --help lists all commands; larkimg doctor checks this machine.
        larkimg --help 列出所有命令；larkimg doctor 检查本机。

        OVERVIEW: %1
        概述：@1

        USAGE:
        用法：

        ARGUMENTS:
        参数：

        OPTIONS:
        选项：

        SUBCOMMANDS:
        子命令：

        EXAMPLE
        示例

        EXIT STATUS
        退出状态

        LISTS
        清单

        MESSAGES
        消息

        See '%1' for detailed help.
        用 '%1' 查看详细帮助。

        %1 (values: %2; default: %3)
        @1（可选值：%2；默认：%3）

        %1 (values: %2)
        @1（可选值：%2）

        %1 (default: %2)
        @1（默认：%2）

        Show the version.
        显示版本。

        Show help information.
        显示帮助。

        Download images from Lark and Feishu, and share one cached token per tenant.
        从 Lark 和飞书下载图片，并为每个租户共享一个缓存的 token。

        A tenant_access_token is requested once and shared by all processes of a user. Images are complete or \
        absent, never partial.
        tenant_access_token 只请求一次，由同一用户的所有进程共享。图片要么完整，要么不存在，绝不会只有一部分。

        0 done, 64 usage, 65 the server sent bad data, 66 no such image, 69 the platform cannot be reached, 73 the \
        output cannot be created, 74 writing failed, 75 try again later, 77 refused, 78 configuration, 130 \
        interrupted; 1 if several images failed for different reasons.
        0 完成，64 用法错误，65 服务器发来错误的数据，66 没有该图片，69 无法连接平台，73 无法创建输出，74 写入失败，\
        75 请稍后重试，77 被拒绝，78 配置错误，130 被中断；1 表示多张图片因不同原因失败。

        Manage tenants and their apps. Secrets and tokens are never printed.
        管理租户及其应用。绝不输出密钥和 token。

        Register the tenant of a custom app, or a tenant that installed a store app.
        登记自建应用的租户，或安装了商店应用的租户。

        The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else from a prompt, and \
        stored encrypted. With --app-secret-from only the reference is stored: a variable, a file, a systemd \
        credential, or a command that prints the secret, run without a shell and ended after 10 seconds. The app is \
        verified by requesting a token, unless --no-verify is given. A tenant of a store app has no secret of its \
        own, but a tenant_key; larkimg app show lists those received in events. The platform is lark unless --host \
        says otherwise.
        app_secret 依次从 --app-secret-file、$LARKIMG_APP_SECRET 或提示输入中读取，并加密存储。使用 \
        --app-secret-from 时只存储引用：变量、文件、systemd credential，或输出密钥的命令（不经过 shell 运行，10 秒后\
        终止）。除非给出 --no-verify，否则会请求一个 token 来验证应用。商店应用的租户没有自己的密钥，而有 tenant_key；\
        larkimg app show 列出从事件中收到的 tenant_key。除非 --host 另行指定，平台为 lark。

        List the tenants.
        列出租户。

        Show a tenant: app, host, quota, token, last error.
        显示一个租户：应用、主机、额度、token、最近的错误。

        Change a tenant's app, secret, host or quota.
        更改租户的应用、密钥、主机或额度。

        Options that are not given keep their values. Unless only quotas are changed, the app is verified again, \
        cached tokens are no longer used, and a back-off after a refusal ends; for that, give no options at all, \
        for example after the secret behind a reference has changed. The month quota belongs to the app: that of a \
        store app is changed with larkimg app update.
        没有给出的选项保持原值。除非只更改额度，否则会重新验证应用，不再使用缓存的 token，并结束被拒绝后的退避；如果\
        只需要这些（例如引用背后的密钥已更改），就不要给出任何选项。月额度属于应用：商店应用的月额度用 larkimg app \
        update 更改。

        Remove a tenant with its secret and tokens.
        删除租户及其密钥和 token。

        Register the tenants in a .env file, a configuration of lark-cli, or a CSV table.
        登记 .env 文件、lark-cli 配置或 CSV 表格中的租户。

        A .env file has APP_ID and APP_SECRET, also with the prefixes LARK_, FEISHU_ and LARKSUITE_CLI_. The \
        configuration of the official lark-cli is ~/.lark-cli/config.json; app_secrets in its keychain cannot be \
        read. The first row of a table names its columns: name, app_id, app_secret or app_secret_from (a reference, \
        as of tenant add), host; for tenants of store apps tenant_key and app or app_id. A tenant without a name is \
        named as its app_id.
        .env 文件含有 APP_ID 和 APP_SECRET，也可带前缀 LARK_、FEISHU_ 或 LARKSUITE_CLI_。官方 lark-cli 的配置是 \
        ~/.lark-cli/config.json；其钥匙串中的 app_secret 无法读取。表格的第一行是列名：name、app_id、app_secret 或 \
        app_secret_from（引用，同 tenant add）、host；商店应用的租户用 tenant_key 和 app 或 app_id。没有名称的租户以\
        其 app_id 命名。

        Tenants that exist are skipped, and a faulty entry does not stop the others; the status is then 1. Each app \
        is verified by requesting a token, unless --no-verify is given.
        已存在的租户会跳过，有错误的条目不影响其他条目，此时退出状态为 1。除非给出 --no-verify，否则会为每个应用请求\
        一个 token 来验证。

        Manage store apps, which many tenants install. Secrets and tickets are never printed.
        管理由许多租户安装的商店应用。绝不输出密钥和 ticket。

        The custom app of a single tenant is registered with larkimg tenant add. A store app needs the app_ticket \
        that the platform pushes to its event address every hour; larkimg serve receives it.
        单个租户的自建应用用 larkimg tenant add 登记。商店应用需要平台每小时推送到其事件地址的 app_ticket；larkimg \
        serve 会接收它。

        Register a store app.
        登记商店应用。

        The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else from a prompt; \
        --app-secret-from stores only where it is, as larkimg tenant add does. It is verified by asking the \
        platform to push an app_ticket, unless --no-verify is given. The name is also the last part of the app's \
        event address: https://HOST/events/NAME. The platform is lark unless --host says otherwise.
        app_secret 依次从 --app-secret-file、$LARKIMG_APP_SECRET 或提示输入中读取；--app-secret-from 只存储它的位置，\
        与 larkimg tenant add 相同。除非给出 --no-verify，否则会请求平台推送 app_ticket 来验证。名称也是应用事件地址\
        的最后一部分：https://HOST/events/NAME。除非 --host 另行指定，平台为 lark。

        List the store apps.
        列出商店应用。

        Show a store app: host, ticket, token, tenants, last error.
        显示一个商店应用：主机、ticket、token、租户、最近的错误。

        The tenants that installed the app are those that its events reported to larkimg serve.
        安装了该应用的租户，是由其事件报告给 larkimg serve 的。

        Change a store app's secret, host or event settings; also ends a back-off.
        更改商店应用的密钥、主机或事件设置；同时结束退避。

        Options that are not given keep their values. Unless only the month quota is changed, cached tokens are no \
        longer used.
        没有给出的选项保持原值。除非只更改月额度，否则不再使用缓存的 token。

        Remove a store app with its secrets, ticket and tokens. Remove its tenants first.
        删除商店应用及其密钥、ticket 和 token。请先删除它的租户。

        Store an app_ticket that another program received.
        存储由其他程序收到的 app_ticket。

        Store an app_ticket that another program received at the app's event address.
        存储其他程序在应用的事件地址收到的 app_ticket。

        Not needed if larkimg serve receives the app's events. The ticket counts as issued now.
        如果由 larkimg serve 接收应用的事件，则不需要。该 ticket 视为现在签发。

        Download images, and images and files from messages.
        下载图片，以及消息中的图片和文件。

        An image that the app uploaded is given by its image_key; what a user sent, by MESSAGE_ID/KEY. Each file is \
        named <key>.<extension by content>; its path is printed when it is complete. A file that already exists and \
        is not empty counts as done, so run the same command again to fetch what is missing. -o FILE replaces the \
        file unless --no-clobber is given.
        应用上传的图片用 image_key 指定，用户发送的内容用 MESSAGE_ID/KEY 指定。文件名为 <key>.<由内容决定的扩展名>；\
        文件完整后输出其路径。已存在且不为空的文件视为已完成，因此再次运行同样的命令即可补齐缺少的内容。除非给出 \
        --no-clobber，-o FILE 会替换该文件。

        A line is a key, MESSAGE_ID/KEY, tenant<TAB>key[<TAB>output], or a JSON object with image_key and \
        optionally tenant, message_id, type and output. Blank lines and # comments are ignored. Invalid lines are \
        reported by number and skipped; the exit status is then 1. A file with more invalid than valid lines is \
        refused after 100 of them.
        一行是一个 key、MESSAGE_ID/KEY、tenant<TAB>key[<TAB>output]，或一个 JSON 对象，含 image_key 和可选的 tenant、\
        message_id、type 和 output。空行和 # 注释会忽略。无效的行会按行号报告并跳过，此时退出状态为 1。无效行多于有\
        效行的文件，在 100 个无效行之后会被拒绝。

        A list may hold messages as bots receive and tools save them, a message a line or one JSON document: \
        events, answers of the list and get APIs, messages of lark-cli. If a message does not own an image that is \
        seen in it, larkimg finds the message that does. See larkimg keys.
        清单也可以包含机器人收到、工具保存的消息，每行一条消息或整个文件为一个 JSON 文档：事件、获取消息列表和单条消\
        息的 API 的响应、lark-cli 的消息。如果消息中出现的图片不属于该消息，larkimg 会找到它所属的消息。参见 \
        larkimg keys。

        All processes share each app's rate limit: see tenant update --quota. --reserve leaves calls of the app's \
        month quota to other programs. Ctrl-C finishes the downloads in flight; a second Ctrl-C aborts.
        所有进程共享每个应用的频率限制：参见 tenant update --quota。--reserve 为其他程序保留应用月额度中的调用次数。\
        按 Ctrl-C 会完成进行中的下载；再按一次 Ctrl-C 立即中止。

        Print the images and files in messages, as lines that fetch -i takes.
        输出消息中的图片和文件，每行可供 fetch -i 使用。

        The input is what bots receive and tools save: events (encrypted ones too, if the store has the app's \
        Encrypt Key), answers of the list and get APIs, messages of lark-cli, content alone, and lines of lists; a \
        message a line, mixed, or one JSON document. Nothing is sent. What cannot be downloaded is reported on \
        stderr.
        输入是机器人收到、工具保存的内容：事件（存储中有应用的 Encrypt Key 时也包括加密事件）、获取消息列表和单条消\
        息的 API 的响应、lark-cli 的消息、单独的消息内容，以及清单中的行；每行一条消息，可以混合，也可以是一个 JSON \
        文档。不发送任何请求。无法下载的内容报告到标准错误。

        The tenant of an event is the one that is registered with its app_id and tenant_key, else that of --tenant.
        事件的租户是以其 app_id 和 tenant_key 登记的租户，否则是 --tenant 给出的租户。

        Print a tenant_access_token, from the cache if it is valid long enough.
        输出 tenant_access_token；如果缓存的 token 有效时间足够长，就使用缓存。

        Do not put the token into a program's arguments, where other users can see it.
        不要把 token 放进程序的参数，其他用户能看到参数。
        """
}
