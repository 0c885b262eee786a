extension ChineseTexts {
    /// The options of the other commands.
    static let serviceOptions = """
        The program and its arguments, after --.
        程序及其参数，写在 -- 之后。

        A tenant, and the file for its token; repeatable.
        租户及其 token 文件；可重复给出。

        The content: the token alone, a header, shell exports, JSON, or for curl -K or nginx.
        内容：单独的 token、请求头、shell export、JSON，或供 curl -K 或 nginx 使用。

        The permissions of the files: 600, 640 or 644.
        文件的权限：600、640 或 644。

        What to do after files have changed: SIGNAL:/PID-FILE or a command; repeatable.
        文件更改后做什么：SIGNAL:/PID-FILE 或一个命令；可重复给出。

        Write all files, then end. The exit status says whether all tenants have a token.
        写入所有文件后结束。退出状态说明是否所有租户都有 token。

        The format of warnings.
        警告的格式。

        Listen on this Unix socket. (default: $XDG_RUNTIME_DIR/larkimg/larkimg.sock, for root \
        /run/larkimg/larkimg.sock)
        监听该 Unix 套接字。（默认：$XDG_RUNTIME_DIR/larkimg/larkimg.sock，root 为 /run/larkimg/larkimg.sock）

        The group that may use the socket, by name or number. (default: the group of this user alone, else none)
        可以使用套接字的组，名称或编号。（默认：本用户独有的组，否则没有）

        Listen on TCP, also beside --socket; other hosts than this one require --tls-cert.
        监听 TCP，可与 --socket 同时使用；监听本机以外的地址需要 --tls-cert。

        The certificate chain for TLS, a PEM file; reloaded on SIGHUP.
        TLS 证书链，PEM 文件；收到 SIGHUP 时重新加载。

        The certificate's private key, a PEM file.
        证书的私钥，PEM 文件。

        Accept only clients with a certificate signed by one of these, a PEM file. Clients name theirs in \
        $LARKIMG_AUTH_CERT_FILE and $LARKIMG_AUTH_KEY_FILE.
        只接受由该 PEM 文件中的机构签发证书的客户端。客户端在 $LARKIMG_AUTH_CERT_FILE 和 $LARKIMG_AUTH_KEY_FILE 中指\
        定自己的证书和私钥。

        A host name that clients use: tokens.example.com:8443; repeatable.
        客户端使用的主机名：tokens.example.com:8443；可重复给出。

        The most requests per second from each client.
        每个客户端每秒的最大请求数。

        The most open connections.
        最大连接数。

        Accept events of apps without Encrypt Key or Verification Token, which can be forged.
        接受没有 Encrypt Key 或 Verification Token 的应用的事件，这类事件可以伪造。

        Append audit lines to this file instead of stderr.
        把审计记录追加到该文件，而不是标准错误。

        Write the port to this file once connections are accepted.
        开始接受连接后，把端口写入该文件。

        A name for the client.
        客户端的名称。

        The client's tenants, separated by commas; '' for none.
        客户端的租户，用逗号分隔；'' 表示没有。

        The secret expires after this time: 90d, 12h. (default: never)
        密钥在这段时间后过期：90d、12h。（默认：永不）

        The client's name.
        客户端的名称。

        Invalidate all secrets but the newest, and make none.
        使除最新密钥以外的所有密钥失效，且不生成新密钥。

        Check this machine only: contact no host, request no token.
        只检查本机：不访问任何主机，不请求 token。

        The file to create; it must not exist.
        要创建的文件；它必须不存在。

        The store to copy.
        要复制的存储。

        A file that does not exist, or an empty database.
        一个不存在的文件，或空的数据库。
        """
}
