//! Devices, and what they say they recorded.

use catalog::Micros;
use catalog::device::{Device, ManifestEntry};

use crate::cell;
use crate::heading::Column;
use crate::record::{Field, Record};
use crate::row::{Names, Noted, RowReader};

const SERIAL_ZH: &[&str] = &["设备编号", "序列号", "设备序列号", "设备", "设备号"];

/// Whole milliseconds that are not less than a bound.
fn rounded_up_ms(bound: Micros) -> i64 {
    let whole = bound.0 / 1000;
    if bound.0 % 1000 > 0 { whole + 1 } else { whole }
}

impl Record for Device {
    const COLUMNS: &'static [Column] = &[
        Column::required("serial", SERIAL_ZH, ["BWC-EXAMPLE", "BWC-EXAMPLE"]),
        Column::required("kind", &["设备类型", "类型", "设备类别"], ["bodycam", "执法记录仪"]),
        Column::required(
            "unit",
            &["所属单位", "所属中队", "中队", "单位", "所属单位编码", "单位编码"],
            ["SQ-EXAMPLE", "SQ-EXAMPLE"],
        ),
        Column::optional(
            "holder",
            &["持有人", "使用人", "持有人证号", "使用人证号", "持有人执法证号", "配发人员"],
            ["D00001", "D00001"],
        ),
        Column::optional(
            "synced_at",
            &["校时时间", "最近校时时间", "上次校时时间", "对时时间"],
            ["2024-05-01 08:00:00", "2024-05-01 08:00:00"],
        ),
        Column::optional(
            "clock_error_ms",
            &["时钟误差(毫秒)", "时钟误差毫秒", "时钟误差(ms)", "误差(毫秒)"],
            ["500", "500"],
        ),
    ];
    const KEY: &'static [&'static str] = &["serial"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let serial = row.required("serial", cell::id);
        let kind = row.required("kind", cell::code);
        let unit = row.reference("unit", Names::Units);
        let holder = row.optional_reference("holder", Names::Officers);
        let synced_at = row.optional("synced_at", cell::moment);
        let clock_error_us = row.optional("clock_error_ms", cell::clock_error);
        Ok(Self {
            serial: serial?,
            kind: kind?,
            unit: unit?,
            holder: holder?,
            synced_at: synced_at?,
            clock_error_us: clock_error_us?,
        })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.serial),
            Field::text(self.kind.as_str()),
            Field::text(&self.unit),
            Field::optional(self.holder.as_ref()),
            Field::optional_time(self.synced_at),
            Field::Number(
                self.clock_error_us.map(|bound| rounded_up_ms(bound).to_string()).unwrap_or_default(),
            ),
        ]
    }
}

impl Record for ManifestEntry {
    const COLUMNS: &'static [Column] = &[
        Column::required("device", SERIAL_ZH, ["BWC-EXAMPLE", "BWC-EXAMPLE"]),
        Column::optional(
            "badge",
            &["执法证号", "警号", "证号", "人员编号", "使用人", "执法人员"],
            ["D00001", "D00001"],
        ),
        Column::required(
            "file",
            &["文件", "文件名", "视频文件", "文件名称"],
            ["BWC-EXAMPLE_D00001_20240503093000_0001.mp4", "BWC-EXAMPLE_D00001_20240503093000_0001.mp4"],
        ),
        Column::required(
            "starts_at",
            &["开始时间", "起始时间"],
            ["2024-05-03 09:30:00", "2024-05-03 09:30:00"],
        ),
        Column::required(
            "ends_at",
            &["结束时间", "终止时间"],
            ["2024-05-03 09:50:00", "2024-05-03 09:50:00"],
        ),
        Column::required(
            "size_bytes",
            &["文件大小(字节)", "大小(字节)", "字节数", "文件字节数"],
            ["734003200", "734003200"],
        ),
    ];
    const KEY: &'static [&'static str] = &["device", "file"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let device = row.reference("device", Names::Devices);
        let badge = row.optional_reference("badge", Names::Officers);
        let file = row.required("file", cell::name);
        let span = row.span(["starts_at", "ends_at"], true);
        let size_bytes = row.required("size_bytes", cell::size_bytes);
        let (starts_at, ends_at) = span?;
        Ok(Self { device: device?, badge: badge?, file: file?, starts_at, ends_at, size_bytes: size_bytes? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.device),
            Field::optional(self.badge.as_ref()),
            Field::text(&self.file),
            Field::time(self.starts_at),
            Field::time(self.ends_at),
            Field::number(&self.size_bytes),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_never_rounded_down() {
        assert_eq!(rounded_up_ms(Micros(1)), 1);
        assert_eq!(rounded_up_ms(Micros(1000)), 1);
        assert_eq!(rounded_up_ms(Micros(0)), 0);
    }
}
