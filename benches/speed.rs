//! How fast the main steps are: `cargo bench`. A timing never fails a test.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot go on has failed")]

use std::fs;

use hecha::draw::stream::{Key, SEARCH};
use hecha::inputs::{Folder, Inputs};
use hecha::plan;
use hecha::routing::problem::Problem;
use hecha::routing::solve::{Settings, Unwatched};
use hecha::routing::yardstick;
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

/// Insertion tests of ruin and recreate: visits at positions of a constructed schedule.
#[divan::bench(max_time = 2)]
fn insertion_tests(bencher: divan::Bencher<'_, '_>) {
    let problem = Problem::from_json(include_bytes!("../tests/instances/core-100.json")).unwrap();
    yardstick::insertion_tests(&problem, generator(), |step| {
        bencher.counter(divan::counter::ItemsCount::new(step())).bench_local(step);
    });
}

/// A thousand iterations of one chain of ruin and recreate.
#[divan::bench(max_time = 2)]
fn iterations_1000(bencher: divan::Bencher<'_, '_>) {
    let problem = Problem::from_json(include_bytes!("../tests/instances/core-100.json")).unwrap();
    yardstick::ruin_and_recreate(&problem, generator(), |step| {
        bencher.counter(divan::counter::ItemsCount::new(1000_u32)).bench_local(|| step(1000));
    });
}

/// One whole pricing with the multipliers at the end of column generation.
#[divan::bench(max_time = 2)]
fn pricing_100_visits(bencher: divan::Bencher<'_, '_>) {
    let problem = Problem::from_json(include_bytes!("../tests/instances/core-100.json")).unwrap();
    yardstick::pricing(&problem, generator(), 20_000, |_, step| bencher.bench_local(step)).unwrap();
}

fn generator() -> impl rand::Rng + rand::SeedableRng {
    Key::of("core-100", "bench").generator(SEARCH)
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
