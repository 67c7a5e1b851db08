//! What a person reads when a file is refused: one broken file for each kind of mistake.

use catalog::import::ImportKind;
use insta::assert_snapshot;
use rust_xlsxwriter::{Format, Formula, Workbook};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::{import, refusal};

#[test]
fn nothing_to_import() {
    assert_snapshot!(refusal(ImportKind::Units, ""), @r#"
file.csv was not imported as units (单位): 1 problem
  found an empty file; expected a row of headings (code (单位编码), name (单位名称), kind (单位类型), parent (上级单位)) and rows below it
"#);
    assert_snapshot!(refusal(ImportKind::Units, "code,name,kind,parent\n\n"), @r#"
file.csv was not imported as units (单位): 1 problem
  line 1, found headings and nothing below them; expected at least one row
"#);
    assert_snapshot!(refusal(ImportKind::Units, "D31007,某人,SQ-01\n"), @r#"
file.csv was not imported as units (单位): 1 problem
  line 1, found no headings, but `D31007`, `某人`, `SQ-01`; expected the headings code (单位编码), name (单位名称), kind (单位类型), parent (上级单位)
"#);
    assert_snapshot!(refusal(ImportKind::Areas, " \n"), @r#"
file.csv was not imported as areas (区域): 1 problem
  found an empty file; expected GeoJSON: {"type":"FeatureCollection","features":[…]} with polygons in WGS-84 degrees
"#);
}

#[test]
fn headings_unknown_missing_and_twice() {
    assert_snapshot!(
        refusal(ImportKind::Officers, "执法证号,姓名,所属中对,备注,警号\nD31007,甲,SQ-01,x,D31007\n"), @r#"
file.csv was not imported as officers (执法人员): 5 problems
  line 1, column 3 `所属中对`, found an unknown column (did you mean `所属中队`?); expected one of badge (执法证号), name (姓名), unit (所属单位), frontline (是否一线), or no such column: delete it
  line 1, column 4 `备注`, found an unknown column; expected one of badge (执法证号), name (姓名), unit (所属单位), frontline (是否一线), or no such column: delete it
  line 1, column 5 `badge` (警号), found a second column for it; column 1 is the first; expected each column once: delete or rename one of them
  line 1, column `unit` (所属单位), found no such column; expected a column with the heading `unit` or `所属单位`
  line 1, column `frontline` (是否一线), found no such column; expected a column with the heading `frontline` or `是否一线`
"#);
}

#[test]
fn units_without_a_parent_in_a_circle_or_twice() {
    assert_snapshot!(
        refusal(ImportKind::Units, "\
code,name,kind,parent
U1,a,squad,U2
U2,b,brigade,U1
U3,c,squad,U3
U4,d,team,SQ-1
U5,e,squad,SQ-1
U5,f,squad,U4
"), @r#"
file.csv was not imported as units (单位): 6 problems
  line 2, column 4 `parent` (上级单位), found a unit above itself: `U1` under `U2` under `U1`; expected a tree, at whose top a unit has no parent
  line 3, column 4 `parent` (上级单位), found a unit above itself: `U1` under `U2` under `U1`; expected a tree, at whose top a unit has no parent
  line 4, column 4 `parent` (上级单位), found a unit above itself: `U3` under `U3`; expected a tree, at whose top a unit has no parent
  line 5, column 3 `kind` (单位类型), found `team`; expected one of detachment (支队), brigade (大队), squad (中队), office (科室)
  line 6, column 4 `parent` (上级单位), found `SQ-1`; expected the code of a unit that is known or stands in this file; did you mean `SQ-01`?
  line 7, column 1 `code` (单位编码), found `U5`, which line 6 has already; expected no two rows of the same code
"#);
}

#[test]
fn officers_of_an_unknown_unit_or_without_a_name() {
    assert_snapshot!(
        refusal(ImportKind::Officers, "执法证号,姓名,所属单位,是否一线\nD1,,SQ-1,也许\nD2,乙,SQ-01\nD1,丙,SQ-01,是,否\n"), @r#"
file.csv was not imported as officers (执法人员): 6 problems
  line 2, column 2 `name` (姓名), found an empty cell; expected a value, which every row must have
  line 2, column 3 `unit` (所属单位), found `SQ-1`; expected the code of a unit that is known (import the units first); did you mean `SQ-01`?
  line 2, column 4 `frontline` (是否一线), found `也许`; expected true or false (是 or 否)
  line 3, column 4 `frontline` (是否一线), found an empty cell; expected true or false (是 or 否)
  line 4, column 1 `badge` (执法证号), found `D1`, which line 2 has already; expected no two rows of the same badge
  line 4, column 5, found `否` beyond the last heading; expected 4 columns; a text that contains the delimiter stands between quotation marks (")
"#);
}

#[test]
fn devices_with_a_clock_that_cannot_be() {
    assert_snapshot!(
        refusal(ImportKind::Devices, "serial,kind,unit,holder,synced_at,clock_error_ms
B1,camera,SQ-01,123,2024-05-03,1.5
B2,bodycam,SQ-01,D31007,0204-05-03 09:30,
"), @r#"
file.csv was not imported as devices (设备): 5 problems
  line 2, column 2 `kind` (设备类型), found `camera`; expected one of bodycam (执法记录仪), drone (无人机), vehicle (车载视频), dock (无人机机场)
  line 2, column 4 `holder` (持有人), found `123`; expected the badge of an officer who is known (import the officers first); `00123` is, and differs in its leading zeros
  line 2, column 5 `synced_at` (校时时间), found `2024-05-03`; expected the time of day as well, such as 2024-05-03 09:30; 00:00 if only the day is known
  line 2, column 6 `clock_error_ms` (时钟误差(毫秒)), found `1.5`; expected a whole number of milliseconds
  line 3, column 5 `synced_at` (校时时间), found `0204-05-03 09:30`; expected a time of the years 1970 to 9998
"#);
}

#[test]
fn cases_that_close_before_they_are_filed() {
    assert_snapshot!(
        refusal(ImportKind::Cases, "案号,办案单位,程序,立案时间,结案时间,案由
A1,SQ-01,普通程序,2024-05-03 10:00,2024-05-02 10:00,x
A2,SQ-01,特别程序,2024-02-30 10:00,,x
3.10106E+17,SQ-01,普通程序,2024-05-03 10:00,,x
"), @r#"
file.csv was not imported as cases (案件): 4 problems
  line 2, column 5 `closed_at` (结案时间), found `2024-05-02T10:00:00+08:00`; expected a time not before `filed_at` (2024-05-03T10:00:00+08:00)
  line 3, column 3 `procedure` (程序), found `特别程序`; expected one of ordinary (普通程序), simple (简易程序), inspection (检查), complaint (投诉)
  line 3, column 4 `filed_at` (立案时间), found `2024-02-30 10:00`; expected a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00
  line 4, column 1 `case_no` (案号), found `3.10106E+17`; expected all its digits, which Excel has cut: format the column as text (文本) and enter it again
"#);
}

#[test]
fn stages_that_end_before_they_start_and_unknown_badges() {
    assert_snapshot!(
        refusal(ImportKind::Stages, "case_no,stage_no,kind,starts_at,ends_at,officers,place
CASE-001,1,seizure,2024-05-03 09:30,2024-05-03 09:30,D31007,x
CASE-001,0,seizure,2024-05-03 09:30,2024-05-03 09:50,D31007;D31070,x
CASE-01,2,扣压,soon,2024-05-03 09:50,D31007;D31007,x
CASE-002,1,seizure,2024-05-03 09:30,2024-05-03 09:50,D31007,x
CASE-002,１,hearing,2024-05-04 09:30,2024-05-04 09:50,123,x
"), @r#"
file.csv was not imported as stages (执法环节): 9 problems
  line 2, column 5 `ends_at` (结束时间), found `2024-05-03T09:30:00+08:00`; expected a time after `starts_at` (2024-05-03T09:30:00+08:00)
  line 3, column 2 `stage_no` (环节序号), found `0`; expected a whole number from 1
  line 3, column 6 `officers` (执法人员), found `D31070`; expected the badge of an officer who is known (import the officers first); did you mean `D31007`?
  line 4, column 1 `case_no` (案号), found `CASE-01`; expected the number of a case that is known (import the cases first); did you mean `CASE-001`?
  line 4, column 3 `kind` (执法环节), found `扣压`; expected one of complaint_handling (投诉举报处置), site_inspection (现场检查), simple_penalty (简易处罚), lien_service (留置送达), seizure (实施扣押), evidence_registration (证据先行登记保存), forced_demolition (强制拆除), hearing (听证), emergency (突发事件处置), legal_review (法制审核)
  line 4, column 4 `starts_at` (开始时间), found `soon`; expected a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00
  line 4, column 6 `officers` (执法人员), found `D31007;D31007`; expected each officer once, and `D31007` stands there twice
  line 6, column 1 `case_no` (案号), found `CASE-002`, `１`, which line 5 has already; expected no two rows of the same case_no, stage_no
  line 6, column 6 `officers` (执法人员), found `123`; expected the badge of an officer who is known (import the officers first); `00123` is, and differs in its leading zeros
"#);
}

#[test]
fn links_and_excuses_of_unknown_stages() {
    assert_snapshot!(
        refusal(ImportKind::Links, "case_no,stage_no,object_key
CASE-001,3,a.mp4
CASE-002,1,a.mp4
CASE-009,1,a.mp4
CASE-001,1,
CASE-001,1,a.mp4
CASE-001,1,a.mp4
"), @r#"
file.csv was not imported as links (关联): 5 problems
  line 2, column 2 `stage_no` (环节序号), found `3`; expected a stage of case `CASE-001`: the case has 1, 2
  line 3, column 2 `stage_no` (环节序号), found `1`; expected a stage of case `CASE-002`: the case has none yet (import the stages first)
  line 4, column 1 `case_no` (案号), found `CASE-009`; expected the number of a case that is known (import the cases first); did you mean `CASE-001`?
  line 5, column 3 `object_key` (视频路径), found an empty cell; expected a value, which every row must have
  line 7, column 1 `case_no` (案号), found `CASE-001`, `1`, `a.mp4`, which line 6 has already; expected no two rows of the same case_no, stage_no, object_key
"#);
    assert_snapshot!(
        refusal(ImportKind::Excuses, "案号,环节序号,原因,备注,登记人,登记时间,开始时间,结束时间
CASE-001,1,忘记,x,D31007,2024-05-03 17:00,2024-05-03 10:00,2024-05-03 09:00
CASE-001,1,电量不足,x,D31007,2024-05-03 17:00,2024-05-03 10:00,2024-05-03 09:00
"), @r#"
file.csv was not imported as excuses (免责情形): 3 problems
  line 2, column 3 `reason` (原因), found `忘记`; expected one of fault (设备故障), weather (恶劣天气), battery (电量不足), storage (存储空间不足), change_of_venue (变更地点), secrecy (涉及秘密), privacy (涉及隐私), urgency (情况紧急)
  line 2, column 8 `ends_at` (结束时间), found `2024-05-03T09:00:00+08:00`; expected a time after `starts_at` (2024-05-03T10:00:00+08:00)
  line 3, column 8 `ends_at` (结束时间), found `2024-05-03T09:00:00+08:00`; expected a time after `starts_at` (2024-05-03T10:00:00+08:00)
"#);
}

#[test]
fn manifests_docks_and_sorties() {
    assert_snapshot!(
        refusal(ImportKind::Manifest, "device,badge,file,starts_at,ends_at,size_bytes
BWC-0001,D31007,a.mp4,2024-05-03 10:00,2024-05-03 09:00,-1
BWC-0002,,b.mp4,2024-05-03 10:00,2024-05-03 10:00,1 GB
"), @r#"
file.csv was not imported as manifest (设备清单): 4 problems
  line 2, column 5 `ends_at` (结束时间), found `2024-05-03T09:00:00+08:00`; expected a time not before `starts_at` (2024-05-03T10:00:00+08:00)
  line 2, column 6 `size_bytes` (文件大小(字节)), found `-1`; expected a whole number of bytes, not negative
  line 3, column 1 `device` (设备编号), found `BWC-0002`; expected the serial number of a device that is known (import the devices first); did you mean `BWC-0001`?
  line 3, column 6 `size_bytes` (文件大小(字节)), found `1 GB`; expected a whole number of bytes, not negative
"#);
    assert_snapshot!(
        refusal(ImportKind::Docks, "机场编号,名称,所属单位,经度,纬度,半径（米）
D1,甲,SQ-01,31.2,121.5,3000
D2,乙,SQ-01,181,NaN,0
"), @r#"
file.csv was not imported as docks (无人机机场): 4 problems
  line 2, column 5 `lat` (纬度), found `121.5`; expected a number from -90 to 90: degrees, WGS-84; longitude and latitude may be interchanged
  line 3, column 4 `lon` (经度), found `181`; expected a number from -180 to 180: degrees, WGS-84
  line 3, column 5 `lat` (纬度), found `NaN`; expected a number from -90 to 90: degrees, WGS-84; longitude and latitude may be interchanged
  line 3, column 6 `radius_m` (半径（米）), found `0`; expected metres, more than 0 and at most 100000
"#);
    assert_snapshot!(
        refusal(ImportKind::Sorties, "sortie,dock,device,took_off_at,landed_at
S1,DOCK-2,UAV-0002,2024-05-03 10:00,2024-05-03 10:00
"), @r#"
file.csv was not imported as sorties (架次): 3 problems
  line 2, column 2 `dock` (机场编码), found `DOCK-2`; expected the code of a dock that is known (import the docks first); did you mean `DOCK-1`?
  line 2, column 3 `device` (设备编号), found `UAV-0002`; expected the serial number of a device that is known (import the devices first); did you mean `UAV-0001`?
  line 2, column 5 `landed_at` (降落时间), found `2024-05-03T10:00:00+08:00`; expected a time after `took_off_at` (2024-05-03T10:00:00+08:00)
"#);
}

#[test]
fn areas() {
    assert_snapshot!(
        refusal(ImportKind::Areas, r#"{"type":"FeatureCollection","crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::4547"}},
"features":[
{"properties":{"name":"A","kind":"fly"},
 "geometry":{"type":"Point","coordinates":[121.5,31.2]}},

{"properties":{"kind":"flyable","name":"B\n2"},"geometry":{"type":"Polygon","coordinates":[[[31.2,121.5],[31.2,121.6],[31.3,121.6],[31.2,121.5]]]}},
{"properties":{"name":"C","kind":"禁飞区"},"geometry":{"type":"Polygon","coordinates":[[[121,31],[122,31],[122,32],[121,32]]]}},
{"properties":{"name":"D","kind":"flyable"},"geometry":{"type":"Polygon","coordinates":[[[121,31],[122,31],[122,32],[121,31]]]}},
{"properties":{"name":"D","kind":"flyable"},"geometry":{"type":"Polygon","coordinates":[[[121,31],[122,31],[122,32],[121,31]]]}}
]}"#), @r#"
file.csv was not imported as areas (区域): 7 problems
  found another coordinate system: `{"properties":{"name":"urn:ogc:def:crs:EPSG::4547"}}`; expected WGS-84 (EPSG:4326) or CGCS2000 (EPSG:4490) degrees
  line 3, found the kind `fly` of `A`; expected a property "kind" (类型): flyable (适航区域) or no_fly (禁飞区)
  line 3, found a geometry `Point` in `A`; expected a Polygon or a MultiPolygon
  line 6, found a name of several lines; expected a property "name" (名称) with one line of text
  line 6, found the position `[31.2,121.5]` in `B\n2`; expected [longitude, latitude] in WGS-84 degrees, within ±180 and ±90; they may be interchanged
  line 7, found a ring of 4 points that is not closed in `C`; expected at least four points, the last the same as the first
  line 9, found the area `D`, which line 8 has already; expected each name once in a file
"#);
    assert_snapshot!(refusal(ImportKind::Areas, "{\"features\":[\n{]}"), @r#"
file.csv was not imported as areas (区域): 1 problem
  line 2, found no JSON that we can read: key must be a string at line 2 column 2; expected GeoJSON: {"type":"FeatureCollection","features":[…]} with polygons in WGS-84 degrees
"#);
    assert_snapshot!(refusal(ImportKind::Areas, "name,kind\nA,flyable\n"), @r#"
file.csv was not imported as areas (区域): 1 problem
  found text that is no GeoJSON; expected GeoJSON: {"type":"FeatureCollection","features":[…]} with polygons in WGS-84 degrees
"#);
}

#[test]
fn broken_quotes() {
    assert_snapshot!(refusal(ImportKind::Links, "case_no,stage_no,object_key\nCASE-001,1,\"a.mp4\nCASE-001,2,b.mp4\n"), @r#"
file.csv was not imported as links (关联): 1 problem
  line 2, found a quotation mark (") that is never closed; expected a second one where the field ends; a quotation mark inside a field is doubled ("")
"#);
    assert_snapshot!(refusal(ImportKind::Links, "case_no,stage_no,object_key\nCASE-001,1,\"a\".mp4\n"), @r#"
file.csv was not imported as links (关联): 1 problem
  line 2, found text after a closing quotation mark ("); expected `,` or the end of the line there; a quotation mark inside a field is doubled ("")
"#);
}

#[test]
fn files_that_are_something_else() {
    let compound = |inside: &str| {
        let name: Vec<u8> = inside.encode_utf16().flat_map(u16::to_le_bytes).collect();
        [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0".as_slice(), &name].concat()
    };
    let archive = |names: &[&str]| {
        let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in names {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        }
        archive.finish().unwrap().into_inner()
    };
    let files: Vec<Vec<u8>> = vec![
        compound("Workbook"),
        compound("EncryptedPackage"),
        compound("WordDocument"),
        b"\n<html><body><table><tr><td>badge".to_vec(),
        b"<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>".to_vec(),
        b"%PDF-1.7".to_vec(),
        b"{\"a\":1}".to_vec(),
        b"badge,name\n\xff\xff".to_vec(),
        b"b\0a\0".to_vec(),
        archive(&["[Content_Types].xml", "xl/workbook.bin"]),
        archive(&["[Content_Types].xml", "word/document.xml"]),
        archive(&["mimetype", "content.xml"]),
        archive(&["人员.csv"]),
        archive(&["[Content_Types].xml"]),
        b"PK\x03\x04 and then nothing".to_vec(),
    ];
    let refusals: Vec<String> = files.iter().map(|file| refusal(ImportKind::Officers, file)).collect();
    assert_snapshot!(refusals.join("\n"), @r#"
file.csv was not imported as officers (执法人员): 1 problem
  found an old Excel workbook (.xls of 97–2003); expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found a workbook behind a password; expected one without: open it, take the password off (文件 → 信息 → 保护工作簿), save it as .xlsx
file.csv was not imported as officers (执法人员): 1 problem
  found an old Word document (.doc); expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found a web page (HTML), perhaps one named .xls; expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found an "XML Spreadsheet 2003"; expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found a PDF document; expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found JSON; expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  line 2, found bytes that are neither UTF-8 nor GB18030; expected a text file: save the table as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  line 1, found zero bytes: this is no text, or UTF-16 without a byte order mark; expected a table saved as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found a binary workbook (.xlsb); expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found a Word document (.docx); expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found an OpenDocument file (.ods or .odt); expected a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)
file.csv was not imported as officers (执法人员): 1 problem
  found a ZIP archive; expected the table inside it: unpack the archive first
file.csv was not imported as officers (执法人员): 1 problem
  found a damaged workbook (File not found '_rels/.rels'); expected a whole one: open it in Excel or WPS and save it as a new .xlsx (另存为 .xlsx)
file.csv was not imported as officers (执法人员): 1 problem
  found a damaged workbook (invalid Zip archive: Could not find EOCD); expected a whole one: open it in Excel or WPS and save it as a new .xlsx (另存为 .xlsx)
"#);
}

#[test]
fn a_workbook_is_spoken_of_by_sheet_row_and_letter() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("五月").unwrap();
    sheet.write_string(0, 0, "案件台账").unwrap();
    sheet.write_row(1, 1, ["案号", "办案单位", "程序", "立案时间", "案由"]).unwrap();
    sheet.write_number(2, 1, 310_106_202_400_000_001.0).unwrap();
    sheet.write_row(2, 2, ["SQ-01", "普通程序", "2024-05-03 10:00"]).unwrap();
    sheet.write_row(4, 1, ["A1", "SQ-01", "普通程序"]).unwrap();
    sheet.write_number(4, 4, 45_415.4).unwrap();
    sheet.write_row(5, 1, ["A1", "SQ-01", "普通程序"]).unwrap();
    sheet.write_number_with_format(5, 4, 0.4, &Format::new().set_num_format("hh:mm")).unwrap();
    sheet.write_row(6, 1, ["A2", "SQ-01", "普通程序", "2024-05-03 10:00"]).unwrap();
    sheet.write_formula(6, 5, Formula::new("=VLOOKUP(1,A1:A2,1)").set_result("#N/A")).unwrap();
    sheet.write_row(7, 1, ["A2", "SQ-01", "普通程序", "2024-05-03 10:00"]).unwrap();
    sheet.write_string(7, 7, "多出").unwrap();
    assert_snapshot!(refusal(ImportKind::Cases, workbook.save_to_buffer().unwrap()), @r#"
file.csv was not imported as cases (案件): 7 problems
  sheet `五月`, row 3, column B `case_no` (案号), found `310106202400000000`; expected text: Excel keeps only 15 digits of a number; format the column as text (文本) and enter it again
  sheet `五月`, row 5, column E `filed_at` (立案时间), found `45415.4`; expected a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00; format the column as a date (日期)
  sheet `五月`, row 6, column B `case_no` (案号), found `A1`, which row 5 has already; expected no two rows of the same case_no
  sheet `五月`, row 6, column E `filed_at` (立案时间), found a time of day without its date; expected a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00
  sheet `五月`, row 7, column F `title` (案由), found an error of a formula (such as #N/A); expected text
  sheet `五月`, row 8, column B `case_no` (案号), found `A2`, which row 7 has already; expected no two rows of the same case_no
  sheet `五月`, row 8, column H, found `多出` beyond the last heading; expected a heading above it, or nothing there
"#);
}

#[test]
fn a_user_interface_gets_the_same_as_json() {
    let error = import(ImportKind::Links, "案号,环节序号,视频路径\nCASE-001,零,a.mp4\n").unwrap_err();
    assert_snapshot!(serde_json::to_string_pretty(&error).unwrap(), @r#"
{
  "file": "file.csv",
  "kind": "links",
  "total": 1,
  "problems": [
    {
      "sheet": null,
      "line": 2,
      "column": {
        "name": "stage_no",
        "heading": "环节序号",
        "number": 2,
        "letters": "B"
      },
      "found": "`零`",
      "expected": "a whole number from 1"
    }
  ]
}
"#);
}
