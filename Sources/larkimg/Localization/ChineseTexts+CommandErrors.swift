extension ChineseTexts {
    /// Errors of commands.
    static let commandErrors = """
        --mode takes 600, 640 or 644
        --mode 只能是 600、640 或 644

        640 lets the group of this process read the token, 644 every user of the machine
        640 允许本进程的组读取 token，644 允许本机所有用户读取

        --write takes a tenant and a file
        --write 需要一个租户和一个文件

        For example --write acme=/run/acme.token
        例如 --write acme=/run/acme.token

        two tenants have the same file %1
        两个租户使用了同一个文件 %1

        Name a file for each
        为每个租户指定一个文件

        --on-change takes a command or SIGNAL:/PID-FILE; a command takes %1
        --on-change 需要一个命令或 SIGNAL:/PID-FILE；命令的要求：@1

        For example --on-change HUP:/run/nginx.pid, or --on-change 'systemctl reload nginx'
        例如 --on-change HUP:/run/nginx.pid，或 --on-change 'systemctl reload nginx'

        Name a file with --write %1=FILE
        用 --write %1=FILE 指定一个文件

        Create it first, for no other users: mkdir -m 700 '%1'
        先创建它，不允许其他用户访问：mkdir -m 700 '%1'

        %1 is not the name of a file
        %1 不是文件名

        the directory of %1 does not exist
        %1 所在的目录不存在

        %1 is a directory
        %1 是目录

        %1 cannot be written: %2
        %1 无法写入：%2

        Check the directory: its permissions, and its free space
        检查该目录的权限和剩余空间

        --reserve needs the month quota of the app of %1, which is not set
        --reserve 需要 %1 的应用的月额度，但它没有设置

        Set it where the store is: larkimg tenant update %1 --month-quota N
        在存储所在的主机上设置：larkimg tenant update %1 --month-quota N

        Set it where the store is: larkimg app update %1 --month-quota N
        在存储所在的主机上设置：larkimg app update %1 --month-quota N

        the text cannot be an app_ticket
        这段文本不可能是 app_ticket

        Provide the value of app_ticket in the event of that type, not the event, a secret or a token
        提供该类型事件中 app_ticket 的值，而不是整个事件、密钥或 token

        %1 lines of %2 are invalid
        %2 中有 %1 行无效

        Fix them, or run this without --strict; nothing was sent
        修正它们，或不加 --strict 运行；没有发送任何请求

        --expires does not go with --end-old, which makes no secret
        --expires 不能与 --end-old 同时使用，后者不生成密钥

        Leave out --expires, or make a new secret first
        去掉 --expires，或先生成新密钥

        The next request for the token replaces it
        下次请求 token 时会替换它

        Restore a backup, or remove and add again what is affected
        恢复备份，或删除受影响的项后重新添加

        Free disk space, so that renewed tokens can be stored
        释放磁盘空间，以便存储更新后的 token

        Set it, for example with timedatectl set-ntp true; token expiry depends on it
        校准时钟，例如运行 timedatectl set-ntp true；token 的有效期取决于它

        Run larkimg serve at the app's event address, or: larkimg app ticket set %1 --file FILE
        在应用的事件地址运行 larkimg serve，或运行：larkimg app ticket set %1 --file FILE

        If larkimg serve receives them: larkimg app update %1 --encrypt-key-file FILE --verification-token-file FILE
        如果由 larkimg serve 接收它们：larkimg app update %1 --encrypt-key-file FILE --verification-token-file FILE

        Run this without --offline
        不加 --offline 运行

        no program is given
        没有给出程序

        Give it after --: larkimg exec --tenant NAME -- COMMAND
        在 -- 之后给出：larkimg exec --tenant NAME -- COMMAND

        %1 cannot be run: %2
        %1 无法运行：%2

        Check the program's name and permissions
        检查程序的名称和权限

        the reader of stdout has closed it, so the run stopped
        标准输出的读取方已关闭，运行因此停止

        Run the same command again to download the rest
        再次运行同样的命令以下载其余内容

        no key is given
        没有给出 key

        Give one: larkimg fetch --tenant NAME KEY, or a list with -i FILE
        给出一个：larkimg fetch --tenant NAME KEY，或用 -i FILE 给出清单

        '-' is not a key
        '-' 不是 key

        To read a list from stdin, use -i -
        要从标准输入读取清单，使用 -i -

        -o takes exactly one image, and does not go with -d or -i
        -o 只用于一张图片，不能与 -d 或 -i 同时使用

        Use -d DIRECTORY instead; files are named by their keys
        改用 -d DIRECTORY；文件以 key 命名

        -o does not go with options for several images
        -o 不能与用于多张图片的选项同时使用

        Leave out -o; -d DIRECTORY names a directory
        去掉 -o；用 -d DIRECTORY 指定目录

        keys and a list are given
        同时给出了 key 和清单

        Add the keys to the list, or run larkimg twice
        把 key 加入清单，或分两次运行 larkimg

        --port-file does not go with a socket, which has no port
        --port-file 不能与套接字同时使用，套接字没有端口

        Leave out --port-file
        去掉 --port-file

        the audit log cannot be opened: %1
        无法打开审计日志：%1

        Choose another file with --audit-log
        用 --audit-log 选择另一个文件

        a tenant needs exactly one app
        一个租户需要且只需要一个应用

        Give a custom app with --app-id ID, or a store app with --app NAME --tenant-key KEY
        用 --app-id ID 给出自建应用，或用 --app NAME --tenant-key KEY 给出商店应用

        secret, host and month quota belong to the store app, not to the tenant
        secret、host 和月额度属于商店应用，不属于租户

        Change them with larkimg app update %1
        用 larkimg app update %1 更改它们

        The tenant was not added; --no-verify adds it without asking the platform
        租户没有添加；加上 --no-verify 则不询问平台直接添加

        --refresh does not go with --auth-service
        --refresh 不能与 --auth-service 同时使用

        A token that the platform refused is renewed after --reject -
        平台拒绝的 token 在 --reject - 之后会更新

        --reject takes only -, never a token as an argument
        --reject 只接受 -，绝不接受作为参数的 token

        Pass the token on stdin: printf %s "$TOKEN" | larkimg token --tenant %1 --reject -
        从标准输入传入 token：printf %s "$TOKEN" | larkimg token --tenant %1 --reject -

        The API that rejects it may not accept a tenant_access_token, or the app is not enabled in the tenant
        拒绝它的 API 可能不接受 tenant_access_token，或者应用在该租户中未启用
        """
}
