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
    /// Not CSV, or not of one of the two shapes.
    Shape(String),
    /// A cell that is no number of seconds from 0 to 10⁷: from, to, cell.
    Cell(String, String, String),
    /// Pairs that are missing: the first few, and how many in all.
    Missing(Vec<(String, String)>, usize),
}

impl Say for MatrixError {
    fn say(&self, lang: Lang) -> String {
        match self {
            Self::Shape(why) => both!(
                lang,
                "行车时间表无法读取（{why}）；应为方阵，或“from,to,seconds”三列",
                "the travel table cannot be read ({why}); expected a square, or columns from,to,seconds"
            ),
            Self::Cell(from, to, cell) => {
                let (from, to, cell) = (excerpt(from, 30), excerpt(to, 30), excerpt(cell, 20));
                both!(
                    lang,
                    "行车时间表中从{from}到{to}的“{cell}”不是秒数；应为0至10000000的整数",
                    "travel from {from} to {to}: \"{cell}\" is no whole number of seconds"
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

    /// Reads a square or a list and arranges it by `ids`, which may be fewer than the table has.
    ///
    /// # Errors
    /// [`MatrixError`], naming missing pairs.
    pub fn from_csv(text: &str, ids: &[String]) -> Result<Self, MatrixError> {
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> =
            reader.records().collect::<Result<_, _>>().map_err(|e| MatrixError::Shape(e.to_string()))?;
        let header = records.first().ok_or_else(|| MatrixError::Shape("0".to_owned()))?;
        let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let n = ids.len();
        let mut seconds = vec![vec![-1; n]; n];
        let mut set = |from: &str, to: &str, cell: &str| {
            let (Some(a), Some(b)) = (place.get(from.trim()), place.get(to.trim())) else { return Ok(()) };
            seconds[*a][*b] = cell
                .trim()
                .parse()
                .ok()
                .filter(|s| (0..=10_000_000).contains(s))
                .ok_or_else(|| MatrixError::Cell(from.to_owned(), to.to_owned(), cell.to_owned()))?;
            Ok(())
        };
        let list = header.iter().map(str::trim).eq(["from", "to", "seconds"]);
        for record in &records[1..] {
            if list {
                set(&record[0], &record[1], &record[2])?;
            } else {
                for (to, cell) in header.iter().zip(record).skip(1) {
                    set(&record[0], to, cell)?;
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

    #[test]
    fn a_square_reads_back_and_can_be_rearranged() {
        let matrix = Matrix::of(ids(&["B", "X,1", "Y"]), |a, b| (a * 10 + b) as i64);
        let text = String::from_utf8(matrix.to_csv()).unwrap();
        assert_eq!(Matrix::from_csv(&text, &matrix.ids).unwrap(), matrix);
        let part = Matrix::from_csv(&text, &ids(&["Y", "B"])).unwrap();
        assert_eq!(part.seconds, [[0, 20], [2, 0]]);
    }

    #[test]
    fn a_list_reads_and_missing_pairs_are_named() {
        let text = "from,to,seconds\nA,B,60\n";
        let error = Matrix::from_csv(text, &ids(&["A", "B"])).unwrap_err();
        assert_eq!(error, MatrixError::Missing(vec![("B".into(), "A".into())], 1));
        let matrix = Matrix::from_csv("from,to,seconds\nA,B,60\nB,A,70\n", &ids(&["A", "B"])).unwrap();
        assert_eq!(matrix.seconds, [[0, 60], [70, 0]]);
        assert!(matches!(Matrix::from_csv(",A,B\nA,0,x\nB,1,0\n", &ids(&["A", "B"])), Err(MatrixError::Cell(..))));
    }
}
