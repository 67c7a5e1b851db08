//! What stores say of their objects: events of buckets, taken for hints.
//!
//! Read are the notifications of S3 as AWS, MinIO and others send them (`Records`, also within a message of SNS), the
//! events of EventBridge, and those of SeaweedFS' filer. Of each only the bucket and the key are believed, and those only
//! so far as to ask the store: whether there is such an object, and what it is like, the store alone says. So an event
//! that is late, repeated, out of order or made up costs one question and changes nothing; and one that is lost is made
//! good by the next listing.

use serde_json::Value;
use url::form_urlencoded;

/// The most objects that one document may tell of; notifications tell of one, or of a few.
pub const MOST_HINTS: usize = 1000;

/// Something may have happened to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The bucket's name.
    pub bucket: String,
    /// The key within it.
    pub key: String,
    /// What tells one event of an object from the next; nothing else rests on it.
    pub mark: Option<String>,
}

/// Why a document tells nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// It is no JSON.
    #[error("it is no JSON: {0}")]
    NotJson(String),
    /// It is no event that is known.
    #[error(
        "it is no event of a bucket that is known here: expected are S3 notifications with `Records`, events of EventBridge with `detail`, or those of SeaweedFS with `event_type`"
    )]
    Unknown,
    /// It tells of too much.
    #[error("it tells of more than {MOST_HINTS} objects")]
    TooMany,
}

/// The objects that a document tells of. Those that were deleted are left out: only a listing says what is gone.
///
/// # Errors
/// [`EventError`] where it cannot be read.
pub fn hints(document: &[u8]) -> Result<Vec<Hint>, EventError> {
    let value: Value =
        serde_json::from_slice(document).map_err(|error| EventError::NotJson(error.to_string()))?;
    read(&value, true)
}

