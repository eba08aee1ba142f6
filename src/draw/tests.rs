//! Known answers of an independent program, and the consequences that the contract promises.

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::frame::test_support;

const FRAME: &str = include_str!("../../tests/vectors/draw_frame.csv");
const VECTORS: &str = include_str!("../../tests/vectors/draw_vectors.json");

fn rules(rate: &str, scope: Scope, minimum: usize) -> Rules {
    Rules { rate: Rate::parse(rate).unwrap(), scope, minimum, reserves: Rate::parse("20%").unwrap() }
}

fn exclusion(code: CreditCode) -> Exclusion {
    let place = crate::table::Place { file: "x".into(), sheet: None, row: 0, column: None };
    Exclusion { code, reason: "r".into(), place }
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

fn frame_for(case: &Value) -> Frame {
    let withdrawn = strings(&case["withdrawn"]);
    let must = strings(&case["must_inspect"]);
    let without: Vec<u64> =
        case["without_stars"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
    let mut applicants = Vec::new();
    for record in csv::Reader::from_reader(FRAME.as_bytes()).records() {
        let record = record.unwrap();
        let star: u8 = record[2].parse().unwrap();
        if withdrawn.contains(&&record[0]) || without.contains(&u64::from(star)) {
            continue;
        }
        let mut applicant = test_support::applicant(&record[0], star, &record[3]);
        applicant.must_inspect = must.contains(&&record[0]).then(|| "复查".to_owned());
        applicants.push(applicant);
    }
    test_support::frame(applicants)
}

#[test]
fn all_known_answers_match() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let note = case["note"].as_str().unwrap();
        let text = |key: &str| case[key].as_str().unwrap();
        let frame = frame_for(case);
        let key = stream::Key::new(&DrawId::new(text("draw")).unwrap(), &Seed::new(text("seed")).unwrap());
        let scope: Scope = serde_json::from_value(case["scope"].clone()).unwrap();
        let rules = rules(text("rate"), scope, case["minimum"].as_u64().unwrap() as usize);
        let excluded: Vec<Exclusion> =
            strings(&case["excluded"]).iter().map(|code| exclusion(CreditCode::parse(code).unwrap().0)).collect();
        let draw = draw(&frame, &[3, 4, 5], &rules, &excluded, key).unwrap();
        assert_eq!(draw.key.to_hex(), text("key"), "{note}");
        assert_eq!(draw.salt, text("salt"), "{note}");
        assert_eq!(frame.digest(), text("digest"), "{note}");
        assert_eq!(frame.len() as u64, case["applicants"].as_u64().unwrap(), "{note}");
        let required: usize = draw.strata.iter().map(|s| s.stratum.required).sum();
        assert_eq!(required as u64, case["required"].as_u64().unwrap(), "{note}");
        let code = |d: &Drawn| frame.at(d.at as usize).code().to_string();
        let mut targeted: Vec<String> = draw.strata.iter().flat_map(|s| &s.targeted).map(code).collect();
        targeted.sort();
        assert_eq!(targeted, strings(&case["targeted"]), "{note}");
        let expected = case["strata"].as_array().unwrap();
        assert_eq!(draw.strata.len(), expected.len(), "{note}");
        for (found, expected) in draw.strata.iter().zip(expected) {
            assert_eq!(found.stratum.county.as_deref(), expected["county"].as_str(), "{note}");
            assert_eq!(u64::from(found.stratum.star), expected["star"].as_u64().unwrap(), "{note}");
            assert_eq!(found.stratum.applicants as u64, expected["applicants"].as_u64().unwrap());
            assert_eq!(found.stratum.drawable as u64, expected["drawable"].as_u64().unwrap());
            let selected: Vec<String> = found.selected.iter().map(code).collect();
            assert_eq!(selected, strings(&expected["selected"]), "{note}");
            let next: Vec<String> = found.reserves.iter().map(code).collect();
            let shared = next.len().min(strings(&expected["next"]).len());
            assert_eq!(next[..shared], strings(&expected["next"])[..shared], "{note}");
            let cutoff =
                found.selected.last().map(|d| Ticket::new(&draw.salt, frame.at(d.at as usize).code()).to_hex());
            assert_eq!(cutoff.as_deref(), expected["cutoff"].as_str(), "{note}");
        }
    }
}

