//! How fast the main steps are: `cargo bench`. A timing never fails a test.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot go on has failed")]

use std::fs;

use hecha::inputs::{Folder, Inputs};
use hecha::plan;
use hecha::routing::problem::Problem;
use hecha::routing::solve::{Settings, Unwatched};
use hecha::verify;

fn main() {
    divan::main();
}

fn example(applicants: usize) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let gazetteer = hecha::county::Gazetteer::embedded();
    for document in hecha::example::documents(gazetteer.city("苏州市").unwrap(), applicants, 1) {
        fs::write(dir.path().join(&document.path), document.to_bytes().unwrap()).unwrap();
    }
    dir
}

/// Reading the tables and drawing the sample, files cached.
#[divan::bench(args = [412, 4_000, 20_000], max_time = 3)]
fn read_and_draw(bencher: divan::Bencher<'_, '_>, applicants: usize) {
    let dir = example(applicants);
    let inputs = Inputs::gather(&Folder(dir.path().to_owned()), "plan.toml").unwrap();
    bencher.bench(|| plan::draw(&inputs).unwrap());
}

/// A published instance of 100 visits, by effort.
#[divan::bench(args = [0, 1, 10], max_time = 5)]
fn solve_100_visits(bencher: divan::Bencher<'_, '_>, effort: u32) {
    let problem = Problem::from_json(include_bytes!("../tests/instances/core-100.json")).unwrap();
    let settings = Settings { seed: "bench".to_owned(), effort, threads: 2, prove: false };
    bencher.bench(|| plan::solve(&problem, &settings, &Unwatched).cost.total);
}

/// The referee on a schedule of 100 visits.
#[divan::bench(max_time = 3)]
fn referee_100_visits(bencher: divan::Bencher<'_, '_>) {
    let bytes = include_bytes!("../tests/instances/core-100.json");
    let problem = Problem::from_json(bytes).unwrap();
    let settings = Settings { seed: "bench".to_owned(), effort: 0, threads: 1, prove: false };
    let schedule = plan::solve(&problem, &settings, &Unwatched).to_json();
    bencher.bench(|| verify::schedule(bytes, schedule.as_bytes()).unwrap().holds());
}
