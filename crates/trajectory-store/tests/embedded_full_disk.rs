//! A store in a file holds when its disk is full to the last byte.
//!
//! The disk is a small one in memory that the test mounts. Where it may not, it says so and passes.

#![cfg(all(feature = "embedded", target_os = "linux"))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::process::Command;

use offseeker_trajectory::{Message, Node, NodeId, Question, Trajectory, TrajectoryId};
use offseeker_trajectory_store::embedded::{Embedded, Options};
use offseeker_trajectory_store::{Entry, StoreError, TrajectoryStore, TrajectoryStoreExt};
use tempfile::TempDir;

/// A disk of its own, which is gone with this.
struct Disk(TempDir);

impl Disk {
    /// A disk of so many megabytes; none, where this user may not mount one.
    fn of(megabytes: u32) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        disk.mount(&["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).then_some(disk)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn grow(&self, megabytes: u32) {
        assert!(self.mount(&["-o", &format!("remount,size={megabytes}m")]));
    }

    fn mount(&self, arguments: &[&str]) -> bool {
        let mounted = Command::new("mount").args(arguments).arg(self.path()).output();
        mounted.is_ok_and(|output| output.status.success())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Where it was never mounted there is nothing to take away.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}

/// A text that nothing packs.
fn noise(seed: u32) -> String {
    let mut state = u64::from(seed) + 1;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    (0..20_000).map(letter).collect()
}

fn node(attempt: &TrajectoryId, place: u32) -> Vec<Entry> {
    let node = Node::given(place.checked_sub(1).map(NodeId::new), Message::user(noise(place)));
    vec![Entry::Node { attempt: attempt.clone(), place: NodeId::new(place), node: Box::new(node) }]
}

/// That the messages up to this place are there, as they were written.
async fn check(store: &Embedded, attempt: &TrajectoryId, places: u32) {
    let stored = store.get(attempt).await.unwrap();
    let texts: Vec<String> = stored.trajectory.nodes().iter().map(|node| node.message.content.clone()).collect();
    assert_eq!(texts, (0..places).map(noise).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_full_disk_and_writing_goes_on_when_there_is_room() {
    let Some(disk) = Disk::of(4) else {
        eprintln!("skipped: no disk can be mounted here");
        return;
    };
    let path = disk.path().join("store");
    let open = || Embedded::open(&path, &Options::default());
    let store = open().unwrap();
    let begin = Trajectory::new(Question::new("Which river does the Karlin mill stand on?", ["the Orsa"]), 0);
    let id = begin.id.clone();
    store.write(vec![Entry::Begin(Box::new(begin))], None).await.unwrap();
    let mut places = 0;
    let refusal = loop {
        match store.write(node(&id, places), None).await {
            Ok(()) => places += 1,
            Err(refusal) => break refusal,
        }
    };
    assert!(matches!(refusal, StoreError::Full { .. }), "{refusal}");
    assert!(places > 20, "{places}");
    let again = store.write(node(&id, places), None).await.unwrap_err();
    assert!(matches!(again, StoreError::Full { .. }), "{again}");
    check(&store, &id, places).await;

    // Closed and opened on the full disk, it says so or is there.
    drop(store);
    match open() {
        Ok(store) => check(&store, &id, places).await,
        Err(refusal) => assert!(matches!(refusal, StoreError::Full { .. }), "{refusal}"),
    }
    disk.grow(64);
    let store = open().unwrap();
    check(&store, &id, places).await;
    for place in places..places + 50 {
        store.write(node(&id, place), None).await.unwrap();
    }
    check(&store, &id, places + 50).await;
    drop(store);
    assert_eq!(Embedded::verify(&path, |_| {}).unwrap().faults, []);
}
