extension ChineseTexts {
    /// Errors in files that are imported.
    static let inputErrors = """
        line %1: %2
        第 %1 行：@2

        app %1: %2
        应用 %1：@2

        there is no %1APP_SECRET
        没有 %1APP_SECRET

        Add the variable, or use larkimg tenant add for this app
        添加该变量，或对该应用使用 larkimg tenant add

        the value refers to another variable
        该值引用了另一个变量

        Write the value itself, in single quotes
        直接写出该值，并加单引号

        there is no name
        没有名称

        Every tenant needs a name or an app_id
        每个租户需要名称或 app_id

        it has a tenant_key and an app_secret
        它同时有 tenant_key 和 app_secret

        A tenant of a store app has no app_secret of its own, one with a custom app no tenant_key
        商店应用的租户没有自己的 app_secret，自建应用的租户没有 tenant_key

        there is neither app nor app_id
        既没有 app 也没有 app_id

        Name the store app that the tenant installed
        指定租户安装的商店应用

        there is no app_id
        没有 app_id

        It begins with cli_; see the developer console
        它以 cli_ 开头；参见开发者后台

        Provide %1
        提供：@1

        there is no app_secret
        没有 app_secret

        Give one, or where it is: %1
        给出它，或说明它在哪里：@1

        it has an app_secret and a reference to one
        它同时有 app_secret 和对 app_secret 的引用

        Leave one of them out
        去掉其中一个

        the app_id does not begin with cli_
        app_id 没有以 cli_ 开头

        Check the order of the columns
        检查列的顺序

        the %1 is not valid: it takes %2
        %1 无效，应为：@2

        Correct it, then import the file again
        更正后重新导入该文件

        the file is not a configuration of lark-cli
        该文件不是 lark-cli 的配置

        It is ~/.lark-cli/config.json, with a list of apps
        它是 ~/.lark-cli/config.json，包含应用列表

        lark-cli keeps the app_secret of %1 in its keychain, where larkimg cannot read it
        lark-cli 把@1的 app_secret 保存在钥匙串中，larkimg 无法读取

        Copy it from the developer console, then: %1
        从开发者后台复制它，然后运行：%1

        %1 has no app_secret
        @1没有 app_secret

        %1: the name %2 is taken by %3 of this file
        @1：名称 %2 已用于该文件的@3

        Give one of them another name
        给其中一个换个名称

        %1 exists, and its store app cannot be changed
        %1 已存在，且它的商店应用无法更改

        Remove it first: larkimg tenant remove %1
        先删除它：larkimg tenant remove %1

        there is no store app with the app_id %1
        没有 app_id 为 %1 的商店应用

        Register it first: larkimg app add NAME --app-id %1
        先登记它：larkimg app add NAME --app-id %1

        the file has none of the known forms
        该文件不是任何已知的格式

        Name its form with --format env, lark-cli or csv; see larkimg tenant import --help
        用 --format 指定格式 env、lark-cli 或 csv；参见 larkimg tenant import --help

        the file has no tenants
        该文件中没有租户

        See larkimg tenant import --help for the variables and columns that it needs
        所需的变量和列参见 larkimg tenant import --help

        --name does not go with a file of %1 tenants
        --name 不能用于有 %1 个租户的文件

        Leave it out
        去掉它

        %1 is not a text of at most %2 MiB in UTF-8
        %1 不是不超过 %2 MiB 的 UTF-8 文本

        Check that it is the right file
        检查文件是否正确

        %1 cannot be read: %2
        %1 无法读取：%2

        Check the file's name and permissions
        检查文件的名称和权限

        there is no column %1
        没有名为 %1 的列

        the first row does not name the columns
        第一行不是列名

        The first row names the columns: %1
        第一行是列名：%1

        The nearest one is %1
        最接近的是 %1

        a quote is not closed
        引号没有闭合

        Close it, or double a quote inside of a cell
        闭合引号；单元格内的引号要写两个

        it has %1, and the header %2
        它有 @1，而表头有 %2 个

        Put quotes around cells that contain a separator
        含有分隔符的单元格要加引号
        """
}
