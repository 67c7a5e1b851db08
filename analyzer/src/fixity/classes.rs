//! What a stored object may be evidence of.

use std::collections::{HashMap, HashSet};

use catalog::Micros;
use catalog::case::Stage;
use catalog::fixity::RiskClass;
use catalog::held::{Ground, HeldObject};
use serde::Deserialize;

use crate::lanes::{Entry, Lanes};

/// How far a recording may lie from a stage of its officer and still count as its evidence here. It is no tolerance of a
/// judgement: it makes sure that whatever an audit could count, with clocks as wrong as they may be, is read as often as
/// evidence is.
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
pub struct Classes<'a> {
    stages: Lanes,
    /// Numbers of the officers of stages.
    lane_of: HashMap<&'a str, u32>,
    /// Who wears a device.
    holder_of: HashMap<&'a str, &'a str>,
    /// Whether a stage, by its number, was drawn.
    drawn: Vec<bool>,
    /// Objects that people tied to a stage, and whether one of those was drawn.
    linked: HashMap<&'a str, bool>,
}

impl<'a> Classes<'a> {
    /// An index of what objects may be evidence of. A draw whose document cannot be read counts as having drawn nothing; its
    /// stages are evidence of their cases all the same.
    pub fn new(ground: &'a Ground) -> Self {
        let ids: HashSet<String> = ground
            .draws
            .iter()
            .filter_map(|(_, document)| serde_json::from_str::<DrawnItems>(document).ok())
            .flat_map(|draw| draw.items.into_iter().map(|item| item.id))
            .chain(ground.taken.iter().map(|(_, item)| item.clone()))
            .collect();
        // An item is a stage, or a case with all its stages.
        let is_drawn =
            |stage: &Stage| ids.contains(stage.case_no.as_str()) || ids.contains(&stage.id().to_string());
        let drawn: Vec<bool> = ground.stages.iter().map(is_drawn).collect();
        let mut lane_of: HashMap<&str, u32> = HashMap::new();
        let mut entries = Vec::new();
        for (item, stage) in (0_u32..).zip(&ground.stages) {
            let interval = stage.interval().widened(MARGIN);
            for badge in &stage.officers {
                let next = u32::try_from(lane_of.len()).unwrap_or(u32::MAX);
                let lane = *lane_of.entry(badge.as_str()).or_insert(next);
                entries.push(Entry { lane, interval, item });
            }
        }
        let of_stage: HashMap<(&str, u32), bool> = ground
            .stages
            .iter()
            .zip(&drawn)
            .map(|(stage, &drawn)| ((stage.case_no.as_str(), stage.stage_no), drawn))
            .collect();
        let mut linked: HashMap<&str, bool> = HashMap::new();
        for link in &ground.links {
            let drawn = of_stage.get(&(link.case_no.as_str(), link.stage_no)).copied().unwrap_or(false);
            *linked.entry(link.object_key.as_str()).or_default() |= drawn;
        }
        let holder_of = ground
            .devices
            .iter()
            .filter_map(|device| Some((device.serial.as_str(), device.holder.as_deref()?)))
            .collect();
        Self { stages: Lanes::new(&entries), lane_of, holder_of, drawn, linked }
    }

    /// What an object may be evidence of: `Sampled`, `Case` or `Other`. Whether it was moved is another matter.
    pub fn of(&self, object: &HeldObject) -> RiskClass {
        let linked = self.linked.get(object.object_key.as_str()).copied();
        let badge = object.badge.as_deref();
        let holder = object.device.as_deref().and_then(|serial| self.holder_of.get(serial)).copied();
        let lanes = [badge, holder].into_iter().flatten().filter_map(|badge| self.lane_of.get(badge));
        let ran = object.ran.into_iter();
        let mut drawn: Vec<bool> = ran
            .flat_map(|ran| lanes.clone().flat_map(move |&lane| self.stages.meeting(lane, ran)))
            .map(|stage| self.drawn.get(stage as usize).copied().unwrap_or(false))
            .collect();
        drawn.extend(linked);
        match drawn.into_iter().max() {
            Some(true) => RiskClass::Sampled,
            Some(false) => RiskClass::Case,
            None => RiskClass::Other,
        }
    }
}
