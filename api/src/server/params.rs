//! The query parameters of one request, each taken by name and read with an explanation of what is
//! expected. A name that the address does not know is refused: a filter that was misspelt must not
//! look as if it had found everything.

use axum::extract::Query;
use axum::http::Uri;
use catalog::{Month, WallTime};

use super::App;
use super::problem::Problem;
use super::rights::Viewer;

/// What a value should be, in both languages.
type Expected = (&'static str, &'static str);

const A_MONTH: Expected = ("a month written 2024-05", "月份，写作 2024-05");
const A_TIME: Expected = (
    "a time written 2024-06-03T09:00:00+08:00, or without offset for Shanghai",
    "时间，写作 2024-06-03T09:00:00+08:00，不写时区则为北京时间",
);
const A_NUMBER: Expected = ("a number from 0 on", "不小于 0 的整数");
const YES_OR_NO: Expected = ("true or false", "true 或 false");

/// The parameters of one request.
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query; every name in it must be one of `known`, and there only once.
    pub(super) fn of(uri: &Uri, known: &[&str]) -> Result<Self, Problem> {
        let Query(mut pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)?;
        for (position, (name, _)) in pairs.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                let there_are = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let there_are_zh = if known.is_empty() {
                    "不接受参数".to_owned()
                } else {
                    format!("可用参数：{}", known.join("、"))
                };
                return Err(Problem::parameter(
                    name,
                    format!("`{name}` is no parameter of this address; there are: {there_are}."),
                    format!("该地址没有参数“{name}”；{there_are_zh}。"),
                ));
            }
            if pairs[..position].iter().any(|(earlier, _)| earlier == name) {
                return Err(Problem::parameter(
                    name,
                    format!("`{name}` is given twice; give it once."),
                    format!("参数“{name}”重复，请只写一次。"),
                ));
            }
        }
        // An empty field of a form is a field that was not filled in.
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Self(pairs))
    }

    /// The text of a parameter; `None` if it is not given.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn read<T>(
        &self,
        name: &str,
        expected: (&str, &str),
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some(value) = self.text(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| {
            let (expected, expected_zh) = expected;
            Problem::parameter(
                name,
                format!("`{name}` is `{value}`; expected {expected}."),
                format!("参数“{name}”的值“{value}”不符合要求，应为{expected_zh}。"),
            )
        })
    }

    /// A month.
    pub(super) fn month(&self, name: &str) -> Result<Option<Month>, Problem> {
        self.read(name, A_MONTH, |text| text.parse().ok())
    }

    /// The month that was asked for, or else the latest in which stages begin; `None` if there are none.
    pub(super) async fn month_or_latest(&self, app: &App, viewer: &Viewer) -> Result<Option<Month>, Problem> {
        match self.month("month")? {
            Some(month) => Ok(Some(month)),
            None => Ok(app.known.latest_month(app.catalog(), viewer.revision).await?),
        }
    }

    /// A moment.
    pub(super) fn time(&self, name: &str) -> Result<Option<WallTime>, Problem> {
        self.read(name, A_TIME, |text| WallTime::parse(text).ok())
    }

    /// A number from 0 on.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Problem> {
        self.read(name, A_NUMBER, |text| text.parse().ok().filter(|number| *number >= 0))
    }

    /// Yes or no.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        self.read(name, YES_OR_NO, |text| text.parse().ok())
    }

    /// One of the codes of an enumeration.
    pub(super) fn code<T: std::str::FromStr>(
        &self,
        name: &str,
        codes: impl Iterator<Item = &'static str>,
    ) -> Result<Option<T>, Problem> {
        let codes: Vec<_> = codes.collect();
        let expected = (format!("one of {}", codes.join(", ")), format!("以下之一：{}", codes.join("、")));
        self.read(name, (&expected.0, &expected.1), |text| text.parse().ok())
    }

    /// One of these values, by its code.
    pub(super) fn one_of<T: Copy>(&self, name: &str, values: &[(&str, T)]) -> Result<Option<T>, Problem> {
        let codes: Vec<_> = values.iter().map(|(code, _)| *code).collect();
        let expected = (format!("one of {}", codes.join(", ")), format!("以下之一：{}", codes.join("、")));
        self.read(name, (&expected.0, &expected.1), |text| {
            values.iter().find(|(code, _)| *code == text).map(|(_, value)| *value)
        })
    }

    /// How many entries a page may have: 1 to `most`, `usual` if nobody says.
    pub(super) fn limit(&self, usual: u32, most: u32) -> Result<u32, Problem> {
        let expected = (format!("a number from 1 to {most}"), format!("1 至 {most} 之间的数"));
        let limit = self.read("limit", (&expected.0, &expected.1), |text| {
            text.parse().ok().filter(|limit| (1..=most).contains(limit))
        })?;
        Ok(limit.unwrap_or(usual))
    }
}
