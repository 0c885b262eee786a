extension ChineseTexts {
    /// Errors in options and in what is read for them, and notes.
    static let optionErrors = """
        finishing the downloads in flight; press Ctrl-C again to abort
        正在完成进行中的下载；再按一次 Ctrl-C 立即中止

        --app-secret-file and --app-secret-from do not go together
        --app-secret-file 与 --app-secret-from 不能同时使用

        The first stores the app_secret, the second where it is. Leave one of them out
        前者存储 app_secret，后者存储它的位置。去掉其中一个

        Check app_id and app_secret and --host
        检查 app_id、app_secret 和 --host

        Check app_id and app_secret; if the app was made on %1, add --host %2
        检查 app_id 和 app_secret；如果应用是在 %1 上创建的，加上 --host %2

        The tenant was not added
        租户没有添加

        The app was not added
        应用没有添加

        %1 does not accept '%2'
        %1 不接受 '%2'

        a number of calls such as 1000
        调用次数，例如 1000

        a number of bytes such as 500000, 512K or 20M
        字节数，例如 500000、512K 或 20M

        a time up to a day such as 90, 90s, 5m or 1h
        不超过一天的时间，例如 90、90s、5m 或 1h

        --overwrite and --no-clobber do not go together
        --overwrite 与 --no-clobber 不能同时使用

        -o needs a file name
        -o 需要文件名

        Give a file name, or - for stdout
        给出文件名，- 表示标准输出

        stdout is a terminal, and images are not text
        标准输出是终端，而图片不是文本

        Redirect stdout to a file or a program, or name a file with -o
        把标准输出重定向到文件或程序，或用 -o 指定文件

        --jobs must be between 1 and 256, not %1
        --jobs 必须在 1 到 256 之间，不能是 %1

        Use a number in that range
        使用该范围内的数

        the list %1 cannot be read: %2
        清单 %1 无法读取：%2

        Give a list with --input FILE, or - for stdin
        用 --input FILE 给出清单，- 表示标准输入

        --client-rate and --max-connections must be above zero
        --client-rate 和 --max-connections 必须大于零

        Use a number above zero
        使用大于零的数

        tokens would be sent unencrypted: %1 is not this machine
        token 会以明文发送：%1 不是本机

        Add --tls-cert FILE --tls-key FILE, or listen on 127.0.0.1
        加上 --tls-cert FILE --tls-key FILE，或监听 127.0.0.1

        no client could connect: %1 is not a name that clients can use
        没有客户端能连接：%1 不是客户端可以使用的名称

        Add the name and port that clients use: --public-host tokens.example.com:8443
        加上客户端使用的名称和端口：--public-host tokens.example.com:8443

        --listen needs an address and a port
        --listen 需要地址和端口

        For example --listen 127.0.0.1:8700
        例如 --listen 127.0.0.1:8700

        there is no group %1
        没有组 %1

        Name an existing group with --socket-group
        用 --socket-group 指定已有的组

        there is no default socket path: XDG_RUNTIME_DIR is not set
        没有默认的套接字路径：XDG_RUNTIME_DIR 没有设置

        Give one with --socket PATH
        用 --socket PATH 给出

        --tls-cert, --tls-key and --client-ca go together, and with --listen
        --tls-cert、--tls-key 和 --client-ca 要一起使用，并与 --listen 一起使用

        Give certificate and key
        给出证书和私钥

        --store and --auth-service do not go together
        --store 与 --auth-service 不能同时使用

        Leave one of them out: tokens come from a store or from a service
        去掉其中一个：token 来自存储或服务

        a client certificate consists of two files, and %1 is not set
        客户端证书由两个文件组成，而 %1 没有设置

        Set LARKIMG_AUTH_CERT_FILE and LARKIMG_AUTH_KEY_FILE, or neither
        同时设置 LARKIMG_AUTH_CERT_FILE 和 LARKIMG_AUTH_KEY_FILE，或都不设置

        %1 requires a client secret
        %1 需要客户端密钥

        Set LARKIMG_AUTH_SECRET_FILE to the file with the secret that larkimg client add printed
        把 LARKIMG_AUTH_SECRET_FILE 设为含有 larkimg client add 所输出密钥的文件

        no tenant is given
        没有给出租户

        Give one with --tenant or LARKIMG_TENANT; see larkimg tenant list
        用 --tenant 或 LARKIMG_TENANT 给出；参见 larkimg tenant list

        --min-ttl must be between 0 and %1 seconds (30m), not %2
        --min-ttl 必须在 0 到 %1 秒（30m）之间，不能是 %2

        The platform returns the same token until 30 minutes of it are left, so more cannot be promised
        在剩余 30 分钟之前，平台返回的都是同一个 token，因此无法保证更长时间

        the report %1 cannot be written: %2
        报告 %1 无法写入：%2

        Name another file with --report
        用 --report 指定另一个文件

        the token contains a character that nginx cannot read from a configuration
        token 中有 nginx 无法从配置读取的字符

        Use another --format, and pass the token on in a script
        换一个 --format，并在脚本中传递 token

        the limit of %1 open files is too low
        打开文件数上限 %1 太低

        Raise it to 32 at least: ulimit -n 1024
        至少提高到 32：ulimit -n 1024

        the limit of %1 MiB of address space is too low
        地址空间上限 %1 MiB 太低

        Raise it to 2 GiB: ulimit -v 2097152
        提高到 2 GiB：ulimit -v 2097152

        %1 cannot be read from %2: %3
        无法从 %2 读取@1：%3

        the %1 in %2 can be read by others
        %2 中的@1可被其他用户读取

        the %1 from %2 is empty
        来自 %2 的@1为空

        the %1 from the terminal is empty
        在终端输入的@1为空

        the %1 from %2 is longer than %3 bytes
        来自 %2 的@1超过 %3 字节

        the %1 from the terminal is longer than %2 bytes
        在终端输入的@1超过 %2 字节

        the %1 from %2 contains a space, a control character or a character outside ASCII
        来自 %2 的@1含有空格、控制字符或非 ASCII 字符

        the %1 from the terminal contains a space, a control character or a character outside ASCII
        在终端输入的@1含有空格、控制字符或非 ASCII 字符

        the app_secret is empty
        app_secret 为空

        the app_secret is longer than %1 bytes
        app_secret 超过 %1 字节

        the app_secret contains a space, a control character or a character outside ASCII
        app_secret 含有空格、控制字符或非 ASCII 字符

        Provide only the %1: %2
        只提供@1：@2

        there is no terminal to prompt for the app_secret: %1
        没有终端可以询问 app_secret：%1

        Give it in a file with --app-secret-file FILE, on stdin with --app-secret-file -, or in the variable \
        LARKIMG_APP_SECRET; or say where it is with --app-secret-from: %1
        用 --app-secret-file FILE 从文件、用 --app-secret-file - 从标准输入或在变量 LARKIMG_APP_SECRET 中给出；或用 \
        --app-secret-from 说明它在哪里：@1

        there are no tenants; to register one: larkimg tenant add NAME --app-id ID
        还没有租户；登记一个：larkimg tenant add NAME --app-id ID

        there are no store apps; to register one: larkimg app add NAME --app-id ID
        还没有商店应用；登记一个：larkimg app add NAME --app-id ID

        there are no clients; to register one: larkimg client add NAME --tenants NAMES
        还没有客户端；登记一个：larkimg client add NAME --tenants NAMES

        To try it again: --retry-gone
        要再次尝试：--retry-gone

        To download it again: --overwrite
        要重新下载：--overwrite

        line %1
        第 %1 行

        app %1
        应用 %1

        %1 cell
        %1 个单元格

        %1 cells
        %1 个单元格

        client secret
        客户端密钥

        Verification Token
        Verification Token

        Encrypt Key
        Encrypt Key

        the app
        该应用

        there is no APP_SECRET
        没有 APP_SECRET

        invalid option: %1
        无效的选项：%1

        Use larkimg tenant add %1
        使用：larkimg tenant add %1
        """
}
