//! What is wrong with a file, in Chinese: a sentence for each that the readers of this crate write, in one place.
//!
//! The readers say what they found and what they expected in English; a person who mends a table in a squad's office
//! reads Chinese. A sentence with a gap (`{}`) stands for all that have anything there, which is translated in turn
//! where it is a sentence itself and kept where it is what the file holds. That no sentence is lacking is shown by the
//! tests, all of whose files go through here.

/// English and Chinese; the more particular before the more general.
const SENTENCES: &[(&str, &str)] = &[
    // What every table has.
    ("an empty file", "空文件"),
    ("an empty cell", "空单元格"),
    ("{} bytes", "{} 字节"),
    ("at most {} bytes: split the file", "至多 {} 字节，请拆分文件"),
    ("at most {}: split the file", "至多 {} 行，请拆分文件"),
    ("one row too many", "行数超出上限"),
    ("too many columns", "列数过多"),
    ("at most {}", "至多 {}"),
    ("a row of headings ({}) and rows below it", "一行表头（{}）及其下的数据行"),
    ("headings and nothing below them", "只有表头，没有数据"),
    ("at least one row", "至少一行数据"),
    ("no headings, but {}", "没有表头，首行为 {}"),
    ("the headings {}", "表头 {}"),
    ("no sheet with the headings, in {}", "各工作表均无所需表头：{}"),
    ("one sheet with the headings {}", "一张含表头 {} 的工作表"),
    ("{} sheets that fit: {}", "有 {} 张工作表都符合：{}"),
    ("one: delete the others, or save each as a file of its own", "仅一张：请删去其余，或各自另存为文件"),
    ("a second column for it; column {} is the first", "该列重复，第 {} 列已是"),
    ("each column once: delete or rename one of them", "每列一次，请删去或改名"),
    ("an unknown column (did you mean {}?)", "无法识别的列（是否应为 {}？）"),
    ("an unknown column", "无法识别的列"),
    ("one of {}, or no such column: delete it", "以下之一：{}；或删去该列"),
    ("no such column", "缺少该列"),
    ("a column with the heading {} or {}", "表头为 {} 或 {} 的一列"),
    ("{} beyond the last heading", "末列表头之外有 {}"),
    ("a heading above it, or nothing there", "其上有表头，或留空"),
    (
        "{} columns; a text that contains the delimiter stands between quotation marks (\")",
        "{} 列；含分隔符的文字须用双引号括起",
    ),
    ("the area {}, which line {} has already", "区域 {}，第 {} 行已有"),
    ("{}, which row {} has already", "{}，第 {} 行已有"),
    ("{}, which line {} has already", "{}，第 {} 行已有"),
    ("no two rows of the same {}", "各行的 {} 不得重复"),
    ("a value, which every row must have", "每行必填"),
    // Cells.
    ("{}: Excel keeps only 15 digits of a number; {}", "{}：Excel 对数字只保留 15 位，{}"),
    ("text: Excel keeps only 15 digits of a number; {}", "文本：Excel 对数字只保留 15 位，{}"),
    ("text, which Excel has changed: {}", "文本（已被 Excel 改变）：{}"),
    ("all its digits, which Excel has cut: {}", "全部数字（已被 Excel 截断）：{}"),
    ("format the column as text (文本) and enter it again", "请将该列设为“文本”格式后重新填写"),
    ("text", "文本"),
    ("one line of text", "单行文字"),
    ("each officer once, and {} stands there twice", "每名人员一次，{} 重复"),
    ("badges, separated by `;`", "警号，以分号分隔"),
    (
        "a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00; format the column as a date (日期)",
        "时间，如 2024-05-03 09:30:00；请将该列设为“日期”格式",
    ),
    (
        "a time such as 2024-05-03 09:30:00 (Shanghai time) or 2024-05-03T09:30:00+08:00",
        "时间，如 2024-05-03 09:30:00（北京时间）",
    ),
    (
        "the time of day as well, such as 2024-05-03 09:30; 00:00 if only the day is known",
        "还须写明时刻，如 2024-05-03 09:30；仅知日期的写 00:00",
    ),
    ("a time of the years 1970 to 9998", "1970 至 9998 年之间的时间"),
    ("a time not before {} ({})", "不早于 {} 的时间（{}）"),
    ("a time after {} ({})", "晚于 {} 的时间（{}）"),
    ("true or false (是 or 否)", "是 或 否"),
    ("a whole number from 1", "不小于 1 的整数"),
    ("a whole number of bytes, not negative", "字节数（不小于 0 的整数）"),
    ("a whole number of milliseconds", "毫秒数（整数）"),
    (
        "a number from {} to {}: degrees, WGS-84; longitude and latitude may be interchanged",
        "{} 至 {} 之间的数（WGS-84，度）；经纬度可能填反",
    ),
    ("a number from {} to {}: degrees, WGS-84", "{} 至 {} 之间的数（WGS-84，度）"),
    ("a number from {} to {}", "{} 至 {} 之间的数"),
    ("metres, more than 0 and at most {}", "米数，大于 0 且不超过 {}"),
    ("one of {}", "以下之一：{}"),
    ("a length of time", "一段时长"),
    ("a time of day without its date", "只有时刻、没有日期"),
    ("an error of a formula (such as #N/A)", "公式错误（如 #N/A）"),
    // What rows refer to.
    (
        "the code of a unit that is known or stands in this file; {} is, and differs in its leading zeros",
        "已有或本文件中的单位代码；{} 已有，仅前导零不同",
    ),
    (
        "the code of a unit that is known or stands in this file; did you mean {}?",
        "已有或本文件中的单位代码；是否应为 {}？",
    ),
    ("the code of a unit that is known or stands in this file", "已有或本文件中的单位代码"),
    ("{}; {} is, and differs in its leading zeros", "{}；{} 已有，仅前导零不同"),
    ("{}; did you mean {}?", "{}；是否应为 {}？"),
    ("the code of a unit that is known (import the units first)", "已有的单位代码（请先导入单位）"),
    ("the badge of an officer who is known (import the officers first)", "已有人员的警号（请先导入人员）"),
    (
        "the serial number of a device that is known (import the devices first)",
        "已有设备的编号（请先导入设备）",
    ),
    ("the number of a case that is known (import the cases first)", "已有的案号（请先导入案件）"),
    ("the code of a dock that is known (import the docks first)", "已有的机场代码（请先导入机场）"),
    (
        "a stage of case {}: the case has none yet (import the stages first)",
        "案件 {} 的环节：该案尚无环节（请先导入环节）",
    ),
    ("a stage of case {}: the case has {}", "案件 {} 的环节：该案现有环节 {}"),
    ("a unit above itself: {}", "单位循环隶属：{}"),
    ("a tree, at whose top a unit has no parent", "树形隶属关系，最上级单位不填上级"),
    // Files that are no tables.
    (
        "a second one where the field ends; a quotation mark inside a field is doubled (\"\")",
        "字段末尾的另一个双引号；字段中的双引号须写两个",
    ),
    ("a quotation mark (\") that is never closed", "双引号未成对"),
    ("text after a closing quotation mark (\")", "右双引号之后还有文字"),
    (
        "{} or the end of the line there; a quotation mark inside a field is doubled (\"\")",
        "该处应为 {} 或行尾；字段中的双引号须写两个",
    ),
    ("bytes that are no UTF-8, though the file begins as UTF-8", "文件开头为 UTF-8，其中有非 UTF-8 内容"),
    (
        "one encoding throughout: save the file again as CSV UTF-8 (另存为 CSV UTF-8)",
        "全文同一编码：请另存为 CSV UTF-8",
    ),
    ("damaged UTF-16 text", "已损坏的 UTF-16 文本"),
    ("a file saved again as CSV UTF-8 (另存为 CSV UTF-8)", "另存为 CSV UTF-8 的文件"),
    ("bytes that are neither UTF-8 nor GB18030", "既非 UTF-8 也非 GB18030 的内容"),
    (
        "a text file: save the table as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)",
        "文本文件：请将表格另存为 .xlsx 或 CSV UTF-8",
    ),
    (
        "zero bytes: this is no text, or UTF-16 without a byte order mark",
        "含零字节：不是文本，或为没有字节序标记的 UTF-16",
    ),
    (
        "a table saved as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)",
        "另存为 .xlsx 或 CSV UTF-8 的表格",
    ),
    (
        "a table: open it in Excel or WPS and save it as .xlsx or as CSV UTF-8 (另存为 .xlsx 或 CSV UTF-8)",
        "表格：请用 Excel 或 WPS 打开，另存为 .xlsx 或 CSV UTF-8",
    ),
    ("a PDF document", "PDF 文档"),
    ("an RTF document", "RTF 文档"),
    ("a gzip archive", "gzip 压缩文件"),
    ("a RAR archive", "RAR 压缩文件"),
    ("a 7-Zip archive", "7-Zip 压缩文件"),
    ("a PNG picture", "PNG 图片"),
    ("a JPEG picture", "JPEG 图片"),
    ("an Excel workbook of before 1997 (.xls)", "1997 年以前的 Excel 工作簿（.xls）"),
    ("a database", "数据库文件"),
    ("a workbook behind a password", "设有密码的工作簿"),
    (
        "one without: open it, take the password off (文件 → 信息 → 保护工作簿), save it as .xlsx",
        "未设密码的工作簿：请打开后取消密码（文件 → 信息 → 保护工作簿），另存为 .xlsx",
    ),
    ("one without", "未设密码的工作簿"),
    ("an old Word document (.doc)", "旧版 Word 文档（.doc）"),
    ("an old Excel workbook (.xls of 97–2003)", "旧版 Excel 工作簿（.xls，97–2003）"),
    ("a web archive (.mht)", "网页存档（.mht）"),
    ("an \"XML Spreadsheet 2003\"", "XML 表格 2003"),
    ("a web page (HTML), perhaps one named .xls", "网页（HTML），可能被命名为 .xls"),
    ("an XML document", "XML 文档"),
    ("a binary workbook (.xlsb)", "二进制工作簿（.xlsb）"),
    ("a Word document (.docx)", "Word 文档（.docx）"),
    ("a presentation (.pptx)", "演示文稿（.pptx）"),
    ("an OpenDocument file (.ods or .odt)", "OpenDocument 文件（.ods 或 .odt）"),
    ("a ZIP archive", "ZIP 压缩文件"),
    ("the table inside it: unpack the archive first", "其中的表格：请先解压"),
    ("a damaged workbook ({})", "已损坏的工作簿{why}"),
    (
        "a whole one: open it in Excel or WPS and save it as a new .xlsx (另存为 .xlsx)",
        "完好的工作簿：请用 Excel 或 WPS 打开，另存为新的 .xlsx",
    ),
    ("its cells contradict one another", "单元格内容互相矛盾"),
    ("its cells are not in order", "单元格次序错乱"),
    ("it has too many parts", "组成部分过多"),
    ("its string table is no UTF-8", "字符串表不是 UTF-8"),
    ("its string table declares more strings than it has room for", "字符串表声明的条数超出其容量"),
    ("a workbook of {} bytes or more when unpacked", "解压后达 {} 字节以上的工作簿"),
    ("a smaller one: split it, and take pictures out", "较小的工作簿：请拆分，并去掉图片"),
    ("sheet {}: {}", "工作表 {}：{}"),
    ("more than {} bytes of cells", "单元格内容超过 {} 字节"),
    ("a smaller workbook", "较小的工作簿"),
    // Areas.
    (
        "GeoJSON: {\"type\":\"FeatureCollection\",\"features\":[…]} with polygons in WGS-84 degrees",
        "GeoJSON（FeatureCollection，多边形，WGS-84 度）",
    ),
    ("no JSON that we can read: {}", "无法解读的 JSON{why}"),
    ("another coordinate system: {}", "其他坐标系：{}"),
    (
        "WGS-84 (EPSG:4326) or CGCS2000 (EPSG:4490) degrees",
        "WGS-84（EPSG:4326）或 CGCS2000（EPSG:4490），单位为度",
    ),
    ("{} features", "{} 个要素"),
    ("each name once in a file", "同一文件中名称不得重复"),
    ("a workbook or another ZIP archive", "工作簿或其他 ZIP 压缩文件"),
    ("text that is no GeoJSON", "不是 GeoJSON 的文本"),
    ("a feature that cannot be read", "无法解读的要素"),
    ("a name of several lines", "多行的名称"),
    ("a property \"name\" (名称) with one line of text", "属性 name（名称），单行文字"),
    ("no kind of {}", "{} 没有类型"),
    ("the kind {} of {}", "类型 {}（{}）"),
    (
        "a property \"kind\" (类型): flyable (适航区域) or no_fly (禁飞区)",
        "属性 kind（类型）：flyable（适航区域）或 no_fly（禁飞区）",
    ),
    ("the feature", "该要素"),
    ("a geometry {}", "几何类型 {}"),
    ("a Polygon or a MultiPolygon", "Polygon 或 MultiPolygon"),
    ("no geometry", "没有几何图形"),
    ("no polygon", "没有多边形"),
    ("at least one", "至少一个"),
    ("a list of coordinates", "坐标列表"),
    ("a polygon without a ring", "没有边界的多边形"),
    ("an outer ring, then its holes", "外边界在前，孔洞在后"),
    ("a ring of {} points that is not closed", "{} 个点的边界未闭合"),
    ("at least four points, the last the same as the first", "至少四个点，末点与首点相同"),
    ("an edge over the 180th meridian", "跨越 180 度经线的边"),
    ("polygons cut in two there, as RFC 7946 §3.1.9 has it", "在该处分为两个多边形（RFC 7946 第 3.1.9 节）"),
    ("the position {}", "坐标 {}"),
    (
        "[longitude, latitude] in WGS-84 degrees, within ±180 and ±90; they may be interchanged",
        "[经度, 纬度]，WGS-84 度，分别不超过 ±180 与 ±90；二者可能填反",
    ),
    // The widest of all, so the last.
    ("{} in {}", "{}（{}）"),
];

