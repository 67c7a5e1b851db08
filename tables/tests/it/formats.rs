//! The same table in every shape in which it arrives.

use catalog::WallTime;
use catalog::case::StageKind;
use catalog::import::{Import, ImportKind};
use catalog::unit::Officer;
use encoding_rs::GB18030;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};

use tables::Table;

use crate::{import, refusal};

fn officer(badge: &str, name: &str, unit: &str, frontline: bool) -> Officer {
    Officer { badge: badge.to_owned(), name: name.to_owned(), unit: unit.to_owned(), frontline }
}

fn two_officers() -> Import {
    Import::Officers(vec![officer("00123", "甲", "SQ-01", true), officer("D31008", "乙", "SQ-02", false)])
}

const ENGLISH: &str = "badge,name,unit,frontline\n00123,甲,SQ-01,true\nD31008,乙,SQ-02,false\n";
const CHINESE: &str = "执法证号,姓名,所属单位,是否一线\n00123,甲,SQ-01,是\nD31008,乙,SQ-02,否\n";

#[test]
fn csv_arrives_in_many_shapes() {
    let (gb18030, _, _) = GB18030.encode(CHINESE);
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(CHINESE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let shapes: Vec<(&str, Vec<u8>)> = vec![
        ("English headings", ENGLISH.into()),
        ("Chinese headings", CHINESE.into()),
        ("byte order mark", format!("\u{feff}{CHINESE}").into()),
        ("GB18030", gb18030.into_owned()),
        ("UTF-16", utf16),
        ("CRLF", CHINESE.replace('\n', "\r\n").into()),
        ("CR", CHINESE.replace('\n', "\r").into()),
        ("semicolons", CHINESE.replace(',', ";").into()),
        ("tabs", CHINESE.replace(',', "\t").into()),
        ("a sep line", format!("sep=;\r\n{}", CHINESE.replace(',', ";")).into()),
        ("an odd sep line", format!("sep=|\n{}", CHINESE.replace(',', "|")).into()),
        ("quotes", CHINESE.replace("甲", "\"甲\"").replace("执法证号", "\"执法证号\"").into()),
        ("no end of the last line", CHINESE.trim_end().into()),
        ("blank rows", format!("\n,,,\n{CHINESE},,,\n\n  ,,\n").into()),
        ("a title above", format!("执法人员名单,,,\n{CHINESE}").into()),
        ("a title without commas", format!("执法人员名单\n{}", CHINESE.replace(',', "\t")).into()),
        ("other headings", CHINESE.replace("执法证号", " 警号* ").replace("所属单位", "所属中队").into()),
        ("other case", ENGLISH.replace("badge", "Badge ").replace("unit", "UNIT").into()),
        ("other order", "是否一线,所属单位,姓名,执法证号\n是,SQ-01,甲,00123\n否,SQ-02,乙,D31008\n".into()),
        ("running numbers", "序号,执法证号,姓名,单位,一线\n1,00123,甲,SQ-01,1\n2,D31008,乙,SQ-02,0\n".into()),
        ("guarded zeros", CHINESE.replace("00123", "=\"00123\"").into()),
        ("an apostrophe", CHINESE.replace("00123", "'00123").into()),
        ("full width", CHINESE.replace("00123", "００１２３").replace("SQ-01", "ＳＱ－０１").into()),
    ];
    for (shape, bytes) in shapes {
        assert_eq!(
            import(ImportKind::Officers, bytes).unwrap_or_else(|error| panic!("{shape}: {error}")),
            two_officers(),
            "{shape}"
        );
    }
}

#[test]
fn headings_may_have_full_width_parentheses() {
    let text = "设备编号,设备类型,所属单位,时钟误差（毫秒）\nX1,无人机,SQ-01,-250\n";
    let Ok(Import::Devices(devices)) = import(ImportKind::Devices, text) else { panic!() };
    assert_eq!(devices[0].clock_error_us, Some(catalog::Micros(250_000)));
}

#[test]
fn a_field_of_several_lines_does_not_shift_the_numbers_of_those_below() {
    let text = "case_no,unit,procedure,filed_at,title\nA,SQ-01,simple,2024-05-01 09:00,\"two\r\nlines\"\r\nB,SQ-01,simple,soon,x\n";
    let error = import(ImportKind::Cases, text).unwrap_err();
    assert_eq!(error.problems()[0].line, Some(4));
}

#[test]
fn a_parent_may_stand_below_its_child_or_in_the_catalog() {
    let text = "code,name,kind,parent\nN1,n,squad,N2\nN2,n,brigade,DET-1\n";
    assert_eq!(import(ImportKind::Units, text).unwrap().rows(), 2);
}

#[test]
fn case_numbers_keep_their_brackets() {
    let text = "案号,环节序号,视频路径\nCASE-001,１,a/b.mp4\n";
    assert!(import(ImportKind::Links, text).is_ok());
    let stage = "案号,环节序号,执法环节,开始时间,结束时间,执法人员\n沪示〔2024〕第1号,1,听证,2024/5/3 9:30,2024/5/3 9:50,00123、D31008\n";
    let Ok(Import::Stages(stages)) = import(ImportKind::Stages, stage) else { panic!() };
    assert_eq!(stages[0].case_no, "沪示〔2024〕第1号");
    assert_eq!(stages[0].kind, StageKind::Hearing);
    assert_eq!(stages[0].officers, ["00123", "D31008"]);
}

#[test]
fn a_workbook_may_have_dates_numbers_and_truths_as_cells() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("环节").unwrap();
    sheet.write_string(0, 0, "执法环节台账").unwrap();
    for (column, heading) in
        (0..).zip(["案号", "环节序号", "环节", "开始时间", "结束时间", "执法人员", "地点"])
    {
        sheet.write_string(1, column, heading).unwrap();
    }
    let date = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\" h:mm");
    let start = ExcelDateTime::parse_from_str("2024-05-03 09:30:00").unwrap();
    let end = ExcelDateTime::parse_from_str("2024-05-03 09:50:00.250").unwrap();
    sheet.write_string(3, 0, "CASE-002").unwrap();
    sheet.write_number(3, 1, 7).unwrap();
    sheet.write_string(3, 2, "听证").unwrap();
    sheet.write_datetime_with_format(3, 3, start, &date).unwrap();
    sheet.write_datetime_with_format(3, 4, end, &date).unwrap();
    sheet.write_string(3, 5, "D31007；D31008").unwrap();
    // Formats without contents, as far as Excel users drag them.
    sheet.write_blank(900, 40, &date).unwrap();
    let Ok(Import::Stages(stages)) = import(ImportKind::Stages, workbook.save_to_buffer().unwrap()) else {
        panic!()
    };
    assert_eq!(stages.len(), 1);
    assert_eq!(stages[0].stage_no, 7);
    assert_eq!(stages[0].starts_at, WallTime::parse("2024-05-03 09:30:00").unwrap());
    assert_eq!(stages[0].ends_at, WallTime::parse("2024-05-03 09:50:00.250").unwrap());

    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, heading) in (0..).zip(["badge", "name", "unit", "frontline"]) {
        sheet.write_string(0, column, heading).unwrap();
    }
    sheet.write_number(1, 0, 123_456).unwrap();
    sheet.write_formula(1, 1, Formula::new("=\"甲\"").set_result("甲")).unwrap();
    sheet.write_string(1, 2, "SQ-01").unwrap();
    sheet.write_boolean(1, 3, true).unwrap();
    let read = import(ImportKind::Officers, workbook.save_to_buffer().unwrap());
    assert_eq!(read, Ok(Import::Officers(vec![officer("123456", "甲", "SQ-01", true)])));
}

