"""The regions and zones of Tencent Cloud.

Source: "Regions and zones" of the CVM documentation (document 213/6091) and the list of zones in the
specification of DescribeZones. A zone is written as its number and, in brackets, sold out.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Zone:
    """An availability zone; ``sold_out`` ones are listed as UNAVAILABLE."""

    name: str
    number: int
    zone_id: str
    sold_out: bool


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its name in Chinese and English, the city, the zones."""

    name: str
    area_zh: str
    area_en: str
    city_zh: str
    city_en: str
    zones: tuple[Zone, ...]


def region(name: str, zh: str, en: str, base: int, zones: str) -> Region:
    """A row of the table: ``zh`` and ``en`` are ``area(city)``, ``zones`` numbers, ``!`` for sold out."""
    area_zh, city_zh = zh.rstrip(")").split("(")
    area_en, city_en = en.rstrip(")").split("(")
    return Region(
        name,
        area_zh,
        area_en.strip(),
        city_zh,
        city_en,
        tuple(
            Zone(f"{name}-{number}", int(number), str(base + int(number)), sold_out=written.endswith("!"))
            for written in zones.split()
            for number in [written.rstrip("!")]
        ),
    )


REGIONS = {
    row.name: row
    for row in (
        region("ap-guangzhou", "华南地区(广州)", "South China (Guangzhou)", 100000, "1! 2! 3 4 5 6 7"),
        region("ap-shanghai", "华东地区(上海)", "East China (Shanghai)", 200000, "1! 2 3 4 5 8"),
        region("ap-nanjing", "华东地区(南京)", "East China (Nanjing)", 330000, "1 2 3"),
        region("ap-beijing", "华北地区(北京)", "North China (Beijing)", 800000, "1! 2 3 4 5 6 7"),
        region("ap-chengdu", "西南地区(成都)", "Southwest China (Chengdu)", 160000, "1 2"),
        region("ap-chongqing", "西南地区(重庆)", "Southwest China (Chongqing)", 190000, "1"),
        region(
            "ap-hongkong",
            "港澳台地区(中国香港)",
            "Hong Kong/Macao/Taiwan (Hong Kong, China)",
            300000,
            "1! 2 3",
        ),
        region("ap-shanghai-fsi", "华东地区(上海金融)", "East China (Shanghai Finance)", 700000, "2 3 4"),
        region("ap-shenzhen-fsi", "华南地区(深圳金融)", "South China (Shenzhen Finance)", 110000, "1 2 3!"),
        region("ap-singapore", "亚太东南(新加坡)", "Southeast Asia (Singapore)", 900000, "1 2 3 4"),
        region("ap-jakarta", "亚太东南(雅加达)", "Southeast Asia (Jakarta)", 720000, "1 2"),
        region("ap-bangkok", "亚太东南(曼谷)", "Southeast Asia (Bangkok)", 230000, "1 2"),
        region("ap-mumbai", "亚太南部(孟买)", "South Asia (Mumbai)", 210000, "1 2"),
        region("ap-seoul", "亚太东北(首尔)", "Northeast Asia (Seoul)", 180000, "1 2"),
        region("ap-tokyo", "亚太东北(东京)", "Northeast Asia (Tokyo)", 250000, "1 2"),
        region("na-siliconvalley", "美国西部(硅谷)", "Western US (Silicon Valley)", 150000, "1 2"),
        region("na-ashburn", "美国东部(弗吉尼亚)", "Eastern US (Virginia)", 220000, "1 2"),
        region("sa-saopaulo", "南美地区(圣保罗)", "South America (Sao Paulo)", 740000, "1"),
        region("eu-frankfurt", "欧洲地区(法兰克福)", "Europe (Frankfurt)", 170000, "1 2"),
    )
}

ZONE_NUMBERS_ZH = "零一二三四五六七八九"


def zone_name(of: Region, zone: Zone, *, chinese: bool) -> str:
    """``广州三区`` or ``Guangzhou Zone 3``."""
    return f"{of.city_zh}{ZONE_NUMBERS_ZH[zone.number]}区" if chinese else f"{of.city_en} Zone {zone.number}"


def region_name(of: Region, *, chinese: bool) -> str:
    """``华南地区(广州)`` or ``South China (Guangzhou)``."""
    return f"{of.area_zh}({of.city_zh})" if chinese else f"{of.area_en} ({of.city_en})"
