//! The first sheet: what was drawn, what it covers, when it is checked, and how good the plan is proven to be.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::rows::names;
use super::sheet::{Cell, Styles, fitting, height, lines, page};
use crate::dossier::clock;
use crate::dossier::listed::counts;
use crate::dossier::view::View;
use crate::draw::Scope;
use crate::draw::coverage::Share;
use crate::routing::schedule::Bound;
use crate::text::{Lang, both};

/// Columns of the sheet, and their widths.
const WIDTHS: [f64; 7] = [20.0, 13.0, 13.0, 13.0, 16.0, 16.0, 34.0];
const LAST: u16 = WIDTHS.len() as u16 - 1;

/// The title of the plan.
pub(super) fn title(view: &View<'_>) -> String {
    let city = &view.record.city;
    both!(view.lang, "{city}星级上云企业现场核查计划", "On-site check plan, {city}")
}

/// Per cent at which the columns fit onto A4 across, also with a font a third wider than the usual one.
const SCALE: u16 = 85;
/// Points that a page has room for at that scale, less the margins.
const ROOM: f64 = 585.0;
/// Least of a section, in points, that may stand at the foot of a page.
const LEAST: f64 = 130.0;

/// Where the next row goes.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    styles: &'a Styles,
    row: u32,
    /// Heights of the rows so far, in points.
    heights: Vec<f64>,
    /// The rows with which sections begin, the empty one before the heading.
    sections: Vec<usize>,
}

impl Page<'_> {
    /// Closes a row.
    fn next(&mut self, height: f64) -> Result<(), XlsxError> {
        self.sheet.set_row_height(self.row, height)?;
        self.heights.push(height);
        self.row += 1;
        Ok(())
    }

    fn section(&mut self, text: &str) -> Result<(), XlsxError> {
        self.sections.push(self.heights.len());
        self.next(14.0)?;
        self.sheet.write_string_with_format(self.row, 0, text, &self.styles.section)?;
        self.next(20.0)
    }

    fn header(&mut self, cells: &[&str]) -> Result<(), XlsxError> {
        for (column, cell) in (0..).zip(cells) {
            self.sheet.write_string_with_format(self.row, column, *cell, &self.styles.header)?;
        }
        self.next(height(1))
    }

    fn cells(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        let mut most = 1;
        for ((column, cell), width) in (0..).zip(cells).zip(WIDTHS) {
            self.styles.put(self.sheet, self.row, column, cell)?;
            most = most.max(cell.lines(width));
        }
        self.next(height(most))
    }

    /// A label and a text over the rest of the row, as high as the text needs.
    fn fact(&mut self, label: &str, text: &str) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, 0, label, &self.styles.label)?;
        let text = fitting(text);
        let room: f64 = WIDTHS[1..].iter().sum();
        let lines = lines(text, room);
        self.sheet.merge_range(self.row, 1, self.row, LAST, text, &self.styles.fact)?;
        self.next(height(lines))
    }
}

/// The rows before which a page ends, so that no section is torn that fits on a page, and no heading stands alone. `heights`
/// are those of all rows, the first of which stands on every page; `sections` the rows with which sections begin.
fn breaks(heights: &[f64], sections: &[usize]) -> Vec<u32> {
    let mut breaks = Vec::new();
    let again = heights.first().copied().unwrap_or(0.0);
    let mut filled = heights[..sections.first().copied().unwrap_or(0)].iter().sum::<f64>();
    let ends = sections.iter().skip(1).copied().chain([heights.len()]);
    for (first, end) in sections.iter().copied().zip(ends) {
        let rows = &heights[first..end];
        let whole: f64 = rows.iter().sum();
        if filled + whole > ROOM && (again + whole <= ROOM || filled + LEAST > ROOM) {
            breaks.push(first as u32);
            filled = again;
        }
        for height in rows {
            filled = if filled + height > ROOM { again + height } else { filled + height };
        }
    }
    breaks
}

