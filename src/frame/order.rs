//! Members in the order of their codes.

use super::Member;

/// Members at most that are sorted by comparing.
const FEW: usize = 64;
/// Members at most that are copied to be distributed, in 40 MB; more are distributed where they stand, which waits for
/// memory at every step.
const COPIED: usize = 1 << 21;
/// Bits of a key by which members are distributed at a time, and how many of them make it worth to look at more.
const DIGIT: u32 = 8;
const LONG_DIGIT: u32 = 11;
const MANY: usize = 1 << 14;

/// Ascending by key: distributed by the first bits in which their keys differ, until few are left together (McIlroy, Bostic
/// and McIlroy 1993, "Engineering radix sort", section 3). More members than `copy` has room for are not copied.
fn sort_by_key(members: &mut [Member], copy: &mut Vec<Member>) {
    if members.len() <= FEW {
        return members.sort_unstable_by_key(|m| m.key());
    }
    let (any, all) = members.iter().fold((0, u128::MAX), |(any, all), m| (any | m.key(), all & m.key()));
    let differing = any & !all;
    if differing == 0 {
        return;
    }
    let bits = if members.len() < MANY { DIGIT } else { LONG_DIGIT };
    let shift = (u128::BITS - differing.leading_zeros()).saturating_sub(bits);
    let digit = |member: Member| (member.key() >> shift) as usize & ((1 << bits) - 1);
    let mut ends = vec![0; 1 << bits];
    for member in members.iter() {
        ends[digit(*member)] += 1;
    }
    let mut next = ends.clone();
    let mut end = 0;
    for (next, count) in next.iter_mut().zip(&mut ends) {
        *next = end;
        end += *count;
        *count = end;
    }
    if members.len() <= copy.capacity() {
        copy.clear();
        copy.extend_from_slice(members);
        for member in copy.iter() {
            let place = &mut next[digit(*member)];
            members[*place] = *member;
            *place += 1;
        }
    } else {
        distribute_in_place(members, digit, next, &ends);
    }
    let mut rest = members;
    let mut begin = 0;
    for end in ends {
        let (group, behind) = rest.split_at_mut(end - begin);
        sort_by_key(group, copy);
        (rest, begin) = (behind, end);
    }
}

/// Puts every member among those of its digit: the next free place of each, and where its places end.
fn distribute_in_place(
    members: &mut [Member],
    digit: impl Fn(Member) -> usize,
    mut next: Vec<usize>,
    ends: &[usize],
) {
    for at in 0..ends.len() {
        while next[at] < ends[at] {
            let mut member = members[next[at]];
            while digit(member) != at {
                let place = &mut next[digit(member)];
                std::mem::swap(&mut member, &mut members[*place]);
                *place += 1;
            }
            members[next[at]] = member;
            next[at] += 1;
        }
    }
}

/// By code, then by row; says whether a code stands twice.
pub(super) fn sort(members: &mut [Member]) -> bool {
    sort_by_key(members, &mut Vec::with_capacity(members.len().min(COPIED)));
    let twice = members.windows(2).any(|pair| pair[0].same_code(pair[1]));
    if twice {
        // Below the code a key has other things.
        for group in members.chunk_by_mut(|a, b| a.same_code(*b)) {
            group.sort_unstable_by_key(|m| m.row());
        }
    }
    twice
}

#[cfg(test)]
mod tests {
    use super::super::CreditCode;
    use super::*;

    #[test]
    fn distributing_sorts_as_comparing_does() {
        let mut state = 1_u64;
        let mut draw = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % most
        };
        for (kinds, room) in
            [1, 2, 40, 1 << 30].into_iter().flat_map(|kinds| [0, 200, 20_000].map(|room| (kinds, room)))
        {
            let mut members: Vec<Member> = (0..20_000)
                .map(|row| {
                    let code = CreditCode::unpacked(u128::from(draw(kinds)) << 40 | u128::from(draw(3)));
                    Member::new(code, draw(3) as u8, draw(9) as u32, false, row)
                })
                .collect();
            let mut expected = members.clone();
            expected.sort_by_key(|m| m.key());
            sort_by_key(&mut members, &mut Vec::with_capacity(room));
            let keys = |list: &[Member]| list.iter().map(|m| m.key()).collect::<Vec<_>>();
            assert!(keys(&members) == keys(&expected), "{kinds} {room}");
            let mut rows: Vec<u32> = members.iter().map(|m| m.row()).collect();
            rows.sort_unstable();
            assert!(rows.into_iter().eq(0..20_000), "{kinds} {room}");
        }
    }
}
