//! What a stored object may be evidence of: an index of all stages, by whose they are and when.
//!
//! It is asked of every object there is, so it decides more generously than an audit: whoever reads or keeps too much loses an
//! hour or a disk, whoever reads or keeps too little loses evidence. It concludes nothing about a stage.

use std::collections::{HashMap, HashSet};

use catalog::WallTime;
use catalog::case::Stage;
use catalog::held::{Ground, HeldObject};
use catalog::time::Micros;
use serde::Deserialize;

use crate::lanes::{Entry, Lanes};

/// How far a recording may lie from a stage of its officer and still count as its evidence here. It is no tolerance of a
/// judgement: it makes sure that whatever an audit could count, with clocks as wrong as they may be, counts here.
const MARGIN: Micros = Micros::from_s(3_600);

/// What of a draw's document is looked at; documents of every version of the program have it.
#[derive(Deserialize)]
struct DrawnItems {
    #[serde(default)]
    items: Vec<DrawnItem>,
}

#[derive(Deserialize)]
struct DrawnItem {
    id: String,
}

/// The stages, by whose they are and when, and which of them were ever drawn.
pub struct Evidence<'a> {
    ground: &'a Ground,
    by_time: Lanes,
    /// Numbers of the officers of stages.
    lane_of: HashMap<&'a str, u32>,
    /// Who wears a device.
    holder_of: HashMap<&'a str, &'a str>,
    /// When a stage, by its place, was last drawn; `None` if it never was.
    drawn_at: Vec<Option<WallTime>>,
    /// The stages that people tied an object to, by place.
    linked: HashMap<&'a str, Vec<u32>>,
}

impl<'a> Evidence<'a> {
    /// The index. A draw whose document cannot be read counts as having drawn nothing; its stages are evidence of their cases
    /// all the same.
    pub fn new(ground: &'a Ground) -> Self {
        let mut drawn: HashMap<String, WallTime> = HashMap::new();
        let mut draw = |item: String, at: WallTime| {
            let last = drawn.entry(item).or_insert(at);
            *last = at.max(*last);
        };
        for one in &ground.draws {
            if let Ok(document) = serde_json::from_str::<DrawnItems>(&one.document) {
                document.items.into_iter().for_each(|item| draw(item.id, one.at));
            }
        }
        ground.taken.iter().for_each(|one| draw(one.item.clone(), one.at));
        // An item is a stage, or a case with all its stages.
        let when = |stage: &Stage| {
            let of_case = drawn.get(stage.case_no.as_str());
            of_case.max(drawn.get(&stage.id().to_string())).copied()
        };
        let drawn_at = ground.stages.iter().map(when).collect();
        let mut lane_of: HashMap<&str, u32> = HashMap::new();
        let mut entries = Vec::new();
        let mut place_of: HashMap<(&str, u32), u32> = HashMap::new();
        for (item, stage) in (0_u32..).zip(&ground.stages) {
            place_of.insert((stage.case_no.as_str(), stage.stage_no), item);
            let interval = stage.interval().widened(MARGIN);
            for badge in &stage.officers {
                let next = u32::try_from(lane_of.len()).unwrap_or(u32::MAX);
                let lane = *lane_of.entry(badge.as_str()).or_insert(next);
                entries.push(Entry { lane, interval, item });
            }
        }
        let mut linked: HashMap<&str, Vec<u32>> = HashMap::new();
        for link in &ground.links {
            if let Some(place) = place_of.get(&(link.case_no.as_str(), link.stage_no)) {
                linked.entry(link.object_key.as_str()).or_default().push(*place);
            }
        }
        let holder_of = ground
            .devices
            .iter()
            .filter_map(|device| Some((device.serial.as_str(), device.holder.as_deref()?)))
            .collect();
        Self { ground, by_time: Lanes::new(&entries), lane_of, holder_of, drawn_at, linked }
    }

    /// The officers whose an object may be: of its key, and the holder of its device.
    pub fn officers<'o>(&'o self, object: &'o HeldObject) -> impl Iterator<Item = &'o str> + 'o {
        let holder = object.device.as_deref().and_then(|serial| self.holder_of.get(serial)).copied();
        [object.badge.as_deref(), holder].into_iter().flatten()
    }

    /// The stages that an object may be evidence of, by their place in the ground, in order.
    pub fn stages_of(&self, object: &HeldObject) -> Vec<usize> {
        let lanes: HashSet<u32> =
            self.officers(object).filter_map(|badge| self.lane_of.get(badge)).copied().collect();
        let ran = object.ran.into_iter();
        let by_time = ran.flat_map(|ran| lanes.iter().flat_map(move |&lane| self.by_time.meeting(lane, ran)));
        let linked = self.linked.get(object.object_key.as_str()).into_iter().flatten().copied();
        let mut stages: Vec<usize> = by_time.chain(linked).map(|place| place as usize).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }

    /// Whether a person tied an object to this stage.
    pub fn is_linked(&self, object: &HeldObject, place: usize) -> bool {
        let linked = self.linked.get(object.object_key.as_str());
        linked.is_some_and(|places| places.iter().any(|one| *one as usize == place))
    }

    /// A stage.
    pub fn stage(&self, place: usize) -> Option<&'a Stage> {
        self.ground.stages.get(place)
    }

    /// When a stage was last drawn, or taken beside a draw; `None` if it never was.
    pub fn drawn_at(&self, place: usize) -> Option<WallTime> {
        self.drawn_at.get(place).copied().flatten()
    }
}
