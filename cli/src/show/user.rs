//! Accounts as text.

use catalog::account::User;

use super::tr;
use crate::args::Language;

/// All accounts, one a line.
pub(crate) fn list(lang: Language, users: &[User]) -> String {
    if users.is_empty() {
        let none = tr(
            lang,
            "尚无账户：启动 reelproof serve 后按其给出的链接创建首位系统管理员，或执行 reelproof user add。\n",
            "There is no account: start `reelproof serve` and open the link it prints, or use `reelproof user add`.\n",
        );
        return none.to_owned();
    }
    users.iter().map(|user| format!("{}\n", line(lang, user))).collect()
}

fn line(lang: Language, user: &User) -> String {
    let role = tr(lang, user.role.zh(), user.role.as_str());
    let unit = match &user.unit {
        Some(unit) => format!("{} {unit}", tr(lang, "单位", "unit")),
        None => tr(lang, "全部单位", "all units").to_owned(),
    };
    let badge = user.badge.as_ref().map(|badge| format!("  {} {badge}", tr(lang, "警号", "badge")));
    let closed = user.disabled_at.map(|at| format!("  {} {at}", tr(lang, "已停用", "closed")));
    format!(
        "{}  {}  {role}  {unit}{}{}",
        user.login,
        user.name,
        badge.unwrap_or_default(),
        closed.unwrap_or_default()
    )
}

/// An account with a password that is shown this once.
pub(crate) fn with_password(lang: Language, user: &User, password: &str) -> String {
    let words = tr(
        lang,
        "密码（仅显示这一次，请登录后修改）：",
        "Password (shown this once; change it after signing in):",
    );
    format!("{}\n{words} {password}\n", line(lang, user))
}
