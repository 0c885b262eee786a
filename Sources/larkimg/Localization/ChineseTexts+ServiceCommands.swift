extension ChineseTexts {
    /// The help of the other commands.
    static let serviceCommands = """
        Run a program with a tenant_access_token in its environment.
        运行一个程序，并在其环境中提供 tenant_access_token。

        Sets LARK_TENANT_ACCESS_TOKEN, LARK_TENANT_ACCESS_TOKEN_EXPIRES_AT and LARK_HOST, and for the official \
        lark-cli LARKSUITE_CLI_APP_ID, LARKSUITE_CLI_TENANT_ACCESS_TOKEN and LARKSUITE_CLI_BRAND; never the secret. \
        larkimg replaces itself with the program: signals and the exit status are the program's own. The status is \
        127 if the program is not found, 126 if it cannot be run.
        设置 LARK_TENANT_ACCESS_TOKEN、LARK_TENANT_ACCESS_TOKEN_EXPIRES_AT 和 LARK_HOST，并为官方 lark-cli 设置 \
        LARKSUITE_CLI_APP_ID、LARKSUITE_CLI_TENANT_ACCESS_TOKEN 和 LARKSUITE_CLI_BRAND；绝不包含密钥。larkimg 进程会\
        被该程序取代：信号和退出状态都属于该程序。找不到程序时状态为 127，无法运行时为 126。

        Keep files with tokens fresh, for programs that read files.
        为读取文件的程序保持 token 文件为最新。

        A file is replaced as a whole, so that a reader never sees a part of a token, and long before the token \
        expires. If there is no new token in time, the file is removed: an expired token is worse than none. \
        Directories must exist. Tokens come from the store, or from an auth service.
        文件在 token 过期之前早早地整体替换，读取者绝不会看到 token 的一部分。如果没有及时得到新 token，文件会被删除：\
        过期的 token 比没有更糟。目录必须已存在。token 来自存储或认证服务。

        After files have changed, --on-change sends a signal to the process whose id a file holds, or runs a \
        command, without a shell and for 30 seconds at most. SIGHUP writes all files again; SIGTERM ends the agent \
        and leaves the files. Under systemd it is ready once all files are written (Type=notify).
        文件更改后，--on-change 向文件中所记录 id 的进程发送信号，或运行一个命令，不经过 shell，最多 30 秒。SIGHUP \
        使所有文件重新写入；SIGTERM 结束 agent 并保留文件。在 systemd 下，所有文件写入后即就绪（Type=notify）。

        Serve tokens to other users and hosts, and receive store apps' events.
        向其他用户和主机提供 token，并接收商店应用的事件。

        On a Unix socket, root, this user and one group may connect: the group of this user alone, or \
        --socket-group. On TCP each client needs a secret from larkimg client add, and gets the tokens of its own \
        tenants only. --socket and --listen can be combined. The platform pushes a store app's events to \
        /events/NAME, the only address that accepts requests through a proxy. GET / is a status page: in a browser, \
        log in with a client's name and secret. GET /openapi.json describes the HTTP interface. SIGTERM finishes \
        requests in flight, SIGHUP reloads the certificate and reopens the audit log. For each token given, and for \
        refused requests, a line of JSON goes to stderr or to --audit-log.
        在 Unix 套接字上，root、本用户和一个组可以连接：本用户独有的组，或 --socket-group。在 TCP 上，每个客户端需要\
         larkimg client add 给出的密钥，且只能得到自己租户的 token。--socket 和 --listen 可以同时使用。平台把商店应\
        用的事件推送到 /events/NAME，这是唯一接受经代理请求的地址。GET / 是状态页：在浏览器中用客户端的名称和密钥登\
        录。GET /openapi.json 描述 HTTP 接口。SIGTERM 完成进行中的请求后退出，SIGHUP 重新加载证书并重新打开审计日志。\
        每给出一个 token，以及每拒绝一个请求，都会向标准错误或 --audit-log 写入一行 JSON。

        Manage who may use the auth service over TCP, and for which tenants.
        管理谁可以通过 TCP 使用认证服务，以及可用于哪些租户。

        A client's secret is shown once; only its digest is stored. Changes take effect within a second.
        客户端的密钥只显示一次，存储的只是其摘要。更改在一秒内生效。

        Register a client and print its secret. It is shown only once.
        登记客户端并输出其密钥。密钥只显示一次。

        On the client, keep the secret in a file of mode 0600 and name the file in $LARKIMG_AUTH_SECRET_FILE.
        在客户端上，把密钥保存在权限为 0600 的文件中，并在 $LARKIMG_AUTH_SECRET_FILE 中指定该文件。

        List the clients, their tenants, and when their secrets expire.
        列出客户端、它们的租户以及密钥的过期时间。

        Change the tenants whose tokens a client may get.
        更改客户端可以获取哪些租户的 token。

        Give a client a new secret. The previous one stays valid until --end-old.
        为客户端生成新密钥。在 --end-old 之前，旧密钥仍然有效。

        Remove a client and its secrets.
        删除客户端及其密钥。

        Tokens that the client already has stay valid until they expire, at most two hours.
        客户端已获得的 token 在过期之前仍然有效，最长两小时。

        Show each tenant's state: token, quota used, last error.
        显示每个租户的状态：token、已用额度、最近的错误。

        Reads the store only. A token is fresh with more than 30 minutes left, else expiring or expired. The quota \
        column counts requests of the last minute: images, then message resources; it tells until when the platform \
        has paused them. The month column counts the app's calls to the platform in this calendar month (UTC+8), \
        tokens included, for all its tenants.
        只读取存储。token 剩余 30 分钟以上为 fresh，否则为 expiring 或 expired。QUOTA 列统计最近一分钟的请求数：先是\
        图片，后是消息资源；如果平台暂停了请求，还会显示到何时为止。MONTH 列统计应用在本自然月（UTC+8）对平台的调用\
        次数，包括请求 token 的调用，以及它的所有租户的调用。

        Check key, store, disk, clock, network and each tenant, and say how to fix problems.
        检查密钥、存储、磁盘、时钟、网络和每个租户，并说明如何解决问题。

        The exit status is 0 if nothing fails, the status that all failures share, or else 1.
        没有失败时退出状态为 0；所有失败的状态相同时为该状态，否则为 1。

        Print the store's path, check it, back it up, copy it, or replace its key.
        输出存储的路径，检查、备份、复制存储，或更换其密钥。

        Print the store's path.
        输出存储的路径。

        Check the whole store, every sealed value included. The status is 78 if it is damaged.
        检查整个存储，包括每个加密的值。如果存储已损坏，退出状态为 78。

        Copy the store while it is in use. Back up the key too, in another place.
        在使用中复制存储。密钥也要备份，并放在别处。

        Copy a store to another place: from a file to a PostgreSQL server, or back.
        把存储复制到别处：从文件到 PostgreSQL 服务器，或反向复制。

        Apps, tenants, clients, secrets and tokens are copied, and each is checked in the copy. Both stores have \
        the same key. Stop the programs that use the store first: what they write later is not in the copy. If the \
        copy is interrupted, run the same command again.
        应用、租户、客户端、密钥和 token 都会复制，并在副本中逐一检查。两个存储的密钥相同。请先停止使用该存储的程序：\
        它们之后写入的内容不在副本中。如果复制中断，再次运行同样的命令。

        Replace the key, and seal the whole store with the new one.
        更换密钥，并用新密钥加密整个存储。

        The new key is written to the key file. Processes that use the store, a service too, go on with the new \
        key; one that reads the key from a systemd credential must be restarted with the new credential. Backups \
        made before still need the old key: copy it first if you keep them, and make a new backup afterwards.
        新密钥写入密钥文件。使用该存储的进程（包括服务）会继续使用新密钥；从 systemd credential 读取密钥的进程必须用\
        新的 credential 重启。之前的备份仍需要旧密钥：如果要保留这些备份，请先复制旧密钥，之后再做新的备份。
        """
}