/// Fills the sheet.
pub(super) fn write(sheet: &mut Worksheet, view: &View<'_>, styles: &Styles) -> Result<(), XlsxError> {
    for (column, width) in (0..).zip(WIDTHS) {
        sheet.set_column_width(column, width)?;
    }
    sheet.merge_range(0, 0, 0, LAST, &title(view), &styles.title)?;
    let mut page_of = Page { sheet, styles, row: 0, heights: Vec::new(), sections: Vec::new() };
    page_of.next(30.0)?;
    draw(&mut page_of, view)?;
    visits(&mut page_of, view)?;
    coverage(&mut page_of, view)?;
    deadlines(&mut page_of, view)?;
    fairness(&mut page_of, view)?;
    let (end, breaks) = (page_of.row.saturating_sub(1), breaks(&page_of.heights, &page_of.sections));
    sheet.set_print_area(0, 0, end, LAST)?;
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    page(sheet, view);
    // Excel heeds no page breaks where it fits pages to a width.
    sheet.set_print_scale(SCALE).set_page_breaks(&breaks)?;
    Ok(())
}

fn draw(page: &mut Page<'_>, view: &View<'_>) -> Result<(), XlsxError> {
    let (lang, record) = (view.lang, view.record);
    page.section(lang.pick("一、抽签", "1. The draw"))?;
    let title = lang.pick(&view.notice.title, &view.notice.title_en);
    let document = &view.notice.document;
    page.fact(lang.pick("依据", "notice"), &both!(lang, "{title}（{document}）", "{title} ({document})"))?;
    page.fact(lang.pick("抽签编号", "draw id"), &record.draw)?;
    page.fact(lang.pick("种子", "seed"), &record.seed)?;
    let unsaid = lang.pick("未说明", "not stated");
    page.fact(lang.pick("种子来源", "source of the seed"), record.seed_source.as_deref().unwrap_or(unsaid))?;
    let seal = match &record.seal {
        Some(digest) => {
            let n = record.changes.len();
            both!(
                lang,
                "已封存，seal.json 的 SHA-256 为 {digest}；封存后变更{n}项，均有理由并记录在案",
                "sealed beforehand, SHA-256 of seal.json {digest}; {n} changes since, each with its reason on record"
            )
        }
        None => both!(
            lang,
            "未封存：本档案不能证明名单、抽签编号和种子是按先后次序确定的",
            "none: nothing here shows that frame, draw id and seed were fixed in that order"
        ),
    };
    page.fact(lang.pick("封存", "seal"), &seal)?;
    let (all, drawable, rate, required) =
        (record.frame.applicants, record.frame.drawable, &record.rate, record.required);
    let scope = match record.scope {
        Scope::City => lang.pick("全市分星级", "by star, in the city"),
        Scope::County => lang.pick("各县区分星级", "by star, in every county"),
    };
    page.fact(
        lang.pick("抽查规则", "rule"),
        &both!(
            lang,
            "抽查比例不低于{rate}，{scope}抽取；申报{all}家，参加抽签{drawable}家，应抽不少于{required}家（各层分别按比例进一取整后相加）",
            "at least {rate} {scope}; {all} applicants, {drawable} in the lot, {required} to be selected at least (each stratum rounded up)"
        ),
    )?;
    let (counts, reserves) = (counts(view), view.reserves.len());
    page.fact(
        lang.pick("抽取结果", "result"),
        &both!(lang, "{counts}；备选{reserves}家", "{counts}; {reserves} reserves"),
    )
}

fn visits(page: &mut Page<'_>, view: &View<'_>) -> Result<(), XlsxError> {
    let (lang, cost) = (view.lang, &view.schedule.cost);
    page.section(lang.pick("二、核查安排", "2. The visits"))?;
    let days = view.days();
    if let (Some(first), Some(last)) = (days.first(), days.last()) {
        let n = days.len();
        let said =
            both!(lang, "{first}至{last}，共{n}个工作日有核查", "{first} to {last}, visits on {n} working days");
        page.fact(lang.pick("核查日期", "dates"), &said)?;
    }
    let all = view.visits.len();
    let out = view.visits.iter().filter(|visit| visit.scheduled.is_none()).count();
    let (done, left) = (all - out, out);
    let mut said = match out {
        0 => both!(lang, "{all}家全部排入日程", "all {all} visits have a date"),
        _ => both!(
            lang,
            "已排入日程{done}家，未排入{left}家（原因见“日程”表末）",
            "{done} visits have a date, {left} have none (why: at the end of the sheet schedule)"
        ),
    };
    let unmanned: Vec<&str> = view.unmanned().iter().map(|visit| visit.applicant.name.as_str()).collect();
    if !unmanned.is_empty() {
        let (n, names) = (unmanned.len(), unmanned.join(lang.pick("、", ", ")));
        said += &both!(
            lang,
            "；其中{n}家无符合条件的核查人员，须调整人员或回避后重排：{names}",
            "; for {n} of them no crew is allowed to go, so inspectors or recusals must change first: {names}"
        );
    }
    page.fact(lang.pick("核查企业", "enterprises"), &said)?;
    let (days, crew, people) = (cost.team_days, view.settings.crew, view.inspectors.len());
    let minutes = clock::minutes(cost.travel);
    let (h, m) = (minutes / 60, minutes % 60);
    page.fact(
        lang.pick("出动与行车", "effort"),
        &both!(
            lang,
            "共{days}个组日（一组外出一天为一个组日，每组{crew}人），核查人员{people}人，行车共{h}小时{m}分钟",
            "{days} team-days of {crew} inspectors each, {people} inspectors, {h} h {m} min of travel"
        ),
    )?;
    page.fact(lang.pick("安排的优劣", "how good it is"), &quality(view))?;
    let revision = view.revision;
    let version = match revision {
        0 => lang.pick("初次安排", "as first made").to_owned(),
        _ => both!(lang, "第{revision}次修订", "revision {revision}"),
    };
    page.fact(lang.pick("计划版本", "revision"), &version)?;
    page.fact(
        lang.pick("依据文件", "records"),
        lang.pick(
            "本表由抽签记录和日程生成，如有出入，以同一档案的 sample.json、schedule.json、crews.json 为准；可用 hecha verify 复核",
            "Made from the records beside it; sample.json, schedule.json and crews.json prevail, and hecha verify checks them",
        ),
    )
}

