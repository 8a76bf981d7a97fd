"""The words of audits of who may do what, in Chinese."""

# ruff: noqa: RUF001 - full-width punctuation is what Chinese is written with

from __future__ import annotations

CHINESE = {
    "Who may do what": "谁能做什么", "Findings": "问题", "Severity": "严重程度", "Who": "谁", "By whom": "由谁",
    "Gained since the last audit": "自上次审计以来新增的权限",
    "nobody whom the trail tells of": "操作审计中没有记录",
    "Not read or not understood": "未能读取或理解", ".": "。",
    "critical": "严重", "high": "高", "medium": "中", "low": "低",
    "accounts": "个账号", "users": "个用户", "roles": "个角色", "policies": "条策略", "findings": "个问题",
    "not understood": "处未能理解", "not_understood": "处未能理解", "gained": "项新增", "checks left out": "项检查未做",
    "principal": "主体", "what": "内容", "by": "由谁",
    # what to do
    "name the actions and resources that are needed; keep one sealed administrator for emergencies":
        "只写需要的操作和资源；保留一个封存的管理员以备紧急情况",
    "name the services that are needed, and deny cam:* besides": "只写需要的服务，并另外拒绝 cam:*",
    "name what is allowed instead of what is not": "写明允许什么，而不是不允许什么",
    "name the actions without wildcards, and leave out those that destroy":
        "不用通配符，逐一写明操作，并去掉会销毁数据的操作",
    "write * as the resource, and bind the right by who holds it or by a condition":
        "资源写 *，用持有者或条件来限制权限",
    "write the resource in full: qcs::service:region:account:type/id, or an ARN":
        "写出完整的资源：qcs::service:region:account:type/id，或 ARN",
    "add a condition on the second factor or on the address, or leave the action to the broker":
        "加上二次验证或来源地址的条件，或把该操作交给 broker",
    "make a new key, switch the old one off, then delete it": "新建密钥，停用旧密钥，然后删除",
    "give each program and each person a user of its own": "为每个程序、每个人各建一个用户",
    "delete the key, and the user if nobody needs it": "删除密钥；用户若无人需要，一并删除",
    "delete the root's keys, give it a second factor, and lock both away for emergencies":
        "删除主账号密钥，启用二次验证，并封存以备紧急情况",
    "ask for a second factor at login, or take the password away where nobody logs in":
        "登录时要求二次验证；若无人登录，则关闭控制台登录",
    "take the right away; ask for it when it is needed, through the gate": "收回该权限；需要时通过 gate 申请",
    "deny in the boundary itself whatever changes boundaries and policies": "在权限边界中拒绝修改边界和策略的操作",
    "write a policy of your own that names what is needed": "自己写一条策略，只写需要的内容",
    "let a role trust its own environment alone, and give a person a user in one of them":
        "角色只信任本环境；一个人只在一个环境中有用户",
    "let two different holders have them, the one of backups in an account of its own":
        "由两个不同的持有者分别持有，备份的持有者放在独立账号中",
    "keep one track of everything in a bucket of another account, and let nobody end it but a sealed administrator":
        "把全部操作的跟踪集保存到另一账号的存储桶，除封存的管理员外谁都不能停用",
    "switch the user's keys and password off today, then delete it": "今天就停用该用户的密钥和密码，然后删除用户",
    "take the principal out of the role's trust": "从角色的信任策略中移除该主体",
    "leave the statement out, or the deny": "去掉这条语句，或去掉那条拒绝",
    "write the action as the service's page on CAM writes it, and see by `drkit access why` that it is denied":
        "按该产品的 CAM 文档书写操作名，并用 `drkit access why` 确认确实被拒绝",
}  # fmt: skip
FORMS: tuple[tuple[str, str], ...] = (
    (r"([0-9]+) findings", "{0} 个问题"),
    (r"([0-9]+) could not be judged, the first: (.+)", "{0} 处无法判断，第一处：{1}"),
)