#[test]
fn the_sheet_that_fits_is_taken_whichever_it_is() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("说明").unwrap().write_string(0, 0, "请勿修改").unwrap();
    let sheet = workbook.add_worksheet().set_name("人员").unwrap();
    for (row, line) in (0..).zip(CHINESE.lines()) {
        for (column, field) in (0..).zip(line.split(',')) {
            sheet.write_string(row, column, field).unwrap();
        }
    }
    let hidden = workbook.add_worksheet().set_name("字典").unwrap();
    hidden.write_row(0, 0, ["执法证号", "姓名", "所属单位", "是否一线"]).unwrap();
    hidden.set_hidden(true);
    assert_eq!(import(ImportKind::Officers, workbook.save_to_buffer().unwrap()), Ok(two_officers()));

    let mut workbook = Workbook::new();
    for name in ["一月", "二月"] {
        let sheet = workbook.add_worksheet().set_name(name).unwrap();
        sheet.write_row(0, 0, ["执法证号", "姓名", "所属单位", "是否一线"]).unwrap();
    }
    insta::assert_snapshot!(refusal(ImportKind::Officers, workbook.save_to_buffer().unwrap()), @r#"
file.csv was not imported as officers (执法人员): 1 problem
  found 2 sheets that fit: `一月`, `二月`; expected one: delete the others, or save each as a file of its own
"#);
}

#[test]
fn a_file_is_what_its_bytes_say_and_not_what_its_name_says() {
    let known = crate::known();
    assert_eq!(
        tables::read(ImportKind::Officers, "人员.xlsx", CHINESE.as_bytes(), &known),
        Ok(Table { import: two_officers(), absent: vec![] })
    );
}

#[test]
fn the_columns_that_a_file_lacks_are_named() {
    let read = |text: &str| {
        let table = tables::read(ImportKind::Devices, "a.csv", text.as_bytes(), &crate::known()).unwrap();
        table.absent
    };
    assert_eq!(read("serial,kind,unit\nBWC-1,bodycam,SQ-01\n"), ["holder", "synced_at", "clock_error_ms"]);
    assert_eq!(read("serial,kind,unit,对时时间\nBWC-1,bodycam,SQ-01,\n"), ["holder", "clock_error_ms"]);
}

#[test]
fn an_area_without_a_name_is_called_by_its_id_or_its_place() {
    let ring = r#"{"type":"Polygon","coordinates":[[[121,31],[122,31],[122,32],[121,31]]]}"#;
    let feature = |head: &str| format!(r#"{{{head}"properties":{{"kind":"flyable"}},"geometry":{ring}}}"#);
    let features = [feature(""), feature(r#""id":"P-7","#), feature(r#""id":12,"#)].join(",");
    let text = format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#);
    let Ok(Import::Areas(areas)) = import(ImportKind::Areas, text) else { panic!("they are areas") };
    let names: Vec<_> = areas.into_iter().map(|area| area.name).collect();
    assert_eq!(names, ["区域1", "P-7", "区域12"]);
}
