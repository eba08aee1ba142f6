//! The second look at the tables: what else they say of those whom the draw names.

use super::read::{ADDRESS, CONTACT, NAME, PHONE, Reader, is_seen, must_inspect};
use super::{Applicant, Frame, LineUp, Reading};
use crate::table::{Place, RowView, TableError, TableReader, clean};

/// Everything about the applicants at these positions of the frame, in their order.
///
/// # Errors
/// [`TableError`], for a file that was changed since the frame was read, too.
pub fn details(
    tables: &[TableReader],
    how: Reading<'_>,
    frame: &Frame,
    positions: &[usize],
) -> Result<Vec<Applicant>, TableError> {
    // What was noticed in these rows is on record since the first look.
    let mut reader = Reader::new(how);
    let mut out: Vec<Option<Applicant>> = vec![None; positions.len()];
    let rows = positions.iter().map(|at| frame.members[*at].row());
    pick(tables, frame, rows, |slot, table, row| {
        let entry = frame.at(positions[slot]);
        let (county, county_known) = reader.county_again(table, row);
        let place = Place { column: None, ..table.place(row.number, NAME) };
        out[slot] = Some(Applicant {
            name: clean::tidy(row.text(NAME)),
            county,
            county_known,
            address: clean::tidy(row.text(ADDRESS)),
            contact: clean::tidy(row.text(CONTACT)),
            phone: clean::tidy(row.text(PHONE)),
            details: reader.details(table, row, entry.code()),
            must_inspect: must_inspect(row),
            ..Applicant::bare(entry.code(), entry.star(), "", place)
        });
    })?;
    Ok(out.into_iter().flatten().collect())
}

/// Calls `take` with the number in line, the name and the must-inspect reason of those who stand in it, in the order of
/// rows.
///
/// # Errors
/// [`TableError`], for a file that was changed since the frame was read, too.
pub fn names(
    tables: &[TableReader],
    frame: &Frame,
    line: &LineUp,
    mut take: impl FnMut(usize, &str, Option<String>),
) -> Result<(), TableError> {
    pick(tables, frame, line.0.iter().map(|member| member.row()), |slot, _, row| {
        let name = row.text(NAME);
        // Most names are tidy as they stand.
        if is_chinese(name) || name.chars().all(is_seen) {
            take(slot, name, must_inspect(row));
        } else {
            take(slot, &clean::tidy(name), must_inspect(row));
        }
    })
}

/// Whether a name consists of Chinese characters alone, which all leave a mark: U+4000 to U+9FFF have three bytes each, and
/// the first tells.
fn is_chinese(name: &str) -> bool {
    let (characters, rest) = name.as_bytes().as_chunks::<3>();
    rest.is_empty() && characters.iter().all(|bytes| matches!(bytes[0], 0xE4..=0xE9))
}

fn pick(
    tables: &[TableReader],
    frame: &Frame,
    rows: impl Iterator<Item = u32>,
    mut visit: impl FnMut(usize, &TableReader, RowView<'_>),
) -> Result<(), TableError> {
    let mut rows: Vec<(u32, u32)> = rows.zip(0..).collect();
    rows.sort_unstable();
    let mut rest = rows.as_slice();
    for (at, table) in tables.iter().enumerate() {
        let before = frame.rows_before[at];
        let after = frame.rows_before.get(at + 1).copied().unwrap_or(u32::MAX);
        let (mut here, later) = rest.split_at(rest.partition_point(|(row, _)| *row <= after));
        rest = later;
        if here.is_empty() {
            continue;
        }
        // An applicant can be wanted more than once: as a reserve and as must-inspect.
        let numbers = here.chunk_by(|a, b| a.0 == b.0).map(|group| group[0].0 - before);
        table.pick(numbers, |row| {
            while let Some(((number, slot), behind)) = here.split_first()
                && *number - before == row.number
            {
                visit(*slot as usize, table, row);
                here = behind;
            }
        })?;
    }
    Ok(())
}
