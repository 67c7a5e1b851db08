//! The transparency log: everything that was written is in it, and roots and proofs follow from its leaves.

use std::collections::BTreeMap;

use catalog::log::leaf::may_change;
use catalog::log::tree::{Hash, Node, fold, plan_inclusion, range, verify_inclusion};
use catalog::log::{LeafOrigin, Roots};
use catalog::store::{CheckpointEntry, KeyEntry, LeafEntry, Setting};

use super::*;

async fn all_leaves(catalog: &dyn Catalog) -> Vec<LeafEntry> {
    catalog.log_leaves(0, u32::MAX).await.unwrap()
}

/// What is asked after every test of the contract: that the log explains the whole catalog, whatever the test did.
pub(crate) async fn the_log_explains_everything(catalog: &dyn Catalog) {
    assert_eq!(catalog.log_unlogged(10).await.unwrap(), []);
    assert_eq!(catalog.log_misplaced(10).await.unwrap(), []);
    let leaves = all_leaves(catalog).await;
    let mut of_row: BTreeMap<(String, String), Vec<LeafEntry>> = BTreeMap::new();
    for (place, leaf) in leaves.into_iter().enumerate() {
        assert_eq!(leaf.index, place as u64);
        assert!(leaf.holds() && leaf.written(), "{leaf:?}");
        of_row.entry((leaf.record.kind.clone(), leaf.row_key.clone())).or_default().push(leaf);
    }
    for ((kind, key), leaves) in of_row {
        assert!(may_change(&kind) || leaves.len() == 1, "{kind} {key} was logged twice");
        let rows = catalog.log_rows(&kind, std::slice::from_ref(&key)).await.unwrap();
        let stands = rows.get(&key).unwrap_or_else(|| panic!("{kind} {key} is not there"));
        assert!(leaves.last().unwrap().said(stands), "{kind} {key}: {stands}\n{:?}", leaves.last());
    }
}

fn officers(count: u32, name: &str) -> Import {
    Import::Officers(
        (0..count)
            .map(|number| Officer {
                badge: format!("B{number:05}"),
                name: format!("{name}{number}"),
                unit: "u1".into(),
                frontline: true,
            })
            .collect(),
    )
}

async fn import(catalog: &dyn Catalog, import: Import) {
    let origin = ImportOrigin { file_name: "officers.csv", sha256: &"00".repeat(32), absent: &[] };
    catalog.import(&import, &origin, at("2024-05-02T08:00:00+08:00")).await.unwrap();
}

async fn six_hundred_officers(catalog: &dyn Catalog) {
    let unit = Unit { code: "u1".into(), name: "一中队".into(), kind: UnitKind::Squad, parent: None };
    import(catalog, Import::Units(vec![unit])).await;
    import(catalog, officers(600, "甲")).await;
}

pub(crate) async fn roots_and_proofs_follow_from_the_leaves(catalog: &dyn Catalog) {
    six_hundred_officers(catalog).await;
    let size = catalog.log_state().await.unwrap().size;
    // A leaf for each row, and one for the event of each import.
    assert_eq!(size, 603);
    let leaves = all_leaves(catalog).await;
    let mut roots = Roots::default();
    let mut by_size = vec![roots.root()];
    for leaf in &leaves {
        roots.add(leaf.record.hash());
        by_size.push(roots.root());
    }
    for asked in [1, 2, 255, 256, 257, 511, 512, 513, size] {
        let nodes = catalog.log_nodes(&range(0, asked)).await.unwrap();
        assert_eq!(fold(&nodes), by_size[usize::try_from(asked).unwrap()], "{asked} leaves");
    }
    for index in [0, 255, 256, 300, 602] {
        let plan = plan_inclusion(index, size).unwrap();
        let mut proof: Vec<Hash> = Vec::new();
        for nodes in &plan {
            proof.push(fold(&catalog.log_nodes(nodes).await.unwrap()));
        }
        let leaf = leaves[usize::try_from(index).unwrap()].leaf_hash;
        assert!(verify_inclusion(leaf, index, size, &proof, roots.root()));
    }
    // Roots of 256 leaves were kept on the way, and are what they are made of.
    let kept = catalog.log_kept_nodes().await.unwrap();
    assert_eq!(
        kept.iter().map(|(node, _)| *node).collect::<Vec<_>>(),
        [0, 1].map(|index| Node { level: 8, index })
    );
    assert_eq!(kept[0].1, by_size[256]);
}

