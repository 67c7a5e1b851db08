use super::*;

#[test]
fn a_login_is_plain_and_lower_case() {
    for good in ["li", "wang.wei", "310001", "squad-3_east"] {
        assert_eq!(login_of(good).unwrap(), good);
    }
    assert_eq!(login_of(" Wang.Wei ").unwrap(), "wang.wei");
    for bad in ["", "x", ".li", "王某", "li wei", "l\ni", "(command line)", &"a".repeat(65)] {
        assert!(matches!(login_of(bad), Err(AccountError::BadLogin(_))), "{bad}");
    }
}

#[test]
fn a_squad_sees_a_unit_and_an_administrator_sees_all() {
    let unit = || Some("S1".to_owned());
    assert!(matches!(unit_of(Role::Squad, Some(" ".to_owned())), Err(AccountError::SquadWithoutUnit)));
    assert!(matches!(unit_of(Role::Auditor, unit()), Err(AccountError::UnitOfWhole)));
    assert_eq!(unit_of(Role::Squad, unit()).unwrap(), unit());
    assert_eq!(unit_of(Role::CaseReview, None).unwrap(), None);
}

#[test]
fn a_secret_is_read_back_and_never_shown_by_debug() {
    let secret = Secret::new().unwrap();
    assert_eq!(Secret::read(secret.reveal()), Some(secret.clone()));
    assert_ne!(Secret::new().unwrap(), secret);
    assert!(!format!("{secret:?}").contains(secret.reveal()));
    for bad in ["", "ABCDEF", &"g".repeat(64), &"0".repeat(63)] {
        assert_eq!(Secret::read(bad), None, "{bad}");
    }
}