/// Stands for a reason that is only given where it is one of ours.
const WHY: &str = "{why}";

/// A sentence of this crate in Chinese; what is none, such as what a file holds, stays as it is.
pub(crate) fn of(text: &str) -> String {
    // What a file holds stands between backticks and is no sentence, whatever it says.
    if text.starts_with('`') && text.ends_with('`') && text.matches('`').count() == 2 {
        return text.to_owned();
    }
    for (en, zh) in SENTENCES {
        if let Some(gaps) = gaps(text, en) {
            // What a library says of a file is English and helps nobody here; what we say of it stands in parentheses.
            if let (Some(start), [gap]) = (zh.strip_suffix(WHY), gaps.as_slice()) {
                let why = SENTENCES.iter().find(|(en, _)| en == gap);
                return why.map_or_else(|| start.to_owned(), |(_, why)| format!("{start}（{why}）"));
            }
            let mut parts = zh.split("{}");
            let mut out = parts.next().unwrap_or_default().to_owned();
            for (gap, part) in gaps.iter().zip(parts) {
                out.push_str(&of(gap));
                out.push_str(part);
            }
            return out;
        }
    }
    listed(text).unwrap_or_else(|| text.to_owned())
}

/// What stands in the gaps of a sentence; `None` if the text is another one.
fn gaps<'t>(text: &'t str, sentence: &str) -> Option<Vec<&'t str>> {
    // One sentence has braces that are its own.
    if sentence == text {
        return Some(Vec::new());
    }
    let mut parts = sentence.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut gaps = Vec::new();
    let parts: Vec<&str> = parts.collect();
    let (last, between) = parts.split_last()?;
    for part in between {
        let at = rest.find(part)?;
        gaps.push(&rest[..at]);
        rest = &rest[at + part.len()..];
    }
    gaps.push(rest.strip_suffix(last)?);
    Some(gaps)
}