pub(crate) async fn a_corrected_row_is_logged_again_and_an_unchanged_one_is_not(catalog: &dyn Catalog) {
    six_hundred_officers(catalog).await;
    import(catalog, officers(2, "乙")).await;
    let after = catalog.log_state().await.unwrap().size;
    assert_eq!(after, 606);
    import(catalog, officers(2, "乙")).await;
    assert_eq!(catalog.log_state().await.unwrap().size, after + 1, "the event alone");
    let history = catalog.log_leaves_of("officer", r#"["B00000"]"#).await.unwrap();
    let names: Vec<_> = history.iter().map(|leaf| leaf.content.as_ref().unwrap().contains("甲0")).collect();
    assert_eq!(names, [true, false]);
    assert_eq!(history[0].record.origin, LeafOrigin::Written);
}

pub(crate) async fn checkpoints_and_keys_are_kept_in_order(catalog: &dyn Catalog) {
    let now = at("2024-05-02T08:00:00+08:00");
    assert_eq!(catalog.last_checkpoint().await.unwrap(), None);
    let key = |name: &str, statement: Option<&str>| KeyEntry {
        vkey: name.to_owned(),
        since: now,
        statement: statement.map(str::to_owned),
    };
    assert!(!catalog.add_log_key(&key("b", Some("no key before it"))).await.unwrap());
    assert!(catalog.add_log_key(&key("a", None)).await.unwrap());
    assert!(!catalog.add_log_key(&key("c", None)).await.unwrap(), "a second key without a statement");
    assert!(catalog.add_log_key(&key("b", Some("a says b"))).await.unwrap());
    assert!(!catalog.add_log_key(&key("b", Some("again"))).await.unwrap());
    assert_eq!(catalog.log_keys().await.unwrap(), [key("a", None), key("b", Some("a says b"))]);
    let entry = |size: u64, note: &str| CheckpointEntry {
        size,
        root: Hash([u8::try_from(size).unwrap(); 32]),
        at: now,
        note: note.to_owned(),
    };
    catalog.add_checkpoint(&entry(3, "third")).await.unwrap();
    catalog.add_checkpoint(&entry(5, "fifth")).await.unwrap();
    assert_eq!(catalog.last_checkpoint().await.unwrap(), Some(entry(5, "fifth")));
    assert_eq!(catalog.checkpoints().await.unwrap(), [entry(3, "third"), entry(5, "fifth")]);
}

pub(crate) async fn a_setting_is_noted_when_it_is_another(catalog: &dyn Catalog) {
    let (a, b) = ("aa".repeat(32), "bb".repeat(32));
    let setting = |sha256| Setting {
        kind: "policy",
        name: "jingan-2024",
        sha256,
        text: Some("[policy]"),
        is_default: false,
        at: at("2024-05-02T08:00:00+08:00"),
    };
    assert!(catalog.note_setting(&setting(&a)).await.unwrap());
    assert!(!catalog.note_setting(&setting(&a)).await.unwrap());
    assert!(catalog.note_setting(&setting(&b)).await.unwrap());
    assert!(catalog.note_setting(&setting(&a)).await.unwrap(), "back to an earlier one is a change");
    // What nobody said anything of is not worth a word, until somebody did.
    let untouched =
        |sha256, is_default| Setting { kind: "configuration", name: "ingest", is_default, ..setting(sha256) };
    assert!(!catalog.note_setting(&untouched(&a, true)).await.unwrap());
    assert!(catalog.note_setting(&untouched(&b, false)).await.unwrap());
    assert!(catalog.note_setting(&untouched(&a, true)).await.unwrap());
    let leaves = all_leaves(catalog).await;
    assert_eq!(leaves.iter().filter(|leaf| leaf.record.kind == "setting").count(), 5);
}
