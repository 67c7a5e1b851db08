//! Who may do what: the one table of rights.
//!
//! Every address names a [`Right`] where it is registered ([`super::endpoints`]); without one it cannot be. The
//! gate ([`super::gate`]) asks here before a handler runs. Which *things* a person sees is a second question, that of
//! [`Sight`]: a handler that answers for part of the units gets it and narrows its answer; what only makes sense as a
//! whole asks for a right that is not given to those who see a part.

use catalog::account::{Role, TokenScope, User};
use catalog::store::Revision;

use crate::sight::Sight;

/// What somebody needs to be let through to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Right {
    /// Nothing at all.
    Anyone,
    /// To be signed in, by session: one's own password and tokens.
    Oneself,
    /// To see what belongs to one's units.
    See,
    /// To see what is of all units together: returns, exports, the schedule.
    SeeWhole,
    /// To record why something was not recorded.
    Excuse,
    /// To judge what was drawn, on a seat of one's own.
    Judge,
    /// To decide between reviewers who disagree, and on appeals.
    Decide,
    /// To explain or appeal for one's unit, and to answer its notices.
    Answer,
    /// To freeze and draw rounds, act on them, and say who reviews.
    Draw,
    /// To record a visit.
    Visit,
    /// To draft and escalate notices, which is about all units.
    DraftNotices,
    /// To issue, close and withdraw a notice.
    Notify,
    /// To keep returns and say that they were sent.
    File,
    /// To take in tables of what should exist, and to have an object read again.
    TakeIn,
    /// To keep accounts.
    KeepAccounts,
    /// To read the access trail, and the figures of the service.
    ReadTrail,
}

impl Right {
    /// Every right that needs somebody to be signed in.
    #[cfg(test)]
    pub(super) const SIGNED_IN: [Self; 15] = [
        Self::Oneself,
        Self::See,
        Self::SeeWhole,
        Self::Excuse,
        Self::Judge,
        Self::Decide,
        Self::Answer,
        Self::Draw,
        Self::Visit,
        Self::DraftNotices,
        Self::Notify,
        Self::File,
        Self::TakeIn,
        Self::KeepAccounts,
        Self::ReadTrail,
    ];

    /// Whether a role has it.
    pub(super) const fn of(self, role: Role) -> bool {
        use Role::{Administrator, Auditor, CaseReview, DutyOffice, Squad, Supervisor};
        match self {
            Self::Anyone | Self::Oneself | Self::See => true,
            Self::SeeWhole => !matches!(role, Squad),
            Self::Excuse | Self::Draw | Self::File => matches!(role, Supervisor | CaseReview),
            Self::Judge | Self::Visit => matches!(role, Supervisor | CaseReview | DutyOffice),
            Self::Decide | Self::DraftNotices | Self::Notify => matches!(role, Supervisor),
            Self::TakeIn => matches!(role, Administrator | CaseReview | DutyOffice),
            Self::Answer => matches!(role, Squad | Supervisor | CaseReview | DutyOffice),
            Self::KeepAccounts => matches!(role, Administrator),
            Self::ReadTrail => matches!(role, Administrator | Auditor),
        }
    }

    /// Whether somebody who sees only part of the units is refused, whatever the role.
    const fn needs_all_units(self) -> bool {
        matches!(
            self,
            Self::SeeWhole
                | Self::Draw
                | Self::DraftNotices
                | Self::File
                | Self::TakeIn
                | Self::KeepAccounts
                | Self::ReadTrail
        )
    }

    /// Whether what is done under it is written down by the gate; accounts, passwords and tokens write their own lines,
    /// in the transaction that changes them.
    pub(super) const fn is_casework(self) -> bool {
        !matches!(self, Self::Anyone | Self::Oneself | Self::KeepAccounts)
    }

    /// Whether an API token does not do, because it could make itself more than it is.
    const fn needs_session(self) -> bool {
        matches!(self, Self::Oneself | Self::KeepAccounts)
    }
}

/// Why somebody is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The role does not have the right.
    Role,
    /// The person sees part of the units.
    Part,
    /// The token may not.
    Token,
}

/// Who asks, and how far they see.
#[derive(Debug, Clone)]
pub(super) struct Viewer {
    /// The account.
    pub(super) user: User,
    /// Whose things they see.
    pub(super) sight: Sight,
    /// What the token may do; `None` where it is a session.
    pub(super) token: Option<TokenScope>,
    /// Number of the request, for the trail.
    pub(super) request: String,
    /// What the trail says of the signed link that they came by, and from where; `None` of a session or token.
    pub(super) link: Option<String>,
    /// What was written to the catalog when they were let in. What reads is answered by it; whoever has written something
    /// asks anew.
    pub(super) revision: Revision,
}

impl Viewer {
    /// Whether the viewer may do something that needs `right`, and changes something or not.
    pub(super) fn may(&self, right: Right, writes: bool) -> Result<(), Refused> {
        if !right.of(self.user.role) {
            return Err(Refused::Role);
        }
        if right.needs_all_units() && self.sight != Sight::All {
            return Err(Refused::Part);
        }
        match self.token {
            Some(_) if right.needs_session() => Err(Refused::Token),
            Some(TokenScope::Read) if writes => Err(Refused::Token),
            _ => Ok(()),
        }
    }

    /// Who does it, for the trail.
    pub(super) fn by(&self) -> crate::accounts::By {
        crate::accounts::By {
            user: Some(self.user.id),
            login: self.user.login.clone(),
            request: Some(self.request.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use catalog::WallTime;
    use catalog::account::UserId;

    use super::*;

    fn viewer(role: Role, token: Option<TokenScope>, sight: Sight) -> Viewer {
        let user = User {
            id: UserId(1),
            login: "li".into(),
            name: "李".into(),
            role,
            unit: sight.top().map(str::to_owned),
            badge: None,
            created_at: WallTime(0),
            disabled_at: None,
        };
        let revision = Revision { number: 0, evidence: 0, latest: None };
        Viewer { user, sight, token, request: "1-1".into(), link: None, revision }
    }

    #[test]
    fn an_auditor_has_no_right_that_writes() {
        for right in Right::SIGNED_IN {
            let writes = !matches!(right, Right::Oneself | Right::See | Right::SeeWhole | Right::ReadTrail);
            assert!(!(writes && right.of(Role::Auditor)), "{right:?}");
        }
    }

    #[test]
    fn who_sees_a_part_is_not_shown_the_whole() {
        let part = || Sight::of(Some("S1"), &[]);
        let reviewer = viewer(Role::CaseReview, None, part());
        assert_eq!(reviewer.may(Right::SeeWhole, false), Err(Refused::Part));
        assert_eq!(reviewer.may(Right::See, false), Ok(()));
        assert_eq!(viewer(Role::Squad, None, part()).may(Right::SeeWhole, false), Err(Refused::Role));
    }

    #[test]
    fn a_token_is_never_more_than_it_was_made_for() {
        let reader = viewer(Role::Supervisor, Some(TokenScope::Read), Sight::All);
        assert_eq!(reader.may(Right::Excuse, true), Err(Refused::Token));
        assert_eq!(reader.may(Right::See, false), Ok(()));
        let writer = viewer(Role::Administrator, Some(TokenScope::Write), Sight::All);
        assert_eq!(writer.may(Right::KeepAccounts, true), Err(Refused::Token));
        assert_eq!(writer.may(Right::Oneself, true), Err(Refused::Token));
        let writer = viewer(Role::Supervisor, Some(TokenScope::Write), Sight::All);
        assert_eq!(writer.may(Right::Excuse, true), Ok(()));
    }
}