#[test]
fn too_many_exclusions_and_contradictions_are_refused() {
    let mut applicants = vec![
        test_support::applicant("91320583MAC1JJUW8D", 3, "昆山市"),
        test_support::applicant("91320581MAJHYR102B", 3, "常熟市"),
    ];
    let out = [exclusion(applicants[0].code), exclusion(applicants[1].code)];
    let key = stream::Key::of("a", "b");
    let city = rules("10%", Scope::City, 1);
    let frame = test_support::frame(applicants.clone());
    let refused = draw(&frame, &[3, 4, 5], &city, &out, key).unwrap_err();
    assert_eq!(refused, DrawError::TooFewDrawable { county: None, star: 3, drawable: 0, required: 1 });
    applicants[0].must_inspect = Some("x".into());
    let frame = test_support::frame(applicants);
    let refused = draw(&frame, &[3, 4, 5], &city, &out[..1], key).unwrap_err();
    assert!(matches!(refused, DrawError::MustAndExcluded(_)));
    assert!(matches!(draw(&test_support::frame(vec![]), &[3], &city, &[], key), Err(DrawError::NoApplicants)));
}

/// A frame of `n` applicants with invented codes.
fn invented(n: usize) -> Vec<crate::frame::Applicant> {
    (0..n)
        .map(|i| {
            let body = format!("91320500MA{i:07}");
            let code = format!("{body}{}", char::from(crate::frame::check_character(body.as_bytes())));
            test_support::applicant(&code, 3 + (i % 3) as u8, ["昆山市", "太仓市"][i % 2])
        })
        .collect()
}

proptest! {
    #[test]
    fn a_withdrawal_moves_only_the_next_in_line(n in 4_usize..80, out in 0_usize..80, seed in "[a-z-]{12,20}") {
        let everybody = invented(n);
        let key = stream::Key::of("p", &seed);
        let city = rules("25%", Scope::City, 1);
        let before = draw(&test_support::frame(everybody.clone()), &[3, 4, 5], &city, &[], key).unwrap();
        let mut fewer = everybody.clone();
        let gone = fewer.remove(out % n).code;
        let frame = test_support::frame(everybody);
        let smaller = test_support::frame(fewer);
        let after = draw(&smaller, &[3, 4, 5], &city, &[], key).unwrap();
        for (b, a) in before.strata.iter().zip(&after.strata) {
            let old: Vec<CreditCode> = b.selected.iter().map(|d| frame.at(d.at as usize).code()).collect();
            let new: Vec<CreditCode> = a.selected.iter().map(|d| smaller.at(d.at as usize).code()).collect();
            let lost = old.iter().filter(|c| !new.contains(c)).count();
            let won = new.iter().filter(|c| !old.contains(c)).count();
            prop_assert!(won <= 1 && lost <= 1);
            prop_assert!(won == 0 || old.contains(&gone));
            for d in &a.selected {
                let code = smaller.at(d.at as usize).code();
                prop_assert_eq!(Tickets::new(&after.salt).of(code), Ticket::new(&before.salt, code));
            }
        }
    }

    #[test]
    fn every_stratum_and_the_whole_meet_the_rate(n in 1_usize..300, rate in 1_u32..=100, minimum in 0_usize..4) {
        let frame = test_support::frame(invented(n));
        let rules = rules(&format!("{rate}%"), Scope::County, minimum);
        let draw = draw(&frame, &[3, 4, 5], &rules, &[], stream::Key::of("p", "q")).unwrap();
        let mut total = 0;
        for s in &draw.strata {
            total += s.selected.len();
            prop_assert!(s.selected.len() * 100 >= s.stratum.applicants * rate as usize);
            prop_assert!(s.selected.len() >= minimum.min(s.stratum.applicants));
            prop_assert!(s.reserves.len() >= usize::from(s.stratum.applicants > s.selected.len()));
        }
        prop_assert!(total * 100 >= n * rate as usize);
    }
}

