//! Writes a large invented applicants' table: code, name, star, county.
//!
//! `cargo bench --bench frame_generator -- ROWS FILE`; without arguments it says so and ends. The same number of rows
//! always gives the same bytes. Every code is distinct and has the right check character, counties are those of 苏州市.
#![allow(clippy::unwrap_used, missing_docs, reason = "a generator that cannot go on has failed")]

use std::fs::File;
use std::io::{BufWriter, Write};

use hecha::county::Gazetteer;
use hecha::draw::stream::{Key, SEARCH};
use hecha::frame::check_character;
use rand::RngExt;

const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const REGIONS: [&str; 10] =
    ["320505", "320506", "320507", "320508", "320509", "320581", "320582", "320583", "320585", "320571"];
const PLACES: [&str; 8] = ["苏州", "江苏", "姑苏", "昆山", "太湖", "金鸡湖", "阳澄", "苏州工业园区"];
const WORDS: [&str; 12] = ["华", "恒", "瑞", "科", "信", "达", "宏", "盛", "联", "创", "云", "智"];
const TRADES: [&str; 8] =
    ["精密机械", "新材料科技", "信息技术", "电子", "纺织", "自动化设备", "医疗器械", "供应链管理"];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let [rows, path] = args.as_slice() else {
        return println!("frame_generator: give a number of rows and the path of the CSV to write");
    };
    let rows: u64 = rows.parse().expect("a number of rows");
    assert!(rows <= 31_u64.pow(6), "there are not as many codes");
    let gazetteer = Gazetteer::embedded();
    let counties = &gazetteer.city("苏州市").unwrap().counties;
    let mut dice = Key::of("frame-generator", "the-same-table-every-time").generator(SEARCH);
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    out.write_all("统一社会信用代码,企业名称,申报星级,所属县区\n".as_bytes()).unwrap();
    for row in 0..rows {
        // An affine permutation of the serial numbers of six letters: in no order, and none twice.
        let mut serial = (row * 618_033_989 + 271_828_183) % 31_u64.pow(6);
        let mut code = *b"91000000MA0000000?";
        code[2..8].copy_from_slice(REGIONS[(serial % 10) as usize].as_bytes());
        for place in (11..17).rev() {
            code[place] = LETTERS[(serial % 31) as usize];
            serial /= 31;
        }
        code[10] = LETTERS[dice.random_range(0..31)];
        code[17] = check_character(&code[..17]);
        let mut pick = |list: &[&'static str]| list[dice.random_range(0..list.len())];
        let name = [pick(&PLACES), pick(&WORDS), pick(&WORDS), pick(&TRADES), "有限公司"].concat();
        let star = [3, 3, 3, 3, 3, 3, 3, 4, 4, 5][dice.random_range(0..10)];
        let county = &counties[dice.random_range(0..counties.len())].name;
        writeln!(out, "{},{name},{star},{county}", std::str::from_utf8(&code).unwrap()).unwrap();
    }
    out.flush().unwrap();
    println!("frame_generator: {rows} rows in {path}");
}
