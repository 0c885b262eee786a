extension ChineseTexts {
    /// What can be done, as a service says it to its clients.
    static let generalActions = """
        Check the host: it must be the address of the platform
        检查主机：它必须是平台的地址

        Check the address of the auth service
        检查认证服务的地址

        Check app_id, host and secret, then set the secret again
        检查 app_id、主机和密钥，然后重新设置密钥

        Check app_id, host and secret of the app %1, then set the secret again
        检查应用 %1 的 app_id、主机和密钥，然后重新设置密钥

        Request a new token
        请求新的 token

        To download what users sent, name the message along with the key
        要下载用户发送的内容，请同时指定消息和 key

        To download an image that the app uploaded itself, name the key alone
        要下载应用自己上传的图片，只指定 key

        Send fewer requests at once
        减少同时发送的请求

        Trust the certificates of its issuer
        信任其签发机构的证书

        Present a client certificate that it trusts
        出示它信任的客户端证书

        Check the client secret; it may be wrong, expired or replaced
        检查客户端密钥；它可能错误、已过期或已更换

        Check the name of the tenant, and that this client may use it
        检查租户的名称，以及该客户端是否可以使用它

        Join the group of the socket
        加入该套接字所属的组

        Join the group of the socket, %1
        加入该套接字所属的组 %1

        Check the file of trusted certificates
        检查受信任证书的文件

        Check the address of the proxy
        检查代理的地址

        Allow plain HTTP, which sends secrets in clear
        允许不加密的 HTTP，这会以明文发送密钥

        Keep fewer calls in reserve; if the app's plan allows more calls, set its quota
        减少保留的调用次数；如果应用的套餐允许更多调用，设置它的额度

        Use another file as the store
        使用另一个文件作为存储

        Use another key file
        使用另一个密钥文件

        Register a tenant
        登记一个租户

        Register the tenant %1
        登记租户 %1

        Register the app %1
        登记应用 %1

        Register the client %1
        登记客户端 %1

        Change the tenant %1
        更改租户 %1

        Change the app %1
        更改应用 %1

        Change the client %1
        更改客户端 %1

        Remove the tenant %1
        删除租户 %1

        Remove the client %1
        删除客户端 %1

        Set the app_secret of the tenant %1 again
        重新设置租户 %1 的 app_secret

        Set the app_secret of the app %1 again
        重新设置应用 %1 的 app_secret

        Set the Verification Token and the Encrypt Key of the app %1 again
        重新设置应用 %1 的 Verification Token 和 Encrypt Key

        Set the app_ticket of %1
        设置 %1 的 app_ticket

        Check the store
        检查存储

        Back up the store
        备份存储

        Copy the store to it again, which continues the copy
        再次把存储复制到那里，复制会继续

        Build it with the package trait PostgreSQL, which needs libpq (Debian: libpq-dev)
        用 package trait PostgreSQL 构建它，这需要 libpq（Debian：libpq-dev）

        Choose another directory or file for the output
        为输出选择另一个目录或文件

        Choose another file name
        选择另一个文件名

        Choose another file name, or allow overwriting; only files and links are replaced
        选择另一个文件名，或允许覆盖；只会替换文件和链接

        Choose another file for the list of failures
        为失败清单选择另一个文件

        Choose another file for the page
        为页面选择另一个文件

        Choose another directory for temporary files
        为临时文件选择另一个目录

        Allow more time for each download
        为每次下载留出更多时间

        Raise the size limit
        调高大小上限

        Lower the rate of requests
        降低请求频率

        Provide a list
        提供清单

        Choose another socket path
        选择另一个套接字路径

        Choose another address
        选择另一个地址

        Set the public host of the service
        设置服务的公开主机名

        Choose another certificate and key
        选择另一个证书和私钥

        Set the Encrypt Key and the Verification Token of %1
        设置 %1 的 Encrypt Key 和 Verification Token
        """
}
