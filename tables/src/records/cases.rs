//! Cases, their stages, the recordings that people tied to them, and what excuses a stop.

use catalog::case::{Case, Complaint, Link, Stage};
use catalog::excuse::Excuse;

use crate::cell;
use crate::heading::Column;
use crate::record::{Field, Record};
use crate::row::{Names, Noted, RowReader};

const CASE_NO: Column = Column::required(
    "case_no",
    &["案号", "案件编号", "案件号", "案件"],
    ["EXAMPLE-2024-001", "示例〔2024〕第001号"],
);

const STAGE_NO: Column =
    Column::required("stage_no", &["环节序号", "环节编号", "执法环节序号", "环节号"], ["1", "1"]);

impl Record for Case {
    const COLUMNS: &'static [Column] = &[
        CASE_NO,
        Column::required(
            "unit",
            &["办案单位", "承办单位", "所属单位", "单位", "办案单位编码", "单位编码"],
            ["SQ-EXAMPLE", "SQ-EXAMPLE"],
        ),
        Column::required(
            "procedure",
            &["程序", "案件类型", "适用程序", "办案程序"],
            ["ordinary", "普通程序"],
        ),
        Column::required(
            "filed_at",
            &["立案时间", "立案日期"],
            ["2024-05-03 10:00:00", "2024-05-03 10:00:00"],
        ),
        Column::optional("closed_at", &["结案时间", "结案日期"], ["", ""]),
        Column::optional("title", &["案由", "标题", "案件名称"], ["Example of a case", "示例案由"]),
    ];
    const KEY: &'static [&'static str] = &["case_no"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let case_no = row.required("case_no", cell::name);
        let unit = row.reference("unit", Names::Units);
        let procedure = row.required("procedure", cell::code);
        let filed_at = row.required("filed_at", cell::moment);
        let closed_at = row.optional("closed_at", cell::moment);
        let title = row.text("title");
        let (filed_at, closed_at) = (filed_at?, closed_at?);
        if let Some(closed_at) = closed_at {
            row.check_order(["filed_at", "closed_at"], filed_at, closed_at, true)?;
        }
        Ok(Self { case_no: case_no?, unit: unit?, procedure: procedure?, filed_at, closed_at, title: title? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.case_no),
            Field::text(&self.unit),
            Field::text(self.procedure.as_str()),
            Field::time(self.filed_at),
            Field::optional_time(self.closed_at),
            Field::text(&self.title),
        ]
    }
}

impl Record for Complaint {
    const COLUMNS: &'static [Column] =
        &[CASE_NO, Column::required("repeats", &["投诉次数", "重复次数", "累计次数"], ["3", "3"])];
    const KEY: &'static [&'static str] = &["case_no"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let case_no = row.reference("case_no", Names::Cases);
        let repeats = row.required("repeats", cell::stage_no);
        Ok(Self { case_no: case_no?, repeats: repeats? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::text(&self.case_no), Field::number(&self.repeats)]
    }
}

impl Record for Stage {
    const COLUMNS: &'static [Column] = &[
        CASE_NO,
        STAGE_NO,
        Column::required(
            "kind",
            &["执法环节", "环节", "环节类型", "环节名称"],
            ["site_inspection", "现场检查"],
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
            "officers",
            &["执法人员", "执法人员证号", "执法证号", "执法人员编号"],
            ["D00001;D00002", "D00001;D00002"],
        ),
        Column::optional("place", &["地点", "执法地点", "地址"], ["1 Example Road", "示例路1号"]),
    ];
    const KEY: &'static [&'static str] = &["case_no", "stage_no"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let case_no = row.reference("case_no", Names::Cases);
        let stage_no = row.required("stage_no", cell::stage_no);
        let kind = row.required("kind", cell::code);
        let span = row.span(["starts_at", "ends_at"], false);
        let officers = row.officers("officers");
        let place = row.text("place");
        let (starts_at, ends_at) = span?;
        Ok(Self {
            case_no: case_no?,
            stage_no: stage_no?,
            kind: kind?,
            starts_at,
            ends_at,
            officers: officers?,
            place: place?,
        })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.case_no),
            Field::number(&self.stage_no),
            Field::text(self.kind.as_str()),
            Field::time(self.starts_at),
            Field::time(self.ends_at),
            Field::text(self.officers.join(";")),
            Field::text(&self.place),
        ]
    }
}

impl Record for Link {
    const COLUMNS: &'static [Column] = &[
        CASE_NO,
        STAGE_NO,
        Column::required(
            "object_key",
            &["视频路径", "对象键", "文件", "视频文件", "文件路径", "对象路径"],
            [
                "2024/05/BWC-EXAMPLE_D00001_20240503093000_0001.mp4",
                "2024/05/BWC-EXAMPLE_D00001_20240503093000_0001.mp4",
            ],
        ),
    ];
    const KEY: &'static [&'static str] = &["case_no", "stage_no", "object_key"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let stage = row.stage();
        let object_key = row.required("object_key", cell::name);
        let (case_no, stage_no) = stage?;
        Ok(Self { case_no, stage_no, object_key: object_key? })
    }

    fn fields(&self) -> Vec<Field> {
        vec![Field::text(&self.case_no), Field::number(&self.stage_no), Field::text(&self.object_key)]
    }
}

impl Record for Excuse {
    const COLUMNS: &'static [Column] = &[
        CASE_NO,
        STAGE_NO,
        Column::required("reason", &["原因", "免责原因", "事由", "理由"], ["battery", "电量不足"]),
        Column::optional("note", &["说明", "备注", "情况说明"], ["Changed the battery", "更换电池"]),
        Column::required("recorded_by", &["登记人", "记录人", "填报人"], ["D00001", "D00001"]),
        Column::required(
            "recorded_at",
            &["登记时间", "记录时间", "填报时间"],
            ["2024-05-03 17:00:00", "2024-05-03 17:00:00"],
        ),
        Column::optional(
            "starts_at",
            &["开始时间", "起始时间"],
            ["2024-05-03 09:40:00", "2024-05-03 09:40:00"],
        ),
        Column::optional(
            "ends_at",
            &["结束时间", "终止时间"],
            ["2024-05-03 09:42:00", "2024-05-03 09:42:00"],
        ),
    ];
    const KEY: &'static [&'static str] = &["case_no", "stage_no", "reason", "recorded_at"];

    fn read(row: &mut RowReader<'_>) -> Result<Self, Noted> {
        let stage = row.stage();
        let reason = row.required("reason", cell::code);
        let note = row.text("note");
        let recorded_by = row.required("recorded_by", cell::name);
        let recorded_at = row.required("recorded_at", cell::moment);
        let starts_at = row.optional("starts_at", cell::moment);
        let ends_at = row.optional("ends_at", cell::moment);
        let (starts_at, ends_at) = (starts_at?, ends_at?);
        if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at) {
            row.check_order(["starts_at", "ends_at"], starts_at, ends_at, false)?;
        }
        let (case_no, stage_no) = stage?;
        Ok(Self {
            case_no,
            stage_no,
            reason: reason?,
            note: note?,
            recorded_by: recorded_by?,
            recorded_at: recorded_at?,
            starts_at,
            ends_at,
        })
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            Field::text(&self.case_no),
            Field::number(&self.stage_no),
            Field::text(self.reason.as_str()),
            Field::text(&self.note),
            Field::text(&self.recorded_by),
            Field::time(self.recorded_at),
            Field::optional_time(self.starts_at),
            Field::optional_time(self.ends_at),
        ]
    }
}
