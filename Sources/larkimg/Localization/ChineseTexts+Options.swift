extension ChineseTexts {
    /// The options for tenants and apps.
    static let options = """
        A name for the tenant.
        租户的名称。

        The custom app's app_id, from the developer console.
        自建应用的 app_id，见开发者后台。

        The store app that the tenant installed.
        租户安装的商店应用。

        The tenant's tenant_key for the store app.
        该租户在商店应用中的 tenant_key。

        Read the app_secret from this file, or from stdin with '-'.
        从该文件读取 app_secret，'-' 表示标准输入。

        Do not store the app_secret, but read it there for each new token: env:NAME, file:/PATH, exec:COMMAND or \
        systemd-credential:NAME.
        不存储 app_secret，而是在每次请求新 token 时从这里读取：env:NAME、file:/PATH、exec:COMMAND 或 \
        systemd-credential:NAME。

        Reach the platform through this HTTP proxy, or through none. (default: $HTTPS_PROXY, $https_proxy or \
        $ALL_PROXY, except for the hosts in $NO_PROXY)
        通过该 HTTP 代理访问平台，none 表示不用代理。（默认：$HTTPS_PROXY、$https_proxy 或 $ALL_PROXY，$NO_PROXY 中\
        的主机除外）

        The platform: lark, feishu or a URL.
        平台：lark、feishu 或 URL。

        Accept an http URL of another machine; secrets are then sent unencrypted.
        接受其他机器的 http URL；此时密钥以明文发送。

        Do not verify app_id and app_secret with the platform.
        不向平台验证 app_id 和 app_secret。

        The platform's rate limit for the app: 50/s,1000/m, one of the two, or none.
        平台对该应用的频率限制：50/s,1000/m，其中之一，或 none。

        How many API calls the app's plan allows in a calendar month, or none.
        应用的套餐每个自然月允许的 API 调用次数，或 none。

        The store: a file, or postgres://USER@HOST/DATABASE. (default: $LARKIMG_STORE, else \
        $XDG_DATA_HOME/larkimg/store.sqlite)
        存储：文件，或 postgres://USER@HOST/DATABASE。（默认：$LARKIMG_STORE，否则为 \
        $XDG_DATA_HOME/larkimg/store.sqlite）

        Print JSON: one object, or one line per item. Errors are JSON on stderr.
        输出 JSON：一个对象，或每项一行。错误以 JSON 写到标准错误。

        The tenant's name.
        租户的名称。

        The new app_id.
        新的 app_id。

        The file, or '-' for stdin.
        文件，'-' 表示标准输入。

        The form of the file. (default: recognized by its content)
        文件的格式。（默认：根据内容识别）

        The name of the tenant, if the file has only one.
        租户的名称，用于只有一个租户的文件。

        Replace the apps of tenants that exist.
        替换已存在的租户的应用。

        Print what would be done; change nothing and send nothing.
        只输出将要做什么；不更改也不发送任何内容。

        Do not verify the apps with the platform.
        不向平台验证应用。

        The platform of tenants for which the file names none: lark, feishu or a URL. (default: lark)
        文件中没有写明平台的租户所用的平台：lark、feishu 或 URL。（默认：lark）

        Accept http URLs of other machines; secrets are then sent unencrypted.
        接受其他机器的 http URL；此时密钥以明文发送。

        A name for the app.
        应用的名称。

        The app_id, from the developer console.
        app_id，见开发者后台。

        Read the Verification Token from this file, or from stdin with '-'.
        从该文件读取 Verification Token，'-' 表示标准输入。

        Read the Encrypt Key from this file, or from stdin with '-'.
        从该文件读取 Encrypt Key，'-' 表示标准输入。

        The app's name.
        应用的名称。

        Read the app_ticket from this file, or from stdin with '-'.
        从该文件读取 app_ticket，'-' 表示标准输入。
        """
}
