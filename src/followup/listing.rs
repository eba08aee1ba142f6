//! The list of a revision: those drawn, whoever has left of them, then the reserves called and those added.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::revise::Base;
use super::state::State;
use crate::dossier::listed::{Chosen, Left, Listed};
use crate::draw::{DrawnLine, ReserveLine, Ticket};
use crate::frame::CreditCode;
use crate::plan::PlanError;

/// Those whose turn has come: the sample, and the reserves called.
fn in_turn(base: Base<'_>, state: &State) -> BTreeSet<CreditCode> {
    let quotas = base.strata.iter().map(|stratum| state.quota(stratum));
    let now = quotas.flat_map(|quota| quota.sample.into_iter().chain(quota.fillers));
    // A reserve that left before its turn was never called; one that left after it was.
    let now = now.filter(|code| !state.lost.contains(code));
    now.chain(state.called.keys().copied()).collect()
}

/// How an enterprise that a revision visits came to be checked.
pub(super) fn chosen(base: Base<'_>, state: &State, code: CreditCode) -> Chosen {
    let drawn = |stratum: &super::state::Stratum| stratum.line.iter().take(stratum.selected).any(|c| *c == code);
    if base.targeted.contains(&code) {
        Chosen::Targeted
    } else if base.strata.iter().any(drawn) {
        Chosen::Lot
    } else if in_turn(base, state).contains(&code) {
        Chosen::Called
    } else {
        Chosen::Added
    }
}

/// The whole list, and the reserves that are left.
///
/// # Errors
/// [`PlanError`] of the applicants' tables.
pub(super) fn listing<'a>(
    base: Base<'a>,
    state: &State,
) -> Result<(Vec<Listed<'a>>, Vec<ReserveLine<'a>>), PlanError> {
    let record = base.drawn.whole_record();
    let mut list: Vec<Listed<'a>> = record.selected.lines().map(Listed::from).collect();
    let mut reserves: Vec<ReserveLine<'a>> = record.reserves.lines().collect();
    let turn = in_turn(base, state);
    for line in list.iter_mut().filter(|line| line.chosen == Chosen::Targeted) {
        line.turn = turn.contains(&line.code);
    }
    let on_list: BTreeSet<CreditCode> = list.iter().map(|line| line.code).collect();
    let wanted = |line: &ReserveLine<'a>| turn.contains(&line.code) || state.added.contains(&line.code);
    let mut added = Vec::new();
    for line in reserves.extract_if(.., |line| wanted(line) && !on_list.contains(&line.code)) {
        let chosen = if turn.contains(&line.code) { Chosen::Called } else { Chosen::Added };
        let ReserveLine { code, name, star, county, ticket, rank } = line;
        let line =
            Listed { chosen, ..DrawnLine { code, name, star, county, ticket, rank, targeted: None }.into() };
        if chosen == Chosen::Called { list.push(line) } else { added.push(line) }
    }
    reserves.retain(|line| !on_list.contains(&line.code) || !turn.contains(&line.code));
    reserves.retain(|line| !state.lost.contains(&line.code) && !state.ineligible.contains(&line.code));
    list.append(&mut added);
    list.extend(unlisted(base, state, &list)?);
    let names: Vec<(CreditCode, String)> = list.iter().map(|line| (line.code, line.name.to_string())).collect();
    let name = |code: &CreditCode| names.iter().find(|(c, _)| c == code).map(|(_, name)| name.clone());
    for line in &mut list {
        line.replaces = state.called.get(&line.code).and_then(name);
        let ineligible = state.ineligible.contains(&line.code);
        if ineligible || state.lost.contains(&line.code) {
            let follower = state.called.iter().find(|(_, replaced)| **replaced == line.code);
            line.left = Some(Left { ineligible, follower: follower.and_then(|(code, _)| name(code)) });
        }
    }
    Ok((list, reserves))
}

/// Those added whom the record does not know.
fn unlisted<'a>(base: Base<'a>, state: &State, list: &[Listed<'a>]) -> Result<Vec<Listed<'a>>, PlanError> {
    let known = |code: &&CreditCode| list.iter().any(|line| line.code == **code);
    let mut codes: Vec<CreditCode> = state.added.iter().filter(|code| !known(code)).copied().collect();
    let mut seen = BTreeSet::new();
    codes.retain(|code| seen.insert(*code));
    let applicants = base.drawn.details(&codes, base.inputs.plan.travel.datum)?;
    let listed = applicants.into_iter().map(|applicant| Listed {
        code: applicant.code,
        star: applicant.star,
        county: Cow::Owned(applicant.county),
        name: Cow::Owned(applicant.name),
        ticket: Ticket::new(&base.drawn.record.salt, applicant.code).to_hex(),
        rank: None,
        chosen: Chosen::Added,
        reason: None,
        turn: false,
        replaces: None,
        left: None,
    });
    Ok(listed.collect())
}
