//! Makes cases of acts: the acts of one squad, in order of time, one to three a case, with kinds that
//! a case of its procedure could have.

use catalog::case::{Case, Procedure, Stage, StageKind};
use catalog::excuse::Excuse;
use catalog::time::Micros;

use crate::bureau;
use crate::calendar::{Dice, at};
use crate::faults::Draft;
use crate::plan::PlannedStage;

/// What the stages of a case of so many acts may be, by turns.
const ONE: &[(Procedure, [StageKind; 1], &str)] = &[
    (Procedure::Simple, [StageKind::SimplePenalty], "跨门经营"),
    (Procedure::Ordinary, [StageKind::Emergency], "广告牌坠落处置"),
    (Procedure::Inspection, [StageKind::SiteInspection], "双随机检查"),
    (Procedure::Ordinary, [StageKind::Hearing], "违法搭建"),
    (Procedure::Ordinary, [StageKind::ForcedDemolition], "违法搭建拆除"),
    (Procedure::Complaint, [StageKind::ComplaintHandling], "油烟扰民投诉"),
];
const TWO: &[(Procedure, [StageKind; 2], &str)] = &[
    (Procedure::Complaint, [StageKind::ComplaintHandling, StageKind::SiteInspection], "夜间施工投诉"),
    (Procedure::Ordinary, [StageKind::Seizure, StageKind::LienService], "无照占道设摊"),
    (Procedure::Ordinary, [StageKind::EvidenceRegistration, StageKind::Hearing], "擅自处置渣土"),
];
const THREE: &[(Procedure, [StageKind; 3], &str)] = &[
    (
        Procedure::Ordinary,
        [StageKind::SiteInspection, StageKind::EvidenceRegistration, StageKind::LienService],
        "损坏绿化",
    ),
    (
        Procedure::Ordinary,
        [StageKind::ComplaintHandling, StageKind::Seizure, StageKind::LienService],
        "违规设置户外广告",
    ),
];

/// How many acts the cases of a squad have, by turns.
const SIZES: [usize; 7] = [1, 2, 1, 3, 1, 2, 1];

/// How many cases get a review at a desk, which nobody has to record.
const REVIEWS: usize = 5;

/// What comes of grouping.
#[derive(Debug, Default)]
pub(crate) struct Docket {
    pub(crate) cases: Vec<Case>,
    pub(crate) stages: Vec<PlannedStage>,
    pub(crate) links: Vec<catalog::case::Link>,
    pub(crate) excuses: Vec<Excuse>,
}

fn template(size: usize, turn: usize) -> (Procedure, Vec<StageKind>, &'static str) {
    fn pick<const N: usize>(
        rows: &[(Procedure, [StageKind; N], &'static str)],
        turn: usize,
    ) -> (Procedure, Vec<StageKind>, &'static str) {
        let (procedure, kinds, title) = &rows[turn % rows.len()];
        (*procedure, kinds.to_vec(), title)
    }
    match size {
        1 => pick(ONE, turn),
        2 => pick(TWO, turn),
        _ => pick(THREE, turn),
    }
}

/// Groups `drafts` into cases.
pub(crate) fn group(drafts: Vec<Draft>, dice: &mut Dice) -> Docket {
    let mut squads: Vec<Vec<Draft>> = vec![Vec::new(); bureau::SQUADS];
    for draft in drafts {
        squads[bureau::squad_of(draft.crew)].push(draft);
    }
    let mut docket = Docket::default();
    let mut turns = [0; 4];
    for (squad, mut acts) in squads.into_iter().enumerate() {
        acts.sort_by_key(|act| (act.interval.start, act.crew));
        let mut sizes = SIZES.iter().cycle();
        let mut acts = acts.into_iter().peekable();
        while acts.peek().is_some() {
            let size = sizes.next().copied().unwrap_or(1);
            let acts: Vec<Draft> = acts.by_ref().take(size).collect();
            let turn = turns[acts.len()];
            turns[acts.len()] += 1;
            docket.open(squad, turn, acts, dice);
        }
    }
    docket.review();
    docket
}

impl Docket {
    fn open(&mut self, squad: usize, turn: usize, acts: Vec<Draft>, dice: &mut Dice) {
        let (procedure, kinds, title) = template(acts.len(), turn);
        let case_no = format!("SL2024-{:04}", 501 + self.cases.len());
        let (Some(first), Some(last)) = (acts.first(), acts.last()) else { return };
        let filed_at = first.interval.start - Micros::from_s(dice.within((20, 200)) * 60);
        let closed_at = last.interval.end + Micros::from_s(dice.within((1, 9)) * 86_400);
        let place = format!("示例路{}号", dice.within((1, 400)));
        self.cases.push(Case {
            case_no: case_no.clone(),
            unit: bureau::squad_code(squad),
            procedure,
            filed_at,
            closed_at: (closed_at < at(31, 18, 0)).then_some(closed_at),
            title: title.to_owned(),
        });
        for ((stage_no, act), kind) in (1..).zip(acts).zip(kinds) {
            let stage = Stage {
                case_no: case_no.clone(),
                stage_no,
                kind: act.kind.unwrap_or(kind),
                starts_at: act.interval.start,
                ends_at: act.interval.end,
                officers: act.officers.clone(),
                place: place.clone(),
            };
            let recordings: Vec<_> = act.recordings.iter().map(|file| file.key.clone()).collect();
            if act.linked {
                self.links.extend(recordings.iter().map(|key| catalog::case::Link {
                    case_no: case_no.clone(),
                    stage_no,
                    object_key: key.clone(),
                }));
            }
            if let Some(excuse) = act.excuse {
                self.excuses.push(Excuse {
                    case_no: case_no.clone(),
                    stage_no,
                    reason: excuse.reason,
                    note: excuse.note.to_owned(),
                    recorded_by: bureau::excuse_recorder(squad),
                    recorded_at: act.interval.end + Micros::from_s(3600),
                    starts_at: excuse.of.map(|of| of.start),
                    ends_at: excuse.of.map(|of| of.end),
                });
            }
            self.stages.push(PlannedStage {
                unit: bureau::squad_code(squad),
                planted: act.planted,
                covered_us: act.covered_us(),
                status: act.status,
                findings: act.findings,
                recordings,
                stage,
            });
        }
    }

    /// Adds reviews of major decisions to some cases: stages that are no obligations.
    fn review(&mut self) {
        let major: Vec<Case> = self
            .cases
            .iter()
            .filter(|case| case.procedure == Procedure::Ordinary && case.closed_at.is_some())
            .take(REVIEWS)
            .cloned()
            .collect();
        for case in major {
            let stage_no = self.stages.iter().filter(|planned| planned.stage.case_no == case.case_no).count();
            let Some(starts_at) = case.closed_at else { continue };
            let stage = Stage {
                case_no: case.case_no,
                stage_no: u32::try_from(stage_no).unwrap_or(0) + 1,
                kind: StageKind::LegalReview,
                starts_at: starts_at - Micros::from_s(7200),
                ends_at: starts_at - Micros::from_s(3600),
                officers: bureau::reviewers().to_vec(),
                place: "审理室".to_owned(),
            };
            self.stages.push(PlannedStage::desk_work(case.unit, stage));
        }
    }
}