/// Over 20,000 fixed seeds every applicant of a stratum is drawn equally often, and so is every pair.
///
/// Without replacement the counts of one draw sum to n, so Σ (Oᵢ − Tp)² / (T p (1 − p)) · (N − 1)/N is χ² with N − 1
/// degrees of freedom (p = n/N).
#[test]
fn every_applicant_and_every_pair_is_equally_likely() {
    const N: usize = 12;
    const SIZE: usize = 3;
    const DRAWS: u32 = 20_000;
    let applicants: Vec<_> = invented(N)
        .into_iter()
        .map(|mut a| {
            a.star = 3;
            a
        })
        .collect();
    let frame = test_support::frame(applicants);
    let quarter = rules("25%", Scope::City, 1);
    let mut single = [0_u32; N];
    let mut pair = [[0_u32; N]; N];
    for seed in 0..DRAWS {
        let key = stream::Key::of("fair-1", &format!("fixed-seed-{seed}"));
        let draw = draw(&frame, &[3], &quarter, &[], key).unwrap();
        let selected: Vec<usize> = draw.strata[0].selected.iter().map(|d| d.at as usize).collect();
        assert_eq!(selected.len(), SIZE);
        for a in &selected {
            single[*a] += 1;
            for b in selected.iter().filter(|b| a < b) {
                pair[*a][*b] += 1;
            }
        }
    }
    let draws = f64::from(DRAWS);
    let p = SIZE as f64 / N as f64;
    let squares: f64 = single.iter().map(|o| (f64::from(*o) - draws * p).powi(2)).sum();
    let chi_square = squares / (draws * p * (1.0 - p)) * (N as f64 - 1.0) / N as f64;
    // χ² with 11 degrees of freedom exceeds 31.3 once in a thousand times, and falls below 1.83 as rarely.
    assert!((1.83..31.3).contains(&chi_square), "{chi_square}");
    let p = p * (SIZE as f64 - 1.0) / (N as f64 - 1.0);
    let sigma = (draws * p * (1.0 - p)).sqrt();
    for (a, b) in (0..N).flat_map(|a| (a + 1..N).map(move |b| (a, b))) {
        let z = (f64::from(pair[a][b]) - draws * p) / sigma;
        assert!(z.abs() < 4.0, "{a} {b}: {z}");
    }
}

#[test]
fn the_record_put_together_by_hand_is_that_of_the_general_writer() {
    let mut applicants: Vec<_> = csv::Reader::from_reader(FRAME.as_bytes())
        .records()
        .map(|record| {
            let record = record.unwrap();
            test_support::applicant(&record[0], record[2].parse().unwrap(), &record[3])
        })
        .collect();
    for applicant in applicants.iter_mut().step_by(40) {
        applicant.must_inspect = Some("举报 \"x\"\n\u{1}\\".to_owned());
    }
    let frame = test_support::frame(applicants);
    let key = stream::Key::of("by-hand", "seed-of-a-test");
    for (rate, reserve) in [("10%", "20%"), ("0%", "0%")] {
        let mut rules = rules(rate, Scope::City, 0);
        rules.reserves = Rate::parse(reserve).unwrap();
        let draw = draw(&frame, &[3, 4, 5], &rules, &[], key).unwrap();
        let mut names = Names::room(&draw);
        for place in 0..draw.in_line().count() {
            let name = ["苏州\u{8}科技", "a\"b\\", "", "\"reserves\": null", "普通有限公司\u{7f}"][place % 5];
            names.put(place, name, (place % 3 == 0).then(|| "举报 \"x\"\n\\".to_owned()));
        }
        let names = names.of(draw.line_up(&frame));
        let (id, seed) = (DrawId::new("by-hand").unwrap(), Seed::new("seed-of-a-test").unwrap());
        let source = Some("\n  \"selected\": null");
        let heading = Heading { draw: &id, seed: &seed, seed_source: source, notice: "x", files: &[] };
        let record = SampleRecord::new(heading, &frame, &rules, &[], &draw);
        let whole = record.whole(&frame, &draw, &names);
        let mut by_hand = Vec::new();
        whole.write_document(&mut by_hand).unwrap();
        assert_eq!(String::from_utf8(by_hand).unwrap(), String::from_utf8(whole.to_json()).unwrap(), "{rate}");
    }
}
