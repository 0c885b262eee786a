extension ChineseTexts {
    /// What can be done with larkimg, as ``RemedyText`` says it.
    static let actions = """
        Check --host: it must be the platform's address
        检查 --host：它必须是平台的地址

        Check --auth-service: it must be the address of larkimg serve
        检查 --auth-service：它必须是 larkimg serve 的地址

        Check app_id, secret and host, then: larkimg app update %1 --app-secret-file FILE
        检查 app_id、secret 和 host，然后运行：larkimg app update %1 --app-secret-file FILE

        Check app_id, secret and host, then: larkimg tenant update %1 --app-secret-file FILE
        检查 app_id、secret 和 host，然后运行：larkimg tenant update %1 --app-secret-file FILE

        In the developer console of the app, %1
        在该应用的开发者后台：@1

        In the developer console of app %1, %2
        在应用 %1 的开发者后台：@2

        To request a new token: larkimg token --refresh --tenant %1
        请求新的 token：larkimg token --refresh --tenant %1

        For images that users sent: larkimg fetch --tenant %1 --message MESSAGE_ID %2
        下载用户发送的图片：larkimg fetch --tenant %1 --message MESSAGE_ID %2

        For an image that the app uploaded itself: larkimg fetch --tenant %1 %2
        下载应用自己上传的图片：larkimg fetch --tenant %1 %2

        Lower --jobs
        调低 --jobs

        Name a file with the certificates of its issuer in SSL_CERT_FILE
        在 SSL_CERT_FILE 中指定含有其签发机构证书的文件

        Name a certificate that it trusts in LARKIMG_AUTH_CERT_FILE, and its key in LARKIMG_AUTH_KEY_FILE
        在 LARKIMG_AUTH_CERT_FILE 中指定它信任的证书，在 LARKIMG_AUTH_KEY_FILE 中指定该证书的私钥

        Check the secret in LARKIMG_AUTH_SECRET_FILE; for a new one, on the service's host: larkimg client rotate \
        NAME
        检查 LARKIMG_AUTH_SECRET_FILE 中的密钥；如需新密钥，在服务所在主机上运行：larkimg client rotate NAME

        Check the name; to grant it, on the service's host: larkimg client update NAME --tenants %1
        检查名称；如需授权，在服务所在主机上运行：larkimg client update NAME --tenants %1

        Only members of the group of the socket may use it: usermod -a -G GROUP USER
        只有该套接字所属组的成员可以使用它：usermod -a -G GROUP USER

        Only members of the group %1 may use it: usermod -a -G %2 USER
        只有 %1 组的成员可以使用它：usermod -a -G %2 USER

        Check SSL_CERT_FILE: it must name a PEM file
        检查 SSL_CERT_FILE：它必须指向一个 PEM 文件

        Check --proxy and HTTPS_PROXY; hosts in NO_PROXY are reached without a proxy
        检查 --proxy 和 HTTPS_PROXY；访问 NO_PROXY 中的主机不经过代理

        To send secrets in clear all the same, add --insecure-http
        如果仍要以明文发送密钥，加上 --insecure-http

        Lower --reserve; if the app's plan allows more calls, raise --month-quota with larkimg tenant or app update
        调低 --reserve；如果应用的套餐允许更多调用，用 larkimg tenant 或 app update 调高 --month-quota

        See larkimg tenant list
        参见 larkimg tenant list

        See larkimg app list
        参见 larkimg app list

        See larkimg client list
        参见 larkimg client list

        Name another file with --store or LARKIMG_STORE
        用 --store 或 LARKIMG_STORE 指定另一个文件

        Name the key file in LARKIMG_KEY_FILE
        在 LARKIMG_KEY_FILE 中指定密钥文件

        Register a tenant: larkimg tenant add NAME --app-id ID --app-secret-file FILE
        登记一个租户：larkimg tenant add NAME --app-id ID --app-secret-file FILE

        See larkimg tenant list, or register it: larkimg tenant add %1 --app-id ID --app-secret-file FILE
        参见 larkimg tenant list，或登记该租户：larkimg tenant add %1 --app-id ID --app-secret-file FILE

        See larkimg app list, or register it: larkimg app add %1 --app-id ID --app-secret-file FILE
        参见 larkimg app list，或登记该应用：larkimg app add %1 --app-id ID --app-secret-file FILE

        See larkimg client list, or register it: larkimg client add %1 --tenants NAMES
        参见 larkimg client list，或登记该客户端：larkimg client add %1 --tenants NAMES

        To change it: larkimg tenant update %1
        更改它：larkimg tenant update %1

        To change it: larkimg app update %1
        更改它：larkimg app update %1

        To change it: larkimg client update %1
        更改它：larkimg client update %1

        To remove one: larkimg tenant remove %1
        删除其中一个：larkimg tenant remove %1

        To remove it: larkimg client remove %1
        删除它：larkimg client remove %1

        Set it again: larkimg tenant update %1 --app-secret-file FILE
        重新设置：larkimg tenant update %1 --app-secret-file FILE

        Set it again: larkimg app update %1 --app-secret-file FILE
        重新设置：larkimg app update %1 --app-secret-file FILE

        Set them again: larkimg app update %1 --encrypt-key-file FILE --verification-token-file FILE
        重新设置：larkimg app update %1 --encrypt-key-file FILE --verification-token-file FILE

        Or set one: larkimg app ticket set %1 --file FILE
        或者自行设置：larkimg app ticket set %1 --file FILE

        Run larkimg store check
        运行 larkimg store check

        Use larkimg store backup
        使用 larkimg store backup

        To continue it, run the same larkimg store copy again
        再次运行同样的 larkimg store copy 命令以继续复制

        Install libpq-dev, then: swift build -c release --traits PostgreSQL --product larkimg
        安装 libpq-dev，然后运行：swift build -c release --traits PostgreSQL --product larkimg

        Name another directory with -d, or another file with -o
        用 -d 指定另一个目录，或用 -o 指定另一个文件

        Name a file with -o
        用 -o 指定一个文件

        Name another file with -o; --overwrite replaces files and links, but nothing else
        用 -o 指定另一个文件；--overwrite 只替换文件和链接，不替换其他类型

        Name another file with --errors-to
        用 --errors-to 指定另一个文件

        Name another file with --gallery
        用 --gallery 指定另一个文件

        Name another directory in TMPDIR
        在 TMPDIR 中指定另一个目录

        Allow more time with --timeout
        用 --timeout 留出更多时间

        Raise --max-size
        调高 --max-size

        To lower larkimg's share of the rate limit: larkimg tenant update %1 --quota RATE
        降低 larkimg 占用的频率额度：larkimg tenant update %1 --quota RATE

        Name a list with -i FILE, or - for stdin
        用 -i FILE 指定清单，- 表示标准输入

        Name another path with --socket, such as /run/larkimg/larkimg.sock
        用 --socket 指定另一个路径，例如 /run/larkimg/larkimg.sock

        Name another address with --listen or --socket
        用 --listen 或 --socket 指定另一个地址

        Name the host that clients use with --public-host
        用 --public-host 指定客户端使用的主机名

        Name PEM files with --tls-cert and --tls-key
        用 --tls-cert 和 --tls-key 指定 PEM 文件

        Set the keys: larkimg app update %1 --encrypt-key-file FILE --verification-token-file FILE
        设置这两个密钥：larkimg app update %1 --encrypt-key-file FILE --verification-token-file FILE

        Or accept the risk with --allow-unsigned-events
        或者用 --allow-unsigned-events 接受该风险

        To ask the platform again at once: larkimg tenant update %1
        立即重新询问平台：larkimg tenant update %1

        To ask the platform again at once: larkimg app update %1
        立即重新询问平台：larkimg app update %1

        The nearest name is %1
        最接近的名称是 %1
        """
}
