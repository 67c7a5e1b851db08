//! Areas, as GeoJSON (RFC 7946): a collection of polygons, each with the property `kind` and mostly `name`. One without a
//! name is called by its `id`, or by its place in the file.
//!
//! Positions are WGS-84 degrees, longitude first, as the standard says. A third number, the height, is
//! dropped. A property `sub_district` (街镇) says which sub-district an area belongs to. Each feature is taken as raw text first, so that a problem can name the line on which the
//! feature begins.

use std::collections::HashMap;

use catalog::drone::{Area, AreaKind};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::error::{Complaint, Problems, quoted};
use crate::{MAX_BYTES, MAX_ROWS, decode, sniff};

const A_COLLECTION: &str =
    "GeoJSON: {\"type\":\"FeatureCollection\",\"features\":[…]} with polygons in WGS-84 degrees";

/// The names under which exports give a property.
const NAME: [&str; 2] = ["name", "名称"];
const KIND: [&str; 2] = ["kind", "类型"];
const SUB_DISTRICT: [&str; 2] = ["sub_district", "街镇"];

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(borrow, default)]
    features: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    crs: Option<Value>,
}

/// Reads every area of a file.
pub(crate) fn read_all(bytes: &[u8], problems: &mut Problems) -> Option<Vec<Area>> {
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(complaint) => {
            problems.note_file(complaint);
            return None;
        }
    };
    let collection: Collection<'_> = match serde_json::from_str(&text) {
        Ok(collection) => collection,
        Err(error) => {
            let line = u64::try_from(error.line()).ok().filter(|&line| line > 0);
            problems.note(line, None, format!("no JSON that we can read: {error}"), A_COLLECTION);
            return None;
        }
    };
    if let Some(crs) = collection.crs.filter(|crs| !is_wgs84(crs)) {
        problems.note(
            None,
            None,
            format!("another coordinate system: {}", quoted(&crs.to_string())),
            "WGS-84 (EPSG:4326) or CGCS2000 (EPSG:4490) degrees",
        );
    }
    let features = collection.features.unwrap_or_default();
    if features.is_empty() || features.len() > MAX_ROWS {
        problems.note(None, None, format!("{} features", features.len()), A_COLLECTION);
        return None;
    }
    let mut areas: Vec<Area> = Vec::with_capacity(features.len());
    let mut lines: HashMap<String, u64> = HashMap::new();
    let (mut line, mut counted) = (1, 0);
    for (number, feature) in (1..).zip(features) {
        // The feature borrows from the text, so its place there is the distance of their starts.
        let offset = feature.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
        line += decode::line_of(text.as_bytes().get(counted..).unwrap_or(&[]), offset - counted) - 1;
        counted = offset;
        let mut note = |found: String, expected: &str| problems.note(Some(line), None, found, expected);
        if let Some(area) = area(feature.get(), number, &mut note) {
            match lines.insert(area.name.clone(), line) {
                None => areas.push(area),
                Some(first) => note(
                    format!("the area {}, which line {first} has already", quoted(&area.name)),
                    "each name once in a file",
                ),
            }
        }
    }
    Some(areas)
}

fn text_of(bytes: &[u8]) -> Result<std::borrow::Cow<'_, str>, Complaint> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Complaint::new("an empty file", A_COLLECTION));
    }
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Err(Complaint::new(
            format!("{} bytes", bytes.len()),
            format!("at most {MAX_BYTES} bytes: split the file"),
        ));
    }
    if sniff::is_zip(bytes) {
        return Err(Complaint::new("a workbook or another ZIP archive", A_COLLECTION));
    }
    sniff::refuse_binary(bytes)
        .map_err(|complaint| Complaint { expected: A_COLLECTION.to_owned(), ..complaint })?;
    let text = decode::text(bytes)?;
    if text.trim_start().starts_with('{') {
        Ok(text)
    } else {
        Err(Complaint::new("text that is no GeoJSON", A_COLLECTION))
    }
}

/// Whether the name of a coordinate system, which the format of 2008 allowed, means WGS-84, or CGCS2000
/// (EPSG:4490), from which it differs by less than a drone's position is worth.
fn is_wgs84(crs: &Value) -> bool {
    let name = crs.pointer("/properties/name").and_then(Value::as_str).unwrap_or("");
    crs.is_null() || name.ends_with("CRS84") || name.ends_with(":4326") || name.ends_with(":4490")
}

