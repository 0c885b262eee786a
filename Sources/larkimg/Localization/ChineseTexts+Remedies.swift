extension ChineseTexts {
    /// What the libraries advise.
    static let remedies = """
        Use https, or check for a proxy in between
        使用 https，或检查中间是否有代理

        Check any proxy in between, then run this again
        检查中间的代理，然后重新运行

        If the host is right, give the log id to the platform's support
        如果主机没有错，把 log id 提供给平台的技术支持

        Check the network; run this again later
        检查网络；稍后重新运行

        Run this again; if it persists, check for a proxy or firewall in between
        重新运行；如果仍然出错，检查中间是否有代理或防火墙

        Check the network, then run this again
        检查网络，然后重新运行

        Check the address
        检查地址

        Check that the app has a quota for the month, and that the count of requests can be written
        检查应用是否设置了月额度，以及请求计数能否写入

        Look up the code in the platform's documents, or give the log id to its support
        在平台文档中查询该错误码，或把 log id 提供给平台的技术支持

        Run this again later
        稍后重新运行

        Run this again
        重新运行

        Name a file that does not exist, or an empty database. Nothing was changed
        指定一个不存在的文件或空的数据库。没有改动任何内容

        Stop the programs that use it, then run this again
        停止使用它的程序，然后重新运行

        The file was not changed
        文件没有被改动

        Use the newer release. The file was not changed
        使用更新的版本。文件没有被改动

        Restore it from a backup: without it the store cannot be opened
        从备份恢复它：没有它就无法打开存储

        If it was cut short, restore it from a backup
        如果文件被截断，从备份恢复

        Name the file itself, not a link to it
        指定文件本身，而不是指向它的链接

        The store is sealed with the new key: rename the file
        存储已用新密钥加密：请重命名该文件

        Restore a backup, or remove the tenant and register it again
        恢复备份，或删除该租户后重新登记

        Restore a backup, or remove the client and register it again
        恢复备份，或删除该客户端后重新登记

        Set the secret again, or restore a backup
        重新设置 secret，或恢复备份

        Use the key that belongs to the store
        使用属于该存储的密钥

        Restore a backup
        恢复备份

        Set %1 in the environment of this process
        在本进程的环境中设置 %1

        Check the file and its permissions: it must hold only the secret, %1
        检查文件及其权限：它只能包含密钥：@1

        Run the command to see why: it must print only the secret, and must not ask for anything
        运行该命令查看原因：它只能输出密钥，且不能要求任何输入

        Pass it to this process with LoadCredential=%1:/PATH in its unit
        在 unit 中用 LoadCredential=%1:/PATH 把它传给本进程

        printable ASCII with at most one newline at the end
        可打印的 ASCII 字符，末尾最多一个换行

        Use that service, or stop it first
        使用那个服务，或先停止它

        Remove its tenants first
        先删除它的租户

        Choose another name
        换一个名称

        Check the name
        检查名称

        Change the app itself
        更改应用本身

        Run pg_dump there, and keep the dump apart from a copy of the key %1
        在那里运行 pg_dump，并把导出文件与密钥 %1 的副本分开保存

        Name a file that does not exist, in a directory that you can write to
        指定一个不存在的文件，其目录必须可写

        Run this again. To move a store, copy it with a backup
        重新运行。要移动存储，请用备份来复制

        Restore a backup, or register the tenants again in another store
        恢复备份，或在另一个存储中重新登记租户

        Check that the server runs, and that it lets this role in; then run this again
        检查服务器是否在运行，以及是否允许该角色登录；然后重新运行

        Check the permissions of the file and its directory
        检查文件及其目录的权限

        Check the disk: it may be full. Nothing stored before is lost
        检查磁盘：可能已满。之前存储的内容没有丢失

        SQLite's journal is found by the name: remove the other hard links. To copy a store, make a backup
        SQLite 按文件名查找日志：请删除其他硬链接。要复制存储，请做备份

        A store belongs to one user; others use its auth service
        一个存储属于一个用户；其他用户使用它的认证服务

        Use a directory of your own, or run chmod go-w '%1'
        使用自己的目录，或运行 chmod go-w '%1'

        Keep the store on a local disk; other hosts use its auth service
        把存储放在本地磁盘上；其他主机使用它的认证服务

        Write it as postgres://USER@HOST/DATABASE
        写成 postgres://USER@HOST/DATABASE

        Check the directory's permissions and the disk
        检查目录的权限和磁盘

        Check that the app is enabled in the tenant, and what the token is used for
        检查应用在该租户中是否已启用，以及 token 的用途

        Look for stopped processes that use the store, then run this again
        查找使用该存储的已停止进程，然后重新运行

        The platform pushes it to the app's event address within two minutes, where the auth service must run
        平台会在两分钟内把它推送到应用的事件地址，认证服务必须在那里运行

        Other programs use this app's rate limit too. Run this again later
        其他程序也在占用该应用的频率限制。稍后重新运行

        Free disk space, then run this again; no part of a file was left
        释放磁盘空间，然后重新运行；没有留下不完整的文件

        Fix the permissions of the directory, if they are wrong
        如果目录的权限不对，请修正

        Free disk space, then run this again
        释放磁盘空间，然后重新运行

        A list is UTF-8 text with a key or a JSON object on each line
        清单是 UTF-8 文本，每行一个 key 或一个 JSON 对象

        Run this again with the new list
        用新的清单重新运行

        If the service uses TLS, its address begins with https://
        如果服务使用 TLS，它的地址以 https:// 开头

        Check that the service runs there
        检查服务是否在那里运行

        Only the user of the service may use the socket: the service was given no group for it
        只有运行服务的用户可以使用该套接字：服务没有为它指定组

        Check the name of the tenant
        检查租户的名称

        The files must be readable PEM files, and the key must belong to the certificate
        这些文件必须是可读的 PEM 文件，且私钥必须与证书匹配

        Stop the program that uses this address, or use another
        停止占用该地址的程序，或使用另一个地址

        GET /openapi.json lists the endpoints
        GET /openapi.json 列出了所有端点

        Use %1
        使用：@1

        Send the host and port that the service listens on, or one of its public hosts
        请求须使用服务监听的主机和端口，或它的某个公开主机名

        Send it directly, without Origin, Sec-Fetch-Site, Forwarded, X-Forwarded-For, X-Real-IP or Via
        直接发送请求，不带 Origin、Sec-Fetch-Site、Forwarded、X-Forwarded-For、X-Real-IP 或 Via

        Send Content-Type: application/json
        请求须带 Content-Type: application/json

        Send a smaller body
        请发送更小的请求体

        GET /openapi.json describes the body
        GET /openapi.json 描述了请求体

        Send Authorization: Bearer with a client secret that has not expired and was not revoked
        请求须带 Authorization: Bearer，其客户端密钥没有过期，也没有被撤销

        Wait for the time in Retry-After
        等待 Retry-After 给出的时间

        Send a valid client secret, or wait for the time in Retry-After
        使用有效的客户端密钥，或等待 Retry-After 给出的时间

        GET /v1/tenants lists this client's tenants
        GET /v1/tenants 列出了该客户端的租户

        Check the app's request address, Encrypt Key and Verification Token, and the clocks
        检查应用的请求地址、Encrypt Key、Verification Token 以及双方的时钟

        See the service's log
        参见服务的日志

        Use an absolute path of at most %1 bytes
        使用不超过 %1 字节的绝对路径

        Use that service, or stop it
        使用那个服务，或停止它

        Run the service as root or as a member of the group
        以 root 或该组成员的身份运行服务

        Create it
        创建它

        Use a directory that only you can write to
        使用只有自己可写的目录

        Remove it
        删除它

        Check where the output goes; it may hold part of the image
        检查输出去向；那里可能有不完整的图片

        Fix the line
        修正该行
        """
}