fn read(value: &Value, may_wrap: bool) -> Result<Vec<Hint>, EventError> {
    if let Some(records) = value["Records"].as_array() {
        if records.len() > MOST_HINTS {
            return Err(EventError::TooMany);
        }
        return Ok(records.iter().filter_map(of_record).collect());
    }
    // SNS puts the whole document into a text.
    if let Some(message) = value["Message"].as_str().filter(|_| may_wrap) {
        let inner = serde_json::from_str(message).map_err(|error| EventError::NotJson(error.to_string()))?;
        return read(&inner, false);
    }
    if value["detail"].is_object() {
        return Ok(of_event_bridge(value).into_iter().collect());
    }
    if value["event_type"].is_string() || value["eventType"].is_string() {
        return Ok(of_filer(value).into_iter().collect());
    }
    // What S3 sends once to see whether anybody listens.
    if value["Event"] == "s3:TestEvent" {
        return Ok(Vec::new());
    }
    Err(EventError::Unknown)
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

fn is_created(name: &str) -> bool {
    name.contains("ObjectCreated") || name.contains("ObjectRestore") || name.contains("Object Created")
}

/// One record of S3: the key is written as in a form, with `+` for a space.
fn of_record(record: &Value) -> Option<Hint> {
    if !is_created(text(&record["eventName"])?) {
        return None;
    }
    let (bucket, object) = (&record["s3"]["bucket"], &record["s3"]["object"]);
    let written = format!("k={}", text(&object["key"])?.replace('&', "%26"));
    let key = form_urlencoded::parse(written.as_bytes()).next()?.1.into_owned();
    let mark = text(&object["sequencer"]).or_else(|| text(&object["eTag"]));
    Some(Hint { bucket: text(&bucket["name"])?.to_owned(), key, mark: mark.map(str::to_owned) })
}

/// An event of EventBridge: the key is written as it is.
fn of_event_bridge(event: &Value) -> Option<Hint> {
    if !is_created(text(&event["detail-type"])?) {
        return None;
    }
    let (bucket, object) = (&event["detail"]["bucket"], &event["detail"]["object"]);
    let mark = text(&object["sequencer"]).or_else(|| text(&object["etag"]));
    Some(Hint {
        bucket: text(&bucket["name"])?.to_owned(),
        key: text(&object["key"])?.to_owned(),
        mark: mark.map(str::to_owned),
    })
}

/// An event of SeaweedFS' filer, where a bucket is a folder of `/buckets`.
fn of_filer(event: &Value) -> Option<Hint> {
    let kind = text(&event["event_type"]).or_else(|| text(&event["eventType"]))?;
    if !matches!(kind, "create" | "update" | "rename") {
        return None;
    }
    let message = &event["message"];
    let entry = if message["new_entry"].is_object() { &message["new_entry"] } else { &message["newEntry"] };
    if entry["is_directory"] == true || entry["isDirectory"] == true {
        return None;
    }
    let path = if kind == "rename" {
        let parent = text(&message["new_parent_path"]).or_else(|| text(&message["newParentPath"]))?;
        format!("{}/{}", parent.trim_end_matches('/'), text(&entry["name"])?)
    } else {
        text(&event["key"])?.to_owned()
    };
    let (bucket, key) = path.strip_prefix("/buckets/")?.split_once('/')?;
    if bucket.is_empty() || key.is_empty() {
        return None;
    }
    let attributes = &entry["attributes"];
    let mark = (!attributes.is_null()).then(|| attributes.to_string());
    Some(Hint { bucket: bucket.to_owned(), key: key.to_owned(), mark })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(document: &str) -> Vec<(String, String)> {
        hints(document.as_bytes()).unwrap().into_iter().map(|hint| (hint.bucket, hint.key)).collect()
    }

    fn one(bucket: &str, key: &str) -> Vec<(String, String)> {
        vec![(bucket.to_owned(), key.to_owned())]
    }

    /// As the S3 user guide shows it, shortened.
    const S3: &str = r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"us-west-2",
        "eventTime":"1970-01-01T00:00:00.000Z","eventName":"ObjectCreated:Put","s3":{"s3SchemaVersion":"1.0",
        "bucket":{"name":"evidence","arn":"arn:aws:s3:::evidence"},"object":{"key":"2024-05/%E7%8E%B0%E5%9C%BA+1%2B%26.mp4",
        "size":1024,"eTag":"d41d8cd98f00b204e9800998ecf8427e","sequencer":"0055AED6DCD90281E5"}}}]}"#;

    #[test]
    fn a_notification_of_s3_names_bucket_and_key() {
        assert_eq!(of(S3), one("evidence", "2024-05/现场 1+&.mp4"));
        assert_eq!(hints(S3.as_bytes()).unwrap()[0].mark.as_deref(), Some("0055AED6DCD90281E5"));
    }

    #[test]
    fn minio_says_the_same_with_more_around_it() {
        let minio = S3.replace(
            "{\"Records\"",
            "{\"EventName\":\"s3:ObjectCreated:Put\",\"Key\":\"evidence/x\",\"Records\"",
        );
        let minio =
            minio.replace("\"eventName\":\"ObjectCreated:Put\"", "\"eventName\":\"s3:ObjectCreated:Put\"");
        assert_eq!(of(&minio), one("evidence", "2024-05/现场 1+&.mp4"));
    }

    #[test]
    fn a_message_of_sns_holds_one_and_only_one_within_it() {
        let sns = serde_json::json!({ "Type": "Notification", "Message": S3 }).to_string();
        assert_eq!(of(&sns), one("evidence", "2024-05/现场 1+&.mp4"));
        let twice = serde_json::json!({ "Message": sns }).to_string();
        assert_eq!(hints(twice.as_bytes()), Err(EventError::Unknown));
    }

    #[test]
    fn event_bridge_writes_keys_as_they_are() {
        let event = r#"{"detail-type":"Object Created","detail":{"bucket":{"name":"evidence"},"object":{"key":"a b+%20.mp4"}}}"#;
        assert_eq!(of(event), one("evidence", "a b+%20.mp4"));
    }

    #[test]
    fn the_filer_of_seaweedfs_names_paths() {
        let event = r#"{"key":"/buckets/evidence/2024-05/a.mp4","event_type":"create",
            "message":{"new_entry":{"name":"a.mp4","attributes":{"mtime":1}}}}"#;
        assert_eq!(of(event), one("evidence", "2024-05/a.mp4"));
        let renamed = r#"{"key":"/buckets/evidence/up/a.part","event_type":"rename",
            "message":{"new_entry":{"name":"a.mp4"},"new_parent_path":"/buckets/evidence/2024-05"}}"#;
        assert_eq!(of(renamed), one("evidence", "2024-05/a.mp4"));
        for other in [
            r#"{"key":"/buckets/evidence/2024-05","event_type":"create","message":{"new_entry":{"is_directory":true}}}"#,
            r#"{"key":"/etc/passwd","event_type":"create","message":{"new_entry":{}}}"#,
            r#"{"key":"/buckets/evidence/a","event_type":"delete","message":{}}"#,
        ] {
            assert_eq!(of(other), Vec::new(), "{other}");
        }
    }

    #[test]
    fn deletions_and_tests_are_no_hints() {
        assert_eq!(of(&S3.replace("ObjectCreated:Put", "ObjectRemoved:Delete")), Vec::new());
        assert_eq!(of(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"evidence"}"#), Vec::new());
    }

    #[test]
    fn what_is_no_event_is_an_error_and_never_a_panic() {
        assert!(matches!(hints(b"{"), Err(EventError::NotJson(_))));
        for document in ["{}", "[]", "7", "\"Records\"", r#"{"Records":{}}"#, r#"{"Message":"{}"}"#] {
            assert_eq!(hints(document.as_bytes()), Err(EventError::Unknown), "{document}");
        }
        for record in [
            r#"{"Records":[7]}"#,
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":""}}}]}"#,
        ] {
            assert_eq!(of(record), Vec::new(), "{record}");
        }
        let many = serde_json::json!({ "Records": vec![0; MOST_HINTS + 1] }).to_string();
        assert_eq!(hints(many.as_bytes()), Err(EventError::TooMany));
    }
}
