//! `reelproof demo`: the whole way, on a month made on the spot.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use analyzer::audit::Audit;
use analyzer::coverage::Coverage;
use analyzer::policy::Population;
use analyzer::report::document::ReturnDocument;
use anyhow::Context as _;
use api::accounts::password::Hasher;
use api::accounts::secret::random_password;
use api::accounts::{self, By, Wish};
use api::operations::{Drawn, FreezeOrder};
use catalog::account::Role;
use catalog::clock::ShiftedClock;
use catalog::store::{Catalog, OpenMode};
use catalog::unit::UnitKind;
use demo::WrongFolder;
use ingest::run::RunOptions;
use ingest::summary::Summary;
use serde::Serialize;

use crate::args::{DemoArgs, Language};
use crate::commands::{import, ingest as ingesting, serve};
use crate::context::Context;
use crate::failure::Failure;
use crate::show;
use crate::stderr::tell;

/// The seed that two dice and a date might have given.
const SEED: &str = "20240603-4-2";

/// The policy whose goal the drones are measured by.
const DRONE_POLICY: &str = "pudong-2023";

/// What the demo made and found.
#[derive(Serialize)]
struct Document {
    dir: PathBuf,
    catalog: String,
    truth: PathBuf,
    first_ingest: Summary,
    second_ingest: Summary,
    /// Two days' footage, decoded and looked at.
    inspected: Summary,
    audit: Audit,
    report: ReturnDocument,
    coverage: Coverage,
}

pub(crate) async fn run(mut context: Context, args: DemoArgs) -> Result<ExitCode, Failure> {
    let listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), args.port);
    if !args.no_serve {
        // Mostly another demo that serves this very folder: nothing of it is touched.
        TcpListener::bind(listen).with_context(|| {
            format!("{listen} cannot be served; stop what does so, or give another --port")
        })?;
    }
    let dir = args.dir.clone();
    let (told, month) =
        (context.quiet, {
            let quiet = context.quiet;
            let make = move || {
                demo::make(&dir, &|step| {
                    if !quiet {
                        tell(step);
                    }
                })
            };
            let made = tokio::task::spawn_blocking(make).await.context("making the month")?;
            made.map_err(|error| {
                if error.is::<WrongFolder>() { Failure::Input(error) } else { Failure::Ours(error) }
            })?
        });
    // The month is looked at as of its own time: what devices still held then is long overwritten now.
    context.clock = Arc::new(ShiftedClock::set_to(demo::as_of()));
    let database = absolute(&args.dir.join("reelproof.db"))?;
    if let Some(kept) = start_afresh(&database)? {
        let is_at = context.tr("原有的演示目录库已移至", "the earlier catalog is now");
        context.say(&format!("{is_at} {}", kept.display()));
    }
    context.catalog_url = format!("sqlite://{}", database.display());
    let catalog = context.catalog(OpenMode::Create).await?;

    for (kind, file) in month.tables() {
        let outcome = import::take_in_file(catalog.as_ref(), &context, kind, &file).await?;
        context.say(import::text(context.lang, &outcome).trim_end());
    }
    let url = month.evidence_dir.display().to_string();
    let options = ingesting::run_options(&context, None, false)?;
    let stop = ingesting::stop_on_signal(&context);
    let reader = ingesting::reader(&context, options.parallel)?;
    let take_in = async || ingesting::take_in(&context, &catalog, &reader, &options, &stop, &url).await;
    let first_ingest = take_in().await?;
    let drones = month.drones_dir.display().to_string();
    ingesting::take_in(&context, &catalog, &reader, &options, &stop, &drones).await?;
    context.say(context.tr(
        "改动几个已入库的文件，再次入库，以检验能否发现：",
        "changing some stored files, then taking them in again, to see that it is found:",
    ));
    month.alter()?;
    let second_ingest = take_in().await?;
    context.say(context.tr(
        "检查其中两天录像的画面和声音（其余各天未作此项检查）：",
        "looking at what the footage of two days shows and sounds like (that of the other days is not decoded):",
    ));
    let policy = context.policy(None)?;
    let looking = RunOptions { inspect: Some(policy.inspect.options()), ..options.clone() };
    let mut inspected = Summary::default();
    for folder in month.looked_at() {
        let folder = folder.display().to_string();
        inspected.add(ingesting::take_in(&context, &catalog, &reader, &looking, &stop, &folder).await?);
    }
    if first_ingest.stopped || second_ingest.stopped || inspected.stopped {
        return Err(Failure::Ours(anyhow::anyhow!("stopped on request")));
    }

    let (round_month, now) = (month.month.next(), context.clock.now());
    let kind = Population::Recordings;
    let seed_source = policy.seed_source(kind);
    let order = FreezeOrder { month: round_month, kind, seed_source, even_if_empty: true };
    let round = api::operations::freeze_round(catalog.as_ref(), &policy, order, now).await?;
    let Drawn { frozen, draw, .. } =
        api::operations::draw_round(catalog.as_ref(), &round.frozen.round, SEED, None, now).await?;
    let now = context.clock.now();
    let report =
        api::casework::filing::return_document(catalog.as_ref(), Arc::clone(&policy), round_month, now)
            .await?;
    let audit = api::operations::audit(catalog.as_ref(), policy, month.month, now).await?;
    let drones = context.policy(Some(DRONE_POLICY))?;
    let (coverage, _) = api::operations::coverage(catalog.as_ref(), drones, month.month, now).await?;
    let document = Document {
        dir: absolute(&args.dir)?,
        catalog: context.catalog_url.clone(),
        truth: month.truth_path.clone(),
        first_ingest,
        second_ingest,
        inspected,
        audit,
        report,
        coverage,
    };
    context.print(&document, || {
        let lang = context.lang;
        [
            show::audit::text(lang, &document.audit, false),
            looked_at(lang, document.inspected.inspected, document.second_ingest.objects),
            show::sample::drawn(lang, &frozen, &draw),
            show::report::text(lang, &document.report),
            show::coverage::text(lang, &document.coverage, false),
        ]
        .join("\n")
    })?;
    if !told {
        let (month, as_of) = (month.month, document.audit.as_of);
        let (catalog, truth) = (&context.catalog_url, document.truth.display());
        context.say(&format!(
            "\n{} reelproof audit --month {month} --as-of {as_of} --catalog {catalog}\n\
             {0} reelproof reconcile --month {month} --as-of {as_of} --catalog {catalog}\n{} {truth}",
            context.tr("可继续试用：", "go on with:"),
            context.tr("预设问题清单：", "what was planted:"),
        ));
    }
    if args.no_serve {
        return Ok(ExitCode::SUCCESS);
    }
    demo_users(&context, catalog.as_ref()).await?;
    serve::serve(&context, catalog, serve::Order::plain(listen)).await
}

