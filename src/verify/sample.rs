//! The folder of a draw alone: no inputs, but frame, rules and seed are enough to draw again.

use std::collections::BTreeMap;

use super::{Files, Remark, Report, Subject, difference, shorten};
use crate::digest::sha256_hex;
use crate::dossier::sample_csv;
use crate::draw::{self, Draw, DrawId, Heading, Names, Rate, Rules, SampleRecord, Seed, stream};
use crate::frame::{CreditCode, Exclusion, Frame};
use crate::notice::Notice;
use crate::table::Place;
use crate::text::{Lang, Say, both};

/// Examines `frame.csv`, `sample.json` and `sample.csv` against each other.
pub(super) fn examine(report: &mut Report, files: &Files) {
    let rest = [Subject::Sample, Subject::SampleTable];
    let frame_csv = files.get("frame.csv").map_or(&[][..], Vec::as_slice);
    let read = files.get("sample.json").and_then(|bytes| serde_json::from_slice::<SampleRecord>(bytes).ok());
    let Some(record) = read else {
        let why =
            Remark::new(|lang| both!(lang, "sample.json 缺少或无法读取", "sample.json is missing or unreadable"));
        return report.unexamined(&rest, &why);
    };
    report.notes.push(Remark::new(|lang| {
        both!(
            lang,
            "目录中没有输入文件副本（inputs/），无法核验抽样框是否由申报表得出；企业名称和备选比例以记录为准",
            "the folder has no copies of the inputs (inputs/), so nothing shows that the frame follows from the tables; names and the share of reserves are taken from the record"
        )
    }));
    match again(frame_csv, &record) {
        Ok(again) => {
            let derived = again.record.whole(&again.frame, &again.draw, &again.names);
            let json = derived.to_json();
            let mut wrong = Vec::new();
            // What is the same byte for byte need not be taken apart.
            if files.get("sample.json") != Some(&json) {
                let stated = serde_json::to_value(&record).ok();
                let value = serde_json::to_value(&derived).unwrap_or_default();
                wrong = difference::json("sample.json", stated, &value);
                if wrong.is_empty() {
                    wrong = difference::lines(files.get("sample.json"), &json, "sample.json");
                }
            }
            if record.seal != files.get("seal.json").map(|bytes| sha256_hex(bytes)) {
                wrong.push(Remark::new(|lang| {
                    both!(lang, "seal.json 与抽取记录中的封存不一致", "seal.json is not the seal of the record")
                }));
            }
            report.add(Subject::Sample, shorten(wrong));
        }
        Err(why) => report.add(Subject::Sample, vec![why]),
    }
    // The language of the table stands nowhere: it must be right in one of them.
    let tables = Lang::ALL.map(|lang| {
        let mut table = Vec::new();
        let written = sample_csv(&mut table, &record.selected, &record.reserves, lang);
        debug_assert!(written.is_ok(), "memory");
        difference::lines(files.get("sample.csv"), &table, "sample.csv")
    });
    let [zh, en] = tables;
    report.add(Subject::SampleTable, if en.is_empty() { en } else { zh });
}

fn bad(field: &str, why: &dyn Say) -> Remark {
    Remark::new(|lang| format!("sample.json: {field}: {}", why.say(lang)))
}

/// A draw made again.
struct Again {
    frame: Frame,
    draw: Draw,
    names: Names,
    record: SampleRecord<(), ()>,
}

/// Draws again from the frame as it stands, by the rules and the seed of the record.
fn again(frame_csv: &[u8], record: &SampleRecord) -> Result<Again, Remark> {
    let names: BTreeMap<CreditCode, &str> = record
        .selected
        .iter()
        .map(|l| (l.code, &*l.name))
        .chain(record.reserves.iter().map(|l| (l.code, &*l.name)))
        .collect();
    let targeted: BTreeMap<CreditCode, &str> =
        record.selected.iter().filter_map(|l| l.targeted.as_deref().map(|why| (l.code, why))).collect();
    let frame = parse_frame(frame_csv, &record.city, &targeted)?;
    let rules = Rules {
        rate: Rate::parse(&record.rate).map_err(|e| bad("rate", &e))?,
        scope: record.scope,
        minimum: record.minimum,
        // All that are left are listed, then as many are kept as the record has.
        reserves: Rate::parse("100%").map_err(|e| bad("reserves", &e))?,
    };
    let id = DrawId::new(&record.draw).map_err(|e| bad("draw", &e))?;
    let seed = Seed::new(&record.seed).map_err(|e| bad("seed", &e))?;
    let exclusions: Vec<Exclusion> = record
        .excluded
        .iter()
        .map(|l| Exclusion { code: l.code, reason: l.reason.clone(), place: nowhere() })
        .collect();
    let mut stars: Vec<u8> = match Notice::embedded_text(&record.notice).map(|text| Notice::parse("", text)) {
        Some(Ok(notice)) => notice.stars.iter().map(|rule| rule.star).collect(),
        _ => record.strata.iter().map(|s| s.star).collect(),
    };
    stars.sort_unstable();
    stars.dedup();
    let mut draw = draw::draw(&frame, &stars, &rules, &exclusions, stream::Key::new(&id, &seed))
        .map_err(|e| bad("strata", &e))?;
    for (derived, stated) in draw.strata.iter_mut().zip(&record.strata) {
        derived.reserves.truncate(stated.reserves);
    }
    let heading = Heading {
        draw: &id,
        seed: &seed,
        seed_source: record.seed_source.as_deref(),
        notice: &record.notice,
        files: &record.frame.files,
    };
    let mut derived = SampleRecord::new(heading, &frame, &rules, &exclusions, &draw);
    derived.frame.digest = sha256_hex(frame_csv);
    derived.seal.clone_from(&record.seal);
    derived.changes.clone_from(&record.changes);
    let mut lines = Names::room(&draw);
    for (place, drawn) in draw.in_line().enumerate() {
        let code = frame.at(drawn.at as usize).code();
        let why = targeted.get(&code).map(|why| (*why).to_owned());
        lines.put(place, names.get(&code).copied().unwrap_or_default(), why);
    }
    let names = lines.of(draw.line_up(&frame));
    Ok(Again { frame, draw, names, record: derived })
}

fn nowhere() -> Place {
    Place { file: "frame.csv".into(), sheet: None, row: 0, column: None }
}

fn parse_frame(bytes: &[u8], city: &str, targeted: &BTreeMap<CreditCode, &str>) -> Result<Frame, Remark> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut before: Option<CreditCode> = None;
    let mut wrong = None;
    let lines = (1_usize..).zip(reader.records()).map_while(|(line, record)| {
        let read = record.ok().and_then(|record| {
            let code = record.get(0).and_then(|c| CreditCode::parse(c).ok()).filter(|(_, cleaned)| !cleaned);
            let star: Option<u8> = record.get(1).filter(|s| s.len() == 1).and_then(|s| s.parse().ok());
            let (Some((code, _)), Some(star), Some(county), 3) = (code, star, record.get(2), record.len()) else {
                return None;
            };
            let ascends = before.replace(code).is_none_or(|before| before < code);
            ascends.then(|| (code, star, county.to_owned(), targeted.contains_key(&code)))
        });
        if read.is_none() {
            wrong = Some(line);
        }
        read
    });
    let frame = Frame::of(city, lines);
    match wrong {
        None => Ok(frame),
        Some(line) => Err(Remark::new(|lang| {
            both!(
                lang,
                "frame.csv 第{line}行不合规或未排序",
                "frame.csv, line {line} is malformed or out of order"
            )
        })),
    }
}
