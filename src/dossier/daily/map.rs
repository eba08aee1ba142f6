//! Links that open a place in a phone's map app, and their QR codes.
//!
//! AMap's links (lbs.amap.com, URI API: 路径规划, 搜索查询) need no key and open its app or, without it, its web page.
//! Its page on routes names no datum, and the default of the API is GCJ-02: points are converted, and the link says so.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use super::html::percent_encoded;
use crate::dossier::view::Visit;

/// Characters of a name in a link: the app shows it as a label, and every one costs nine in the code.
const LABEL: usize = 10;
/// Characters of an address that is searched for; what follows is a building or a room.
const KEYWORD: usize = 40;

/// How to find an enterprise.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The link.
    pub(super) url: String,
    /// What it leads to.
    pub(super) leads: Leads,
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// The way to the place itself.
    There,
    /// A search for the address.
    Address,
    /// A search for the name, for want of an address.
    Name,
}

/// The link to an enterprise of a city. Where only a seat of government is known, it searches for the address (without
/// one, for the name) and does not pretend to know the place.
pub(super) fn link(visit: &Visit<'_>, city: &str) -> Link {
    let applicant = visit.applicant;
    if visit.approximate {
        let (known, leads) = if applicant.address.is_empty() {
            (&applicant.name, Leads::Name)
        } else {
            (&applicant.address, Leads::Address)
        };
        let (keyword, city) = (encoded(known, KEYWORD), percent_encoded(city));
        let url = format!("https://uri.amap.com/search?keyword={keyword}&city={city}&callnative=1&src=hecha");
        return Link { url, leads };
    }
    let (lon, lat) = visit.point.to_gcj02();
    // A comma would end the name.
    let name = encoded(&applicant.name.replace(',', "，"), LABEL);
    let url = format!(
        "https://uri.amap.com/navigation?to={lon:.6},{lat:.6},{name}&mode=car&coordinate=gaode&callnative=1&src=hecha"
    );
    Link { url, leads: Leads::There }
}

fn encoded(text: &str, limit: usize) -> String {
    percent_encoded(&text.chars().take(limit).collect::<String>())
}

/// The QR code of a text as SVG with its quiet zone; nothing where the text is too long for one.
///
/// The smallest code that holds the text, with as much error correction as it still has room for.
pub(super) fn qr_code(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else { return String::new() };
    let (size, quiet) = (code.size(), 4);
    let mut out = String::with_capacity(8 << 10);
    let side = size + 2 * quiet;
    let _ =
        write!(out, r#"<svg class="qr" viewBox="-{quiet} -{quiet} {side} {side}" aria-hidden="true"><path d=""#);
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|x| code.get_module(*x, y)).count() as i32;
            if run > 0 {
                let _ = write!(out, "M{x} {y}h{run}v1h-{run}z");
            }
            x += run.max(1);
        }
    }
    out.push_str(r#""/></svg>"#);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dossier::listed::Chosen;
    use crate::frame::test_support::applicant;
    use crate::travel::{Datum, Wgs84};

    fn visit(applicant: &crate::frame::Applicant, point: Wgs84, approximate: bool) -> Visit<'_> {
        Visit {
            applicant,
            point,
            approximate,
            chosen: Chosen::Lot,
            last_day: None,
            scheduled: Some((0, 0)),
            unscheduled: None,
        }
    }

    #[test]
    fn navigation_leads_to_the_point_of_the_table_and_a_seat_is_never_navigated_to() {
        let mut enterprise = applicant("91320583MAC1JJUW8D", 3, "昆山市");
        enterprise.name = "一,二&三四五六七八九十十一".into();
        enterprise.address = "昆山市前进路1号#2".into();
        // A point that a table gives in GCJ-02 comes back to within the metre that the inverse loses.
        let point = Datum::Gcj02.to_wgs84(120.98, 31.38);
        let exact = link(&visit(&enterprise, point, false), "苏州市");
        assert_eq!(exact.leads, Leads::There);
        let to = exact.url.strip_prefix("https://uri.amap.com/navigation?to=").unwrap();
        let (to, rest) = to.split_once('&').unwrap();
        let parts: Vec<&str> = to.split(',').collect();
        assert_eq!(parts.len(), 3, "{to}");
        assert!((parts[0].parse::<f64>().unwrap() - 120.98).abs() < 2e-5, "{to}");
        assert!((parts[1].parse::<f64>().unwrap() - 31.38).abs() < 2e-5, "{to}");
        assert_eq!(parts[2], percent_encoded("一，二&三四五六七八"));
        assert_eq!(rest, "mode=car&coordinate=gaode&callnative=1&src=hecha");

        let vague = link(&visit(&enterprise, point, true), "苏州市");
        assert!(vague.leads == Leads::Address && !vague.url.contains("120.9"), "{}", vague.url);
        let keyword = percent_encoded("昆山市前进路1号#2");
        assert!(vague.url.starts_with(&format!("https://uri.amap.com/search?keyword={keyword}&city=%E8")));
        enterprise.address.clear();
        let vague = link(&visit(&enterprise, point, true), "苏州市");
        assert!(vague.leads == Leads::Name && vague.url.contains(&percent_encoded("一,二&三")), "{}", vague.url);
    }

    #[test]
    fn a_code_has_the_modules_of_its_text() {
        let text = "https://uri.amap.com/";
        let (svg, code) = (qr_code(text), QrCode::encode_text(text, QrCodeEcc::Low).unwrap());
        let path = svg.split('"').nth(7).unwrap();
        let mut drawn = std::collections::BTreeSet::new();
        for run in path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().unwrap());
            let length: i32 = rest.split_once('v').unwrap().0.parse().unwrap();
            drawn.extend((x..x + length).map(|x| (x, y)));
        }
        let size = code.size();
        let all = (0..size).flat_map(|y| (0..size).map(move |x| (x, y)));
        assert!(all.clone().all(|(x, y)| drawn.contains(&(x, y)) == code.get_module(x, y)));
        assert!(drawn.len() > all.count() / 3);
        assert_eq!(qr_code(&"长".repeat(2000)), "");
    }
}
