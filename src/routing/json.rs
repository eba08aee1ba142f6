//! JSON files as their formats mean them: objects by the names of their fields, days as 2022-03-07, every key once.
//!
//! The readers that serde derives also take an array for an object, field by field; [`ByName`] stands between them and the
//! file and asks for objects. What is wrong is told with the path of the field.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use chrono::NaiveDate;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};

use super::problem::{ProblemError, ProblemFault};

/// Reads a file, with or without a byte order mark.
///
/// # Errors
/// [`ProblemFault::Json`] with the path of the field.
pub(super) fn read<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, ProblemError> {
    let body = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let read = serde_path_to_error::deserialize(ByName(&mut deserializer));
    let file = read.map_err(|e| {
        let path = e.path().to_string();
        ProblemError { path, what: ProblemFault::Json(e.into_inner().to_string()) }
    })?;
    deserializer
        .end()
        .map_err(|e| ProblemError { path: ".".to_owned(), what: ProblemFault::Json(e.to_string()) })?;
    Ok(file)
}

/// A deserializer that takes nothing but an object for a struct, and whatever it reads from, all the way down.
struct ByName<T>(T);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ByName<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_any(ByName(visitor))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(ByName(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(ByName(visitor))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, ByName(visitor))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

/// Passes a value of a simple kind on.
macro_rules! pass_on {
    ($($method:ident: $kind:ty),*) => {
        $(fn $method<E: Error>(self, value: $kind) -> Result<V::Value, E> {
            self.0.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ByName<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    pass_on! {
        visit_bool: bool, visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128, visit_f64: f64,
        visit_str: &str, visit_borrowed_str: &'de str, visit_string: String
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, some: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(ByName(some))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, within: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(ByName(within))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(ByName(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(ByName(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(data)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for ByName<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(ByName(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(ByName(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ByName<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(ByName(seed))
    }
}

/// A day as 2022-03-07 and in no other form.
#[derive(Debug, Clone, Copy)]
struct Day(NaiveDate);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        // The parser lets pass what is written otherwise.
        let exact = day.filter(|day| day.to_string() == text);
        exact.map(Self).ok_or_else(|| D::Error::custom(format!("\"{text}\" is no day such as 2022-03-07")))
    }
}

/// A day.
pub(super) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    Day::deserialize(deserializer).map(|day| day.0)
}

/// A day or none.
pub(super) fn day_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveDate>, D::Error> {
    Option::<Day>::deserialize(deserializer).map(|day| day.map(|day| day.0))
}

/// A list of days.
pub(super) fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<NaiveDate>, D::Error> {
    Vec::<Day>::deserialize(deserializer).map(|days| days.into_iter().map(|day| day.0).collect())
}

/// A map in which no key stands twice.
pub(super) fn distinct<'de, D, T>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Distinct<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Distinct<T> {
        type Value = BTreeMap<String, T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut out = BTreeMap::new();
            while let Some((key, value)) = map.next_entry::<String, T>()? {
                if out.contains_key(&key) {
                    return Err(A::Error::custom(format!("\"{key}\" occurs twice")));
                }
                out.insert(key, value);
            }
            Ok(out)
        }
    }

    deserializer.deserialize_map(Distinct(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::certificate::Tree;

    #[test]
    fn a_tree_is_read_by_name_and_every_key_once() {
        let leaf =
            r#"{"duals":{"a":1,"b":2},"cuts":[{"visits":["a","b","c"],"dual":3}],"routes":{"lo":1,"hi":0}}"#;
        let branch = |on: &str, one: &str, other: &str| format!(r#"{{"on":{on},"{one}":{leaf},"{other}":{{}}}}"#);
        let fits = |text: &str| read::<Tree>(text.as_bytes()).is_ok();
        for text in [
            leaf,
            "{}",
            &branch(r#"{"routes":4}"#, "at_most", "at_least"),
            &branch(r#"{"pair":["a","b"]}"#, "together", "apart"),
        ] {
            assert!(fits(text), "{text}");
            // What is read is what is written.
            let tree: Tree = read(text.as_bytes()).unwrap();
            assert_eq!(read::<Tree>(serde_json::to_string(&tree).unwrap().as_bytes()).unwrap(), tree);
        }
        for (text, path) in [
            ("[]", "."),
            ("[{}]", "."),
            (r#"{"duals":{"a":1,"a":2}}"#, "duals"),
            (r#"{"duals":{"a":1.5}}"#, "duals.a"),
            (r#"{"cuts":[[["a","b","c"],3]]}"#, "cuts[0]"),
            (r#"{"routes":[1,0]}"#, "routes"),
            (r#"{"pricing":{"ng":{"a":["b"],"a":[]}}}"#, "pricing.ng"),
            (&branch("[4]", "at_most", "at_least"), "on"),
            (&branch(r#"{"routes":4}"#, "together", "apart"), "."),
            (&branch(r#"{"routes":4}"#, "at_most", "duals"), "."),
            (r#"{"at_most":{},"at_least":{}}"#, "."),
            (r#"{"on":{"routes":4},"at_most":{"apart":{}},"at_least":{}}"#, "at_most"),
        ] {
            let error = read::<Tree>(text.as_bytes()).expect_err(text);
            assert_eq!(error.path, path, "{text}: {error:?}");
        }
    }
}
