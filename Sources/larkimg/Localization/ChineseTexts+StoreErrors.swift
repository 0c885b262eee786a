extension ChineseTexts {
    /// Errors of the store, of its key and of secrets.
    static let storeErrors = """
        another process is copying a store to %1
        另一个进程正在把存储复制到 %1

        %1 is not empty
        %1 不是空的

        %1 changed while it was copied
        %1 在复制时发生了变化

        %1 is a copy of a store that is not complete
        %1 是不完整的存储副本

        %1 is another program's database
        %1 是其他程序的数据库

        %1 was written by a newer release (schema %2, this one knows %3)
        %1 由更新的版本写入（schema %2，本版本只支持到 %3）

        the key file %1 does not exist
        密钥文件 %1 不存在

        the key file %1 cannot be opened: %2
        密钥文件 %1 无法打开：%2

        the key file %1 is not a regular file
        密钥文件 %1 不是普通文件

        the key file %1 belongs to another user
        密钥文件 %1 属于另一个用户

        the key file %1 can be read by others
        密钥文件 %1 可被其他用户读取

        the key file %1 does not contain exactly %2 bytes
        密钥文件 %1 的长度不是 %2 字节

        the key file %1 is not a regular file, so it cannot be replaced
        密钥文件 %1 不是普通文件，因此无法替换

        the key file %1 cannot be created: %2
        密钥文件 %1 无法创建：%2

        the new key %1 cannot be renamed to %2: %3
        新密钥 %1 无法重命名为 %2：%3

        the key of %1 is being replaced by another process
        另一个进程正在更换 %1 的密钥

        the tenant %1 was changed outside larkimg: its authentication code is not valid
        租户 %1 在 larkimg 之外被更改：它的认证码无效

        the client %1 was changed outside larkimg: its authentication code is not valid
        客户端 %1 在 larkimg 之外被更改：它的认证码无效

        an encrypted value of the store does not open (%1): it was changed or moved
        存储中的一个加密值无法解密 (%1)：它被更改或移动过

        the key %1 is not the one %2 was sealed with
        密钥 %1 不是加密 %2 时使用的密钥

        %1 had authentication codes, which were removed outside larkimg
        %1 原有认证码，但在 larkimg 之外被删除

        the app_secret cannot be read from %1: %2
        无法从 %1 读取 app_secret：@2

        the app_secret cannot be read from %1: what is there is empty
        无法从 %1 读取 app_secret：内容为空

        the app_secret cannot be read from %1: what is there is longer than %2 bytes
        无法从 %1 读取 app_secret：内容超过 %2 字节

        the app_secret cannot be read from %1: what is there contains a space, a control character or a character \
        outside ASCII
        无法从 %1 读取 app_secret：内容含有空格、控制字符或非 ASCII 字符

        the variable is not set
        变量没有设置

        systemd passed no credentials to this process
        systemd 没有向本进程传递 credential

        not a regular file
        不是普通文件

        the file system does not respond
        文件系统没有响应

        there is no such program, or it may not be run
        没有该程序，或不允许运行它

        it cannot be run: %1
        它无法运行：%1

        it ended with status %1
        它以状态 %1 结束

        signal %1 ended it
        信号 %1 终止了它

        it did not end within %1 s
        它没有在 %1 秒内结束

        it printed more than %1 bytes
        它的输出超过 %1 字节

        no such file or directory
        没有该文件或目录

        permission denied
        没有权限

        the app was changed by another process just now
        应用刚被另一个进程更改

        the app_secret of the app %1 does not open: it was changed or moved
        应用 %1 的 app_secret 无法解密：它被更改或移动过

        the app_secret of the tenant %1 does not open: it was changed or moved
        租户 %1 的 app_secret 无法解密：它被更改或移动过

        the event settings of the app %1 do not open: they were changed or moved
        应用 %1 的事件设置无法解密：它们被更改或移动过

        another auth service is running on %1
        另一个认证服务正在使用 %1

        tenants use the app %1: %2
        有租户在使用应用 %1：%2

        there is already a store app %1
        已有商店应用 %1

        there is already a client %1
        已有客户端 %1

        there is already a tenant %1
        已有租户 %1

        there is no client %1
        没有客户端 %1

        there is no tenant %1 in %2
        %2 中没有租户 %1

        there is no store app %1 in %2
        %2 中没有商店应用 %1

        there is no store at %1
        %1 处没有存储

        %1 is a tenant of the store app %2, which other tenants share
        %1 是商店应用 %2 的租户，该应用由其他租户共用

        %1 is backed up where the server is
        %1 要在服务器所在处备份

        %1 cannot be created: %2
        %1 无法创建：%2

        this program was built without PostgreSQL, so it cannot use %1
        本程序构建时不含 PostgreSQL，因此无法使用 %1

        %1 was renamed or replaced while it was open
        %1 在打开期间被重命名或替换

        %1 is damaged: %2
        %1 已损坏：%2

        %1 cannot be used: %2
        %1 无法使用：%2

        %1 is not a store of larkimg
        %1 不是 larkimg 的存储

        %1 is in use by other processes: %2
        %1 正被其他进程使用：%2

        %1 cannot be opened for writing: %2
        %1 无法以写入方式打开：%2

        %1 cannot be read or written: %2
        %1 无法读写：%2

        %1 has unexpected contents: %2
        %1 含有意外的内容：%2

        %1 is not a regular file
        %1 不是普通文件

        %1 has %2 names
        %1 有 %2 个硬链接

        %1 belongs to another user
        %1 属于另一个用户

        %1 cannot be examined: %2
        %1 无法检查：%2

        %1 can be read by others
        %1 可被其他用户读取

        %1 is not a file name
        %1 不是文件名

        %1 is not a directory
        %1 不是目录

        %1 can be changed by other users
        %1 可被其他用户更改

        %1 is on a network file system (%2), whose locks are unreliable
        %1 位于网络文件系统 (%2) 上，其锁不可靠

        there is no default location: neither HOME nor %1 is set
        没有默认位置：HOME 和 %1 都没有设置

        the URL of the store is not valid: %1
        存储的 URL 无效：%1

        cannot create a lock file in %1: %2
        无法在 %1 中创建锁文件：%2
        """
}
