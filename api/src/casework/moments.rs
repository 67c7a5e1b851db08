//! Moments of recordings that people name when they judge: what is recorded of an item stands for good, so a slip of the
//! pen is refused while somebody is there to hear it.

use catalog::observation::Observation;
use catalog::review::{Judgement, Moment};
use catalog::store::Catalog;
use catalog::{MediaTime, Micros};

use super::CaseworkError;

/// How far beyond the end of a recording a moment of it may lie: a player stands a picture or two behind it.
const MOMENT_SLACK: Micros = Micros::from_s(1);

/// Refuses moments that no recording has: what is recorded of an item stands for good.
pub(super) async fn moments_are_there(
    catalog: &dyn Catalog,
    judgement: &Judgement,
) -> Result<(), CaseworkError> {
    for Moment { object_key, at_us } in &judgement.moments {
        let recordings = catalog.recording(object_key).await?;
        if recordings.is_empty() {
            return Err(CaseworkError::input(
                format!(
                    "there is no recording {object_key}: give the key that `reelproof audit` or its page shows"
                ),
                format!("没有录像“{object_key}”，请填写审核结果或录像页面所示的文件路径"),
            ));
        }
        let end_us = recordings.iter().filter_map(|recording| end_of(&recording.observation)).max();
        if end_us.is_some_and(|end_us| *at_us > end_us + MOMENT_SLACK) {
            return Err(CaseworkError::input(
                format!("the recording {object_key} ends before the moment that is given of it"),
                format!("所填时刻超出录像“{object_key}”的长度"),
            ));
        }
    }
    Ok(())
}

/// The last that a recording has, on its container's timeline; `None` where nobody knows.
fn end_of(observation: &Observation) -> Option<MediaTime> {
    let streams = observation.streams.iter().filter_map(|stream| stream.end_us);
    streams.chain(observation.duration_us.map(|length| MediaTime(length.0))).max()
}
