//! What each column of a template means, for whoever fills it in.

/// Chinese and English of a column, by the field's key; empty for one that nothing is said about.
pub(super) fn of(key: &str) -> (&'static str, &'static str) {
    match key {
        "code" => (
            "营业执照上的18位代码，每家一行，不能重复。本列是文本格式，请勿改为数字，否则后几位会丢失",
            "the 18 characters on the licence, one row an enterprise; the column is text, since numbers lose their last digits",
        ),
        "name" => ("企业全称；核查人员表中填姓名", "full name of the enterprise, or of the inspector"),
        "star" => ("本次申报的星级，只填一个", "the star applied for, exactly one"),
        "county" => (
            "本市的县（市、区）或功能区全称，可从列表选择；市局的核查人员留空",
            "county or zone of the city, from the list; blank for inspectors of the city bureau",
        ),
        "city" => ("设区市全称，可不填", "the city; may be blank"),
        "address" => ("现场核查的地址", "address of the site"),
        "contact" => ("联系现场核查的人", "whom to call about the visit"),
        "phone" => ("手机或座机，本列是文本格式", "mobile or landline; the column is text"),
        "lon" => (
            "东经度数，如120.6213；坐标系在plan.toml的datum中写明。没有时按县区驻地估算",
            "degrees east such as 120.6213, in the datum of plan.toml; without it the county's seat stands in",
        ),
        "lat" => ("北纬度数，如31.3245", "degrees north such as 31.3245"),
        "held_star" => ("现已评定的星级，没有填“无”或留空", "the star held now; 无 or blank for none"),
        "cloud_form" => ("公有云、私有云或混合云", "公有云 (public), 私有云 (private) or 混合云 (hybrid)"),
        "in_use_since" => ("所申报服务开始使用的日期，如2021-06-01", "day since which the services are in use"),
        "in_use" => ("所申报服务现在是否还在使用", "whether the services are still in use: 是 or 否"),
        "paid" => ("实际支付的金额，单位万元", "payments made, in 10,000 yuan"),
        "paid_on" => ("实际付款的日期，如2021-11-20", "day of payment"),
        "unavailable" => (
            "不能接待（核查人员：不能外出）的日期，如2022-03-14;2022-03-21..2022-03-25，用分号隔开",
            "days on which it cannot be visited (an inspector: is away), such as 2022-03-14;2022-03-21..2022-03-25",
        ),
        "hours" => (
            "能接待的时段：上午、下午，或09:00-11:30；不限则留空",
            "hours for a visit: 上午 (morning), 下午 (afternoon) or 09:00-11:30; blank for any",
        ),
        "must_inspect" => (
            "须在随机抽取之外必查的，填原因（如举报）；否则留空",
            "a reason to visit it whatever the lot says; else blank",
        ),
        "withdrawn" => ("已撤回申报的，填“是”或原因；否则留空", "是 or a reason if it has withdrawn; else blank"),
        "reason" => ("记录在案的不参加抽取的原因，必须填写", "the reason on record why it may not be drawn"),
        "id" => ("工号或其他编号，每人一个，不能重复", "a number that identifies the inspector"),
        "unit" => ("所在单位", "where the inspector works"),
        "base" => (
            "每天出发和返回的地点，同一驻地的人编成小组；留空即所属县区，市局人员为本市",
            "where the day starts and ends; those of one base form crews. Blank: the county, or the city",
        ),
        "expert" => ("能否带队核查五星企业：是或否", "whether a check of five stars may be led: 是 or 否"),
        "recuse" => (
            "须回避的企业，填统一社会信用代码，多个用分号隔开",
            "credit codes of enterprises the inspector may not check, separated by semicolons",
        ),
        "team" => (
            "固定小组时填相同的组名，同一驻地要么都填、要么都不填；一般留空",
            "the same name for those who always go together, for all of a base or none; mostly blank",
        ),
        _ => ("", ""),
    }
}
