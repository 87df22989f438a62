//! What may be spent, what is spent and what is set aside.

use std::sync::{Mutex, MutexGuard, PoisonError};

use offseeker_trajectory::{Limit, Usage};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::sync::Notify;

use crate::ChatError;

/// What may be spent; what is absent is not limited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Allowance {
    /// Requests, those that fail included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Tokens read and written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Millionths of a dollar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_microusd: Option<u64>,
}

/// What may be spent and what is spent.
///
/// It is written with both, so that a run which is taken up again goes on with what it has left.
///
/// ```
/// use offseeker_chat::{Allowance, Ledger};
/// use offseeker_trajectory::Usage;
///
/// let ledger = Ledger::new(Allowance { requests: Some(100), ..Allowance::default() });
/// assert_eq!(ledger.spent(), Usage::default());
/// assert_eq!(serde_json::to_value(&ledger)?["allowance"]["requests"], 100);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug)]
pub struct Ledger {
    allowance: Allowance,
    account: Mutex<Account>,
    /// Held by the request that is admitted next; the lock is fair, so the others come after it in their order.
    turn: tokio::sync::Mutex<()>,
    /// Tells the request that is admitted next that it has to look again.
    settled: Notify,
}

#[derive(Debug, Default)]
struct Account {
    spent: Usage,
    reserved_tokens: u64,
    reserved_cost: u64,
    under_way: u64,
}

impl Ledger {
    /// A ledger of which nothing is spent.
    #[must_use]
    pub fn new(allowance: Allowance) -> Self {
        Self::resumed(allowance, Usage::default())
    }

    /// A ledger of which something was spent before.
    #[must_use]
    pub fn resumed(allowance: Allowance, spent: Usage) -> Self {
        let account = Account { spent, ..Account::default() };
        Self { allowance, account: Mutex::new(account), turn: tokio::sync::Mutex::default(), settled: Notify::new() }
    }

    /// What may be spent.
    #[must_use]
    pub fn allowance(&self) -> Allowance {
        self.allowance
    }

    /// What is spent; its requests are all that were made, answered or not.
    #[must_use]
    pub fn spent(&self) -> Usage {
        self.account().spent
    }

    /// Counts a request and sets the most aside that it may take: tokens and cost.
    ///
    /// `most` is asked again after each wait, because more is known then.
    pub(super) async fn reserve(&self, most: impl Fn() -> (u64, u64)) -> Result<Reservation<'_>, ChatError> {
        // Who has nothing to hope for need not wait.
        self.account().is_left(&self.allowance)?;
        let _turn = self.turn.lock().await;
        loop {
            let (tokens, cost) = most();
            if let Some(reservation) = self.try_reserve(tokens, cost)? {
                return Ok(reservation);
            }
            self.settled.notified().await;
        }
    }

    fn try_reserve(&self, tokens: u64, cost: u64) -> Result<Option<Reservation<'_>>, ChatError> {
        let account = &mut *self.account();
        account.is_left(&self.allowance)?;
        let left_tokens = left(self.allowance.tokens, account.spent.total_tokens(), account.reserved_tokens);
        let left_cost = left(self.allowance.cost_microusd, account.spent.cost_microusd, account.reserved_cost);
        if account.under_way > 0 && (tokens > left_tokens || cost > left_cost) {
            return Ok(None);
        }
        let reservation = Reservation {
            ledger: self,
            tokens: self.allowance.tokens.map_or(0, |_| tokens.min(left_tokens)),
            cost: self.allowance.cost_microusd.map_or(0, |_| cost.min(left_cost)),
            taken: Usage::default(),
        };
        account.spent.requests = account.spent.requests.saturating_add(1);
        account.reserved_tokens += reservation.tokens;
        account.reserved_cost += reservation.cost;
        account.under_way += 1;
        Ok(Some(reservation))
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Account {
    fn is_left(&self, allowance: &Allowance) -> Result<(), ChatError> {
        let limits = [
            (Limit::Requests, self.spent.requests, allowance.requests),
            (Limit::Tokens, self.spent.total_tokens(), allowance.tokens),
            (Limit::Cost, self.spent.cost_microusd, allowance.cost_microusd),
        ];
        for (which, spent, allowed) in limits {
            if let Some(allowed) = allowed.filter(|&allowed| spent >= allowed) {
                return Err(ChatError::Budget { which, spent, allowed });
            }
        }
        Ok(())
    }
}

fn left(allowed: Option<u64>, spent: u64, reserved: u64) -> u64 {
    allowed.map_or(u64::MAX, |allowed| allowed.saturating_sub(spent).saturating_sub(reserved))
}

/// What is set aside for one request until it is settled or dropped.
#[derive(Debug)]
pub(super) struct Reservation<'a> {
    ledger: &'a Ledger,
    tokens: u64,
    cost: u64,
    taken: Usage,
}

impl Reservation<'_> {
    /// Puts what the request took in the place of what was set aside.
    pub(super) fn settle(mut self, taken: Usage) {
        // The request itself is counted already.
        self.taken = Usage { requests: 0, ..taken };
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let mut account = self.ledger.account();
        account.spent += self.taken;
        account.reserved_tokens -= self.tokens;
        account.reserved_cost -= self.cost;
        account.under_way -= 1;
        drop(account);
        self.ledger.settled.notify_one();
    }
}

/// A ledger as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    allowance: Allowance,
    #[serde(default)]
    spent: Usage,
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Written { allowance: self.allowance, spent: self.spent() }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Written { allowance, spent } = Written::deserialize(from)?;
        Ok(Self::resumed(allowance, spent))
    }
}
