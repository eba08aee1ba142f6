//! Where names stand on the map: near what they name, and clear of each other and of the dots.

use unicode_width::UnicodeWidthStr;

/// Height of a name, and the width of half a Chinese character, on a phone, where names are largest.
const HEIGHT: f64 = 26.0;
const HALF: f64 = 13.0;

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Span {
    pub(super) fn new(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, right: left + width, bottom: top + height }
    }

    /// The area that two have in common.
    fn shared(&self, other: &Self) -> f64 {
        let width = self.right.min(other.right) - self.left.max(other.left);
        let height = self.bottom.min(other.bottom) - self.top.max(other.top);
        width.max(0.0) * height.max(0.0)
    }

    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// Names placed one after another.
#[derive(Debug)]
pub(super) struct Labels<'a> {
    frame: Span,
    dots: &'a [(f64, f64)],
    taken: Vec<Span>,
}

impl<'a> Labels<'a> {
    /// On a map of a size with dots, and with other names that stand already.
    pub(super) fn new(width: f64, height: f64, dots: &'a [(f64, f64)], taken: Vec<Span>) -> Self {
        // At the upper edge stand the degrees.
        Self { frame: Span::new(0.0, 20.0, width, height - 20.0), dots, taken }
    }

    /// Middle and base line of a name for what lies around a point: the best of some places near it.
    pub(super) fn place(&mut self, name: &str, x: f64, y: f64) -> (f64, f64) {
        let width = HALF * UnicodeWidthStr::width(name) as f64;
        let mut best: Option<(f64, Span)> = None;
        for down in [-0.5, -1.5, 0.8, 1.8, -2.8, 2.8, -4.0, 4.0] {
            for across in [0.0, -0.5, 0.5, -1.0, 1.0] {
                let (dx, dy) = (across * width, down * HEIGHT);
                let span = Span::new(x + dx - width / 2.0, y + dy - HEIGHT / 2.0, width, HEIGHT);
                let outside = width * HEIGHT - span.shared(&self.frame);
                let shared: f64 = self.taken.iter().map(|other| span.shared(other)).sum();
                let dots = self.dots.iter().filter(|dot| span.holds(**dot)).count();
                let cost = 4.0 * (outside + shared) + 40.0 * dots as f64 + dx.abs() + dy.abs();
                if best.is_none_or(|(least, _)| cost < least) {
                    best = Some((cost, span));
                }
            }
        }
        let Some((_, span)) = best else { return (x, y) };
        self.taken.push(span);
        (f64::midpoint(span.left, span.right), span.bottom - HEIGHT / 4.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_around_one_point_stand_apart_and_within_the_map() {
        let dots = [(500.0, 300.0), (505.0, 310.0), (2.0, 2.0)];
        let base = Span::new(492.0, 290.0, 52.0, 20.0);
        let mut labels = Labels::new(1000.0, 800.0, &dots, vec![base]);
        for name in ["姑苏区", "苏州工业园区", "虎丘区", "相城区", "吴中区"] {
            labels.place(name, 500.0, 300.0);
        }
        labels.place("太仓市", 2.0, 2.0);
        for (at, span) in labels.taken.iter().enumerate() {
            assert!(labels.taken[..at].iter().all(|other| span.shared(other) < 1e-6), "{span:?}");
            assert!(span.left >= 0.0 && span.top >= 0.0 && span.right <= 1000.0 && span.bottom <= 800.0);
            assert!(at == 0 || !dots.iter().any(|dot| span.holds(*dot)), "{span:?}");
        }
    }
}
