//! Enumerations whose variants have a stable written code: in JSON, in the catalog, in policies and in
//! import files. One macro, so that all of them read, write and complain alike.

/// A text that is none of the codes of an enumeration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is no {what}: expected {expected}")]
pub struct UnknownCode {
    /// What the enumeration stands for.
    pub what: &'static str,
    /// What was read.
    pub found: String,
    /// The codes there are.
    pub expected: String,
}

/// Defines an enumeration of codes: `Variant = "code" / "中文",`, or `Variant = "code" / "中文" / "English",`
/// where the code is not what a sentence would say.
#[macro_export]
macro_rules! coded {
    (
        $(#[$meta:meta])*
        pub enum $name:ident($what:literal) {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal / $zh:literal / $en:literal,)+
        }
    ) => {
        $crate::coded! {
            $(#[$meta])*
            pub enum $name($what) {
                $($(#[$variant_meta])* $variant = $code / $zh,)+
            }
        }

        impl $name {
            /// The English words for it, as a sentence has them.
            pub const fn en(self) -> &'static str {
                match self { $(Self::$variant => $en),+ }
            }
        }
    };
    (
        $(#[$meta:meta])*
        pub enum $name:ident($what:literal) {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal / $zh:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code, as in JSON, import files and the catalog.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The Chinese word for it.
            pub const fn zh(self) -> &'static str {
                match self { $(Self::$variant => $zh),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::code::UnknownCode;

            /// Reads the code, or the Chinese word.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($code | $zh => Ok(Self::$variant),)+
                    _ => Err($crate::code::UnknownCode {
                        what: $what,
                        found: text.to_owned(),
                        expected: [$($code),+].join(", "),
                    }),
                }
            }
        }
    };
}

pub(crate) use coded;
