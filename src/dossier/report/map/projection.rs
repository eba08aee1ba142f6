//! Degrees to the units of the drawing, with nothing but the four operations, so that every platform draws the same.

use crate::travel::Wgs84;

/// Width of the drawing.
pub(super) const WIDTH: f64 = 1000.0;
/// Most height of the drawing.
const MOST_HEIGHT: f64 = 900.0;
/// Least height of the drawing.
const LEAST_HEIGHT: f64 = 420.0;
/// Room around the places.
const MARGIN: f64 = 60.0;
/// Kilometres of one degree of latitude on a sphere of the Earth's mean radius, 6371.0088 km (IUGG).
const DEGREE_KM: f64 = 111.195;
/// Least extent in degrees, so that a single place does not fill the map.
const LEAST_EXTENT: f64 = 0.05;

/// From places to the drawing.
pub(super) struct Projection {
    west: f64,
    north: f64,
    /// Units of a degree of longitude and of latitude.
    scale: (f64, f64),
    /// Height of the drawing.
    pub(super) height: f64,
}

impl Projection {
    /// The one that shows all places.
    pub(super) fn of(places: impl Iterator<Item = Wgs84>) -> Self {
        let (mut west, mut east, mut south, mut north) = (f64::MAX, f64::MIN, f64::MAX, f64::MIN);
        for Wgs84 { lon, lat } in places.filter(|p| p.lon.is_finite() && p.lat.is_finite()) {
            (west, east) = (west.min(lon), east.max(lon));
            (south, north) = (south.min(lat), north.max(lat));
        }
        if west > east {
            (west, east, south, north) = (0.0, 0.0, 0.0, 0.0);
        }
        let (lon, lat) = (f64::midpoint(west, east), f64::midpoint(south, north));
        let squeeze = cosine(lat);
        let (wide, tall) = ((east - west).max(LEAST_EXTENT), (north - south).max(LEAST_EXTENT));
        let inner = (WIDTH - 2.0 * MARGIN, MOST_HEIGHT - 2.0 * MARGIN);
        let latitude = (inner.0 / (wide * squeeze)).min(inner.1 / tall);
        let height = (tall * latitude + 2.0 * MARGIN).clamp(LEAST_HEIGHT, MOST_HEIGHT).round();
        let scale = (latitude * squeeze, latitude);
        Self { west: lon - WIDTH / 2.0 / scale.0, north: lat + height / 2.0 / scale.1, scale, height }
    }

    /// Where a place is drawn; y grows to the south.
    pub(super) fn at(&self, place: Wgs84) -> (f64, f64) {
        let x = (place.lon - self.west) * self.scale.0;
        let y = (self.north - place.lat) * self.scale.1;
        let inside = |at: f64, most: f64| if at.is_finite() { at.clamp(0.0, most) } else { most / 2.0 };
        (inside(x, WIDTH), inside(y, self.height))
    }

    /// A round number of kilometres and how long it is drawn.
    pub(super) fn scale(&self) -> (u32, f64) {
        let unit = self.scale.1 / DEGREE_KM;
        let kilometres =
            [100, 50, 20, 10, 5, 2, 1].into_iter().find(|km| f64::from(*km) * unit <= 180.0).unwrap_or(1);
        (kilometres, f64::from(kilometres) * unit)
    }

    /// Lines of longitude: where, and which.
    pub(super) fn meridians(&self) -> Vec<(f64, f64)> {
        let east = self.west + WIDTH / self.scale.0;
        steps(self.west, east).into_iter().map(|lon| ((lon - self.west) * self.scale.0, lon)).collect()
    }

    /// Lines of latitude: where, and which.
    pub(super) fn parallels(&self) -> Vec<(f64, f64)> {
        let south = self.north - self.height / self.scale.1;
        steps(south, self.north).into_iter().map(|lat| ((self.north - lat) * self.scale.1, lat)).collect()
    }
}

/// Round tenths of degrees between two, at most six.
fn steps(from: f64, to: f64) -> Vec<f64> {
    let (first, last) = ((from * 10.0).ceil() as i64, (to * 10.0).floor() as i64);
    let step = [1, 2, 5, 10, 20, 50].into_iter().find(|step| (last - first) / step < 6).unwrap_or(100);
    (first..=last).filter(|tenth| tenth % step == 0).map(|tenth| tenth as f64 / 10.0).collect()
}

/// Cosine of degrees from 0 to 90 by its series: the library's may differ in the last digit from platform to platform.
fn cosine(degrees: f64) -> f64 {
    let x = degrees * std::f64::consts::PI / 180.0;
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..12 {
        term *= -x * x / f64::from((2 * n - 1) * (2 * n));
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_cosine() {
        for degrees in [0.0, 31.3, 45.0, 60.0] {
            assert!((cosine(degrees) - (degrees * std::f64::consts::PI / 180.0).cos()).abs() < 1e-12);
        }
    }

    #[test]
    fn a_kilometre_is_as_long_eastward_as_northward_and_all_is_inside() {
        let place = |lon, lat| Wgs84 { lon, lat };
        let projection = Projection::of([place(120.4, 31.0), place(121.3, 31.9)].into_iter());
        let (a, b, c) = (
            projection.at(place(120.8, 31.4)),
            projection.at(place(120.9, 31.4)),
            projection.at(place(120.8, 31.5)),
        );
        let ratio = (b.0 - a.0) / (a.1 - c.1);
        assert!((ratio - (31.45_f64).to_radians().cos()).abs() < 1e-6, "{ratio}");
        let (kilometres, width) = projection.scale();
        assert!(kilometres >= 10 && width <= 180.0 && width > 60.0);
        for (x, y) in [projection.at(place(120.4, 31.0)), projection.at(place(121.3, 31.9))] {
            assert!((MARGIN - 0.1..=WIDTH - MARGIN + 0.1).contains(&x), "{x}");
            assert!((MARGIN - 0.1..=projection.height - MARGIN + 0.1).contains(&y), "{y}");
        }
        assert!(projection.meridians().len() >= 2 && projection.parallels().len() >= 2);
    }

    #[test]
    fn one_place_or_none_is_no_harm() {
        let one = Projection::of([Wgs84 { lon: 120.0, lat: 31.0 }].into_iter());
        assert!((one.at(Wgs84 { lon: 120.0, lat: 31.0 }).0 - WIDTH / 2.0).abs() < 1e-6);
        assert!(Projection::of(std::iter::empty()).height >= LEAST_HEIGHT);
    }
}
