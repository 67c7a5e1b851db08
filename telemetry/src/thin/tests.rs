use catalog::MediaTime;
use proptest::prelude::*;

use super::*;
use crate::Altitude;
use crate::sample::Datum;

fn at(number: usize, lon_deg: f64) -> Sample {
    Sample {
        media_us: Some(MediaTime(i64::try_from(number).unwrap() * 40_000)),
        position: Some(Position { lon_deg, lat_deg: 31.2 }),
        ..Sample::default()
    }
}

#[test]
fn a_straight_line_at_an_even_speed_needs_its_ends() {
    let samples: Vec<Sample> =
        (0..100_u32).map(|number| at(number as usize, 121.0 + f64::from(number) * 1e-4)).collect();
    let thinned = thin(&samples, &Tolerance::default());
    assert_eq!(thinned, [samples[0].clone(), samples[99].clone()]);
    assert_eq!(thin(&samples[..1], &Tolerance::default()).len(), 1);
    assert_eq!(thin(&[], &Tolerance::default()), []);
}

#[test]
fn a_stop_on_a_straight_road_stays_a_stop() {
    let mut samples: Vec<Sample> = (0..40).map(|number| at(number, 121.0)).collect();
    samples.extend((40..80_u32).map(|number| at(number as usize, 121.0 + f64::from(number - 40) * 1e-4)));
    let thinned = thin(&samples, &Tolerance::default());
    assert_eq!(thinned.len(), 3, "{thinned:?}");
}

#[test]
fn where_a_fix_is_lost_and_found_the_samples_on_both_sides_stay() {
    let mut samples: Vec<Sample> = (0..90).map(|number| at(number, 121.0)).collect();
    for sample in &mut samples[30..60] {
        sample.position = None;
    }
    let kept: Vec<i64> = thin(&samples, &Tolerance::default())
        .iter()
        .filter_map(|sample| Some(sample.media_us?.0 / 40_000))
        .collect();
    assert_eq!(kept, [0, 29, 30, 59, 60, 89]);
}

#[test]
fn angles_turn_the_short_way() {
    assert!((turn_deg(350.0, 10.0) - 20.0).abs() < 1e-9);
    assert!((turn_deg(10.0, 350.0) + 20.0).abs() < 1e-9);
    let east = Position { lon_deg: 179.0, lat_deg: 0.0 };
    let west = Position { lon_deg: -179.0, lat_deg: 0.0 };
    assert!((between(east, west, 0.5).lon_deg.abs() - 180.0).abs() < 1e-9);
}

fn any_samples() -> impl Strategy<Value = Vec<Sample>> {
    let step = (0..200_000_i64, -3e-5..3e-5_f64, -3e-5..3e-5_f64, -1.0..1.0_f64, 0..20_u8, -9.0..9.0_f64);
    prop::collection::vec(step, 1..400).prop_map(|steps| {
        let (mut time_us, mut lon_deg, mut lat_deg, mut altitude_m, mut yaw) = (0, 121.47, 31.23, 20.0, 0.0);
        steps
            .into_iter()
            .map(|(pause_us, east, north, up, known, turn)| {
                time_us += pause_us;
                lon_deg += east;
                lat_deg += north;
                altitude_m += up;
                yaw += turn;
                Sample {
                    media_us: Some(MediaTime(time_us)),
                    at: Some(catalog::WallTime(1_714_699_800_000_000 + time_us + pause_us * 3)),
                    position: (known != 0).then_some(Position { lon_deg, lat_deg }),
                    altitude: (known != 1).then_some(Altitude { altitude_m, datum: Datum::SeaLevel }),
                    gimbal: Attitude { yaw_deg: (known != 2).then_some(yaw), ..Attitude::default() }.known(),
                    ..Sample::default()
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn what_was_let_go_can_be_had_back_within_the_tolerance(
        samples in any_samples(),
        position_m in 0.1..20.0_f64,
    ) {
        let tolerance = Tolerance { position_m, ..Tolerance::default() };
        let thinned = thin(&samples, &tolerance);
        prop_assert_eq!(thinned.first(), samples.first());
        prop_assert_eq!(thinned.last(), samples.last());
        // The kept ones are found again in order; between each two of them, every sample is checked
        // against the line.
        let mut kept = Vec::new();
        for (number, sample) in samples.iter().enumerate() {
            if thinned.get(kept.len()) == Some(sample) {
                kept.push(number);
            }
        }
        prop_assert_eq!(kept.len(), thinned.len());
        for pair in kept.windows(2) {
            let [a, b] = [&samples[pair[0]], &samples[pair[1]]];
            let start_us = a.media_us.unwrap().0;
            let length_us = (b.media_us.unwrap().0 - start_us) as f64;
            for sample in &samples[pair[0] + 1..pair[1]] {
                let along_us = (sample.media_us.unwrap().0 - start_us) as f64;
                let fraction = if length_us > 0.0 { along_us / length_us } else { 0.0 };
                let mix = |a: f64, b: f64| a + (b - a) * fraction;
                match (a.position.zip(b.position), sample.position) {
                    (Some((a, b)), Some(measured)) => {
                        let read = Position { lon_deg: mix(a.lon_deg, b.lon_deg), lat_deg: mix(a.lat_deg, b.lat_deg) };
                        prop_assert!(distance_m(read, measured) <= position_m + 1e-6);
                    }
                    (None, None) => {}
                    other => prop_assert!(false, "known on one side only: {:?}", other),
                }
                if let (Some(a), Some(b), Some(measured)) = (a.altitude, b.altitude, sample.altitude) {
                    let read_m = mix(a.altitude_m, b.altitude_m);
                    prop_assert!((read_m - measured.altitude_m).abs() <= tolerance.vertical_m + 1e-9);
                }
                let elapsed = |sample: &Sample| (sample.at.unwrap() - a.at.unwrap()).0 as f64;
                let read_us = mix(0.0, elapsed(b));
                prop_assert!((read_us - elapsed(sample)).abs() <= tolerance.clock_us.0 as f64 + 1.0);
                if let (Some(Some(a)), Some(Some(b)), Some(Some(measured))) =
                    (a.gimbal.map(|g| g.yaw_deg), b.gimbal.map(|g| g.yaw_deg), sample.gimbal.map(|g| g.yaw_deg))
                {
                    let read = a + turn_deg(a, b) * fraction;
                    prop_assert!(turn_deg(read, measured).abs() <= tolerance.angle_deg + 1e-6);
                }
            }
        }
    }
}
