//! Two nodes that tell each other.

use super::*;
use crate::clock::ManualMonotonic;
use crate::config::LimitsConfig;
use crate::limits::{Payer, Subnet};
use std::time::Duration;

fn node() -> (Arc<Limits>, Arc<ManualMonotonic>) {
    let config = LimitsConfig {
        messages_per_second: 1,
        messages_burst: 32,
        connections_per_user_max: 40,
        connections_per_address_max: 40,
        ..LimitsConfig::default()
    };
    let clock = Arc::new(ManualMonotonic::default());
    let limits = Limits::new(config, clock.clone(), usize::MAX);
    limits.share_use();
    (limits, clock)
}

fn take(limits: &Arc<Limits>, payer: &Payer, count: usize) -> usize {
    let buckets = limits.buckets(payer);
    let taken = (0..count).map(|_| buckets.take(Limit::Messages));
    taken.filter(Result::is_ok).count()
}

#[test]
fn what_is_used_on_one_node_is_missing_on_the_others() {
    for payer in [Payer::User("ada".parse().unwrap()), Payer::Address(7)] {
        let ((one, _), (other, clock)) = (node(), node());
        // More than an address may have at once: four times what a user may.
        let burst = take(&one, &payer, 1000);
        let told = one.take_used();
        let total: usize = told.iter().map(|used| used.tokens as usize).sum();
        assert_eq!(total, burst, "{payer:?}");
        assert_eq!(one.take_used(), [], "told once");
        told.into_iter().for_each(|used| other.deduct(used));
        assert_eq!(take(&other, &payer, 1000), 0, "{payer:?}");
        assert_eq!(
            other.take_used(),
            [],
            "what others have told is not told again"
        );
        clock.advance(Duration::from_secs(1));
        assert!(take(&other, &payer, 1000) <= burst / 32, "the rate holds");
        let stranger = Payer::User("eve".parse().unwrap());
        assert_eq!(take(&other, &stranger, 32), 32);
    }
}

#[test]
fn little_is_not_told_and_not_forgotten() {
    let (one, _) = node();
    let ada = Payer::User("ada".parse().unwrap());
    assert_eq!(take(&one, &ada, 1), 1);
    assert_eq!(one.take_used(), []);
    assert_eq!(take(&one, &ada, 1), 1);
    let [used] = one.take_used()[..] else {
        panic!("nothing told")
    };
    assert_eq!(used.tokens, 2);
}

#[test]
fn connections_to_all_nodes_count_until_a_node_is_gone() {
    let ((one, _), (other, _)) = (node(), node());
    let (ada, subnet) = ("ada".parse().unwrap(), Subnet::of([192, 0, 2, 1].into()));
    let open: Vec<_> = (0..40).map(|_| one.admit(subnet).unwrap()).collect();
    assert!(one.admit(subnet).is_err());
    let users = |wanted: &dyn Fn(usize) -> bool| {
        let counts = [("ada", 38), ("bob", 1)].into_iter();
        let counts = counts.filter(|(_, count)| wanted(*count));
        counts
            .map(|(user, count)| (user.parse().unwrap(), count))
            .collect()
    };
    let many = one.many_connections(users);
    assert_eq!(many.len(), 2, "bob has few");
    other.set_connections_elsewhere(1, many);
    assert!(other.admit(subnet).is_err());
    let left = |limits: &Limits| {
        let mut left = 0;
        drop(limits.admit_user(&ada, |max| {
            left = max;
            Some(())
        }));
        left
    };
    assert_eq!((left(&one), left(&other)), (40, 2));
    other.set_connections_elsewhere(1, Vec::new());
    assert!(other.admit(subnet).is_ok());
    assert_eq!(left(&other), 40);
    drop(open);
    assert_eq!(one.many_connections(|_| Vec::new()), []);
}
