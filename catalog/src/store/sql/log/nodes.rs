//! Hashes of complete subtrees: of leaves from the leaves, of more from roots of 256 that are kept.

use super::super::{Connection, Pool, engine, signed, unsigned};
use crate::log::tree::{Hash, Node, fold};
use crate::store::StoreError;

/// Levels between kept nodes: each stands for 2⁸ of those below.
const STEP: u32 = 8;

/// Kept nodes that are added in one transaction.
const GROW_BATCH: i64 = 256;

pub(super) fn hash_of(bytes: &[u8]) -> Result<Hash, StoreError> {
    let bytes =
        bytes.try_into().map_err(|_| StoreError::UnknownValue("a hash of other than 32 bytes".into()))?;
    Ok(Hash(bytes))
}

pub(super) async fn size(connection: &mut Connection) -> Result<u64, StoreError> {
    let size: i64 =
        sqlx::query_scalar("/* log_size */ SELECT coalesce((SELECT max(leaf_no) FROM log_leaf), 0)")
            .fetch_one(connection)
            .await?;
    unsigned(size)
}

/// Hashes of `count` leaves from an index on.
async fn leaves(connection: &mut Connection, from: u64, count: u64) -> Result<Vec<Hash>, StoreError> {
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "/* log_nodes */ SELECT leaf_sha256 FROM log_leaf WHERE leaf_no > $1 AND leaf_no <= $2 ORDER BY leaf_no",
    )
    .bind(signed(from)?)
    .bind(signed(from + count)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|bytes| hash_of(bytes)).collect()
}

/// Kept hashes of a level, `count` from an index on.
async fn kept(
    connection: &mut Connection,
    level: u32,
    from: u64,
    count: u64,
) -> Result<Vec<Hash>, StoreError> {
    let rows: Vec<Vec<u8>> = sqlx::query_scalar(
        "/* log_nodes */ SELECT sha256 FROM log_node WHERE level = $1 AND node_index >= $2 AND node_index < $3
         ORDER BY node_index",
    )
    .bind(i64::from(level))
    .bind(signed(from)?)
    .bind(signed(from + count)?)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|bytes| hash_of(bytes)).collect()
}

/// Hashes of the level that is kept at or below a node's, which it is folded from.
async fn base(connection: &mut Connection, node: Node) -> Result<Vec<Hash>, StoreError> {
    let level = node.level / STEP * STEP;
    let count = 1_u64 << (node.level - level);
    let from = node.index * count;
    let found = if level == 0 {
        leaves(connection, from, count).await?
    } else {
        kept(connection, level, from, count).await?
    };
    if found.len() as u64 == count {
        return Ok(found);
    }
    if level == 0 {
        return Err(StoreError::UnknownValue(format!(
            "a log without some of the leaves {from} to {}: `reelproof log verify` says what is missing",
            from + count
        )));
    }
    // Not kept, because the catalog cannot be written: from the leaves, all of them.
    let each = 1_u64 << level;
    let mut made = Vec::new();
    for place in from..from + count {
        made.push(fold_complete(leaves(connection, place * each, each).await?));
    }
    Ok(made)
}

/// Root of a complete subtree from hashes whose number is a power of two.
fn fold_complete(mut hashes: Vec<Hash>) -> Hash {
    while hashes.len() > 1 {
        hashes = hashes.chunks(2).map(fold).collect();
    }
    fold(&hashes)
}

pub(super) async fn nodes(pool: &Pool, nodes: &[Node]) -> Result<Vec<Hash>, StoreError> {
    if nodes.iter().any(|node| node.level >= STEP) {
        match grow(pool).await {
            Ok(()) | Err(StoreError::ReadOnly { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let mut connection = pool.acquire().await?;
    let mut hashes = Vec::with_capacity(nodes.len());
    for node in nodes {
        hashes.push(fold_complete(base(&mut connection, *node).await?));
    }
    Ok(hashes)
}

/// Adds the kept nodes whose leaves are all there, and which are not.
async fn grow(pool: &Pool) -> Result<(), StoreError> {
    let mut connection = pool.acquire().await?;
    let size = size(&mut connection).await?;
    let mut level = STEP;
    while size >> level > 0 {
        let wanted = signed(size >> level)?;
        loop {
            let begun: i64 = sqlx::query_scalar(
                "/* log_grow */ SELECT coalesce(max(node_index) + 1, 0) FROM log_node WHERE level = $1",
            )
            .bind(i64::from(level))
            .fetch_one(&mut *connection)
            .await?;
            if begun >= wanted {
                break;
            }
            let mut made = Vec::new();
            for index in begun..wanted.min(begun + GROW_BATCH) {
                let below = u64::try_from(index).unwrap_or(0) << STEP;
                let hashes = if level == STEP {
                    leaves(&mut connection, below, 1 << STEP).await?
                } else {
                    kept(&mut connection, level - STEP, below, 1 << STEP).await?
                };
                if hashes.len() != 1 << STEP {
                    return Err(StoreError::UnknownValue(format!(
                        "a log without some of the hashes that node {index} of level {level} stands for: \
                         `reelproof log verify` says what is missing"
                    )));
                }
                made.push((index, fold_complete(hashes)));
            }
            let mut tx = engine::begin_beside(pool).await?;
            for (index, hash) in made {
                sqlx::query(
                    "/* log_grow */ INSERT INTO log_node (level, node_index, sha256) VALUES ($1, $2, $3)
                     ON CONFLICT (level, node_index) DO NOTHING",
                )
                .bind(i64::from(level))
                .bind(index)
                .bind(hash.0.to_vec())
                .execute(&mut *tx)
                .await?;
            }
            tx.commit().await?;
        }
        level += STEP;
    }
    Ok(())
}
