//! Shows how a run gets on: a bar on a terminal, plain lines elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ingest::run::{Outcome, Progress};

use crate::args::Language;
use crate::context::Context;
use crate::stderr::tell;

/// Without a terminal, a line is written each time another tenth of the objects is done.
const LINES: u64 = 10;

/// Shows a run.
pub(crate) struct Shown {
    how: How,
    lang: Language,
    words: Words,
}

enum How {
    Nothing,
    Bar(ProgressBar),
    Lines(Mutex<Counted>),
}

#[derive(Default)]
struct Counted {
    objects: u64,
    done: u64,
}

struct Words {
    to_read: &'static str,
    done: &'static str,
    quarantined: &'static str,
    failed: &'static str,
    not_listed: &'static str,
    looking: &'static str,
    checking: &'static str,
    to_look_at: &'static str,
}

impl Shown {
    /// As the person, the terminal and the flags want it.
    pub(crate) fn new(context: &Context) -> Self {
        let how = if context.quiet {
            How::Nothing
        } else if std::io::stderr().is_terminal() {
            How::Bar(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()))
        } else {
            How::Lines(Mutex::default())
        };
        let words = Words {
            to_read: context.tr("待读取", "to read"),
            done: context.tr("已完成", "done"),
            quarantined: context.tr("隔离", "quarantined"),
            failed: context.tr("读取失败", "failed"),
            not_listed: context.tr("无法列出", "not listed"),
            checking: context.tr("重新核验", "checking again"),
            looking: context.tr("检查画面声音", "inspecting"),
            to_look_at: context.tr("个录像待检查画面声音", "recordings to inspect"),
        };
        Self { how, lang: context.lang, words }
    }

    /// Shows what will be handed out; who does it shows the rest.
    pub(crate) fn show_plan(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Planned { store, plan } if matches!(self.how, How::Lines(_)) => {
                let (objects, megabytes) = (plan.read.len(), plan.size_bytes() as f64 / 1e6);
                self.line(&format!("{store}: {objects} {}, {megabytes:.1} MB", self.words.to_read));
            }
            Progress::NotListed(error) => self.line(&format!("{}: {error}", self.words.not_listed)),
            _ => {}
        }
    }

    /// Shows one step.
    pub(crate) fn show(&self, progress: &Progress<'_>) {
        match progress {
            Progress::Planned { store, plan } => self.begin(store, plan.read.len() as u64, plan.size_bytes()),
            Progress::Bytes(count) => {
                if let How::Bar(bar) = &self.how {
                    bar.inc(*count);
                }
            }
            Progress::Finished { object_key, outcome } => {
                match outcome {
                    Outcome::Quarantined(problem) => {
                        let why = match self.lang {
                            Language::Zh => problem.code.sentence_zh(),
                            Language::En => &problem.detail,
                        };
                        self.line(&format!("{}: {object_key}: {why}", self.words.quarantined));
                    }
                    Outcome::Failed(error) => self.line(&format!("{}: {error}", self.words.failed)),
                    Outcome::Recorded(_) | Outcome::Looked | Outcome::Vanished => {}
                }
                self.count();
            }
            Progress::Checking { objects, size_bytes } => {
                self.begin(self.words.checking, *objects, *size_bytes);
            }
            Progress::Looking { objects } => self.begin_looking(*objects),
            Progress::NotListed(error) => self.line(&format!("{}: {error}", self.words.not_listed)),
        }
    }

    fn begin(&self, store: &str, objects: u64, size_bytes: u64) {
        match &self.how {
            How::Nothing => {}
            How::Bar(bar) => {
                bar.set_length(size_bytes);
                let template = "{prefix} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} ETA {eta}";
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style.progress_chars("=> "));
                }
                bar.set_prefix(format!("0/{objects}"));
                bar.enable_steady_tick(Duration::from_millis(200));
            }
            How::Lines(_) => {
                tell(format!("{store}: {objects} {}, {:.1} MB", self.words.to_read, size_bytes as f64 / 1e6));
            }
        }
        self.counted(|counted| counted.objects = objects);
    }

    fn begin_looking(&self, objects: u64) {
        match &self.how {
            How::Nothing => {}
            How::Bar(bar) => {
                bar.set_length(objects);
                bar.set_position(0);
                if let Ok(style) = ProgressStyle::with_template("{msg} {prefix} {elapsed}") {
                    bar.set_style(style);
                }
                bar.set_message(self.words.looking);
                bar.set_prefix(format!("0/{objects}"));
            }
            How::Lines(_) => tell(format!("{objects} {}", self.words.to_look_at)),
        }
        self.counted(|counted| *counted = Counted { objects, done: 0 });
    }

    fn count(&self) {
        if let How::Bar(bar) = &self.how {
            let prefix = bar.prefix();
            if let Some((done, all)) = prefix.split_once('/')
                && let Ok(done) = done.parse::<u64>()
            {
                bar.set_prefix(format!("{}/{all}", done + 1));
            }
        }
        self.counted(|counted| {
            counted.done += 1;
            let step = counted.objects.div_ceil(LINES).max(1);
            if counted.done % step == 0 || counted.done == counted.objects {
                tell(format!("{}/{} {}", counted.done, counted.objects, self.words.done));
            }
        });
    }

    fn counted(&self, change: impl FnOnce(&mut Counted)) {
        if let How::Lines(counted) = &self.how
            && let Ok(mut counted) = counted.lock()
        {
            change(&mut counted);
        }
    }

    fn line(&self, text: &str) {
        match &self.how {
            How::Nothing => {}
            How::Bar(bar) => bar.println(text),
            How::Lines(_) => tell(text),
        }
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        if let How::Bar(bar) = &self.how {
            bar.finish_and_clear();
        }
    }
}
