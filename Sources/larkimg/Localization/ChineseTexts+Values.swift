extension ChineseTexts {
    /// What the parser refuses, and the forms that values must have.
    static let values = """
        unknown option '%1'
        未知选项 '%1'

        unknown option '%1'. Did you mean '%2'?
        未知选项 '%1'。是不是 '%2'？

        unknown option '%1' or: Missing value for '%2' in '%3'
        未知选项 '%1'，或：'%3' 中的 '%2' 缺少值

        missing value for '%1'
        '%1' 缺少值

        the option '%1' does not take any value, but '%2' was specified.
        选项 '%1' 不带值，但给出了 '%2'。

        unexpected argument '%1'
        多余的参数 '%1'

        %1 unexpected arguments: '%2'
        %1 个多余的参数：'%2'

        missing expected argument '%1'
        缺少参数 '%1'

        missing one of: '%1'
        缺少以下之一：'%1'

        the value '%1' is invalid for '%2'
        '%2' 的值 '%1' 无效

        the value '%1' is invalid for '%2': %3
        '%2' 的值 '%1' 无效：@3

        the value '%1' is invalid for '%2'. Please provide one of %3.
        '%2' 的值 '%1' 无效。请使用以下之一：%3。

        the value '%1' is invalid for '%2'. Please provide one of the following: %3
        '%2' 的值 '%1' 无效。请使用以下之一：%3

        See %1 --help
        参见 %1 --help

        Did you mean %1? See %2 --help
        是不是 %1？参见 %2 --help

        there is no command %1
        没有命令 %1

        '%1' is not a valid %2: it takes %3
        '%1' 不是有效的@2，应为：@3

        tenant name
        租户名称

        app name
        应用名称

        client name
        客户端名称

        month quota
        月额度

        address of an auth service
        认证服务地址

        reference to a secret
        密钥引用

        certificate file
        证书文件

        key file
        私钥文件

        1 to 128 characters of A-Z a-z 0-9 _ -
        1 到 128 个字符：A-Z a-z 0-9 _ -

        1 to 64 letters, digits and . _ - : @ +, a letter or digit first
        1 到 64 个字母、数字或 . _ - : @ +，以字母或数字开头

        'lark', 'feishu' or a URL such as https://open.example.com
        'lark'、'feishu' 或 URL，例如 https://open.example.com

        https, or plain http to this machine only
        https；http 只能用于本机

        http://HOST:PORT, with USER:PASSWORD@ before the host if needed
        http://HOST:PORT，需要时在主机前加 USER:PASSWORD@

        1/s to 1000/s, 1/m to 10000/m, both with a comma between them, or 'none': 50/s,1000/m
        1/s 到 1000/s、1/m 到 10000/m、用逗号分隔的两者，或 'none'：50/s,1000/m

        a number from 1 to 1000000000, or 'none': 10000
        1 到 1000000000 的数，或 'none'：10000

        a number from %1 to %2
        %1 到 %2 的数

        a PEM file that can be read
        可读的 PEM 文件

        unix:///PATH, https://HOST:PORT, or http:// to this machine alone
        unix:///PATH、https://HOST:PORT，或只指向本机的 http://

        use hours or days, from 1h to 3650d
        使用小时或天，从 1h 到 3650d

        env:NAME, file:/PATH, exec:COMMAND or systemd-credential:NAME
        env:NAME、file:/PATH、exec:COMMAND 或 systemd-credential:NAME

        env: and the name of a variable
        env: 加变量名

        file: and an absolute path
        file: 加绝对路径

        systemd-credential: and the name of a credential
        systemd-credential: 加 credential 的名称

        at most %1 bytes
        最多 %1 字节

        no NUL
        不含 NUL

        a character after every backslash
        每个反斜杠后有一个字符

        no '%1' outside of '…', since no shell runs it
        '…' 之外不含 '%1'，因为不经过 shell 运行

        a closing quote for each opening one
        引号成对

        the name of a program
        程序名

        a program in PATH or an absolute path, since it may run in another directory
        PATH 中的程序或绝对路径，因为它可能在其他目录中运行

        image or file
        image 或 file
        """
}
