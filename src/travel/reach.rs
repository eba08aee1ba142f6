//! How far from its county seats a place of a city can plausibly lie.
//!
//! County borders are no part of the tables, so a point is called outside only where no county of the city could reach it:
//! farther from every seat than 60 km, or than half the distance between the city's two farthest seats where that is more.
//! Jiangsu's largest counties (on the coast of Yancheng and Nantong, in Xuzhou and Suqian) reach some 50 km from their seat.
//! A point in the wrong city next door may pass; a slip of a digit, swapped columns or another province do not.

use super::estimate::great_circle_m;
use super::{Datum, Wgs84};
use crate::county::City;

/// Least distance from every seat that counts as outside, metres.
const LEAST_M: f64 = 60_000.0;

/// A city as far as its counties' seats tell.
#[derive(Debug, Clone)]
pub struct Reach {
    seats: Vec<Wgs84>,
    radius_m: f64,
}

impl Reach {
    /// The reach of a city's counties and zones.
    #[must_use]
    pub fn of(city: &City) -> Self {
        let seats: Vec<Wgs84> = city
            .counties
            .iter()
            .map(|c| c.seat)
            .chain([city.seat])
            .map(|s| Datum::Gcj02.to_wgs84(s.lon, s.lat))
            .collect();
        let pairs = seats.iter().flat_map(|a| seats.iter().map(|b| great_circle_m(*a, *b)));
        let radius_m = (pairs.fold(0.0, f64::max) / 2.0).max(LEAST_M);
        Self { seats, radius_m }
    }

    /// Whole kilometres to the nearest seat, if the point lies outside the city.
    #[must_use]
    pub fn outside_km(&self, point: Wgs84) -> Option<u32> {
        // Nearly every point is near one of the first.
        if self.seats.iter().any(|s| great_circle_m(*s, point) <= self.radius_m) {
            return None;
        }
        let nearest = self.seats.iter().map(|s| great_circle_m(*s, point)).fold(f64::MAX, f64::min);
        Some((nearest / 1000.0).round() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::county::Gazetteer;

    #[test]
    fn far_corners_are_inside_and_other_provinces_are_not() {
        let gazetteer = Gazetteer::embedded();
        let reach = |city: &str| Reach::of(gazetteer.city(city).unwrap());
        let inside = |city: &str, lon, lat| reach(city).outside_km(Wgs84 { lon, lat }).is_none();
        // Towns at the edges: 桃源 (Wujiang), 寅阳 (Qidong), 弶港 (Dongtai), 梁寨 (Feng county).
        assert!(inside("苏州市", 120.48, 30.80));
        assert!(inside("南通市", 121.86, 31.77));
        assert!(inside("盐城市", 120.85, 32.75));
        assert!(inside("徐州市", 116.70, 34.50));
        // Beijing, Nanjing, a degree too few, and the sea off Africa.
        for (lon, lat) in [(116.39, 39.91), (118.79, 32.06), (119.58, 31.30), (0.0, 0.0)] {
            assert!(!inside("苏州市", lon, lat), "{lon} {lat}");
        }
        for city in gazetteer.cities() {
            let reach = Reach::of(city);
            for county in &city.counties {
                let seat = Datum::Gcj02.to_wgs84(county.seat.lon, county.seat.lat);
                assert_eq!(reach.outside_km(seat), None, "{}", county.name);
            }
        }
    }
}
