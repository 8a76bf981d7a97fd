"""The words of a page in other languages; what is not here stands as the evidence has it.

Ids, names and what a cloud said are never translated. The sentences of the steps that make and judge snapshots are,
by their form.
"""

# ruff: noqa: RUF001 - full-width punctuation is what Chinese is written with

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from drkit.report import access_words, copies_words, gate_words

LANGUAGES = ("en", "zh")
CODES = {"en": "en", "zh": "zh-CN"}
CHINESE = {
    # the page
    "Estate": "资产", "Slot": "时段", "Run": "运行", "From, to": "起止", "Looked at": "查看时间",
    "not ended": "未结束", "Account": "账号", "Finding": "问题", "What": "对象", "Where": "位置",
    "Why": "原因", "What to do": "处理办法", "First seen": "首次发现", "Waived": "已豁免", "By": "责任人",
    "Until": "期限", "Because": "理由", "All": "全部", "the first": "显示前",
    "the rest is in the evidence": "其余见证据", "Not read": "未读取", "Coverage by host and day": "主机每日覆盖情况",
    "days ago": "天前", "today": "今天", "a good snapshot was young enough": "有足够新的可用快照",
    "nobody can say": "无法判断", "none was": "没有足够新的可用快照", "volumes": "块磁盘",
    "days": "天", "more hosts": "台主机未显示", "covered on": "已覆盖", "of": "/",
    "Made by drkit": "由 drkit 生成，版本",
    "from the run's evidence alone. Prove it with": "，仅依据本次运行的证据。验证命令：",
    "by looking once; it leaves no evidence.": "，仅查看一次，不留证据。",
    "An UNKNOWN was not looked at, and is never green.": "“未知”表示未能查看，绝不显示为绿色。",
    "unsure today": "今天无法判断",
    # verdicts and statuses
    "PASS": "通过", "FAIL": "不合格", "UNKNOWN": "未知", "covered": "已覆盖", "stale": "过期", "none": "无快照",
    "not copied": "未复制", "impossible": "无法快照", "unknown": "未知", "taken": "已创建", "disks": "块磁盘",
    "already there": "已存在", "failed": "失败", "pending": "进行中", "uncertain": "不确定",
    "copied": "已复制", "copies": "份副本", "quota": "超出配额", "chain-too-long": "快照链过长", "gone": "已不存在",
    "vanished": "已消失", "not-held": "未能静默", "held-too-short": "静默时间过短", "busy": "磁盘忙",
    "not-together": "未能同时创建", "no-end": "没有到期时间", "end unknown": "到期时间不确定",
    "creating": "创建中", "never-arrived": "未到达", "not-shareable": "无法共享", "share-quota": "超出共享配额",
    "share-refused": "共享被拒绝", "disk-failed": "创建磁盘失败", "removed": "已删除", "taken back": "已收回",
    "key-refused": "无权使用密钥", "vault": "保险库", "scratch": "临时磁盘", "share": "共享", "to": "目标地域",
    "proven": "已验证", "already proven": "本时段已验证", "not its turn": "本次未轮到", "sampled": "抽样",
    "turns": "轮", "never proven": "从未验证", "weeks": "周", "unreadable": "无法读取",
    "filesystem": "文件系统有错误", "content-differs": "内容不一致", "not-made": "未能创建磁盘",
    "not-attached": "未能挂载", "no-snapshot": "没有可用快照",
    # columns
    "account": "账号", "region": "地域", "host": "主机", "disk": "磁盘", "name": "名称", "status": "状态",
    "why": "原因", "snapshot": "快照", "age": "时长", "state": "机器状态", "automatic": "自动策略",
    "seconds": "秒",
    # sentences
    "there is no good snapshot": "没有可用快照",
    "a local disk: no snapshot reaches it": "本地盘，无法创建快照",
    "the cloud says that this disk cannot be snapshotted": "云平台说明该磁盘不支持快照",
    "the cloud names none of its volumes": "云平台没有列出它的任何磁盘",
    "its host has a volume and does not say which disk it is": "主机有一块磁盘，但没有说明是哪一块",
    "its host names this volume, the list of disks does not": "主机列出了该磁盘，但磁盘列表中没有",
    "a good snapshot's time cannot be read, or lies in the future": "某个可用快照的时间无法读取，或在将来",
    "see why the playbook that takes snapshots does not reach it": "检查创建快照的剧本为何没有覆盖它",
    "take one: a playbook with `uses: snapshots.take` that selects it":
        "创建一个：用 `uses: snapshots.take` 的剧本选中它",
    "see why the playbook that copies snapshots does not reach it": "检查复制快照的剧本为何没有覆盖它",
    "move it into an account of the estate, or see that something covers it that can be looked at":
        "把它纳入资产中的账号，或确保有可查验的其他保护",
    "move the data to a cloud disk, or protect it by another copy": "把数据迁到云硬盘，或用其他副本保护",
    "see what the cloud said; the next run of the same slot tries again":
        "查看云平台的说明；同一时段的下次运行会重试",
    "let old snapshots of the disk end: a shorter `keep_for`, or `snapshots.remove`; it can have no more":
        "让该磁盘的旧快照到期：缩短 `keep_for`，或用 `snapshots.remove`；它不能再有更多快照",
    "raise the account's quota of snapshots in this region, or let old ones end; then run the slot again":
        "提高账号在该地域的快照配额，或让旧快照到期；然后再次运行该时段",
    "raise the account's quota of snapshots in the other region; then run the slot again":
        "提高账号在目标地域的快照配额；然后再次运行该时段",
    "raise the vault's quota of snapshots in this region; then run the slot again":
        "提高保险库在该地域的快照配额；然后再次运行该时段",
    "its disks have snapshots of several moments: see what the cloud said, or take this host without `together`":
        "该主机各磁盘的快照不是同一时刻的：查看云平台的说明，或对该主机不使用 `together`",
    "see that the broker runs and may set deadlines; the next run tries again, and until then it stays":
        "确认代理正在运行且可以设置到期时间；下次运行会重试，在此之前该快照一直保留",
    "the disk is gone since it was listed: nothing is to do, if that was meant":
        "磁盘在列出之后被删除：若是有意为之，无需处理",
    "the snapshot was begun and came to nothing; the next run of the same slot tries again":
        "快照已开始创建，但没有成功；同一时段的下次运行会重试",
    "see that the program on the host holds; no snapshot was made, since it would not be consistent":
        "检查主机上的静默程序；没有创建快照，因为它不会一致",
    "raise the program's time limit; the next run of the slot takes another snapshot":
        "提高静默程序的时限；该时段的下次运行会另建快照",
    "wait until the disk is at rest; the next run of the same slot tries again":
        "等磁盘空闲；同一时段的下次运行会重试",
    "move the data to a disk that can be snapshotted, or protect it by another copy":
        "把数据迁到支持快照的磁盘，或用其他副本保护",
    "see in the other region what became of it; the snapshot itself is good":
        "到目标地域查看副本的情况；快照本身是好的",
    "see in the vault what became of it; the snapshot itself is good": "到保险库查看副本的情况；快照本身是好的",
    "take the share back by hand, or see that the broker runs: the next run tries again":
        "手动收回共享，或确认 broker 在运行：下次运行会重试",
    "see what the broker or the cloud said; the next run of the same slot tries again":
        "查看 broker 或云平台的说明；同一时段的下次运行会重试",
    "the cloud shares no encrypted snapshot, and none of a system disk: copy it in another way":
        "云平台不共享加密快照，也不共享系统盘快照：请用其他方式复制",
    "see what the cloud said of the vault's scratch disk: its balance, its zone, its quota of disks":
        "查看云平台对保险库临时磁盘的说明：余额、可用区、磁盘配额",
}  # fmt: skip
AGE = r"(-?[0-9.]+) (h|days)"
UNITS = {"h": "小时", "days": "天", "d": "天", "w": "周", "m": "分钟", "s": "秒"}
# A sentence with something in it: its form, and its words around what was found.
FORMS: tuple[tuple[str, str], ...] = (
    (rf"the newest good snapshot is {AGE} old", "最新可用快照已有 {0} {1}"),
    (
        rf"the newest good snapshot is {AGE} or {AGE} old: its time has no zone",
        "最新可用快照已有 {0} {1} 或 {2} {3}：其时间没有时区",
    ),
    (r"([0-9]+) being created", "{0} 个正在创建"),
    (r"no fresh snapshot has a good copy in (.+)", "没有新快照在 {0} 有可用副本"),
    (r"the vault (\S+)", "保险库 {0}"),
    (
        r"([0-9]+) of ([0-9]+) disks got no snapshot, the first: (.+)",
        "{1} 块磁盘中有 {0} 块没有快照，第一块：{2}",
    ),
    (
        r"([0-9]+) of ([0-9]+) copies were not made, the first: (.+)",
        "{1} 份副本中有 {0} 份没有完成，第一份：{2}",
    ),
    (r"(snap-\S+) was begun and is gone", "{0} 已开始创建，现已不存在"),
    (r"(snap-\S+) was made in this slot", "{0} 是在该时段创建的"),
    (r"(snap-\S+) is still being created", "{0} 仍在创建"),
    (r"the disk is (\S+)", "磁盘状态为 {0}"),
    (r"in no account of the estate: (.+)", "不在资产的任何账号中：{0}"),
    (r"not read: (.+)", "未读取：{0}"),
    (
        r"([0-9]+) of ([0-9]+) volumes have no good snapshot that is young enough",
        "{1} 块磁盘中有 {0} 块没有足够新的可用快照",
    ),
    (r"(asp-\S+) is gone, (.+)", "{0} 已被删除，{1}"),
    (r"(asp-\S+) does not have this disk, (.+)", "{0} 没有绑定该磁盘，{1}"),
    (r"(asp-\S+) is off, (.+)", "{0} 已停用，{1}"),
    (r"(asp-\S+) says every ([0-9]+)([hdwms]), (.+)", "{0} 声称每 {1} {2} 一次，{3}"),
    (rf"the newest good snapshot by it is {AGE} old", "由它创建的最新可用快照已有 {0} {1}"),
    (r"there is no good snapshot by it", "没有由它创建的可用快照"),
)


def translator(language: str) -> Callable[[Any], Any]:
    """What turns a text of a page into a language; what is no text stays what it is."""
    if language == "en":
        return lambda value: value
    return lambda value: _chinese(value) if isinstance(value, str) else value


def _chinese(text: str) -> str:
    """A text, or each of its parts between semicolons."""
    whole = _part(text)
    return whole if whole != text or "; " not in text else "；".join(map(_part, text.split("; ")))


def _part(text: str) -> str:
    if text in CHINESE:
        return CHINESE[text]
    for table in (access_words.CHINESE, copies_words.CHINESE, gate_words.CHINESE):
        if text in table:
            return table[text]
    for form, words in (*FORMS, *access_words.FORMS, *copies_words.FORMS):
        if found := re.fullmatch(form, text):
            if ";" in text and "; " in "".join(group or "" for group in found.groups()):
                continue
            return words.format(*(UNITS.get(group) or _chinese(group) for group in found.groups()))
    return text
