//! Which of two unnamed coordinates is the latitude.
//!
//! `GPS(149.0251,-20.2533,16)` on a Mavic Pro is longitude first; `GPS(36.6146,-6.1120,0.0M)` on a
//! Matrice 300 is latitude first. A wrong guess puts a flight on another continent, so all the
//! subtitles of a file vote together, and the strongest kind of evidence that is not tied decides:
//!
//! 1. **Range.** A latitude is at most 90°. Anywhere in China the longitude is between 73° and 135°,
//!    so over most of the country this settles it.
//! 2. **Distance from home.** A Phantom writes where it took off and how far away it is: only one
//!    order gives that distance.
//! 3. **Layout.** A third number with `M` (metres) is the Matrice's layout, latitude first; a plain
//!    whole number is a count of satellites: Mavic Pro, Phantom 4, Mavic Mini, longitude first.
//!
//! Without any of them positions are left out.

use serde::{Deserialize, Serialize};

use crate::sample::{Position, distance_m};

/// Which coordinate comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Longitude, latitude.
    LonLat,
    /// Latitude, longitude.
    LatLon,
}

impl Order {
    pub(super) fn position(self, pair: (f64, f64)) -> Option<Position> {
        match self {
            Self::LonLat => Position::new(pair.0, pair.1),
            Self::LatLon => Position::new(pair.1, pair.0),
        }
    }
}

/// What decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderEvidence {
    /// One of the two is no latitude.
    Range,
    /// The distance from home fits one order only.
    HomeDistance,
    /// The maker's layout.
    Layout,
}

/// The order of a file's coordinates, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoordinateOrder {
    /// Which comes first.
    pub order: Order,
    /// What decided.
    pub evidence: OrderEvidence,
}

/// Coordinates without names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Unnamed {
    pub(super) pair: (f64, f64),
    pub(super) third: Third,
}

/// What the number after the coordinates is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Third {
    /// An altitude in metres.
    Metres(f64),
    /// A count of satellites.
    Satellites,
    /// Something else, or nothing.
    Unknown,
}

/// Votes for longitude first and for latitude first, by kind of evidence.
#[derive(Debug, Default)]
pub(super) struct Votes {
    range: [u64; 2],
    home_distance: [u64; 2],
    layout: [u64; 2],
}

impl Votes {
    /// Counts one subtitle; says what its range proves, if anything.
    pub(super) fn count(
        &mut self,
        unnamed: &Unnamed,
        home: Option<(f64, f64)>,
        home_distance_m: Option<f64>,
    ) -> Option<Order> {
        let vote = |votes: &mut [u64; 2], order: Option<Order>| {
            if let Some(order) = order {
                votes[usize::from(order == Order::LatLon)] += 1;
            }
        };
        let by_range = by_range(unnamed.pair);
        vote(&mut self.range, by_range);
        vote(&mut self.range, home.and_then(self::by_range));
        vote(&mut self.home_distance, by_home_distance(unnamed.pair, home, home_distance_m));
        vote(
            &mut self.layout,
            match unnamed.third {
                Third::Metres(_) => Some(Order::LatLon),
                Third::Satellites => Some(Order::LonLat),
                Third::Unknown => None,
            },
        );
        by_range
    }

    pub(super) fn decide(&self) -> Option<CoordinateOrder> {
        [
            (self.range, OrderEvidence::Range),
            (self.home_distance, OrderEvidence::HomeDistance),
            (self.layout, OrderEvidence::Layout),
        ]
        .into_iter()
        .find(|([lon_first, lat_first], _)| lon_first != lat_first)
        .map(|([lon_first, lat_first], evidence)| CoordinateOrder {
            order: if lon_first > lat_first { Order::LonLat } else { Order::LatLon },
            evidence,
        })
    }
}

fn by_range(pair: (f64, f64)) -> Option<Order> {
    match [Order::LonLat, Order::LatLon].map(|order| order.position(pair).is_some()) {
        [true, false] => Some(Order::LonLat),
        [false, true] => Some(Order::LatLon),
        _ => None,
    }
}

fn by_home_distance(pair: (f64, f64), home: Option<(f64, f64)>, stated_m: Option<f64>) -> Option<Order> {
    let (home, stated_m) = (home?, stated_m?);
    let error_m = |order: Order| {
        let away_m = distance_m(order.position(home)?, order.position(pair)?);
        Some((away_m - stated_m).abs())
    };
    let (lon_first_m, lat_first_m) = (error_m(Order::LonLat)?, error_m(Order::LatLon)?);
    let fits_m = 3.0 + stated_m * 0.01;
    let misses_m = 6.0 + stated_m * 0.05;
    if lon_first_m <= fits_m && lat_first_m >= misses_m {
        Some(Order::LonLat)
    } else if lat_first_m <= fits_m && lon_first_m >= misses_m {
        Some(Order::LatLon)
    } else {
        None
    }
}
