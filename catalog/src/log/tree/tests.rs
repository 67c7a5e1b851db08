#![allow(clippy::unwrap_used, reason = "in a test, what cannot be unwrapped is a failure")]

use proptest::prelude::*;

use super::*;

/// RFC 6962's definition, word for word: MTH(D[n]).
fn brute_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(largest_power_below(leaves.len()));
            node_hash(brute_root(left), brute_root(right))
        }
    }
}

/// PATH(m, D[n]).
fn brute_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let middle = largest_power_below(leaves.len());
    let (left, right) = leaves.split_at(middle);
    if index < middle {
        [brute_path(index, left), vec![brute_root(right)]].concat()
    } else {
        [brute_path(index - middle, right), vec![brute_root(left)]].concat()
    }
}

/// SUBPROOF(m, D[n], b).
fn brute_subproof(from: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if whole { Vec::new() } else { vec![brute_root(leaves)] };
    }
    let middle = largest_power_below(leaves.len());
    let (left, right) = leaves.split_at(middle);
    if from <= middle {
        [brute_subproof(from, left, whole), vec![brute_root(right)]].concat()
    } else {
        [brute_subproof(from - middle, right, false), vec![brute_root(left)]].concat()
    }
}

fn largest_power_below(size: usize) -> usize {
    let mut power = 1;
    while power * 2 < size {
        power *= 2;
    }
    power
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&number.to_le_bytes())).collect()
}

/// The hash of a complete subtree.
fn node(leaves: &[Hash], node: Node) -> Hash {
    let width = 1_usize << node.level;
    let begin = usize::try_from(node.index).unwrap() * width;
    brute_root(&leaves[begin..begin + width])
}

fn look_up(leaves: &[Hash], plan: &[Vec<Node>]) -> Vec<Hash> {
    plan.iter().map(|nodes| fold(&nodes.iter().map(|one| node(leaves, *one)).collect::<Vec<_>>())).collect()
}

