//! A step that fails.

use api::casework::schedule;
use catalog::import::Import;
use tests::run;

use crate::bureau::{Bureau, month, on};

#[tokio::test]
async fn a_step_that_fails_is_recorded_each_time_and_shows_in_the_exit_status() {
    let bureau = Bureau::open().await;
    bureau.import(Import::Units(demo::plan().units)).await;
    bureau.import(Import::Officers(demo::plan().officers)).await;
    let frozen = catalog::round::Round {
        id: "2024-06/jingan-2024".into(),
        month: month("2024-06"),
        policy: "jingan-2024".into(),
        frozen_at: on(month("2024-06"), 2, 9),
        frozen_json: "{}".into(),
        frame_sha256: "ab".repeat(32),
        draw: None,
    };
    assert!(bureau.catalog.freeze_round(&frozen).await.unwrap());
    let now = on(month("2024-06"), 3, 9);
    schedule::announce_seed(bureau.catalog.as_ref(), &frozen.id, "4-2-6", "31901", now).await.unwrap();

    let ran =
        run(bureau.dir.path(), &["schedule", "run", "--now", "2024-06-22 09:00", "--catalog", &bureau.url()]);
    assert_eq!(ran.status, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("the schedule failed at draw"), "{}", ran.stderr);
    run(bureau.dir.path(), &["schedule", "run", "--now", "2024-06-22 09:00", "--catalog", &bureau.url()]);
    let steps = bureau.cli(&["schedule", "list", "--month", "2024-06", "--json"]).json();
    let outcomes: Vec<_> = steps["steps"]
        .as_array()
        .unwrap()
        .iter()
        // The other checks wait for their cases.
        .filter(|step| step["step"] != "freeze")
        .map(|step| format!("{} {}", step["step"].as_str().unwrap(), step["outcome"].as_str().unwrap()))
        .collect();
    // The return was tried although the draw failed before it; what is waited for is recorded once.
    assert_eq!(outcomes, ["draw failed", "return waiting", "draw failed"]);
    let zh = bureau.cli(&["schedule", "list", "--month", "2024-06", "--lang", "zh"]).stdout;
    assert!(zh.contains("抽取失败：批次2024-06/jingan-2024的留存内容无法读取"), "{zh}");
}