/// Accounts to look around with, one a role, with passwords made up on the spot. They exist in the demo's catalog
/// alone: `serve` makes none by itself.
async fn demo_users(context: &Context, catalog: &dyn Catalog) -> Result<(), Failure> {
    let (units, officers) = (catalog.units().await?, catalog.officers().await?);
    let kind_of = |code: &str| units.iter().find(|unit| unit.code == code).map(|unit| unit.kind);
    let of_kind = |kind| officers.iter().filter(move |officer| kind_of(&officer.unit) == Some(kind));
    let mut reviewers = of_kind(UnitKind::Office).map(|officer| officer.badge.clone());
    let squad = of_kind(UnitKind::Squad).next();
    let squads = (squad.map(|officer| officer.unit.clone()), squad.map(|officer| officer.badge.clone()));
    let wishes = [
        ("admin", "演示管理员", Role::Administrator, None, None),
        ("jiandu", "演示执法监督", Role::Supervisor, None, reviewers.next()),
        ("shenli", "演示案件审理", Role::CaseReview, None, reviewers.next()),
        ("zhongdui", "演示中队", Role::Squad, squads.0, squads.1),
        ("shenji", "演示审计", Role::Auditor, None, None),
    ];
    let (hasher, by, now) = (Hasher::default(), By::command_line(), context.clock.now());
    tell(context.tr(
        "\n演示账户（密码为本次随机生成，仅用于演示目录库）：",
        "\nDemo accounts (passwords made up for this run, in the demo's catalog alone):",
    ));
    for (login, name, role, unit, badge) in wishes {
        let password = random_password().map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let wish = Wish { login: login.to_owned(), name: name.to_owned(), role, unit, badge };
        accounts::add(catalog, &hasher, wish, &password, false, &by, now).await?;
        let role = context.tr(role.zh(), role.as_str());
        tell(format!("  {login:<9} {password}  {role}"));
    }
    Ok(())
}

/// Of how much of the footage it is known what it shows.
fn looked_at(lang: Language, inspected: u64, objects: u64) -> String {
    match lang {
        Language::Zh => format!(
            "画面、声音和同源画面检查：共 {objects} 个文件，解码检查 {inspected} 个；其余文件是否黑屏、静止、静音或经转码重复使用，未作判断。\n"
        ),
        Language::En => format!(
            "{inspected} of {objects} files were decoded and looked at; whether the others are black, frozen, silent or encoded anew from others is not known.\n"
        ),
    }
}

/// The demo's catalog is made anew each time, so that the same faults are found each time. The earlier one, in which
/// somebody may have worked, is kept beside it with its log's key, until there is one more: where, if there was one.
fn start_afresh(database: &Path) -> Result<Option<PathBuf>, Failure> {
    if !database.exists() {
        return Ok(None);
    }
    let earlier = database.with_file_name("earlier");
    let kept = earlier.join(database.file_name().unwrap_or_default());
    std::fs::create_dir_all(&earlier).with_context(|| format!("{} cannot be made", earlier.display()))?;
    for ending in ["", "-wal", "-shm", ".log-key", ".log-key.last"] {
        let [from, to] = [database, &kept].map(|file| PathBuf::from(format!("{}{ending}", file.display())));
        let moved = match std::fs::rename(&from, &to) {
            // What the one before had of it does not belong to this one.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match std::fs::remove_file(&to) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
            other => other,
        };
        moved.with_context(|| {
            format!("the earlier catalog {} cannot be kept as {}", from.display(), to.display())
        })?;
    }
    Ok(Some(kept))
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    Ok(std::path::absolute(path)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalog_of_an_earlier_demo_is_kept_with_its_key_until_there_is_one_more() {
        let dir = tempfile::tempdir().unwrap();
        let database = dir.path().join("reelproof.db");
        assert_eq!(start_afresh(&database).unwrap(), None);
        let kept = dir.path().join("earlier/reelproof.db");
        for (number, endings) in [("1", &["", "-wal", ".log-key"][..]), ("2", &["", ".log-key"])] {
            for ending in endings {
                std::fs::write(format!("{}{ending}", database.display()), number).unwrap();
            }
            assert_eq!(start_afresh(&database).unwrap().as_ref(), Some(&kept));
            assert!(!database.exists());
            for ending in ["", "-wal", ".log-key"] {
                let text = std::fs::read_to_string(format!("{}{ending}", kept.display())).ok();
                assert_eq!(text.as_deref(), endings.contains(&ending).then_some(number), "{ending}");
            }
        }
    }
}
