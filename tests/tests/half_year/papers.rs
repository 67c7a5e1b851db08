//! What the command line writes of the half-year, opened by LibreOffice where that is installed.

use std::path::Path;
use std::process::Command;

use tests::run;

use crate::bureau::Bureau;

/// What the command line writes, opened by LibreOffice where that is installed.
pub(crate) fn the_papers_say_what_they_should(bureau: &Bureau) {
    let dir = bureau.dir.path();
    let listed = bureau.cli(&["returns", "list", "--json"]).json();
    assert_eq!(listed["returns"].as_array().unwrap().iter().filter(|one| one["state"] == "sent").count(), 7);
    for format in ["json", "csv", "xlsx", "docx"] {
        bureau.cli(&["returns", "show", "--month", "2024-03", "--out", &format!("return.{format}")]);
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("return.json")).unwrap()).unwrap();
    let sentence = json["sentence"].as_str().unwrap().to_owned();
    let csv = std::fs::read_to_string(dir.join("return.csv")).unwrap();
    assert!(csv.starts_with('\u{feff}') && csv.contains(&sentence));

    let id = bureau.cli(&["notice", "list", "--month", "2024-03", "--json"]).json()["notices"][0].clone();
    let (id, number) =
        (id["id"].as_u64().unwrap().to_string(), id["standing"]["number"].as_str().unwrap().to_owned());
    bureau.cli(&["notice", "export", &id, "--out", "notice.docx"]);
    let refused = run(dir, &["notice", "export", &id, "--out", "notice.pdf", "--catalog", &bureau.url()]);
    assert_eq!(refused.status, 2, "{}", refused.stderr);
    for lang in ["zh", "en"] {
        let score = bureau.cli(&["score", "--month", "2024-06", "--lang", lang]).stdout;
        assert!(score.contains("静城管督") && score.contains("第一中队"), "{score}");
        let round = bureau.cli(&["review", "list", "--round", "2024-03/jingan-2024", "--lang", lang]).stdout;
        assert!(round.contains("SL2024-02"), "{round}");
        let kappa =
            bureau.cli(&["review", "agreement", "--round", "2024-03/jingan-2024", "--lang", lang]).stdout;
        assert!(kappa.contains(if lang == "zh" { "κ" } else { "kappa" }), "{kappa}");
    }

    if !has_libreoffice() {
        return;
    }
    let notice = converted(dir, "notice.docx", "txt:Text (encoded):UTF8", "notice.txt");
    for part in [
        "上海市静安区城市管理行政执法局",
        &number,
        "回  执",
        "请于2024年3月",
        "中队：",
        "发现你单位存在下列情况",
    ] {
        assert!(notice.contains(part), "{part} lacks in\n{notice}");
    }
    let paper = converted(dir, "return.docx", "txt:Text (encoded):UTF8", "return.txt");
    for part in [
        sentence.as_str(),
        "静安区城管执法局每月行政执法监督情况",
        "本月共开具《督察告知单》",
        "2024-03-24前报送",
    ] {
        assert!(paper.contains(part), "{part} lacks in\n{paper}");
    }
    // 44 is the comma, 76 UTF-8; the last field asks for the first sheet.
    let sheet = converted(
        dir,
        "return.xlsx",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1",
        "return-汇总.csv",
    );
    assert!(sheet.contains(&sentence), "{sheet}");
}

fn has_libreoffice() -> bool {
    let there = Command::new("soffice").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: LibreOffice is not installed (libreoffice-writer-nogui, libreoffice-calc-nogui)");
    }
    there
}

/// A document as LibreOffice reads it.
fn converted(dir: &Path, file: &str, filter: &str, written: &str) -> String {
    let output = Command::new("soffice")
        .current_dir(dir)
        .arg(format!("-env:UserInstallation=file://{}", dir.join("office").display()))
        .args(["--headless", "--convert-to", filter, "--outdir", "converted", file])
        .output()
        .unwrap();
    let path = dir.join("converted").join(written);
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        let there: Vec<_> = std::fs::read_dir(dir.join("converted"))
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.file_name())
            .collect();
        panic!("{}: {error}; there is {there:?}\n{}", path.display(), String::from_utf8_lossy(&output.stderr))
    })
}
