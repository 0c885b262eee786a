extension ChineseTexts {
    /// Errors of the auth service and of its clients.
    static let serviceErrors = """
        %1 returned invalid quota timestamps
        %1 返回了无效的额度时间戳

        the response of %1 does not contain a valid token
        %1 的响应中没有有效的 token

        %1 did not respond like an auth service
        %1 的响应不像认证服务

        %1: permission denied
        %1：没有权限

        the certificate %1, its key or the certificate authority cannot be used
        证书 %1、它的私钥或证书颁发机构无法使用

        cannot listen on %1: %2
        无法监听 %1：%2

        %1 is not a valid socket path
        %1 不是有效的套接字路径

        cannot create a socket in %1: %2
        无法在 %1 中创建套接字：%2

        the socket cannot be given to the group %1: %2
        无法把套接字交给组 %1：%2

        the directory %1 does not exist
        目录 %1 不存在

        other users can create a socket in %1
        其他用户可以在 %1 中创建套接字

        %1 exists and is not a socket
        %1 已存在且不是套接字

        %1: there is no such endpoint
        %1：没有该端点

        %1: this endpoint supports %2 only
        %1：该端点只支持 %2

        %1: the Host header does not name this service
        %1：Host 请求头不是本服务

        %1: the request comes from a web page or through a proxy
        %1：请求来自网页或经过代理

        %1: the Content-Type is not application/json
        %1：Content-Type 不是 application/json

        %1: the body is larger than %2 bytes
        %1：请求体超过 %2 字节

        %1: missing or invalid client secret
        %1：客户端密钥缺失或无效

        %1: too many requests
        %1：请求过于频繁

        %1: too many wrong client secrets from this address
        %1：来自该地址的错误客户端密钥过多

        %1: there is no tenant %2 for this client
        %1：该客户端没有租户 %2

        %1: the event was refused
        %1：事件被拒绝

        %1: the audit log takes no lines at the moment
        %1：审计日志目前无法写入

        %1: the service cannot read the app_secret of the tenant's app
        %1：服务无法读取该租户的应用的 app_secret

        %1: the service's database server cannot be used
        %1：服务的数据库服务器无法使用

        %1: the service's store cannot be used
        %1：服务的存储无法使用

        %1: the service's store cannot be used: %2
        %1：服务的存储无法使用：%2

        %1: the service failed
        %1：服务出错
        """
}
