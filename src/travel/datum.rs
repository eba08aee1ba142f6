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

impl Wgs84 {
    /// The point in GCJ-02, which Chinese map services take: longitude and latitude in degrees, rounded to a millionth.
    #[must_use]
    pub fn to_gcj02(self) -> (f64, f64) {
        let (lon, lat) = coordtransform::wgs84_to_gcj02(self.lon, self.lat);
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        (round(lon), round(lat))
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

    #[test]
    fn published_pairs_are_met_within_metres() {
        // Longitude and latitude in WGS-84, GCJ-02 and BD-09, as published in the tests of
        // - eviltransform (googollee/eviltransform, go/transform_test.go): Shanghai, Shenzhen, Beijing, WGS-84 and GCJ-02;
        // - gcoord (hujiulong/gcoord, test/fixtures/china-cities.json): cities as the map services give them, all three.
        // The inverse of GCJ-02 used here is a single step, good to a metre or two.
        let none = (f64::NAN, f64::NAN);
        for (name, wgs, gcj, bd) in [
            ("Shanghai", (121.527_210_6, 31.177_427_6), (121.531_541_859_215, 31.175_303_983_645_97), none),
            ("Shenzhen", (113.912_316, 22.543_847), (113.917_176_480_836_3, 22.540_796_131_694_766), none),
            ("Beijing", (116.377_817, 39.911_954), (116.384_047_224_556_57, 39.913_345_455_360_69), none),
            ("泰州", (119.918_383_1, 32.458_002_3), (119.923_124_2, 32.455_780_2), (119.929_690_2, 32.461_553_1)),
            ("驻马店", (114.016_432_2, 33.013_355_6), (114.022_306, 33.011_532_4), (114.028_778_1, 33.017_669_7)),
            ("沈阳", (123.425_330_6, 41.803_262_9), (123.431_478_7, 41.805_702_3), (123.438_095, 41.811_401_3)),
            ("汕头", (116.677_511_4, 23.356_756_9), (116.681_973_5, 23.354_096_4), (116.688_501_4, 23.359_888_4)),
        ] {
            let off = apart(Datum::Gcj02.to_wgs84(gcj.0, gcj.1), wgs);
            assert!(off < 3.0, "{name}: GCJ-02 is {off:.1} m off");
            let (lon, lat) = Wgs84 { lon: wgs.0, lat: wgs.1 }.to_gcj02();
            let off = apart(Wgs84 { lon, lat }, gcj);
            assert!(off < 3.0, "{name}: to GCJ-02 is {off:.1} m off");
            if !bd.0.is_nan() {
                let off = apart(Datum::Bd09.to_wgs84(bd.0, bd.1), wgs);
                assert!(off < 5.0, "{name}: BD-09 is {off:.1} m off");
            }
        }
        // gcoord's test/unit/crs/BD09.spec.ts.
        let off = apart(Datum::Bd09.to_wgs84(123.0, 45.0), (122.987_622_10, 44.991_715_40));
        assert!(off < 5.0, "{off:.1} m off");
    }
}
