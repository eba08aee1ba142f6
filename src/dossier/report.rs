//! `核查方案.html` (`check-plan.html`): the bureau's own report, one file that opens from a USB stick.
//!
//! It needs no network and, but for its filters, no JavaScript: everything stands in the page, drawn as text, tables and
//! SVG. Style and script are inside, and the page's own policy allows exactly these two by their hashes, so that nothing
//! that came in with a name can ever run. Contacts and telephones are not in it.
//!
//! A further part, such as a plot, comes in as a [`Section`].

mod agenda;
mod certificate;
mod coverage;
mod crews;
mod drawn;
mod head;
mod html;
mod map;
mod page;
mod slack;
mod travel;
mod visits;
mod words;

use self::html::Html;
use super::Document;
use super::view::View;

/// A part of the report: a heading in the table of contents and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Fragment of its address, `[a-z-]+`, unique in the page.
    id: &'static str,
    /// Heading.
    title: String,
    /// What stands below.
    body: Html,
}

impl Section {
    /// A part with a plot: a sentence on what it shows, the plot, and what a reader who cannot see it should know.
    ///
    /// `svg` is taken as it stands and must come from this program: one `<svg>` element with `viewBox`, without `style`
    /// attributes, scripts or outside references, all of which the page's policy forbids. `currentColor` and the page's
    /// classes (`ink`, `faint`, `s3` to `s5`, `accent`) follow light and dark.
    #[must_use]
    pub fn plot(id: &'static str, title: &str, lead: &str, svg: &str, described: &str) -> Self {
        let mut body = Html::new();
        html::html!(body, "<p class=\"lead\">{}</p><figure class=\"plot\">", lead);
        body.add(&Html::trusted(svg));
        html::html!(body, "<figcaption>{}</figcaption></figure>", described);
        Self { id, title: title.to_owned(), body }
    }
}

/// The report. `extras` follow the parts that every report has, in their order.
#[must_use]
pub fn report(view: &View<'_>, extras: &[Section]) -> Document<'static> {
    let name = view.lang.pick("核查方案.html", "check-plan.html");
    Document::new(name, page(view, extras).into_bytes())
}

fn page(view: &View<'_>, extras: &[Section]) -> String {
    let mut sections = vec![
        drawn::section(view),
        coverage::section(view),
        map::section(view),
        agenda::section(view),
        visits::section(view),
        slack::section(view),
        travel::section(view),
        certificate::section(view),
        crews::section(view),
    ];
    sections.extend_from_slice(extras);
    page::page(view, &head::head(view), &sections)
}
