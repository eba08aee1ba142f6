//! Geodetic datums in use on Chinese maps, and their conversion.
//!
//! Coordinates in tables come from map services: GCJ-02 (AMap, Tencent), BD-09 (Baidu) or, from GPS, WGS-84. They differ
//! by some 500 m; mixing them up shifts every site. The conversion is a crate's.

use serde::{Deserialize, Serialize};

/// The datum of a table's coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Datum {
    /// World Geodetic System 1984.
    #[serde(rename = "WGS-84")]
    Wgs84,
    /// AMap, Tencent; the datum of this program's own tables.
    #[default]
    #[serde(rename = "GCJ-02")]
    Gcj02,
    /// Baidu.
    #[serde(rename = "BD-09")]
    Bd09,
}

/// A point in WGS-84 degrees, rounded to a millionth (0.1 m).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wgs84 {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

impl Datum {
    /// A point of this datum in WGS-84.
    #[must_use]
    pub fn to_wgs84(self, lon: f64, lat: f64) -> Wgs84 {
        let (lon, lat) = match self {
            Self::Wgs84 => (lon, lat),
            Self::Gcj02 => coordtransform::gcj02_to_wgs84(lon, lat),
            Self::Bd09 => coordtransform::bd09_to_wgs84(lon, lat),
        };
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Wgs84 { lon: round(lon), lat: round(lat) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Metres between two points, flat.
    fn apart(a: Wgs84, b: (f64, f64)) -> f64 {
        let scale = 111_320.0;
        ((a.lon - b.0) * scale * b.1.to_radians().cos()).hypot((a.lat - b.1) * scale)
    }

    #[test]
    fn one_place_in_three_datums_is_one_place() {
        // Tian'anmen as the three kinds of maps give it.
        let wgs = (116.391_3, 39.907_5);
        assert!(apart(Datum::Wgs84.to_wgs84(wgs.0, wgs.1), wgs) < 0.2);
        let gcj = coordtransform::wgs84_to_gcj02(wgs.0, wgs.1);
        assert!((300.0..800.0).contains(&apart(Wgs84 { lon: gcj.0, lat: gcj.1 }, wgs)));
        assert!(apart(Datum::Gcj02.to_wgs84(gcj.0, gcj.1), wgs) < 5.0);
        let bd = coordtransform::gcj02_to_bd09(gcj.0, gcj.1);
        assert!(apart(Datum::Bd09.to_wgs84(bd.0, bd.1), wgs) < 5.0);
    }
}