/// Reads one feature; `None` where something was wrong with it, which is then noted.
fn area(feature: &str, number: usize, note: &mut impl FnMut(String, &str)) -> Option<Area> {
    // Deeper than the collection allowed, at most; the depth is limited there and here.
    let Ok(feature) = serde_json::from_str::<Value>(feature) else {
        note("a feature that cannot be read".to_owned(), A_COLLECTION);
        return None;
    };
    let property = |names: [&str; 2]| {
        let properties = feature.get("properties")?;
        names
            .iter()
            .find_map(|&name| properties.get(name)?.as_str())
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let name = property(NAME).map_or_else(|| unnamed(feature.get("id"), number), str::to_owned);
    let is_one_line = !name.chars().any(char::is_control);
    if !is_one_line {
        note("a name of several lines".to_owned(), "a property \"name\" (名称) with one line of text");
    }
    let who = quoted(&name);
    let kind = property(KIND).and_then(|kind| kind.parse::<AreaKind>().ok());
    if kind.is_none() {
        let found =
            property(KIND).map_or_else(|| "no kind".to_owned(), |kind| format!("the kind {}", quoted(kind)));
        note(
            format!("{found} of {who}"),
            "a property \"kind\" (类型): flyable (适航区域) or no_fly (禁飞区)",
        );
    }
    let polygons = match polygons(feature.get("geometry").unwrap_or(&Value::Null)) {
        Ok(polygons) => Some(polygons),
        Err((found, expected)) => {
            note(format!("{found} in {who}"), expected);
            None
        }
    };
    let name = is_one_line.then_some(name)?;
    let sub_district = property(SUB_DISTRICT).filter(|name| !name.chars().any(char::is_control));
    Some(Area { name, kind: kind?, sub_district: sub_district.map(str::to_owned), polygons: polygons? })
}

/// What an area without a name is called.
fn unnamed(id: Option<&Value>, number: usize) -> String {
    match id {
        Some(Value::String(id)) if !id.trim().is_empty() => id.trim().to_owned(),
        Some(Value::Number(id)) => format!("区域{id}"),
        _ => format!("区域{number}"),
    }
}

type Misread = (String, &'static str);

fn polygons(geometry: &Value) -> Result<Vec<Vec<Vec<[f64; 2]>>>, Misread> {
    let coordinates = geometry.get("coordinates").unwrap_or(&Value::Null);
    let polygons = match geometry.get("type").and_then(Value::as_str) {
        Some("Polygon") => vec![polygon(coordinates)?],
        Some("MultiPolygon") => list(coordinates)?.iter().map(polygon).collect::<Result<_, _>>()?,
        Some(other) => return Err((format!("a geometry {}", quoted(other)), "a Polygon or a MultiPolygon")),
        None => return Err(("no geometry".to_owned(), "a Polygon or a MultiPolygon")),
    };
    if polygons.is_empty() {
        return Err(("no polygon".to_owned(), "at least one"));
    }
    Ok(polygons)
}

fn list(value: &Value) -> Result<&Vec<Value>, Misread> {
    value.as_array().ok_or_else(|| (quoted(&value.to_string()), "a list of coordinates"))
}

fn polygon(rings: &Value) -> Result<Vec<Vec<[f64; 2]>>, Misread> {
    let rings: Vec<_> = list(rings)?.iter().map(ring).collect::<Result<_, _>>()?;
    if rings.is_empty() {
        return Err(("a polygon without a ring".to_owned(), "an outer ring, then its holes"));
    }
    Ok(rings)
}

fn ring(points: &Value) -> Result<Vec<[f64; 2]>, Misread> {
    let ring: Vec<[f64; 2]> = list(points)?.iter().map(point).collect::<Result<_, _>>()?;
    // The last point repeats the first, digit by digit.
    if ring.len() < 4 || ring.first() != ring.last() {
        return Err((
            format!("a ring of {} points that is not closed", ring.len()),
            "at least four points, the last the same as the first",
        ));
    }
    if ring.windows(2).any(|pair| (pair[0][0] - pair[1][0]).abs() > 180.0) {
        return Err((
            "an edge over the 180th meridian".to_owned(),
            "polygons cut in two there, as RFC 7946 §3.1.9 has it",
        ));
    }
    Ok(ring)
}

fn point(point: &Value) -> Result<[f64; 2], Misread> {
    let at = |index: usize| point.get(index).and_then(Value::as_f64);
    match (at(0), at(1)) {
        (Some(lon), Some(lat)) if (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat) => {
            Ok([lon, lat])
        }
        _ => Err((
            format!("the position {}", quoted(&point.to_string())),
            "[longitude, latitude] in WGS-84 degrees, within ±180 and ±90; they may be interchanged",
        )),
    }
}

/// Writes areas as a collection of multipolygons.
pub(crate) fn write_all(areas: &[Area]) -> String {
    let features: Vec<Value> = areas
        .iter()
        .map(|area| {
            json!({
                "type": "Feature",
                "properties": { "name": area.name, "kind": area.kind.as_str(), "sub_district": area.sub_district },
                "geometry": { "type": "MultiPolygon", "coordinates": area.polygons },
            })
        })
        .collect();
    format!("{:#}\n", json!({ "type": "FeatureCollection", "features": features }))
}

/// A collection of one made-up area.
pub(crate) fn template(chinese: bool) -> String {
    let (name, kind) = if chinese {
        ("示例区域", AreaKind::Flyable.zh())
    } else {
        ("Example area", AreaKind::Flyable.as_str())
    };
    let (name_key, kind_key) = (NAME[usize::from(chinese)], KIND[usize::from(chinese)]);
    let square = json!([[[121.5, 31.2], [121.52, 31.2], [121.52, 31.22], [121.5, 31.22], [121.5, 31.2]]]);
    let feature = json!({
        "type": "Feature",
        "properties": { name_key: name, kind_key: kind },
        "geometry": { "type": "Polygon", "coordinates": square },
    });
    format!("{:#}\n", json!({ "type": "FeatureCollection", "features": [feature] }))
}