/// How far from the best possible the plan can be at most, in words.
fn quality(view: &View<'_>) -> String {
    let lang = view.lang;
    let mut said = match &view.schedule.bound {
        None => lang.pick("未计算与理论最优的差距", "how far from the best possible is not known").to_owned(),
        Some(bound) => gap(bound, view.schedule.cost.total, lang),
    };
    if view.schedule.cost.unscheduled > 0 {
        said += lang.pick("；比较时先比未排入日程的家数", "; visits left out count first");
    }
    if view.schedule.run.stopped.is_some() {
        said += lang.pick("；计算提前结束", "; the search was ended early");
    }
    if !view.unmanned().is_empty() {
        said += lang
            .pick("；但有路线无符合条件的核查人员，须先解决", "; but routes without a crew must be seen to first");
    }
    said
}

fn gap(bound: &Bound, total: i64, lang: Lang) -> String {
    if bound.value == total {
        return both!(
            lang,
            "已证明为最优：组日和行车时间合计，不存在更省的安排",
            "proven best: no plan takes less of team-days and travel together"
        );
    }
    // Hundredths of a per cent, rounded up: what is said must hold.
    let hundredths = (bound.gap + 99) / 100;
    let (whole, rest) = (hundredths / 100, hundredths % 100);
    both!(
        lang,
        "组日和行车时间合计，与理论最优的差距不超过{whole}.{rest:02}%（已证明）",
        "team-days and travel together are proven to be at most {whole}.{rest:02}% above the best possible"
    )
}

fn coverage(page: &mut Page<'_>, view: &View<'_>) -> Result<(), XlsxError> {
    let lang = view.lang;
    let met = if view.coverage.met {
        lang.pick(
            "三、覆盖情况（名单全部核查后达到通知要求）",
            "3. Coverage (the notice is met once all are checked)",
        )
    } else {
        lang.pick("三、覆盖情况（名单全部核查后仍未达到通知要求）", "3. Coverage (the notice is NOT met)")
    };
    page.section(met)?;
    page.header(&[
        lang.pick("县区", "county"),
        lang.pick("星级", "star"),
        lang.pick("申报家数", "applicants"),
        lang.pick("核查家数", "checked"),
        lang.pick("核查比例", "share"),
        lang.pick("按比例应查家数", "due by the rate"),
        lang.pick("结论", "result"),
    ])?;
    let by_county = view.record.scope == Scope::County;
    // County by star only where the rule holds there.
    let shown = |share: &&Share| by_county || share.county.is_none() || share.star.is_none();
    for share in view.coverage.shares.iter().filter(shown) {
        let demanded = share.county.is_some() == by_county;
        let missing = share.missing;
        let result = match (demanded, missing) {
            (false, _) => lang.pick("不单独要求", "nothing demanded").to_owned(),
            (true, 0) => lang.pick("达到", "met").to_owned(),
            (true, _) => both!(lang, "缺{missing}家", "{missing} missing"),
        };
        page.cells(&[
            Cell::Word(share.county.clone().unwrap_or_else(|| lang.pick("全市", "city").to_owned())),
            share.star.map_or_else(|| Cell::Word(lang.pick("合计", "all").to_owned()), Cell::Star),
            Cell::Count(share.applicants as i64),
            Cell::Count(share.checked as i64),
            if share.applicants > 0 {
                Cell::Share(share.checked as f64 / share.applicants as f64)
            } else {
                Cell::Blank
            },
            Cell::Count(share.required as i64),
            Cell::Word(result),
        ])?;
    }
    Ok(())
}

