extension ChineseTexts {
    /// Errors of the platform, of connections and of downloads.
    static let platformErrors = """
        the server does not state the length of the file, so a truncated file could not be detected
        服务器没有给出文件长度，因此无法发现文件被截断

        the server sent something instead of the file
        服务器发来的不是文件

        the server sent %1 instead of the file
        服务器发来的是 %1，而不是文件

        the response is larger than %1 MiB
        响应超过 %1 MiB

        the response to the request for a token is not in the platform's form
        请求 token 的响应不符合平台的格式

        the response to the request for a token has a lifetime under 60 s
        请求 token 的响应中有效期不足 60 秒

        the response to the request for a token does not contain a valid token
        请求 token 的响应中没有有效的 token

        the response to the request for messages is not in the platform's form
        请求消息的响应不符合平台的格式

        %1 did not respond within %2 s
        %1 在 %2 秒内没有响应

        the response was cut off after %1 bytes
        响应在 %1 字节后中断

        %1 cannot be reached: %2
        无法连接 %1：@2

        %1 cannot be reached through the proxy %2: %3
        无法通过代理 %2 连接 %1：@3

        its certificate is for another host
        它的证书属于另一个主机

        the connection was idle for too long
        连接空闲时间过长

        no response arrived in time
        没有及时收到响应

        the connection was not established in time
        没有及时建立连接

        no connection became free in time
        没有及时得到空闲连接

        it requires a user name and password
        它要求用户名和密码

        it refused the connection
        它拒绝了连接

        it did not respond in time
        它没有及时响应

        it closed the connection before the response was complete
        它在响应完整之前关闭了连接

        the name %1 could not be resolved
        无法解析名称 %1

        it closed the connection without ending TLS
        它没有结束 TLS 就关闭了连接

        it closed the connection during the TLS handshake
        它在 TLS 握手期间关闭了连接

        TLS failed (%1)
        TLS 失败 (%1)

        its certificate is not trusted here (%1)
        本机不信任它的证书 (%1)

        it requires a client certificate (%1)
        它要求客户端证书 (%1)

        it does not use TLS (%1)
        它不使用 TLS (%1)

        connection refused
        连接被拒绝

        connection reset by peer
        连接被对方重置

        no route to host
        没有到主机的路由

        network is unreachable
        网络不可达

        connection timed out
        连接超时

        the calls of this month cannot be counted, so none can be kept in reserve
        无法统计本月的调用次数，因此无法保留

        %1 calls are left of the app's quota for this month, and %2 are kept in reserve
        应用本月的额度还剩 %1 次调用，其中保留 %2 次

        the platform refused %1
        平台拒绝了：@1

        the server refused %1
        服务器拒绝了：@1

        a tenant_access_token for %1
        %1 的 tenant_access_token

        an app_access_token for %1
        %1 的 app_access_token

        an app_ticket for %1
        %1 的 app_ticket

        the message %1
        消息 %1

        the messages of a chat
        会话的消息

        the server redirects to another address, and tokens are not sent there
        服务器重定向到另一个地址，不会向那里发送 token

        the response is not from the Open Platform
        响应不是来自开放平台

        %1; also tried: %2
        @1；还尝试了：%2

        %1; this was the result %2 s ago, and the next request is allowed in %3 s
        @1；这是 %2 秒前的结果，%3 秒后才能再次请求

        %1; a new one was requested %2 s ago
        @1；%2 秒前已请求新的

        %1; a new one was requested %2 s ago and has not arrived after %3 s of waiting
        @1；%2 秒前已请求新的，等待 %3 秒后仍未到达

        there is no app_ticket of %1 yet
        还没有 %1 的 app_ticket

        the app_ticket of %1 is not valid
        %1 的 app_ticket 无效

        the platform rejected two different tokens within %1 s
        平台在 %1 秒内拒绝了两个不同的 token

        other processes have been renewing the token for too long without a result
        其他进程更新 token 的时间过长，且没有结果

        another process is renewing the app_access_token of %1
        另一个进程正在更新 %1 的 app_access_token

        the platform throttled this request %1 times
        平台对该请求限流了 %1 次

        the download was not finished within %1 s
        下载没有在 %1 秒内完成

        the rate limit allowed no request within %1 s
        %1 秒内频率限制不允许任何请求

        the response is not an image: %1
        响应不是图片：@1

        the response is not the file: %1
        响应不是该文件：@1

        unexpected Content-Encoding %1
        意外的 Content-Encoding %1

        it is empty
        它是空的

        its Content-Type is %1
        它的 Content-Type 是 %1

        the file is larger than %1 bytes
        文件超过 %1 字节

        the trusted certificates cannot be read: '%1' is not a PEM file
        无法读取受信任的证书：'%1' 不是 PEM 文件

        the trusted certificates cannot be read: '%1' does not exist
        无法读取受信任的证书：'%1' 不存在

        writing in %1 failed: %2
        在 %1 中写入失败：%2

        cannot create a file at %1: %2
        无法在 %1 创建文件：%2

        cannot create a file in %1: %2
        无法在 %1 中创建文件：%2

        cannot examine %1: %2
        无法检查 %1：%2

        cannot write the image to the output: %1
        无法把图片写到输出：%1

        %1 exists and is not a regular file
        %1 已存在且不是普通文件

        '%1' is not a file name
        '%1' 不是文件名

        the list cannot be stored in %1: %2
        清单无法存储到 %1：%2

        the list cannot be read: %1
        清单无法读取：%1

        this is not a list of downloads: %1
        这不是下载清单：@1

        it is UTF-16, not UTF-8
        它是 UTF-16，而不是 UTF-8

        line %1 does not end within %2 MiB
        第 %1 行超过 %2 MiB

        the list was changed while it was read
        清单在读取时被更改

        %1 of its first %2 lines are invalid
        前 %2 行中有 %1 行无效

        the result cannot be written to stdout: %1
        结果无法写入标准输出：%1
        """
}
