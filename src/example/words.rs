//! Words of which names are made.

use super::Fate;

const SURNAMES: &str = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜";
const GIVEN: &str = "安博晨德恩芳光海宏佳建静军凯兰丽亮林玲敏明宁平倩青荣若山诗涛天文霞晓雪雅艳阳怡毅莹宇云泽振志";
const FIRST: &str = "晨瑞恒智博远华泰盛鼎诚信嘉和明达新锐凯腾宏景润启中科联创安捷";
const SECOND: &str = "衡源科阳通力成立宇辰峰森航翔飞亚美斯特维诺高德奥迈";
const TRADES: &[&str] = &[
    "精密机械",
    "电子科技",
    "纺织",
    "新材料",
    "智能装备",
    "汽车零部件",
    "医疗器械",
    "食品",
    "包装",
    "信息技术",
    "自动化",
    "金属制品",
    "生物医药",
    "光电",
    "模具",
    "物流",
    "环保科技",
    "电气",
    "塑料制品",
    "软件",
];
const KINDS: &[&str] = &["有限公司", "有限公司", "有限公司", "股份有限公司", "（集团）有限公司"];
const ROADS: &[&str] =
    &["创新路", "科技大道", "兴业路", "长江路", "工业园路", "金山路", "迎宾大道", "人民路", "学府路", "滨河路"];
const PARKS: &[&str] =
    &["科技产业园", "智能制造园", "软件园", "出口加工区", "电子信息园", "生物医药园", "新材料园", "高端装备园"];

/// A day off in one of the ways people write it.
const DAYS: &[&str] = &[
    "2022-03-14",
    "2022-03-09;2022-03-10",
    "2022-03-21..2022-03-25",
    "2022.3.17",
    "2022年3月28日至2022年3月30日",
    "2022/3/8",
    "2022-04-06..2022-04-08",
    "2022-03-07..2022-03-11",
];

fn letter(list: &str, fate: &mut Fate) -> char {
    let letters: Vec<char> = list.chars().collect();
    fate.pick(&letters)
}

pub(super) fn person(fate: &mut Fate) -> String {
    let mut name = letter(SURNAMES, fate).to_string();
    for _ in 0..=fate.below(2) {
        name.push(letter(GIVEN, fate));
    }
    name
}

/// 苏州示例晨衡精密机械有限公司: the word 示例 marks it as invented.
pub(super) fn enterprise(city: &str, fate: &mut Fate) -> String {
    let city = city.strip_suffix('市').unwrap_or(city);
    let (a, b) = (letter(FIRST, fate), letter(SECOND, fate));
    format!("{city}示例{a}{b}{}{}", fate.pick(TRADES), fate.pick(KINDS))
}

pub(super) fn road(fate: &mut Fate) -> &'static str {
    fate.pick(ROADS)
}

pub(super) fn park(fate: &mut Fate) -> &'static str {
    fate.pick(PARKS)
}

pub(super) fn days_off(fate: &mut Fate) -> String {
    fate.pick(DAYS).to_owned()
}

/// The city in Latin letters, for draw ids.
pub(crate) fn slug(city: &str) -> &'static str {
    match city {
        "南京市" => "nanjing",
        "无锡市" => "wuxi",
        "徐州市" => "xuzhou",
        "常州市" => "changzhou",
        "苏州市" => "suzhou",
        "南通市" => "nantong",
        "连云港市" => "lianyungang",
        "淮安市" => "huaian",
        "盐城市" => "yancheng",
        "扬州市" => "yangzhou",
        "镇江市" => "zhenjiang",
        "泰州市" => "taizhou",
        "宿迁市" => "suqian",
        _ => "example",
    }
}