fn deadlines(page: &mut Page<'_>, view: &View<'_>) -> Result<(), XlsxError> {
    let lang = view.lang;
    page.section(lang.pick("四、时限", "4. Deadlines"))?;
    page.header(&[
        lang.pick("星级", "star"),
        lang.pick("上报截止日", "deadline"),
        lang.pick("最迟核查日", "last visit day"),
        lang.pick("最后一次核查", "last visit"),
    ])?;
    for rule in &view.notice.stars {
        let of_star = view.visits.iter().filter(|visit| visit.applicant.star == rule.star);
        let last =
            of_star.filter_map(|visit| view.routes.get(visit.scheduled?.0)).map(|route| route.line.day).max();
        page.cells(&[
            Cell::Star(rule.star),
            Cell::Date(rule.deadline),
            view.last_days.get(&rule.star).map_or(Cell::Blank, |day| Cell::Date(*day)),
            last.map_or_else(|| Cell::Word(lang.pick("无", "none").to_owned()), Cell::Date),
        ])?;
    }
    Ok(())
}

fn fairness(page: &mut Page<'_>, view: &View<'_>) -> Result<(), XlsxError> {
    let lang = view.lang;
    if view.spreads.is_empty() {
        return Ok(());
    }
    page.section(lang.pick(
        "五、工作量均衡（同一驻地、可出勤日期相同的核查人员之间）",
        "5. Fairness (among inspectors of one base who are there on the same days)",
    ))?;
    page.header(&[
        lang.pick("驻地", "base"),
        lang.pick("人数", "inspectors"),
        lang.pick("最少天数", "fewest days"),
        lang.pick("最多天数", "most days"),
        lang.pick("相差", "difference"),
        lang.pick("可能的最小相差", "least possible"),
        lang.pick("核查人员（天数）", "inspectors (days)"),
    ])?;
    let days = |n: Option<&usize>| n.map_or(Cell::Blank, |n| Cell::Count(*n as i64));
    for spread in &view.spreads {
        let of = |(id, days): (&String, &usize)| {
            let inspector = view.inspectors.iter().filter(|inspector| inspector.id == *id);
            format!("{} {days}", names(view, inspector))
        };
        let people: Vec<String> = spread.inspectors.iter().zip(&spread.days).map(of).collect();
        let people = people.join(lang.pick("、", ", "));
        page.cells(&[
            Cell::Word(spread.base.clone()),
            Cell::Count(spread.inspectors.len() as i64),
            days(spread.days.iter().min()),
            days(spread.days.iter().max()),
            Cell::Count(spread.spread as i64),
            Cell::Count(spread.best as i64),
            Cell::Text(people),
        ])?;
    }
    match view.alone() {
        alone if alone.is_empty() => Ok(()),
        alone => {
            let label = lang.pick("未作比较", "not compared");
            let why = lang
                .pick("可出勤日期与同驻地其他人都不同：", "there on other days than anybody else of the base: ");
            page.fact(label, &(why.to_owned() + &names(view, alone.into_iter())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_before_a_section_that_would_be_torn_or_leave_its_heading_alone() {
        let none: Vec<u32> = Vec::new();
        let rows = |sections: &[usize]| {
            let mut begins = vec![1];
            for rows in sections {
                begins.push(begins[begins.len() - 1] + rows);
            }
            let heights = vec![ROOM / 50.0; begins.pop().unwrap()];
            breaks(&heights, &begins)
        };
        assert_eq!(rows(&[20, 20]), none, "all on one page");
        assert_eq!(rows(&[20, 40, 9]), [21], "whole on the next page, with the one after it");
        assert_eq!(rows(&[20, 40, 10]), [21, 61]);
        assert_eq!(rows(&[20, 60, 9]), none, "longer than a page: begun where there is room");
        assert_eq!(rows(&[40, 60, 9]), [41], "not at the foot of a page");
        assert_eq!(breaks(&[30.0], &[]), none);
    }
}
