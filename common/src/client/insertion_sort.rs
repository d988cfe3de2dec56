//! A stable sort in a few bytes of code.
//!
//! The standard library's sort is some three kilobytes for each type, which every browser downloads. The
//! lists here are short, or nearly in order: insertion sort takes one step for each pair that is not.

/// Sorts a list so that no item comes behind one that it `is_before`. Others keep their order.
pub(super) fn sort<T>(list: &mut [T], is_before: impl Fn(&T, &T) -> bool) {
    let is_wrong = |pair: &[T]| match pair {
        [first, second] => is_before(second, first),
        _ => false,
    };
    for end in 1..list.len() {
        let mut at = end;
        while at > 0 && list.get(at - 1..=at).is_some_and(is_wrong) {
            list.swap(at - 1, at);
            at -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(list: Vec<(u8, u32)>) {
            let (mut ours, mut theirs) = (list.clone(), list);
            sort(&mut ours, |a, b| a.0 < b.0);
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(ours, theirs);
        }
    }
}
