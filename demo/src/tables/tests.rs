use catalog::import::{Import, KnownNames};

use super::*;

fn read_back(plan: &Plan, dir: &Path) -> Vec<Import> {
    let known = KnownNames {
        units: plan.units.iter().map(|unit| unit.code.clone()).collect(),
        badges: plan.officers.iter().map(|officer| officer.badge.clone()).collect(),
        devices: plan.devices.iter().map(|device| device.serial.clone()).collect(),
        cases: plan.cases.iter().map(|case| case.case_no.clone()).collect(),
        stages: plan
            .stages
            .iter()
            .map(|planned| (planned.stage.case_no.clone(), planned.stage.stage_no))
            .collect(),
        ..KnownNames::default()
    };
    let read = |(kind, path): (ImportKind, PathBuf)| {
        ::tables::read(kind, &path.to_string_lossy(), &fs::read(&path).unwrap(), &known)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            .import
    };
    written(dir).map(read).collect()
}

/// The tables that [`write`] makes: the manifest comes later, when the footage is there.
fn written(dir: &Path) -> impl Iterator<Item = (ImportKind, PathBuf)> {
    paths(dir).into_iter().filter(|(kind, _)| *kind != ImportKind::Manifest)
}

#[test]
fn what_is_imported_is_what_was_planned() {
    let dir = tempfile::tempdir().unwrap();
    let plan = crate::plan();
    write(&plan, dir.path()).unwrap();
    let stages = plan.stages.iter().map(|planned| planned.stage.clone()).collect();
    let expected = vec![
        Import::Units(plan.units.clone()),
        Import::Officers(plan.officers.clone()),
        Import::Devices(plan.devices.clone()),
        Import::Cases(plan.cases.clone()),
        Import::Stages(stages),
        Import::Links(plan.links.clone()),
        Import::Excuses(plan.excuses.clone()),
    ];
    for (read, planned) in read_back(&plan, dir.path()).into_iter().zip(expected) {
        assert_eq!(read, planned);
    }
}

#[test]
fn files_come_in_the_encodings_and_formats_that_offices_use() {
    let dir = tempfile::tempdir().unwrap();
    write(&crate::plan(), dir.path()).unwrap();
    let officers = fs::read(dir.path().join("officers.csv")).unwrap();
    assert!(std::str::from_utf8(&officers).is_err(), "GB18030 is no UTF-8");
    assert!(fs::read(dir.path().join("cases.xlsx")).unwrap().starts_with(b"PK"));
    let stages = fs::read_to_string(dir.path().join("stages.csv")).unwrap();
    assert!(stages.starts_with("case_no,stage_no,kind,starts_at,ends_at,officers,place\n"));
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let [one, other] = [(); 2].map(|()| {
        let dir = tempfile::tempdir().unwrap();
        write(&crate::plan(), dir.path()).unwrap();
        written(dir.path()).map(|(_, path)| fs::read(path).unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(one, other);
}
