//! The certificate as it is written: a tree of multipliers (contract, section 7). Data alone: who finds it is
//! `columns`, who checks it is [`proof`](super::proof), and neither knows the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Cost;

/// A node of the proof: a case distinction, or multipliers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Tree {
    /// At most k routes, or more.
    Routes(Box<RoutesBranch>),
    /// Two visits on one route, or on two.
    Pair(Box<PairBranch>),
    /// Multipliers.
    Leaf(Leaf),
}

/// Schedules with at most k routes, and those with more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutesBranch {
    /// k.
    pub on: OnRoutes,
    /// At most k.
    pub at_most: Tree,
    /// At least k + 1.
    pub at_least: Tree,
}

/// What is told apart: the number of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnRoutes {
    /// k.
    pub routes: i64,
}

/// Schedules with two visits on one route, and those with them apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairBranch {
    /// The two visits.
    pub on: OnPair,
    /// Routes hold both or neither.
    pub together: Tree,
    /// Routes hold at most one.
    pub apart: Tree,
}

/// What is told apart: two visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnPair {
    /// Visit ids.
    pub pair: [String; 2],
}

/// Multipliers of one case; what is left out is 0.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// π by visit id, cost units.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub duals: BTreeMap<String, Cost>,
    /// λ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutLine>,
    /// ν.
    #[serde(default)]
    pub routes: RouteDuals,
    /// A relaxed set of routes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// How the slots are summed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotSum>,
}

/// A cut and its multiplier: at most one route may hold two or more of three visits (Jepsen et al. 2008, section 3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CutLine {
    /// Three distinct visit ids.
    pub visits: [String; 3],
    /// λ.
    pub dual: Cost,
}

/// Multipliers of the least and the most routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteDuals {
    /// ν of at least lo routes.
    #[serde(default)]
    pub lo: Cost,
    /// ν of at most hi routes.
    #[serde(default)]
    pub hi: Cost,
}

/// Walks that may come back to a visit that has left their memory count as routes too (Baldacci, Mingozzi and Roberti
/// 2011, section 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pricing {
    /// For each visit those that a walk still remembers when it stands there.
    pub ng: BTreeMap<String, Vec<String>>,
}

/// How the slots are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotSum {
    /// min(hi, Σ m_s) · min(0, min_s v_s) instead of Σ m_s · min(0, v_s).
    Merged,
}
