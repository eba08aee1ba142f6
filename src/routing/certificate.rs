//! The certificate as it is written: a tree of multipliers (contract, section 7). Data alone: who finds it is
//! `columns`, who checks it is [`proof`](super::proof), and neither knows the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Cost, json};

/// A node of the proof: a case distinction, or multipliers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "NodeFile")]
pub enum Tree {
    /// At most k routes, or more.
    Routes(Box<RoutesBranch>),
    /// Two visits on one route, or on two.
    Pair(Box<PairBranch>),
    /// Multipliers.
    Leaf(Leaf),
}

impl Tree {
    /// How many leaves there are.
    #[must_use]
    pub fn leaves(&self) -> usize {
        match self {
            Self::Leaf(_) => 1,
            Self::Routes(branch) => branch.at_most.leaves() + branch.at_least.leaves(),
            Self::Pair(branch) => branch.together.leaves() + branch.apart.leaves(),
        }
    }
}

/// Seconds that writing so many leaves takes: half as much again as was measured.
pub(crate) fn seconds_to_write(leaves: usize, visits: usize) -> f64 {
    6e-7 * (leaves * visits) as f64
}

/// Schedules with at most k routes, and those with more.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RoutesBranch {
    /// k.
    pub on: OnRoutes,
    /// At most k.
    pub at_most: Tree,
    /// At least k + 1.
    pub at_least: Tree,
}

/// What is told apart: the number of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OnRoutes {
    /// k.
    pub routes: i64,
}

/// Schedules with two visits on one route, and those with them apart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairBranch {
    /// The two visits.
    pub on: OnPair,
    /// Routes hold both or neither.
    pub together: Tree,
    /// Routes hold at most one.
    pub apart: Tree,
}

/// What is told apart: two visits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OnPair {
    /// Visit ids.
    pub pair: [String; 2],
}

/// Multipliers of one case; what is left out is 0.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Leaf {
    /// π by visit id, cost units.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub duals: BTreeMap<String, Cost>,
    /// λ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<CutLine>,
    /// ν.
    pub routes: RouteDuals,
    /// A relaxed set of routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// How the slots are summed.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    #[serde(deserialize_with = "json::distinct")]
    pub ng: BTreeMap<String, Vec<String>>,
}

/// How the slots are summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SlotSum {
    /// min(hi, Σ m_s) · min(0, min_s v_s) instead of Σ m_s · min(0, v_s).
    Merged,
}

/// A node as it is read: whatever it may have, of one kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NodeFile {
    on: Option<OnFile>,
    at_most: Option<Box<Tree>>,
    at_least: Option<Box<Tree>>,
    together: Option<Box<Tree>>,
    apart: Option<Box<Tree>>,
    #[serde(default, deserialize_with = "some_distinct")]
    duals: Option<BTreeMap<String, Cost>>,
    cuts: Option<Vec<CutLine>>,
    routes: Option<RouteDuals>,
    pricing: Option<Pricing>,
    slots: Option<SlotSum>,
}

/// What a branch tells apart, as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnFile {
    routes: Option<i64>,
    pair: Option<[String; 2]>,
}

fn some_distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BTreeMap<String, Cost>>, D::Error> {
    json::distinct(deserializer).map(Some)
}

impl TryFrom<NodeFile> for Tree {
    type Error = &'static str;

    fn try_from(node: NodeFile) -> Result<Self, &'static str> {
        let NodeFile { on, at_most, at_least, together, apart, duals, cuts, routes, pricing, slots } = node;
        let leaf = duals.is_some() || cuts.is_some() || routes.is_some() || pricing.is_some() || slots.is_some();
        let Some(on) = on else {
            if at_most.is_some() || at_least.is_some() || together.is_some() || apart.is_some() {
                return Err("cases without \"on\", which tells them apart");
            }
            let (duals, cuts) = (duals.unwrap_or_default(), cuts.unwrap_or_default());
            return Ok(Self::Leaf(Leaf { duals, cuts, routes: routes.unwrap_or_default(), pricing, slots }));
        };
        if leaf {
            return Err("both a branch and multipliers");
        }
        match (on, at_most, at_least, together, apart) {
            (OnFile { routes: Some(routes), pair: None }, Some(at_most), Some(at_least), None, None) => {
                let on = OnRoutes { routes };
                Ok(Self::Routes(Box::new(RoutesBranch { on, at_most: *at_most, at_least: *at_least })))
            }
            (OnFile { routes: None, pair: Some(pair) }, None, None, Some(together), Some(apart)) => {
                Ok(Self::Pair(Box::new(PairBranch { on: OnPair { pair }, together: *together, apart: *apart })))
            }
            _ => Err(
                "expected \"at_most\" and \"at_least\" of \"routes\", or \"together\" and \"apart\" of a \"pair\"",
            ),
        }
    }
}
