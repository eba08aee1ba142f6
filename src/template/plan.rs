//! An empty `plan.toml` with every key, what it means and what holds without it.

use chrono::{Datelike, Days};

use super::APPLYING_WORKDAYS;
use crate::calendar::{Calendar, CalendarError};
use crate::county::City;
use crate::example::slug;
use crate::notice::{Decider, Notice};
use crate::routing::solve::DEFAULT_EFFORT;
use crate::text::Lang;

/// `plan.toml` for a city under a notice.
pub(super) fn text(city: &City, notice: &Notice, calendar: &Calendar) -> Result<String, CalendarError> {
    let opens = notice.application_opens;
    let soon = calendar.workdays(opens, opens + Days::new(60))?;
    let first_day = soon.get(APPLYING_WORKDAYS).copied().unwrap_or(opens);
    let by_star = |value: &dyn Fn(u8) -> u32| {
        let pairs: Vec<String> =
            notice.stars.iter().map(|rule| format!("{} = {}", rule.star, value(rule.star))).collect();
        format!("{{ {} }}", pairs.join(", "))
    };
    let minutes = by_star(&|star| match star {
        0..=3 => 60,
        4 => 90,
        _ => 120,
    });
    // A city that decides itself also needs its days of public notice.
    let wrap_up = by_star(&|star| match notice.star(star).map(|rule| rule.decided_by) {
        Some(Decider::Province) => 3,
        _ => 7,
    });
    let deadlines: Vec<String> =
        notice.stars.iter().map(|rule| format!("{}星{}", rule.star, rule.deadline)).collect();
    let (deadlines, rate) = (deadlines.join("、"), &notice.check.rate);
    let (id, title, document, name, year) =
        (&notice.id, notice.title(Lang::Zh), &notice.document, &city.name, opens.year());
    let notice_line = format!("notice = \"{id}\"");
    let draw_line = format!("draw = \"{}-{year}-1\"", slug(name));
    Ok(format!(
        r##"# {title}（{document}）· {name}
# 以“#”开头的是说明；要启用被注释的设置，删去行首的“# ”。
# Lines that begin with # are comments; remove "# " to turn a setting on.

{notice_line:33} # 内置通知规则的编号，或规则文件路径 / embedded notice, or a path
city = "{name}"                   # 设区市 / the city
applicants = "applicants.xlsx"    # 申报表，可写多个：["甲.xlsx", "乙.csv"] / one table or several
# sheet = "申报汇总"              # 工作簿有多张像申报表的工作表时指定 / the sheet, where several would do
inspectors = "inspectors.xlsx"    # 核查人员名单 / the inspectors
exclude = "exclude.xlsx"          # 有记录在案的原因、不参加抽取的企业，可为空表 / may not be drawn; may be empty
{draw_line:33} # 抽签编号：小写字母、数字、连字符；补抽须换新编号和新种子 / draw id; a new one for a further draw
# 种子：12至128位字母、数字、连字符，须在封存（hecha seal）之后产生，如约定的某期彩票号码
# seed: 12 to 128 letters, digits, hyphens; to come into being after the seal, such as a lottery's numbers
# seed = "SSQ-{year}000-00-00-00-00-00-00-00"
# seed_source = "双色球第{year}×××期开奖号码，×月×日公告约定"   # 种子的来源 / where the seed comes from
# seal = "封存目录/seal.json"     # hecha seal 写出的封存文件 / the seal that the draw stands under
# changes = "changes.csv"         # 与封存内容的差异：代码、变更、原因 / differences from the seal: code, change, reason

[sample]
rate = "{rate}"                      # 抽查比例，通知要求不低于{rate} / share to check, at least the notice's
scope = "city"                    # city：全市合计达到比例；county：每个县区都要达到 / where the rate holds
minimum = 1                       # 每层（星级，或县区×星级）至少几家 / at least so many of every stratum
reserves = "20%"                  # 备选占抽取数的比例 / reserves, of those selected

[schedule]
first_day = {first_day}            # 最早的核查日；上报截止：{deadlines} / first day of visits
shift = "08:30-17:30"             # 离开驻地、回到驻地的时间 / leave the base, be back at it
lunch = "12:00-13:30"             # 午休不核查，可以行车；不设则删去此行 / no visit; driving may
crew = 2                          # 每组人数 / inspectors a visit
max_visits = 4                    # 每组每天最多几家；不限则删去此行 / most visits a day and team
minutes = {minutes}           # 每家核查多少分钟，按星级 / length of a check, by star
wrap_up_workdays = {wrap_up}     # 最后一次核查之后、截止日之前（含）至少留几个工作日 / working days left after the last visit
crew_day_cost_minutes = 480       # 多派一组一天，折合多少分钟行车 / what a team's day is worth, in minutes of travel
placement = "early"               # early：尽早；spread：均匀 / which of equally good days
cross_county = true               # 不核查本县区的企业 / nobody checks its own county
effort = {DEFAULT_EFFORT}                       # 搜索力度0至100，越大越慢、越省 / how hard to search, 0 to 100

[travel]
source = "estimate"               # estimate：按经纬度估算；matrix：用下面的 file / computed, or a table
# file = "行车时间表.csv"         # 秒数：方阵，或 from,to,seconds 三列 / seconds: a square, or three columns
# url = "http://127.0.0.1:5000"   # 路线服务地址，预留，本版本暂不支持 / of a routing server, which this version does not ask yet
datum = "GCJ-02"                  # 表中经纬度：GCJ-02（高德、腾讯）、BD-09（百度）、WGS-84（GPS）

[travel.estimate]
detour = 1.35                     # 道路距离与直线距离之比 / road over great circle
parking_minutes = 5               # 每次停车、进门 / at every stop
speeds = [{{ to_km = 6, kmh = 26 }}, {{ to_km = 25, kmh = 48 }}, {{ kmh = 78 }}]   # 分段车速 / speed by distance

# [simulate]                      # 模拟计划能否按期完成时的假设；比率请按本地经验填写 / what a simulation assumes: your own guesses
# runs = 1000                     # 模拟次数 / runs
# overrun = "20%"                 # 一家核查超时的概率 / chance that a visit takes longer
# overrun_minutes = 30            # 最多超时多少分钟 / by how many minutes at most
# travel_noise = "20%"            # 行车时间上下浮动的幅度 / by how much a drive differs from its time
# absence = "2%"                  # 一个小组某天不能出勤的概率 / chance that a team cannot go out on a day
# withdrawal = "3%"               # 一家企业核查前撤回或无法核查的概率 / chance that an enterprise withdraws before its visit

# [tables]                        # 替换程序内置的表 / replace tables of the program
# workdays = "workdays.csv"       # 工作日历：date,kind,name / working days
# cities = "cities.csv"           # code,city,lon,lat
# counties = "counties.csv"       # code,city,county,lon,lat
# zones = "zones.csv"             # city,zone,other_names,alias_of,lon,lat
"##
    ))
}
