"""Tencent Cloud, by the official SDK's CommonClient."""
