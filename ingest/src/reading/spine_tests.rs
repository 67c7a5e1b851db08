use std::sync::Arc;

use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::reading::source::RetryOptions;

const SIZE: usize = 23 << 20;

/// An object in a folder and in memory, and what is needed to read it.
struct Stage {
    runtime: Runtime,
    object: Vec<u8>,
    sha256: String,
    stores: [Arc<dyn ObjectStore>; 2],
    _folder: tempfile::TempDir,
}

impl Stage {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let object: Vec<u8> =
            (0u32..).flat_map(|word| word.wrapping_mul(0x9e37_79b9).to_le_bytes()).take(SIZE).collect();
        let folder = tempfile::tempdir().unwrap();
        let local = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
        let stores: [Arc<dyn ObjectStore>; 2] = [Arc::new(local), Arc::new(InMemory::new())];
        for store in &stores {
            runtime.block_on(store.put(&Path::from("a"), object.clone().into())).unwrap();
        }
        Self { runtime, sha256: hex::encode(Sha256::digest(&object)), object, stores, _folder: folder }
    }

    /// Reads with these wishes; every answer must be the object's bytes. Gives how many bytes were
    /// fetched and whether a wish was refused.
    fn read(&self, store: &Arc<dyn ObjectStore>, wishes: &[(u64, u32)], hash: bool) -> (u64, bool) {
        self.read_over(Link::default(), store, wishes, hash)
    }

    fn read_over(
        &self,
        link: Link,
        store: &Arc<dyn ObjectStore>,
        wishes: &[(u64, u32)],
        hash: bool,
    ) -> (u64, bool) {
        let link = Arc::new(link);
        let meta = self.runtime.block_on(store.head(&Path::from("a"))).unwrap();
        let handle = self.runtime.handle().clone();
        let pinned =
            Pinned::new(Arc::clone(store), meta, handle, RetryOptions::default(), CancellationToken::new());
        let digests = hash.then(|| Digests::new(false, None).unwrap());
        let mut spine = Spine::open(pinned, digests, &link, None).unwrap();
        for &(pos, len) in wishes {
            let found = spine.find(pos, len).unwrap();
            let bytes: Vec<u8> = spine.pieces(&found).flatten().copied().collect();
            let at = usize::try_from(pos).unwrap();
            assert!(bytes.len() <= len as usize);
            assert_eq!(bytes.is_empty(), matches!(found, Found::Refused), "{pos} {len}");
            assert!(bytes == self.object[at..at + bytes.len()], "wrong bytes at {pos}");
            spine.digest().unwrap();
            assert!(spine.islands_bytes <= ISLANDS_BYTES);
        }
        let refused = spine.has_refused();
        let (digested, bytes_read) = spine.finish().unwrap();
        assert_eq!(digested.map(|digested| digested.sha256), hash.then(|| self.sha256.clone()));
        (bytes_read, refused)
    }
}

#[test]
fn whatever_is_wished_the_answers_and_the_digest_are_right_and_little_is_fetched_twice() {
    let stage = Stage::new();
    let wish = (0..SIZE as u64, 1u32..=256 * 1024);
    let straight_on = (0..SIZE as u64 - (1 << 20), 1usize..12)
        .prop_map(|(pos, count)| (0..count as u64).map(|i| (pos + i * 70_000, 70_000)).collect::<Vec<_>>());
    let wishes = prop::collection::vec(prop_oneof![wish.prop_map(|wish| vec![wish]), straight_on], 0..12);
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(wishes in wishes)| {
        let wishes = wishes.concat();
        for store in &stage.stores {
            for link in [Link::default(), Link::known(4)] {
                let (bytes_read, _) = stage.read_over(link, store, &wishes, true);
                prop_assert!(bytes_read >= SIZE as u64);
                prop_assert!(bytes_read <= SIZE as u64 * 101 / 100, "{}", bytes_read);
            }
        }
        // Without digests nothing is fetched that was not wished for, give or take what was in flight.
        let (bytes_read, _) = stage.read(&stage.stores[0], &wishes, false);
        prop_assert!(bytes_read <= wishes.len() as u64 * (MAX_ISLAND_BYTES + (512 << 10)));
    });
}

#[test]
fn an_index_at_the_end_is_fetched_once_and_going_back_within_reason_is_granted() {
    let stage = Stage::new();
    let size = SIZE as u64;
    let index = (0..20).map(|i| (size - 1_300_000 + i * 65_000, 65_000));
    let back_to_the_start = [(100, 4000), (40_000, 4000)];
    let wishes: Vec<_> = [(0, 32_768)].into_iter().chain(index).chain(back_to_the_start).collect();
    for store in &stage.stores {
        assert_eq!(stage.read(store, &wishes, true), (size, false));
    }
}

#[test]
fn going_back_and_forth_is_refused_in_the_end_and_costs_at_most_one_percent() {
    let stage = Stage::new();
    let wishes: Vec<_> =
        (0..100).flat_map(|i| [(12 << 20, 1000), (i * 20_000, 32_768), (22 << 20, 1000)]).collect();
    let walk = (0..100u64).map(|i| (i * 200_000, 200_000)).chain(wishes).collect::<Vec<_>>();
    for store in &stage.stores {
        let (bytes_read, refused) = stage.read(store, &walk, true);
        assert!(refused);
        assert!(bytes_read <= SIZE as u64 * 101 / 100);
    }
}
