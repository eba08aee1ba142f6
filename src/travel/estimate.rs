//! Travel estimated from coordinates: great circle × detour, speed rising with distance, parking.
//!
//! The first kilometres of a trip go through streets, later ones over trunk roads and motorways, so each band of distance
//! has its own speed. What this gets wrong: rush hours, rivers, lakes and the Yangtze with few crossings (add to `detour`
//! or bring a matrix), and several enterprises whose place is only the county's seat, which all seem to be at one door.

use serde::{Deserialize, Serialize};

use super::Wgs84;

/// Mean radius of the Earth, metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Parameters of the estimate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Estimate {
    /// Road distance over great-circle distance, at least 1.
    pub detour: f64,
    /// Minutes added to every trip: walking to the car, the gate, a parking place.
    pub parking_minutes: f64,
    /// Speeds by distance, ascending; the last one holds for the rest.
    pub speeds: Vec<Band>,
}

/// Speed on one stretch of a trip.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Road kilometres from the start up to which the speed holds; none: to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_km: Option<f64>,
    /// Kilometres an hour.
    pub kmh: f64,
}

impl Default for Estimate {
    fn default() -> Self {
        Self {
            detour: 1.35,
            parking_minutes: 5.0,
            speeds: vec![
                Band { to_km: Some(6.0), kmh: 26.0 },
                Band { to_km: Some(25.0), kmh: 48.0 },
                Band { to_km: None, kmh: 78.0 },
            ],
        }
    }
}

impl Estimate {
    /// Name of the first parameter that makes no sense, if any.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let sane = |value: f64, from: f64, to: f64| (from..=to).contains(&value);
        if !sane(self.detour, 1.0, 5.0) {
            return Some("detour");
        }
        if !sane(self.parking_minutes, 0.0, 120.0) {
            return Some("parking_minutes");
        }
        let ends: Vec<f64> = self.speeds.iter().filter_map(|b| b.to_km).collect();
        let ascending = ends.windows(2).all(|pair| pair[0] < pair[1]) && ends.first().is_none_or(|e| *e > 0.0);
        let open_end =
            self.speeds.last().is_some_and(|b| b.to_km.is_none()) && ends.len() + 1 == self.speeds.len();
        if !ascending || !open_end || !self.speeds.iter().all(|b| sane(b.kmh, 1.0, 200.0)) {
            return Some("speeds");
        }
        None
    }

    /// Seconds from one site to another, rounded up; 0 from a site to itself only.
    #[must_use]
    pub fn seconds(&self, from: Wgs84, to: Wgs84) -> i64 {
        let mut left_km = great_circle_m(from, to) / 1000.0 * self.detour;
        let (mut hours, mut start_km) = (0.0, 0.0);
        for band in &self.speeds {
            let length = band.to_km.map_or(left_km, |end| (end - start_km).min(left_km));
            hours += length / band.kmh;
            left_km -= length;
            start_km = band.to_km.unwrap_or(start_km);
        }
        (hours * 3600.0 + self.parking_minutes * 60.0).ceil() as i64
    }
}

/// Haversine distance, metres.
pub(super) fn great_circle_m(a: Wgs84, b: Wgs84) -> f64 {
    let (lat_a, lat_b) = (a.lat.to_radians(), b.lat.to_radians());
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let h = half(b.lat - a.lat) + lat_a.cos() * lat_b.cos() * half(b.lon - a.lon);
    2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(lon: f64, lat: f64) -> Wgs84 {
        Wgs84 { lon, lat }
    }

    #[test]
    fn distance_of_two_cities_is_right() {
        let (suzhou, nanjing) = (point(120.585, 31.299), point(118.797, 32.060));
        assert!((great_circle_m(suzhou, nanjing) / 1000.0 - 189.0).abs() < 2.0);
    }

    #[test]
    fn time_grows_with_distance_and_slower_than_it() {
        let estimate = Estimate::default();
        let at = |km: f64| estimate.seconds(point(120.0, 31.0), point(120.0, 31.0 + km / 111.195));
        assert_eq!(at(0.0), 300);
        let times: Vec<i64> = (1..80).map(|km| at(f64::from(km))).collect();
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(times.windows(3).all(|t| t[2] - t[1] <= t[1] - t[0] + 1));
        // 20 km as the crow flies: 27 km of road in some 45 minutes.
        assert!((40..50).contains(&(at(20.0) / 60)), "{}", at(20.0) / 60);
    }

    #[test]
    fn senseless_parameters_are_named() {
        let with = |change: fn(&mut Estimate)| {
            let mut estimate = Estimate::default();
            change(&mut estimate);
            estimate.fault()
        };
        assert_eq!(with(|_| {}), None);
        assert_eq!(with(|e| e.detour = 0.5), Some("detour"));
        assert_eq!(with(|e| e.detour = f64::NAN), Some("detour"));
        assert_eq!(with(|e| e.speeds.clear()), Some("speeds"));
        assert_eq!(with(|e| e.speeds[2].to_km = Some(1.0)), Some("speeds"));
        assert_eq!(with(|e| e.speeds[0].kmh = 0.0), Some("speeds"));
    }
}
