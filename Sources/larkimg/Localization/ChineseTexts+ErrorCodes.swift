extension ChineseTexts {
    /// The platform's error codes: what they mean, and what to do.
    static let errorCodes = """
        the platform has no such image for this app
        平台上没有该应用可用的这张图片

        Check the key: it may belong to a user's message
        检查 key：它可能属于某个用户的消息

        Check message_id, key and type
        检查 message_id、key 和 type

        the platform denies this app access
        平台拒绝该应用访问

        Check the app in the developer console; if it is in order, give the log id to the platform's support
        在开发者后台检查该应用；如果没有问题，把 log id 提供给平台的技术支持

        the image has been deleted
        图片已被删除

        It can no longer be downloaded; upload it again if it is still needed
        无法再下载；如果仍需要，请重新上传

        the app's bot is not enabled
        应用的机器人未启用

        enable the bot (Features, Bot) and publish a version
        启用机器人（「应用能力」中的「机器人」）并发布版本

        the app did not upload this image
        该图片不是由该应用上传的

        An app can only download what it uploaded
        应用只能下载它自己上传的内容

        the tenant's encryption key has been deleted
        租户的加密密钥已被删除

        Ask the tenant's administrator to restore the tenant master key
        请租户管理员恢复租户主密钥

        the tenant's own storage failed, it may be full
        租户自有的存储出错，可能已满

        Ask the tenant's administrator to check the storage of the hybrid deployment, then run this again
        请租户管理员检查混合部署的存储，然后重新运行

        app_id or app_secret is malformed
        app_id 或 app_secret 格式不正确

        the app or the tenant is unknown
        应用或租户不存在

        the app_ticket is not valid
        app_ticket 无效

        A new one is requested; the platform also pushes one every hour to the app's event address
        已请求新的 app_ticket；平台每小时也会向应用的事件地址推送一次

        the platform issues no tenant_access_token for this tenant
        平台不为该租户签发 tenant_access_token

        Check that the app is installed in the tenant
        检查应用是否已安装到该租户

        the app is unknown, its secret is wrong, or it is disabled
        应用不存在、secret 错误或应用已停用

        the app_secret is wrong
        app_secret 错误

        the app_id or the app_secret does not exist
        app_id 或 app_secret 不存在

        the platform found no token in the request
        平台在请求中没有找到 token

        A proxy may strip the Authorization header
        代理可能去掉了 Authorization 请求头

        the app is not enabled
        应用未启用

        enable it
        启用该应用

        the platform rejected the tenant_access_token
        平台不接受该 tenant_access_token

        Check that the app is enabled in the tenant
        检查应用在该租户中是否已启用

        the platform rejected the app_access_token
        平台不接受该 app_access_token

        Run this again: a new one will be requested
        重新运行：会请求一个新的

        the tenant_access_token belongs to no tenant
        该 tenant_access_token 不属于任何租户

        the platform took the token for a user token and rejected it
        平台把该 token 当作用户 token，并拒绝了它

        Check the app in the developer console
        在开发者后台检查该应用

        the platform does not accept the token's format
        平台不接受该 token 的格式

        A token of one platform is not valid on the other
        Lark 与飞书的 token 不能互用

        the app lacks a scope that this request needs
        应用缺少该请求所需的权限

        grant the scope that the message names, and publish a version
        开通提示中列出的权限，并发布版本

        the app is not authorized in this tenant
        应用未获该租户授权

        Ask the tenant's administrator to install or approve the app
        请租户管理员安装或审批该应用

        the token lacks permission
        该 token 没有权限

        check its permissions
        检查应用的权限

        too many requests
        请求过于频繁

        Run this again after the time named
        在提示的时间之后重新运行

        this machine's address is not on the app's allowlist
        本机地址不在应用的 IP 白名单中

        add the address (Security settings)
        添加该地址（「安全设置」）

        the tenant's monthly quota of API calls is used up
        租户本月的 API 调用额度已用完

        It is renewed next month; the tenant's administrator can upgrade the plan
        额度在下个月恢复；租户管理员可以升级套餐

        The next month begins on %1; the tenant's administrator can upgrade the plan
        下个月从 %1 开始；租户管理员可以升级套餐

        The next month begins on %1
        下个月从 %1 开始

        the platform does not accept a field of the request
        平台不接受请求中的某个字段

        Check the key; if it is right, give the log id to the platform's support
        检查 key；如果没有错，把 log id 提供给平台的技术支持

        the platform reports an internal error
        平台报告内部错误

        Run this again in a minute; if it persists, give the log id to the platform's support
        一分钟后重新运行；如果仍然出错，把 log id 提供给平台的技术支持

        the message has been deleted
        消息已被删除

        Its resources can no longer be downloaded
        其中的资源无法再下载

        the message does not contain this file
        该消息不包含这个文件

        Check that message_id and key belong to the same message
        检查 message_id 和 key 是否属于同一条消息

        the app is not in the chat of this message
        应用不在该消息所在的会话中

        Add the bot to the chat, then run this again
        把机器人加入会话，然后重新运行

        the app lacks permission for this chat
        应用没有该会话的权限

        grant the permission that external groups need
        开通外部群所需的权限

        the platform could not check the app against the tenant
        平台未能核对应用与租户的关系

        Run this again in a minute
        一分钟后重新运行

        the file is larger than the platform lets an app download
        文件超过平台允许应用下载的大小

        Files above 100 MB can only be downloaded in the Lark client
        超过 100 MB 的文件只能在飞书客户端中下载

        the chat does not allow downloads
        该会话不允许下载

        The chat is in restricted mode; its owner can change that
        该会话处于防泄密模式；群主可以更改

        the message is invisible to the app
        该消息对应用不可见

        The bot sees only what was sent after it joined, unless the chat shows its history
        机器人只能看到它加入之后的消息，除非会话允许查看历史消息

        files of this message type cannot be downloaded
        这种类型的消息中的文件无法下载

        Apps cannot download from cards and forwarded messages; use the original message
        应用无法从卡片和合并转发的消息中下载；请使用原始消息

        the resource has been deleted
        资源已被删除

        It can no longer be downloaded
        无法再下载

        the platform has no such message
        平台上没有这条消息

        Check the message_id
        检查 message_id

        the app's bot is not in the chat of this message
        应用的机器人不在该消息所在的会话中

        the user is outside of the app's availability, or has resigned
        用户不在应用的可用范围内，或已离职

        widen the app's availability
        扩大应用的可用范围

        the app lacks permission for messages of this chat
        应用没有该会话的消息权限

        Messages of external groups cannot be read
        外部群的消息无法读取

        grant im:message and, for groups, im:message.group_msg
        开通 im:message，群消息还需开通 im:message.group_msg

        the thread is invisible to the app
        该话题对应用不可见

        The bot joined later; the chat's owner can let new members see its history
        机器人加入较晚；群主可以允许新成员查看历史消息

        the chat is in restricted mode
        该会话处于防泄密模式

        Its owner can change that
        群主可以更改
        """
}
