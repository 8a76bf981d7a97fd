"""The words of cold copies in Chinese."""

# ruff: noqa: RUF001, E501 - long lines stay beside their translations, and full-width punctuation is what Chinese is written with

from __future__ import annotations

CHINESE = {
    "Copies by dataset and region": "各数据集在各地域的副本", "Dataset": "数据集", "Growth": "增长",
    "objects": "个对象", "h old": "小时前", "manifests": "份清单", "dataset": "数据集", "copy": "副本",
    "cloud": "云", "whole": "完整", "differs": "不一致", "grown": "只增不减", "lost": "有丢失",
    "missing": "缺失", "extra": "多余", "size_differs": "大小不同", "checksum_differs": "校验和不同",
    "not_comparable": "无法比较", "wrong_class": "存储类型不符", "overwritten": "被覆盖",
    "version_deleted": "版本被删除", "appeared": "新增", "allowed": "经批准移除", "rules": "条规则",
    "rules_kept": "条规则已满足", "present": "存在", "immutable": "不可变", "age": "时长", "bytes": "字节",
    "copy them again, and see why they did not arrive": "重新复制，并查明为何没有到达",
    "see who wrote them, or whether the reference lost them": "查明由谁写入，或基准副本是否丢失了它们",
    "find out which of the two is right, and copy it again": "查明两者中哪一个正确，并重新复制",
    "see why the lifecycle rule does not reach them": "检查生命周期规则为何没有生效",
    "find out who removed them, and restore them; if they may go: drkit copies release":
        "查明由谁移除并恢复；若允许移除：drkit copies release",
    "find out who wrote them, and restore what was there; if that may go: drkit copies release":
        "查明由谁写入并恢复原内容；若允许：drkit copies release",
    "find out who took it away, and restore it from a backup of the state": "查明由谁取走，并从状态备份中恢复",
    "find out who changed it, and restore it from a backup of the state": "查明由谁改动，并从状态备份中恢复",
    "promise what is missing in the estate, and make it: another copy, cloud, region or lock":
        "在资产中补上缺少的承诺并落实：另一份副本、另一个云、另一个地域或锁定",
    "its head is not there": "其清单头不存在", "its rows are not there": "其内容不存在",
}  # fmt: skip
FORMS: tuple[tuple[str, str], ...] = (
    (r"([0-9]+) objects of the reference are missing, the first: (.+)", "缺少基准副本中的 {0} 个对象，第一个：{1}"),
    (r"([0-9]+) objects are not in the reference, the first: (.+)", "{0} 个对象不在基准副本中，第一个：{1}"),
    (r"([0-9]+) objects have another size than in the reference, the first: (.+)", "{0} 个对象的大小与基准副本不同，第一个：{1}"),
    (r"([0-9]+) objects have another checksum than in the reference, the first: (.+)", "{0} 个对象的校验和与基准副本不同，第一个：{1}"),
    (r"([0-9]+) objects are of another storage class than promised, the first: (.+)", "{0} 个对象的存储类型与承诺不符，第一个：{1}"),
    (r"([0-9]+) objects were there and are gone, the first: (.+)", "{0} 个对象曾经存在，现已消失，第一个：{1}"),
    (r"([0-9]+) objects were written again with other content, the first: (.+)", "{0} 个对象被写入了其他内容，第一个：{1}"),
    (r"([0-9]+) versions were there and are gone, the first: (.+)", "{0} 个版本曾经存在，现已消失，第一个：{1}"),
    (r"([0-9]+) objects were there and are gone, as found above", "{0} 个对象曾经存在，现已消失，见上文"),
    (r"([0-9]+) objects were written again with other content, as found above", "{0} 个对象被写入了其他内容，见上文"),
    (r"([0-9]+) versions were there and are gone, as found above", "{0} 个版本曾经存在，现已消失，见上文"),
    (r"manifest ([0-9]+): (.+)", "清单 {0}：{1}"),
    (r"the rule (\S+) is not kept: (.+)", "未满足规则 {0}：{1}"),
    (r"([0-9]+) errors, where there may be none", "有 {0} 个错误，而不允许有错误"),
)  # fmt: skip