/// The eight leaves of the reference tree that implementations of Certificate Transparency test with.
const REFERENCE: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Its roots, of 1 to 8 leaves.
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/// Leaf (from 0), size of the tree, proof.
const INCLUSION: [(u64, u64, &[&str]); 5] = [
    (0, 1, &[]),
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        &[
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

/// Sizes of two trees, proof.
const CONSISTENCY: [(u64, u64, &[&str]); 4] = [
    (1, 1, &[]),
    (
        1,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn reference() -> Vec<Hash> {
    REFERENCE.iter().map(|leaf| leaf_hash(&hex::decode(leaf).unwrap())).collect()
}

fn hashes(texts: &[&str]) -> Vec<Hash> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn root_of_size(size: u64) -> Hash {
    ROOTS[usize::try_from(size).unwrap() - 1].parse().unwrap()
}

#[test]
fn the_empty_tree_has_the_root_of_nothing() {
    assert_eq!(empty_root().to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn the_reference_tree_has_its_known_roots() {
    let leaves = reference();
    for size in 1..=8 {
        let nodes: Vec<Hash> = range(0, size).into_iter().map(|one| node(&leaves, one)).collect();
        assert_eq!(fold(&nodes), root_of_size(size));
    }
}

#[test]
fn the_reference_tree_has_its_known_inclusion_proofs() {
    let leaves = reference();
    for (index, size, proof) in INCLUSION {
        let made = look_up(&leaves, &plan_inclusion(index, size).unwrap());
        assert_eq!(made, hashes(proof), "leaf {index} of {size}");
        let leaf = leaves[usize::try_from(index).unwrap()];
        assert!(verify_inclusion(leaf, index, size, &made, root_of_size(size)));
    }
}

#[test]
fn the_reference_tree_has_its_known_consistency_proofs() {
    let leaves = reference();
    for (from, to, proof) in CONSISTENCY {
        let made = look_up(&leaves, &plan_consistency(from, to).unwrap());
        assert_eq!(made, hashes(proof), "{from} to {to}");
        assert!(verify_consistency(from, to, &made, root_of_size(from), root_of_size(to)));
    }
}

#[test]
fn what_is_not_there_has_no_proof() {
    assert_eq!(plan_inclusion(3, 3), None);
    assert_eq!(plan_inclusion(0, 0), None);
    assert_eq!(plan_consistency(4, 3), None);
}

proptest! {
    #[test]
    fn proofs_are_those_of_the_definition_and_verify(size in 1_usize..400, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let leaves = leaves(size);
        let root = brute_root(&leaves);
        let nodes: Vec<Hash> = range(0, size as u64).into_iter().map(|one| node(&leaves, one)).collect();
        prop_assert_eq!(fold(&nodes), root);

        let index = a.index(size);
        let proof = look_up(&leaves, &plan_inclusion(index as u64, size as u64).unwrap());
        prop_assert_eq!(&proof, &brute_path(index, &leaves));
        prop_assert!(verify_inclusion(leaves[index], index as u64, size as u64, &proof, root));

        let from = b.index(size) + 1;
        let old = brute_root(&leaves[..from]);
        let proof = look_up(&leaves, &plan_consistency(from as u64, size as u64).unwrap());
        prop_assert_eq!(&proof, &brute_subproof(from, &leaves, true));
        prop_assert!(verify_consistency(from as u64, size as u64, &proof, old, root));
    }

    #[test]
    fn a_proof_that_was_touched_does_not_verify(size in 2_usize..200, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let leaves = leaves(size);
        let root = brute_root(&leaves);
        let index = a.index(size);
        let flip = |hashes: &mut Vec<Hash>, place: usize| hashes[place].0[bit / 8] ^= 1 << (bit % 8);

        let good = brute_path(index, &leaves);
        let mut bad = good.clone();
        flip(&mut bad, b.index(good.len()));
        prop_assert!(!verify_inclusion(leaves[index], index as u64, size as u64, &bad, root));
        prop_assert!(!verify_inclusion(leaves[index], index as u64, size as u64, &good[1..], root));
        let longer = [good.clone(), vec![root]].concat();
        prop_assert!(!verify_inclusion(leaves[index], index as u64, size as u64, &longer, root));
        let other = (index + 1) % size;
        prop_assert!(!verify_inclusion(leaves[other], index as u64, size as u64, &good, root));

        let from = b.index(size - 1) + 1;
        let old = brute_root(&leaves[..from]);
        let good = brute_subproof(from, &leaves, true);
        let mut bad = good.clone();
        flip(&mut bad, a.index(good.len()));
        prop_assert!(!verify_consistency(from as u64, size as u64, &bad, old, root));
        let mut forked = leaves.clone();
        forked[from - 1] = leaf_hash(b"another history");
        let forked = brute_root(&forked);
        prop_assert!(!verify_consistency(from as u64, size as u64, &good, old, forked));
    }

    #[test]
    fn a_tree_that_grows_has_the_root_of_each_size(size in 0_usize..600) {
        let leaves = leaves(size);
        let mut roots = Roots::default();
        for (count, leaf) in leaves.iter().enumerate() {
            prop_assert_eq!(roots.root(), brute_root(&leaves[..count]));
            for (made, hash) in roots.add(*leaf) {
                prop_assert_eq!(hash, node(&leaves, made));
            }
        }
        prop_assert_eq!(roots.root(), brute_root(&leaves));
        prop_assert_eq!(roots.size(), size as u64);
    }

    #[test]
    fn a_hash_reads_back_what_it_writes(bytes in any::<[u8; 32]>()) {
        let hash = Hash(bytes);
        prop_assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        let json = serde_json::to_string(&hash).unwrap();
        prop_assert_eq!(serde_json::from_str::<Hash>(&json).unwrap(), hash);
    }
}
