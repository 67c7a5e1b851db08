use std::cell::RefCell;

use super::*;
use crate::plan::Plan;
use crate::testing::{ffmpeg_is_there, mini_plan};

fn contents(dir: &Path, plan: &Plan) -> Vec<Vec<u8>> {
    plan.recordings.iter().map(|file| fs::read(dir.join(EVIDENCE).join(&file.key)).unwrap()).collect()
}

#[test]
fn a_month_is_made_once_altered_at_will_and_found_again_as_it_was() {
    if !ffmpeg_is_there() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let (plan, dir) = (mini_plan(), temporary.path().join("below").join("month"));
    let told = RefCell::new(Vec::new());
    let month = make(&plan, &dir, &|what| told.borrow_mut().push(what.to_owned())).unwrap();
    assert!(!month.reused);
    assert!(told.borrow().iter().any(|what| what == "made 3 of 3 recordings"), "{told:?}");
    assert!(!dir.with_file_name("month.partial").exists());
    assert!(month.tables().iter().all(|(_, path)| path.is_file()));
    let first = contents(&dir, &plan);

    month.alter().unwrap();
    let altered = contents(&dir, &plan);
    let differ: Vec<bool> = first.iter().zip(&altered).map(|(a, b)| a != b).collect();
    assert_eq!(differ, [false, false, true]);
    assert_eq!(first[2].len(), altered[2].len());
    month.alter().unwrap();
    assert_eq!(contents(&dir, &plan), altered, "altering twice is altering once");

    let again = make(&plan, &dir, &|_| panic!("nothing is left to do")).unwrap();
    assert!(again.reused);
    assert_eq!(contents(&dir, &plan), first);

    let other = Plan { recordings: plan.recordings[..1].to_vec(), ..plan.clone() };
    let month = make(&plan, &dir, &|_| ()).unwrap();
    fs::remove_file(month.evidence_dir.join(&plan.recordings[0].key)).unwrap();
    let error = make(&plan, &dir, &|_| ()).unwrap_err().to_string();
    assert!(error.contains("are gone"), "{error}");
    fs::write(&month.truth_path, Truth::about(&other).to_json().unwrap()).unwrap();
    let error = make(&plan, &dir, &|_| ()).unwrap_err().to_string();
    assert!(error.contains("another version"), "{error}");
}

#[test]
fn what_an_interrupted_run_left_is_cleared_away() {
    if !ffmpeg_is_there() {
        return;
    }
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("month");
    let partial = temporary.path().join("month.partial");
    fs::create_dir_all(partial.join("evidence/SQ9")).unwrap();
    fs::write(partial.join("evidence/SQ9/half.mp4"), "half").unwrap();
    fs::write(partial.join(MARKER), "").unwrap();
    let plan = Plan { recordings: Vec::new(), ..mini_plan() };
    make(&plan, &dir, &|_| ()).unwrap();
    assert!(!dir.join("evidence/SQ9").exists());
    assert!(make(&plan, &dir, &|_| ()).unwrap().reused);
}

#[test]
fn a_folder_with_other_things_in_it_is_refused_and_left_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let plan = Plan::default();
    let refused = |dir: &Path| make(&plan, dir, &|_| ()).unwrap_err().to_string();

    let dir = temporary.path().join("mine");
    fs::create_dir(&dir).unwrap();
    fs::write(dir.join("thesis.txt"), "mine").unwrap();
    assert!(refused(&dir).contains("did not make"), "{}", refused(&dir));

    let file = dir.join("thesis.txt");
    assert!(refused(&file).contains("is no folder"), "{}", refused(&file));

    let beside = temporary.path().join("mine.partial");
    fs::rename(&dir, &beside).unwrap();
    assert!(refused(&dir).contains("did not make"), "{}", refused(&dir));
    assert!(beside.join("thesis.txt").exists());

    fs::write(beside.join(MARKER), r#"{"format_version": 0, "size_bytes": {}}"#).unwrap();
    assert!(refused(&beside).contains("another version"), "{}", refused(&beside));
    assert!(refused(Path::new("/")).contains("did not make"), "{}", refused(Path::new("/")));
}

#[test]
fn two_runs_at_once_make_one_month() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = &temporary.path().join("month");
    let plan = &Plan::default();
    let reused: Vec<bool> = std::thread::scope(|scope| {
        let run = || scope.spawn(move || make(plan, dir, &|_| ()).unwrap().reused);
        [run(), run(), run()].map(|run| run.join().unwrap()).to_vec()
    });
    assert_eq!(reused.iter().filter(|&&reused| !reused).count(), 1, "{reused:?}");
    assert!(!temporary.path().join("month.partial").exists());
}