/// A list of words with their Chinese in parentheses, as the Chinese alone; `None` if it is none.
fn listed(text: &str) -> Option<String> {
    let words: Option<Vec<&str>> = text
        .split(", ")
        .map(|word| word.strip_suffix(')')?.split_once(" (").map(|(_, zh)| zh).filter(|zh| !zh.is_ascii()))
        .collect();
    words.map(|words| words.join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_translated_with_what_stands_in_it() {
        assert_eq!(of("an empty cell"), "空单元格");
        assert_eq!(of("one of ordinary (普通程序), simple (简易程序)"), "以下之一：普通程序、简易程序");
        assert_eq!(of("`SQ-9`"), "`SQ-9`");
        assert_eq!(of("`an empty cell`"), "`an empty cell`", "what a file holds is no sentence");
        assert_eq!(
            of("the code of a unit that is known (import the units first); did you mean `SQ-01`?"),
            "已有的单位代码（请先导入单位）；是否应为 `SQ-01`？"
        );
        assert_eq!(
            of(
                "a whole number from 1: Excel keeps only 15 digits of a number; format the column as text (文本) and enter it again"
            ),
            "不小于 1 的整数：Excel 对数字只保留 15 位，请将该列设为“文本”格式后重新填写"
        );
        assert_eq!(of("no kind of the feature"), "该要素 没有类型");
        assert_eq!(of("a damaged workbook (it has too many parts)"), "已损坏的工作簿（组成部分过多）");
        assert_eq!(of("a damaged workbook (Xml error: unexpected end)"), "已损坏的工作簿");
    }

    #[test]
    fn every_sentence_has_as_many_gaps_in_both_languages() {
        for (en, zh) in SENTENCES {
            let gaps = zh.matches("{}").count() + zh.matches(WHY).count();
            assert_eq!(en.matches("{}").count(), gaps, "{en}");
            assert!(!zh.is_ascii() || *en == "a Polygon or a MultiPolygon", "{en}");
        }
    }
}
