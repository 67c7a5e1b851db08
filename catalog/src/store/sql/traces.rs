//! Traces of footage: recording them, and reading them back.

use std::collections::BTreeMap;

use super::{Connection, Tx};
use crate::store::StoreError;
use crate::time::MediaTime;
use crate::trace::{Picture, SoundEnvelope, Traces};

/// The format that is written; docs/schema.md describes it.
const FORMAT: i64 = 1;
/// So many inspections are named in one statement.
const AT_ONCE: usize = 1000;
/// Bytes of one fingerprint.
const PICTURE_BYTES: usize = 16;

pub(super) async fn record(tx: &mut Tx, inspection_id: i64, traces: &Traces) -> Result<(), StoreError> {
    let sound = traces.sound.as_ref();
    let pictures: Vec<u8> = traces
        .pictures
        .iter()
        .flat_map(|picture| [picture.at_us.0.to_le_bytes(), picture.bits.to_le_bytes()])
        .flatten()
        .collect();
    sqlx::query(
        "/* record_traces */ INSERT INTO inspection_trace
             (inspection_id, format, sound_start_us, sound_levels, pictures)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(inspection_id)
    .bind(FORMAT)
    .bind(sound.map(|sound| sound.start_us.0))
    .bind(sound.map(|sound| sound.levels.as_slice()))
    .bind(pictures)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Fingerprints that were kept of inspections, by number.
pub(super) async fn pictures(
    connection: &mut Connection,
    first: i64,
    last: i64,
) -> Result<BTreeMap<i64, Vec<Picture>>, StoreError> {
    let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(
        "/* pictures_of_inspections */ SELECT inspection_id, format, pictures
         FROM inspection_trace WHERE inspection_id BETWEEN $1 AND $2",
    )
    .bind(first)
    .bind(last)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|(id, format, pictures)| Ok((id, decoded(format, &pictures)?))).collect()
}

/// How loud it was in these inspections, by number, of those that have a sound.
pub(super) async fn sounds(
    connection: &mut Connection,
    inspection_ids: &[i64],
) -> Result<BTreeMap<i64, SoundEnvelope>, StoreError> {
    let mut sounds = BTreeMap::new();
    for some in inspection_ids.chunks(AT_ONCE) {
        let numbers =
            serde_json::to_string(some).map_err(|error| StoreError::UnknownValue(error.to_string()))?;
        let rows: Vec<(i64, i64, i64, Vec<u8>)> = sqlx::query_as(concat!(
            "/* sounds_of_inspections */ SELECT inspection_id, format, sound_start_us, sound_levels
                 FROM inspection_trace WHERE sound_levels IS NOT NULL AND inspection_id IN ",
            integers!("$1")
        ))
        .bind(numbers)
        .fetch_all(&mut *connection)
        .await?;
        for (id, format, start_us, levels) in rows {
            known(format)?;
            sounds.insert(id, SoundEnvelope { start_us: MediaTime(start_us), levels });
        }
    }
    Ok(sounds)
}

/// The sound of the bytes with this digest; `None` if nobody listened to them, or there is none.
pub(super) async fn sound(
    connection: &mut Connection,
    sha256: &str,
) -> Result<Option<SoundEnvelope>, StoreError> {
    let row: Option<(i64, i64, Vec<u8>)> = sqlx::query_as(
        "/* sound */ SELECT t.format, t.sound_start_us, t.sound_levels
         FROM observation o JOIN inspection i USING (object_id, version) JOIN inspection_trace t USING (inspection_id)
         WHERE o.sha256 = $1 AND t.sound_levels IS NOT NULL ORDER BY t.inspection_id LIMIT 1",
    )
    .bind(sha256)
    .fetch_optional(connection)
    .await?;
    let Some((format, start_us, levels)) = row else { return Ok(None) };
    known(format)?;
    Ok(Some(SoundEnvelope { start_us: MediaTime(start_us), levels }))
}

fn known(format: i64) -> Result<(), StoreError> {
    match format {
        FORMAT => Ok(()),
        other => Err(StoreError::UnknownValue(format!("traces of format {other}"))),
    }
}

fn decoded(format: i64, bytes: &[u8]) -> Result<Vec<Picture>, StoreError> {
    known(format)?;
    let (pictures, rest) = bytes.as_chunks::<PICTURE_BYTES>();
    if !rest.is_empty() {
        return Err(StoreError::UnknownValue(format!("{} bytes of fingerprints", bytes.len())));
    }
    let picture = |bytes: &[u8; PICTURE_BYTES]| {
        let half = |from: usize| {
            let mut half = [0; 8];
            half.copy_from_slice(&bytes[from..from + 8]);
            half
        };
        Picture { at_us: MediaTime(i64::from_le_bytes(half(0))), bits: u64::from_le_bytes(half(8)) }
    };
    Ok(pictures.iter().map(picture).collect())
}
