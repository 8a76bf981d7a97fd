"""The words of the weekly report of the gate in Chinese."""

# ruff: noqa: RUF001 - full-width punctuation is what Chinese is written with

from __future__ import annotations

CHINESE = {
    "The gate, person by person": "审批闸门：按人员统计", "person": "人员", "asked": "申请", "refused": "被拒绝",
    "carried out": "已执行", "approved": "批准他人", "denied": "否决或撤回", "broke glass": "紧急破例",
    "reviewed": "复核他人", "sessions": "堡垒机会话", "typed": "堡垒机命令", "blocked": "被堡垒机拦截",
    "broken glass": "紧急破例", "nobody has reviewed it": "尚无人复核", "held by the bastion": "被堡垒机拦截",
    "not read": "未读取",
}  # fmt: skip
