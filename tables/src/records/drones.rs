//! Drone docks and flights.

use catalog::drone::{Dock, Sortie, SortieStatus};

use crate::cell;
use crate::heading::Column;
use crate::record::{Field, Record};
use crate::row::{Names, Noted, RowReader};
use crate::sheet::Cell;

/// Farther than any drone flies, so that centimetres are not taken for metres.
const MAX_RADIUS_M: f64 = 100_000.0;

fn longitude(cell: &Cell) -> Result<f64, String> {
    cell::between(cell, -180.0, 180.0).map_err(|expected| format!("{expected}: degrees, WGS-84"))
}

fn latitude(cell: &Cell) -> Result<f64, String> {
    cell::between(cell, -90.0, 90.0).map_err(|expected| {
        format!("{expected}: degrees, WGS-84; longitude and latitude may be interchanged")
    })
}

fn radius(cell: &Cell) -> Result<f64, String> {
    cell::between(cell, 0.0, MAX_RADIUS_M)
        .ok()
        .filter(|&radius_m| radius_m > 0.0)
        .ok_or_else(|| format!("metres, more than 0 and at most {MAX_RADIUS_M}"))
}

impl Record for Dock {
    const COLUMNS: &'static [Column] = &[
        Column::required(
            "code",
            &["机场编码", "机场编号", "机场代码", "编码", "编号"],
            ["DOCK-EXAMPLE", "DOCK-EXAMPLE"],
        ),
        Column::required("name", &["机场名称", "名称", "机场"], ["Example dock", "示例机场"]),
        Column::required(
            "unit",
            &["所属单位", "所属中队", "中队", "单位", "所属单位编码", "单位编码"],
            ["SQ-EXAMPLE", "SQ-EXAMPLE"],
        ),
        Column::required("lon", &["经度", "东经"], ["121.5", "121.5"]),
        Column::required("lat", &["纬度", "北纬"], ["31.2", "31.2"]),
        Column::required(
            "radius_m",
            &["半径(米)", "覆盖半径(米)", "作业半径(米)", "半径米"],
            ["3000", "3000"],
        ),
    ];
    const KEY: &'static [&'static str] = &["code"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let code = row.required("code", cell::id);
        let name = row.required("name", cell::text);
        let unit = row.reference("unit", Names::Units);
        let lon = row.required("lon", longitude);
        let lat = row.required("lat", latitude);
        let radius_m = row.required("radius_m", radius);
        Ok(Self { code: code?, name: name?, unit: unit?, lon: lon?, lat: lat?, radius_m: radius_m? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.code),
            Field::text(&self.name),
            Field::text(&self.unit),
            Field::number(&self.lon),
            Field::number(&self.lat),
            Field::number(&self.radius_m),
        ]
    }
}

impl Record for Sortie {
    const COLUMNS: &'static [Column] = &[
        Column::required("sortie", &["架次", "架次编号", "架次号"], ["SORTIE-EXAMPLE-1", "SORTIE-EXAMPLE-1"]),
        Column::optional(
            "dock",
            &["机场编码", "机场", "机场编号", "起飞机场", "无人机机场"],
            ["DOCK-EXAMPLE", "DOCK-EXAMPLE"],
        ),
        Column::required(
            "device",
            &["设备编号", "无人机编号", "无人机", "序列号", "设备"],
            ["UAV-EXAMPLE", "UAV-EXAMPLE"],
        ),
        Column::required("took_off_at", &["起飞时间"], ["2024-05-03 14:00:00", "2024-05-03 14:00:00"]),
        Column::required(
            "landed_at",
            &["降落时间", "落地时间"],
            ["2024-05-03 14:25:00", "2024-05-03 14:25:00"],
        ),
        Column::optional("object_key", &["视频路径", "对象键", "视频文件", "对象路径"], ["", ""]),
        Column::optional("track", &["航迹文件", "航迹", "轨迹文件", "轨迹"], ["", ""]),
        Column::optional("status", &["状态", "架次状态", "执行状态"], ["flown", "已飞"]),
        Column::optional("note", &["备注", "说明", "原因"], ["", ""]),
    ];
    const KEY: &'static [&'static str] = &["sortie"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let sortie = row.required("sortie", cell::id);
        let dock = row.optional_reference("dock", Names::Docks);
        let device = row.reference("device", Names::Devices);
        let span = row.span(["took_off_at", "landed_at"], false);
        let object_key = row.optional("object_key", cell::name);
        let track = row.optional("track", cell::name);
        let status = row.optional("status", cell::code::<SortieStatus>);
        let note = row.optional("note", cell::text);
        let (took_off_at, landed_at) = span?;
        Ok(Self {
            sortie: sortie?,
            dock: dock?,
            device: device?,
            took_off_at,
            landed_at,
            object_key: object_key?,
            track: track?,
            status: status?.unwrap_or(SortieStatus::Flown),
            note: note?,
        })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.sortie),
            Field::optional(self.dock.as_ref()),
            Field::text(&self.device),
            Field::time(self.took_off_at),
            Field::time(self.landed_at),
            Field::optional(self.object_key.as_ref()),
            Field::optional(self.track.as_ref()),
            Field::text(self.status.as_str()),
            Field::optional(self.note.as_ref()),
        ]
    }
}
