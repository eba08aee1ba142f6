//! A matrix of travel times by id, as CSV.
//!
//! Written square, with the ids in the first row and column. Read square or as a list `from,to,seconds`.

use std::collections::HashMap;

use crate::text::{Lang, Say, both, display_in_english, excerpt};

/// Travel between sites, whole seconds, shape n × n. Need not be symmetric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// Ids of the sites.
    pub ids: Vec<String>,
    /// `seconds[from][to]`.
    pub seconds: Vec<Vec<i64>>,
}

/// Why a matrix cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatrixError {
    /// A row that fits neither of the two shapes.
    Shape(u32),
    /// A cell that is no number of seconds from 0 to 10⁷: row, from, to, cell.
    Cell(u32, String, String, String),
    /// A second, other value for a pair: row, from, to.
    Contradiction(u32, String, String),
    /// Pairs that are missing: the first few, and how many in all.
    Missing(Vec<(String, String)>, usize),
}

impl Say for MatrixError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Shape(row) => both!(
                lang,
                "行车时间表第{row}行的列数与表头不符；应为方阵，或“from,to,seconds”三列",
                "travel table, row {row}: not as many cells as the header; expected a square, or columns from,to,seconds"
            ),
            Self::Cell(row, from, to, cell) => {
                let (from, to, cell) = (excerpt(from, 30), excerpt(to, 30), excerpt(cell, 20));
                both!(
                    lang,
                    "行车时间表第{row}行，从{from}到{to}的“{cell}”不是秒数；应为0至10000000的整数",
                    "travel table, row {row}, {from} to {to}: \"{cell}\" is no whole number of seconds from 0 to 10000000"
                )
            }
            Self::Contradiction(row, from, to) => {
                let (from, to) = (excerpt(from, 30), excerpt(to, 30));
                both!(
                    lang,
                    "行车时间表第{row}行，从{from}到{to}与前面的数不一致；请保留一个",
                    "travel table, row {row}: {from} to {to} has another value above; keep one"
                )
            }
            Self::Missing(pairs, all) => {
                let list: Vec<String> = pairs.iter().map(|(a, b)| format!("{a}→{b}")).collect();
                let list = list.join(lang.pick("、", ", "));
                both!(
                    lang,
                    "行车时间表缺少{all}对：{list}等；请补齐",
                    "the travel table lacks {all} pairs, among them {list}; add them"
                )
            }
        }
    }
}
display_in_english!(MatrixError);
impl std::error::Error for MatrixError {}

impl Matrix {
    /// The matrix of what `seconds(from, to)` says; 0 from a site to itself.
    #[must_use]
    pub fn of(ids: Vec<String>, seconds: impl Fn(usize, usize) -> i64) -> Self {
        let n = ids.len();
        let rows = (0..n).map(|a| (0..n).map(|b| if a == b { 0 } else { seconds(a, b) }).collect()).collect();
        Self { ids, seconds: rows }
    }

    /// Square CSV, LF, no byte-order mark.
    ///
    /// # Panics
    /// Never: writing to memory cannot fail.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
        writer.write_record([""].into_iter().chain(self.ids.iter().map(String::as_str))).expect("memory");
        for (id, row) in self.ids.iter().zip(&self.seconds) {
            let cells = std::iter::once(id.clone()).chain(row.iter().map(ToString::to_string));
            writer.write_record(cells).expect("memory");
        }
        writer.into_inner().expect("memory")
    }

    /// Reads a square or a list and arranges it by `ids`, which may be fewer than the table has. `rows` are row numbers
    /// and cells.
    ///
    /// # Errors
    /// [`MatrixError`], naming rows and missing pairs.
    pub fn from_rows(rows: &[(u32, Vec<String>)], ids: &[String]) -> Result<Self, MatrixError> {
        let (_, header) = rows.first().ok_or(MatrixError::Shape(1))?;
        let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let n = ids.len();
        let mut seconds = vec![vec![-1; n]; n];
        let mut set = |row: u32, from: &str, to: &str, cell: &str| {
            let (Some(a), Some(b)) = (place.get(from.trim()), place.get(to.trim())) else { return Ok(()) };
            let value = cell.trim().parse().ok().filter(|s| (0..=10_000_000).contains(s));
            let value =
                value.ok_or_else(|| MatrixError::Cell(row, from.to_owned(), to.to_owned(), cell.to_owned()))?;
            let known = &mut seconds[*a][*b];
            if *known >= 0 && *known != value {
                return Err(MatrixError::Contradiction(row, from.to_owned(), to.to_owned()));
            }
            *known = value;
            Ok(())
        };
        let list = header.iter().map(|c| c.trim()).eq(["from", "to", "seconds"]);
        for (number, cells) in &rows[1..] {
            if cells.len() != header.len() {
                return Err(MatrixError::Shape(*number));
            }
            if list {
                set(*number, &cells[0], &cells[1], &cells[2])?;
            } else {
                for (to, cell) in header.iter().zip(cells).skip(1) {
                    set(*number, &cells[0], to, cell)?;
                }
            }
        }
        for (at, row) in seconds.iter_mut().enumerate() {
            row[at] = row[at].max(0);
        }
        let pairs = || (0..n).flat_map(|a| (0..n).map(move |b| (a, b))).filter(|(a, b)| seconds[*a][*b] < 0);
        let missing = pairs().count();
        if missing > 0 {
            let first = pairs().take(5).map(|(a, b)| (ids[a].clone(), ids[b].clone())).collect();
            return Err(MatrixError::Missing(first, missing));
        }
        Ok(Self { ids: ids.to_vec(), seconds })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[&str]) -> Vec<String> {
        list.iter().map(|id| (*id).to_owned()).collect()
    }

    fn read(text: &str, ids: &[String]) -> Result<Matrix, MatrixError> {
        Matrix::from_rows(&crate::table::grid("t.csv", text.as_bytes()).unwrap(), ids)
    }

    #[test]
    fn a_square_reads_back_and_can_be_rearranged() {
        let matrix = Matrix::of(ids(&["B", "X,1", "Y"]), |a, b| (a * 10 + b) as i64);
        let text = String::from_utf8(matrix.to_csv()).unwrap();
        assert_eq!(read(&text, &matrix.ids).unwrap(), matrix);
        let part = read(&text, &ids(&["Y", "B"])).unwrap();
        assert_eq!(part.seconds, [[0, 20], [2, 0]]);
    }

    #[test]
    fn a_list_reads_and_what_is_wrong_is_named() {
        let pair = ids(&["A", "B"]);
        let error = read("from,to,seconds\nA,B,60\n", &pair).unwrap_err();
        assert_eq!(error, MatrixError::Missing(vec![("B".into(), "A".into())], 1));
        assert_eq!(read("from;to;seconds\nA;B;60\nB;A;70\n", &pair).unwrap().seconds, [[0, 60], [70, 0]]);
        assert!(matches!(read(",A,B\nA,0,x\nB,1,0\n", &pair), Err(MatrixError::Cell(2, ..))));
        assert!(matches!(read(",A,B\nA,0\n", &pair), Err(MatrixError::Shape(2))));
        let twice = "from,to,seconds\nA,B,60\nA,B,61\n";
        assert!(matches!(read(twice, &pair), Err(MatrixError::Contradiction(3, ..))));
    }
}
