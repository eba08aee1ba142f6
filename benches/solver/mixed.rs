//! Problems of many makes: one to three bases anywhere; places in towns, along a road or all over, some of them shared; with
//! and without lunch, skills, days off, windows and a limit on visits; short services and long ones, so that routes hold from
//! two to seven visits.

use hecha::draw::stream::Generator;
use rand::RngExt;
use rand::seq::IndexedRandom;
use serde_json::{Value, json};

/// A point on a plane, kilometres.
type Point = (f64, f64);

/// Where visits lie.
#[derive(Clone, Copy)]
enum Shape {
    Towns,
    Road,
    AllOver,
}

/// What all visits of a problem have in common.
struct Traits {
    service: i64,
    skills: bool,
    days_off: bool,
    windows: bool,
    /// Index of the last day of most.
    soon: usize,
}

/// A problem of that size, on these days.
pub(crate) fn invent(dice: &mut Generator, name: &str, visits: usize, days: &[String]) -> Value {
    let bases = pick(dice, &[1, 1, 2, 3]);
    let (places, km) = places(dice, bases, visits);
    let traits = Traits {
        service: pick(dice, &[3600, 4500, 5400, 7200]),
        skills: half(dice),
        days_off: half(dice),
        windows: half(dice),
        soon: pick(dice, &[16, 20, days.len() - 1]),
    };
    let crooked = half(dice);
    let seconds = pick(dice, &[60.0, 72.0, 90.0]);
    let travel = super::travel(dice, &places, (seconds, 120), crooked.then_some(0.1));
    let lines: Vec<Value> = (1..=visits).map(|number| visit(dice, number, &traits, days)).collect();
    // Enough team-days before the first deadline.
    let least = if traits.service >= 5400 || km > 100.0 { 2 } else { 3 };
    let count = visits.div_ceil(least * traits.soon).max(bases).max(2);
    let lunch = half(dice).then(|| json!({"start": 43200, "end": pick(dice, &[46800, 48600])}));
    let teams: Vec<Value> = (0..count)
        .map(|team| {
            let mut line = json!({"id": format!("T{}", team + 1), "base": format!("B{}", team % bases + 1)});
            if traits.skills && team % 2 == 0 {
                line["skills"] = json!(["expert"]);
            }
            if dice.random_range(0..3) == 0 {
                line["days_off"] = json!([days[dice.random_range(0..days.len())]]);
            }
            if dice.random_range(0..3) > 0 {
                line["max_visits"] = json!(dice.random_range(3..=5));
            }
            line
        })
        .collect();
    let homes: Vec<Value> = (1..=bases).map(|base| json!({"id": format!("B{base}")})).collect();
    json!({
        "format": "hecha-problem/1", "name": name, "days": days, "shift": {"start": 32400, "end": 61200},
        "lunch": lunch, "bases": homes, "teams": teams, "visits": lines, "travel": travel,
        "cost": {"team_day": 28800, "travel": 1},
    })
}

fn half(dice: &mut Generator) -> bool {
    dice.random_range(0..2) == 0
}

fn pick<T: Copy>(dice: &mut Generator, list: &[T]) -> T {
    *list.choose(dice).unwrap()
}

/// Bases, then visits, and how wide the country is.
fn places(dice: &mut Generator, bases: usize, visits: usize) -> (Vec<Point>, f64) {
    let km: f64 = pick(dice, &[50.0, 80.0, 120.0, 180.0]);
    let shape = pick(dice, &[Shape::Towns, Shape::Road, Shape::AllOver]);
    let count = pick(dice, &[5, 12, 25]);
    let anywhere = |dice: &mut Generator| (dice.random_range(0.0..km), dice.random_range(0.0..km));
    let towns: Vec<Point> = (0..count).map(|_| anywhere(dice)).collect();
    let shared = half(dice);
    let mut out: Vec<Point> = Vec::new();
    for at in 0..bases + visits {
        let place = match shape {
            Shape::AllOver => anywhere(dice),
            Shape::Road => (dice.random_range(0.0..1.5 * km), dice.random_range(0.0..km / 10.0)),
            Shape::Towns => {
                let town = pick(dice, &towns);
                (town.0 + dice.random_range(-8.0..8.0), town.1 + dice.random_range(-8.0..8.0))
            }
        };
        let another = shared && at > bases && dice.random_range(0..7) == 0;
        out.push(if another { out[dice.random_range(bases..at)] } else { place });
    }
    (out, km)
}

fn visit(dice: &mut Generator, number: usize, traits: &Traits, days: &[String]) -> Value {
    let tier = pick(dice, &[3, 3, 3, 3, 3, 3, 3, 4, 4, 5]);
    let service = match dice.random_range(0..10) {
        0..7 => traits.service + (tier - 3) * 1800,
        _ => pick(dice, &[2700, 3600, 5400, 6300]),
    };
    let last = if tier == 5 { days.len() - 1 } else { traits.soon };
    let mut line = json!({"id": format!("V{number}"), "tier": tier, "service": service, "deadline": days[last]});
    if traits.days_off && dice.random_range(0..5) == 0 {
        let first = dice.random_range(0..10);
        line["days_off"] = json!(days[first..first + dice.random_range(1..6)]);
    }
    if traits.windows && dice.random_range(0..5) == 0 {
        line["windows"] = match dice.random_range(0..3) {
            0 => json!([[32400, 43200]]),
            1 => json!([[46800, 61200]]),
            _ => json!([[32400, 39600], [50400, 57600]]),
        };
    }
    if traits.skills && (tier == 5 || dice.random_range(0..20) == 0) {
        line["skills"] = json!(["expert"]);
    }
    line
}
